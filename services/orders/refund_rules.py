"""How much of an order may still go back, and whether a draft stays within it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core.database import db
from core.errors import N_, Invalid
from domain.money import allocate, format_yuan
from domain.orders.refunds import Amounts, left_to_refund_fen
from domain.orders.states import UNSENT, PaymentState, RefundBearer
from domain.shares import RefundTooLarge
from models.orders import Order, OrderLine
from models.payments import Payment, Refund, RefundLine
from services.orders.drafts import RefundDraft, RefundDraftLine
from services.orders.records import lines_of, payment_of, what_is_left


class NothingToRefund(Invalid):
    """The draft names no amount."""

    code = "nothing_to_refund"
    message = N_("请填要退的数量或金额。")


class NotPaid(Invalid):
    """There is no money to give back."""

    code = "not_paid"
    message = N_("这张订单还没有收到款，不用退款。")


class BearerTooEarly(Invalid):
    """Nobody can have spoiled what has not arrived."""

    code = "bearer_too_early"
    message = N_(
        "还没送到的订单，退款由各方按比例承担；送到后坏了的才由承运方或平台赔。"
    )


class BoxesAtTheirPrice(Invalid):
    """Boxes that are not sent cost nothing: their whole price goes back."""

    code = "boxes_at_their_price"
    message = N_(
        "还没发货，不要几箱就退几箱的钱。货照收、只退一部分钱的，把“退几箱”空着。"
    )


def check_draft(
    order: Order,
    draft: RefundDraft,
    lines: Sequence[OrderLine],
    lefts: Mapping[int, Amounts],
) -> None:
    """Raise unless the draft can be granted; lines, lefts: see `what_is_left`.

    NotPaid, NothingToRefund, BearerTooEarly, BoxesAtTheirPrice or RefundTooLarge.
    """
    payment = payment_of(order)
    if payment.state != PaymentState.PAID:
        raise NotPaid()
    if draft.goods_fen + draft.freight_fen <= 0:
        raise NothingToRefund()
    check_bearer(order, draft.bearer)
    named = [line.order_line_id for line in draft.lines]
    cap_fen = _cap(order, payment)
    fits = (
        len(named) == len(set(named))
        and all(_fits(line, lefts) for line in draft.lines)
        and 0 <= draft.freight_fen <= sum(left.freight_fen for left in lefts.values())
        and draft.goods_fen + draft.freight_fen <= cap_fen
    )
    if not fits:
        raise RefundTooLarge(left=format_yuan(cap_fen))
    price_fen = {line.id: line.price_fen for line in lines}
    if order.state in UNSENT and any(
        _is_cheap(one, lefts[one.order_line_id], price_fen[one.order_line_id])
        for one in draft.lines
    ):
        raise BoxesAtTheirPrice()


def check_bearer(order: Order, bearer: RefundBearer) -> None:
    """Raise BearerTooEarly while nothing can have been spoiled."""
    if bearer is not RefundBearer.PARTIES and order.delivered_at is None:
        raise BearerTooEarly()


def refund_parts(draft: RefundDraft, lefts: Mapping[int, Amounts]) -> list[RefundLine]:
    """The draft's lines, its freight divided by the freight left on each line."""
    by_line = [left.freight_fen for left in lefts.values()]
    nothing = [0] * len(lefts)
    freights = allocate(draft.freight_fen, by_line) if draft.freight_fen else nothing
    asked = {line.order_line_id: line for line in draft.lines}
    parts = []
    for line_id, freight_fen in zip(lefts, freights, strict=True):
        line = asked.get(line_id, RefundDraftLine(line_id, 0, 0))
        if line.quantity or line.goods_fen or freight_fen:
            parts.append(RefundLine(**vars(line), freight_fen=freight_fen))
    return parts


def everything_left(order: Order, request_id: str, reason: str) -> RefundDraft:
    """A draft of all that no refund names yet."""
    lefts = what_is_left(lines_of(order))
    return RefundDraft(
        request_id=request_id,
        lines=[
            RefundDraftLine(line_id, left.quantity, left.goods_fen)
            for line_id, left in lefts.items()
        ],
        freight_fen=sum(left.freight_fen for left in lefts.values()),
        reason=reason,
    )


def _fits(line: RefundDraftLine, lefts: Mapping[int, Amounts]) -> bool:
    left = lefts.get(line.order_line_id)
    return (
        left is not None
        and 0 <= line.quantity <= left.quantity
        and 0 <= line.goods_fen <= left.goods_fen
    )


def _is_cheap(line: RefundDraftLine, left: Amounts, price_fen: int) -> bool:
    """Whether boxes are given up for less than they cost."""
    is_rest = line.quantity == left.quantity
    due_fen = left.goods_fen if is_rest else line.quantity * price_fen
    return bool(line.quantity) and line.goods_fen < min(due_fen, left.goods_fen)


def _cap(order: Order, payment: Payment) -> int:
    query = select(Refund.state, Refund.amount_fen).where(
        Refund.order_id == order.id, Refund.is_surplus.is_(False)
    )
    held = [(state, fen) for state, fen in db.session.execute(query)]
    return left_to_refund_fen(payment.amount_fen, held)
