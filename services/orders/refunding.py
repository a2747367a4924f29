"""Refunds: asked for, decided, carried out by the provider or by hand."""

from collections.abc import Sequence

from sqlalchemy import select

from core.access import Actor
from core.database import db
from core.errors import N_, Conflict, Invalid
from domain.ledger.accounts import CoopAccounts
from domain.orders.refunds import GRANTED
from domain.orders.states import (
    REFUND,
    UNSENT,
    OrderState,
    PaymentMethod,
    RefundBearer,
    RefundState,
)
from domain.roles import Role
from models.history import move, record_change
from models.orders import Order
from models.payments import Refund, RefundLine
from services.orders import notices, stock
from services.orders.drafts import RefundDraft
from services.orders.granted_refunds import finish, new_key, owe
from services.orders.records import (
    lines_of,
    lock_order,
    lock_refund,
    move_order,
    what_is_left,
)
from services.orders.refund_rules import (
    check_bearer,
    check_draft,
    everything_left,
    refund_parts,
)


class RequestTaken(Conflict):
    """The request id belongs to another order's refund."""

    code = "request_taken"
    message = N_("这一页已经提交过了，请刷新后再填一次。")


class RefundedByProvider(Invalid):
    """The provider pays this refund; nobody may record it by hand."""

    code = "refunded_by_provider"
    message = N_("这笔退款由支付服务原路退回，不用手工登记。")


def request_refund(actor: Actor, order_id: int, draft: RefundDraft) -> int:
    """The buyer asks for a refund; returns its id. The same request id asks once.

    Raises NotPaid, NothingToRefund, BearerTooEarly, BoxesAtTheirPrice,
    RefundTooLarge or RequestTaken.
    """
    return _request(actor, lock_order(actor, order_id), draft)


def grant_refund(actor: Actor, order_id: int, draft: RefundDraft) -> int:
    """The accountant asks for a refund and approves it in one step; returns its id."""
    return _grant(actor, lock_order(actor, order_id, Role.ACCOUNTANT), draft)


def _request(actor: Actor, order: Order, draft: RefundDraft) -> int:
    existing = _find_request(draft.request_id)
    if existing is not None:
        if existing.order_id != order.id:
            raise RequestTaken()
        return existing.id
    lines = lines_of(order)
    lefts = what_is_left(lines)
    check_draft(order, draft, lines, lefts)
    refund = Refund(
        order_id=order.id,
        request_id=draft.request_id,
        state=RefundState.REQUESTED,
        amount_fen=draft.goods_fen + draft.freight_fen,
        goods_fen=draft.goods_fen,
        freight_fen=draft.freight_fen,
        bearer=draft.bearer,
        reason=draft.reason,
        idempotency_key=new_key(),
        attempt=1,
        requested_by=actor.account_id,
    )
    db.session.add(refund)
    db.session.flush()
    for part in refund_parts(draft, lefts):
        part.refund_id = refund.id
        db.session.add(part)
    record_change(
        refund,
        RefundState.REQUESTED,
        account_id=actor.account_id,
        reason=draft.reason,
    )
    db.session.flush()
    return refund.id


def _grant(actor: Actor, order: Order, draft: RefundDraft) -> int:
    refund = db.session.get_one(Refund, _request(actor, order, draft))
    if refund.state == RefundState.REQUESTED:
        _approve(actor, order, refund)
    return refund.id


def approve_refund(
    actor: Actor, refund_id: int, *, bearer: RefundBearer | None = None
) -> None:
    """Grant a refund that was asked for, or try a failed one again.

    bearer: who bears it, when the accountant decides otherwise than was asked.
    The ledger owes the money to the buyer from now on; the worker sends it, or the
    accountant does and records it with `settle_manual_refund`.
    Raises RefundMoved, BearerTooEarly or RefundTooLarge.
    """
    order, refund = lock_refund(actor, refund_id, Role.ACCOUNTANT)
    _approve(actor, order, refund, bearer)


def _approve(
    actor: Actor, order: Order, refund: Refund, bearer: RefundBearer | None = None
) -> None:
    REFUND.check(refund.state, RefundState.APPROVED)
    parts = _parts_of(refund)
    if refund.state == RefundState.FAILED:
        _start_again(refund)
    else:
        _decide_bearer(order, refund, bearer or RefundBearer(refund.bearer))
        _keep_boxes(order, parts)
    by = actor.account_id
    move(refund, RefundState.APPROVED, account_id=by, decided_by=by)
    owe(actor, order, refund, parts)
    notices.tell_refund_approved(order, refund)
    if order.state in UNSENT and not _has_boxes_to_send(order):
        call_off(actor, order, reason=refund.reason)


def reject_refund(actor: Actor, refund_id: int, reason: str) -> None:
    """Decline a refund; the buyer is told why. Raises RefundMoved."""
    order, refund = lock_refund(actor, refund_id, Role.ACCOUNTANT)
    _reject(actor, order, refund, reason)


def _reject(actor: Actor, order: Order, refund: Refund, reason: str) -> None:
    REFUND.check(refund.state, RefundState.REJECTED)
    by = actor.account_id
    move(refund, RefundState.REJECTED, account_id=by, decided_by=by, reason=reason)
    notices.tell_refund_rejected(order, refund, reason)


def settle_manual_refund(actor: Actor, refund_id: int, reference: str) -> None:
    """Record that the accountant sent the money from the bank.

    reference: the bank's number of the transfer.
    Raises RefundMoved or RefundedByProvider.
    """
    order, refund = lock_refund(actor, refund_id, Role.ACCOUNTANT)
    if order.payment_method == PaymentMethod.STRIPE:
        raise RefundedByProvider()
    REFUND.check(refund.state, RefundState.SUCCEEDED)
    bank = CoopAccounts(order.cooperative_id).bank
    finish(actor, order, refund, paid_from=bank, reference=reference)


def call_off(actor: Actor, order: Order, *, reason: str) -> None:
    """Cancel a paid order of which nothing was sent, and give back all that is left."""
    refund_everything(actor, order, reason=reason)
    if order.state in UNSENT:
        close_unsent(actor, order, reason=reason)


def refund_everything(actor: Actor, order: Order, *, reason: str) -> None:
    """Give back all that is left of a paid order; requests still open are closed.

    The request id holds a colon, which no form's may: nobody takes it first.
    """
    for refund in _open_requests(order):
        _reject(actor, order, refund, reason=N_("订单已取消，余款全部退回"))
    draft = everything_left(order, f"cancel:{order.number}", reason)
    if draft.goods_fen + draft.freight_fen:
        _grant(actor, order, draft)


def close_unsent(actor: Actor, order: Order, *, reason: str) -> None:
    """Cancel an order of which nothing was sent; what it held goes on the shelf."""
    move_order(actor, order, OrderState.CANCELLED, reason=reason)
    stock.release(order.id)


def _find_request(request_id: str) -> Refund | None:
    return db.session.scalar(select(Refund).where(Refund.request_id == request_id))


def _open_requests(order: Order) -> list[Refund]:
    query = select(Refund).where(
        Refund.order_id == order.id, Refund.state == RefundState.REQUESTED
    )
    return list(db.session.scalars(query))


def _parts_of(refund: Refund) -> list[RefundLine]:
    query = select(RefundLine).where(RefundLine.refund_id == refund.id)
    return list(db.session.scalars(query.order_by(RefundLine.id)))


def _start_again(refund: Refund) -> None:
    refund.attempt += 1
    refund.idempotency_key = new_key()
    refund.provider_refund = None
    db.session.flush()


def _decide_bearer(order: Order, refund: Refund, bearer: RefundBearer) -> None:
    check_bearer(order, bearer)
    refund.bearer = bearer
    db.session.flush()


def _keep_boxes(order: Order, parts: Sequence[RefundLine]) -> None:
    """Boxes given up before anything was sent go back on the shelf."""
    if order.state not in UNSENT:
        return
    variant_of = {line.id: line.variant_id for line in lines_of(order)}
    boxes = {variant_of[part.order_line_id]: part.quantity for part in parts}
    stock.release_part(order.id, boxes)


def _has_boxes_to_send(order: Order) -> bool:
    lefts = what_is_left(lines_of(order), GRANTED)
    return any(left.quantity for left in lefts.values())
