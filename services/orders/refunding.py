"""Refunds: asked for, decided, carried out by the provider or by hand."""

from collections.abc import Sequence

from sqlalchemy import select

from core.database import db
from core.errors import N_, Conflict, Invalid
from domain.ledger.accounts import CoopAccounts
from domain.orders.states import (
    REFUND,
    UNSENT,
    OrderState,
    PaymentMethod,
    RefundBearer,
    RefundState,
)
from models.history import move, record_change
from models.orders import Order
from models.payments import Refund, RefundLine
from services.orders import notices, stock
from services.orders.drafts import RefundDraft
from services.orders.records import lines_of, lock_order, lock_refund, move_order
from services.orders.refund_booking import book_refund
from services.orders.refund_rules import (
    check_bearer,
    check_draft,
    everything_left,
    refund_parts,
    what_is_left,
)
from services.payments.refunds import finish, new_key, send_later


class RequestTaken(Conflict):
    """The request id belongs to another order's refund."""

    code = "request_taken"
    message = N_("这一页已经提交过了，请刷新后再填一次。")


class RefundedByProvider(Invalid):
    """The provider pays this refund; nobody may record it by hand."""

    code = "refunded_by_provider"
    message = N_("这笔退款由支付服务原路退回，不用手工登记。")


def request_refund(order_id: int, draft: RefundDraft, by: int | None) -> int:
    """Ask for a refund; returns its id. The same request id asks once.

    by: the account that asks, None for a guest.
    Raises NotPaid, NothingToRefund, BearerTooEarly, BoxesAtTheirPrice,
    RefundTooLarge or RequestTaken.
    """
    order = lock_order(order_id)
    existing = _find_request(draft.request_id)
    if existing is not None:
        if existing.order_id != order.id:
            raise RequestTaken()
        return existing.id
    lefts = what_is_left(order)
    check_draft(order, draft, lefts)
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
        requested_by=by,
    )
    db.session.add(refund)
    db.session.flush()
    for part in refund_parts(draft, lefts):
        part.refund_id = refund.id
        db.session.add(part)
    record_change(refund, RefundState.REQUESTED, account_id=by, reason=draft.reason)
    db.session.flush()
    return refund.id


def grant_refund(order_id: int, draft: RefundDraft, by: int | None) -> int:
    """Ask for a refund and approve it in one step; returns its id."""
    refund_id = request_refund(order_id, draft, by)
    _order, refund = lock_refund(refund_id)
    if refund.state == RefundState.REQUESTED:
        approve_refund(refund_id, by)
    return refund_id


def approve_refund(
    refund_id: int, by: int | None, *, bearer: RefundBearer | None = None
) -> None:
    """Grant a refund that was asked for, or try a failed one again.

    bearer: who bears it, when the accountant decides otherwise than was asked.
    The ledger owes the money to the buyer from now on; the worker sends it, or the
    accountant does and records it with `settle_manual_refund`.
    Raises RefundMoved, BearerTooEarly or RefundTooLarge.
    """
    order, refund = lock_refund(refund_id)
    REFUND.check(refund.state, RefundState.APPROVED)
    parts = _parts_of(refund)
    if refund.state == RefundState.FAILED:
        _start_again(refund)
    else:
        _decide_bearer(order, refund, bearer or RefundBearer(refund.bearer))
        _keep_boxes(order, parts)
    move(refund, RefundState.APPROVED, account_id=by, decided_by=by)
    book_refund(order, refund, parts, by=by)
    send_later(order, refund)
    notices.tell_refund_approved(order, refund)
    if order.state in UNSENT and not _has_boxes_to_send(order):
        call_off(order, by=by, reason=refund.reason)


def reject_refund(refund_id: int, by: int | None, reason: str) -> None:
    """Decline a refund; the buyer is told why. Raises RefundMoved."""
    order, refund = lock_refund(refund_id)
    REFUND.check(refund.state, RefundState.REJECTED)
    move(refund, RefundState.REJECTED, account_id=by, decided_by=by, reason=reason)
    notices.tell_refund_rejected(order, refund, reason)


def settle_manual_refund(refund_id: int, by: int | None, reference: str) -> None:
    """Record that the accountant sent the money from the bank.

    reference: the bank's number of the transfer.
    Raises RefundMoved or RefundedByProvider.
    """
    order, refund = lock_refund(refund_id)
    if order.payment_method == PaymentMethod.STRIPE:
        raise RefundedByProvider()
    REFUND.check(refund.state, RefundState.SUCCEEDED)
    bank = CoopAccounts(order.cooperative_id).bank
    finish(order, refund, paid_from=bank, by=by, reference=reference)


def call_off(order: Order, *, by: int | None, reason: str) -> None:
    """Cancel a paid order of which nothing was sent, and give back all that is left."""
    refund_everything(order, by=by, reason=reason)
    if order.state in UNSENT:
        close_unsent(order, by=by, reason=reason)


def refund_everything(order: Order, *, by: int | None, reason: str) -> None:
    """Give back all that is left of a paid order; requests still open are closed.

    The request id holds a colon, which no form's may: nobody takes it first.
    """
    for refund_id in _open_requests(order):
        reject_refund(refund_id, by, reason=N_("订单已取消，余款全部退回"))
    draft = everything_left(order, f"cancel:{order.number}", reason)
    if draft.goods_fen + draft.freight_fen:
        grant_refund(order.id, draft, by)


def close_unsent(order: Order, *, by: int | None, reason: str) -> None:
    """Cancel an order of which nothing was sent; what it held goes on the shelf."""
    move_order(order, OrderState.CANCELLED, by=by, reason=reason)
    stock.release(order.id)


def _find_request(request_id: str) -> Refund | None:
    return db.session.scalar(select(Refund).where(Refund.request_id == request_id))


def _open_requests(order: Order) -> list[int]:
    query = select(Refund.id).where(
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
    return any(left.quantity for left in what_is_left(order, granted_only=True))
