"""How much of an order may still go back, and whether a draft stays within it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from core.database import db
from core.errors import N_, Invalid
from domain.money import allocate, format_yuan
from domain.orders.states import (
    UNSENT,
    PaymentState,
    RefundBearer,
    RefundState,
    refundable_fen,
)
from domain.shares import RefundTooLarge
from models.orders import Order, OrderLine
from models.payments import Payment, Refund, RefundLine
from services.orders.drafts import RefundDraft, RefundDraftLine
from services.orders.records import lines_of, payment_of

HOLDING = tuple(state for state in RefundState if state != RefundState.REJECTED)
GRANTED = tuple(state for state in HOLDING if state != RefundState.REQUESTED)
"""A failed refund is still owed and will be tried again: nobody may ask twice."""


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


@dataclass(frozen=True)
class Left:
    """What no refund names yet of one line: boxes, goods and freight in fen."""

    line: OrderLine
    quantity: int
    goods_fen: int
    freight_fen: int


def what_is_left(order: Order, *, granted_only: bool = False) -> list[Left]:
    """Per line what may still be refunded; refunds asked for count as done.

    granted_only: what is left when only granted refunds count.
    """
    held = _held(order, GRANTED if granted_only else HOLDING)
    lefts = []
    for line in lines_of(order):
        quantity, goods_fen, freight_fen = held.get(line.id, (0, 0, 0))
        lefts.append(
            Left(
                line,
                line.quantity - quantity,
                line.goods_fen - goods_fen,
                line.freight_fen - freight_fen,
            )
        )
    return lefts


def check_draft(order: Order, draft: RefundDraft, lefts: Sequence[Left]) -> None:
    """Raise unless the draft can be granted.

    NotPaid, NothingToRefund, BearerTooEarly, BoxesAtTheirPrice or RefundTooLarge.
    """
    payment = payment_of(order)
    if payment.state != PaymentState.PAID:
        raise NotPaid()
    if draft.goods_fen + draft.freight_fen <= 0:
        raise NothingToRefund()
    check_bearer(order, draft.bearer)
    by_line = {left.line.id: left for left in lefts}
    named = [line.order_line_id for line in draft.lines]
    cap_fen = _cap(order, payment)
    fits = (
        len(named) == len(set(named))
        and all(_fits(line, by_line) for line in draft.lines)
        and 0 <= draft.freight_fen <= sum(left.freight_fen for left in lefts)
        and draft.goods_fen + draft.freight_fen <= cap_fen
    )
    if not fits:
        raise RefundTooLarge(left=format_yuan(cap_fen))
    if order.state in UNSENT and any(_is_cheap(one, by_line) for one in draft.lines):
        raise BoxesAtTheirPrice()


def check_bearer(order: Order, bearer: RefundBearer) -> None:
    """Raise BearerTooEarly while nothing can have been spoiled."""
    if bearer is not RefundBearer.PARTIES and order.delivered_at is None:
        raise BearerTooEarly()


def refund_parts(draft: RefundDraft, lefts: Sequence[Left]) -> list[RefundLine]:
    """The draft's lines, its freight divided by the freight left on each line."""
    freight = _freight_parts(draft.freight_fen, lefts)
    asked = {line.order_line_id: line for line in draft.lines}
    parts = []
    for left in lefts:
        line = asked.get(left.line.id, RefundDraftLine(left.line.id, 0, 0))
        freight_fen = freight[left.line.id]
        if line.quantity or line.goods_fen or freight_fen:
            parts.append(
                RefundLine(
                    order_line_id=left.line.id,
                    quantity=line.quantity,
                    goods_fen=line.goods_fen,
                    freight_fen=freight_fen,
                )
            )
    return parts


def everything_left(order: Order, request_id: str, reason: str) -> RefundDraft:
    """A draft of all that no refund names yet."""
    lefts = what_is_left(order)
    return RefundDraft(
        request_id=request_id,
        lines=[
            RefundDraftLine(left.line.id, left.quantity, left.goods_fen)
            for left in lefts
        ],
        freight_fen=sum(left.freight_fen for left in lefts),
        reason=reason,
    )


def _fits(line: RefundDraftLine, lefts: Mapping[int, Left]) -> bool:
    left = lefts.get(line.order_line_id)
    return (
        left is not None
        and 0 <= line.quantity <= left.quantity
        and 0 <= line.goods_fen <= left.goods_fen
    )


def _is_cheap(line: RefundDraftLine, lefts: Mapping[int, Left]) -> bool:
    """Whether boxes are given up for less than they cost."""
    left = lefts[line.order_line_id]
    is_rest = line.quantity == left.quantity
    price_fen = line.quantity * left.line.price_fen
    due_fen = left.goods_fen if is_rest else min(price_fen, left.goods_fen)
    return bool(line.quantity) and line.goods_fen < due_fen


def _cap(order: Order, payment: Payment) -> int:
    query = select(Refund.state, Refund.amount_fen).where(
        Refund.order_id == order.id, Refund.is_surplus.is_(False)
    )
    held = [(state, fen) for state, fen in db.session.execute(query)]
    return refundable_fen(payment.amount_fen, held)


def _freight_parts(freight_fen: int, lefts: Sequence[Left]) -> Mapping[int, int]:
    ids = [left.line.id for left in lefts]
    if not freight_fen:
        return dict.fromkeys(ids, 0)
    parts = allocate(freight_fen, [left.freight_fen for left in lefts])
    return dict(zip(ids, parts, strict=True))


def _held(
    order: Order, states: Sequence[RefundState]
) -> Mapping[int, tuple[int, int, int]]:
    rows = db.session.execute(
        select(
            RefundLine.order_line_id,
            func.sum(RefundLine.quantity),
            func.sum(RefundLine.goods_fen),
            func.sum(RefundLine.freight_fen),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order.id, Refund.state.in_(states))
        .group_by(RefundLine.order_line_id)
    )
    return {
        line_id: (int(quantity), int(goods), int(freight))
        for line_id, quantity, goods, freight in rows
    }
