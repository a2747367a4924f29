"""Talking with a payment provider: write, call, write.

The one service that opens transactions (decisions/0013): each function makes repeatable
ones around its calls, and none is open while it waits for an answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core.access import HOUSE, Actor
from core.clock import now
from core.database import forget_reads, transaction
from domain.orders.states import (
    UNPAID,
    OrderMoved,
    OrderState,
    PaymentMethod,
    PaymentMoved,
    PaymentState,
    RefundState,
)
from domain.roles import Role
from integrations.gateway import (
    Gateway,
    KeySpent,
    PaymentDown,
    PaymentNotSetUp,
    PaymentSession,
    ProviderRefund,
    ProviderRefusal,
    RefundRequest,
    SessionRequest,
    WindowOver,
)
from integrations.merchants import gateway_for
from queries.payments import PaymentTarget, get_payment_target, get_refund_target
from services.payments import applying, opening, refunds, unmatched


def open_payment(payment_id: int) -> str | None:
    """Where the buyer pays, opened now or before; None when that is over.

    None means that the order was paid or released in between: show the order.
    Raises NotFound, NotPaidOnline, OrderMoved, PaymentDown or PaymentNotSetUp; the
    order stays as it is and the call may be made again. After PaymentDown a worker
    makes it.
    """
    target = get_payment_target(HOUSE, payment_id)
    if target.method is not PaymentMethod.STRIPE:
        raise opening.NotPaidOnline()
    if target.order_state is not OrderState.PLACED:
        return None
    with _gone_on_with(payment_id):
        return _open_or_look(target)


def return_from_page(payment_id: int, *, session_id: str | None) -> None:
    """Look whether a buyer who comes back has paid; after PaymentDown a worker does.

    session_id: the page that they say they were on. Raises as `sync_payment` does.
    """
    with _gone_on_with(payment_id):
        sync_payment(payment_id, session_id=session_id)


def resume_payment(payment_id: int) -> None:
    """Go on for a buyer who waits for the provider. Raises PaymentDown once more."""
    target = get_payment_target(HOUSE, payment_id)
    with suppress(OrderMoved, PaymentNotSetUp):
        sync_payment(payment_id) if target.is_over else open_payment(payment_id)
    with transaction():
        opening.note_answer(payment_id)


@contextmanager
def _gone_on_with(payment_id: int) -> Iterator[None]:
    try:
        yield
    except PaymentDown:
        with transaction():
            opening.note_away(payment_id)
        raise


def _open_or_look(target: PaymentTarget) -> str | None:
    payment_id = target.id
    gateway = _gateway(target.cooperative_id)
    if target.provider_session is None:
        return _open(payment_id, gateway).url
    session = gateway.fetch_session(target.provider_session)
    if session.is_open:
        return session.url
    if session.snapshot.is_paid or not _renew(target):
        _apply(payment_id, session)
        return None
    return _open(payment_id, gateway).url


def sync_payment(payment_id: int, *, session_id: str | None = None) -> None:
    """Bring a payment to where the provider's page is.

    session_id: the page an event told of, in case we never recorded it.
    Raises PaymentDown or PaymentNotSetUp; then it is to be called again later.
    """
    target = get_payment_target(HOUSE, payment_id)
    if target.method is not PaymentMethod.STRIPE:
        return
    gateway = _gateway(target.cooperative_id)
    for known in dict.fromkeys((target.provider_session, session_id)):
        if known is not None:
            _apply(payment_id, gateway.fetch_session(known))
    if target.provider_session is None and target.state in UNPAID and target.is_over:
        _settle_unopened(target, gateway)


def close_session(payment_id: int, session_id: str) -> None:
    """End a page on which nobody should pay, and take note if someone just did."""
    target = get_payment_target(HOUSE, payment_id)
    gateway = _gateway(target.cooperative_id)
    _apply(payment_id, gateway.close_session(session_id))


def return_parked(actor: Actor, payment_id: int) -> None:
    """Send back a payment that a person looked at.

    Raises NotFound, PaymentMoved, NotInTheBooks, PaymentDown or PaymentNotSetUp.
    """
    target = get_payment_target(actor, payment_id, Role.ACCOUNTANT)
    if target.state is not PaymentState.PARKED or target.provider_session is None:
        raise PaymentMoved()
    session = _gateway(target.cooperative_id).fetch_session(target.provider_session)
    with transaction():
        unmatched.return_parked(actor, payment_id, session)
        applying.apply_session(payment_id, session)


def sync_refund(refund_id: int) -> None:
    """Carry out an approved refund, or bring it to where the provider's is."""
    target = get_refund_target(refund_id)
    if target.method is not PaymentMethod.STRIPE:
        return
    gateway = _gateway(target.cooperative_id)
    if target.provider_refund is not None:
        found = gateway.fetch_refund(target.provider_refund)
        with transaction():
            refunds.apply_refund(refund_id, found)
    elif target.state is RefundState.APPROVED:
        _send_refund(refund_id, gateway)


def _gateway(cooperative_id: int) -> Gateway:
    gateway = gateway_for(cooperative_id)
    forget_reads()
    return gateway


def _apply(payment_id: int, session: PaymentSession) -> None:
    with transaction():
        applying.apply_session(payment_id, session)


def _renew(target: PaymentTarget) -> bool:
    with transaction():
        return opening.renew(target.id, target.idempotency_key)


def _open(payment_id: int, gateway: Gateway) -> PaymentSession:
    with transaction():
        request = opening.prepare(payment_id)
    try:
        session = _ask_for_page(request, gateway)
    except WindowOver:
        session = _open_anew(payment_id, request.key, gateway)
    with transaction():
        opening.record_session(payment_id, session)
    return session


def _open_anew(payment_id: int, key: str, gateway: Gateway) -> PaymentSession:
    with transaction():
        opening.renew(payment_id, key)
        request = opening.prepare(payment_id)
    try:
        return _ask_for_page(request, gateway)
    except WindowOver as error:
        raise PaymentDown() from error


def _ask_for_page(request: SessionRequest, gateway: Gateway) -> PaymentSession:
    """The request's page. Raises WindowOver when it needs a new key."""
    try:
        return gateway.open_session(request)
    except KeySpent:
        found = gateway.find_session(request)
        if found is None:
            raise WindowOver() from None
        return found


def _settle_unopened(target: PaymentTarget, gateway: Gateway) -> None:
    """The time is over and no page is on record: was there one after all?

    Asked with the stored key, the provider answers the page it opened before we
    crashed, or says that it is too late.
    """
    with transaction():
        request = opening.request_of(target.id)
    try:
        session = _ask_for_page(request, gateway)
    except WindowOver:
        with transaction():
            applying.release_unopened(target.id)
        return
    with transaction():
        opening.record_session(target.id, session)
    _apply(target.id, gateway.fetch_session(session.id))


def _send_refund(refund_id: int, gateway: Gateway) -> None:
    with transaction():
        request = refunds.prepare_refund(refund_id)
    if request is None:
        return
    try:
        sent = _made_before(request, gateway) or gateway.refund(request)
    except KeySpent:
        found = gateway.find_refund(request)
        if found is None:
            with transaction():
                refunds.renew_refund(refund_id, request.key)
            raise PaymentDown() from None
        sent = found
    except ProviderRefusal as error:
        with transaction():
            refunds.refuse(refund_id, error.code)
        return
    with transaction():
        refunds.apply_refund(refund_id, sent, sent_with=request.key)


def _made_before(request: RefundRequest, gateway: Gateway) -> ProviderRefund | None:
    """The refund that a forgotten key has made already, if it has."""
    if request.is_key_forgotten(now()):
        return gateway.find_refund(request)
    return None
