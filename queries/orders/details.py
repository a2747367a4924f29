"""One order with everything its page shows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.database import db
from core.errors import NotFound
from domain.orders.refunds import Amounts, left_of_lines, left_to_refund_fen
from domain.orders.states import OrderState, PaymentMethod, PaymentState
from models.accounts import Account
from models.alliances import Village
from models.catalogue import HarvestBatch, Product
from models.cooperative import Cooperative
from models.history import StateChange
from models.live import LiveSession
from models.orders import Order, OrderLine, Shipment
from models.payments import Payment, Refund
from queries.orders.lists import REFUND_COLUMNS, refund_view
from queries.orders.refunds import bought_of, refunded_lines
from queries.orders.views.orders import (
    LineView,
    OrderView,
    ParcelView,
    PaymentView,
    RefundView,
    SellerView,
    Step,
)

AS_STORED = (
    "id",
    "number",
    "recipient",
    "phone",
    "province",
    "city",
    "district",
    "street",
    "goods_fen",
    "freight_fen",
    "total_fen",
    "weight_g",
    "placed_at",
    "pay_before",
    "paid_at",
    "delivered_at",
)


def order_view(order_id: int) -> OrderView:
    """The order with lines, payment, parcel, refunds and history. Six queries.

    Raises NotFound. Whether the reader may see it is asked before, see `access`.
    """
    row = db.session.execute(
        select(Order, Cooperative, Payment)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.id == order_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    order, seller, payment = row
    refunds, lines = _refunds(order_id), _lines(order_id)
    return OrderView(
        **{name: getattr(order, name) for name in AS_STORED},
        state=OrderState(order.state),
        seller=_seller(seller),
        payment=_payment(payment),
        lines=lines,
        parcel=_parcel(order_id),
        refunds=refunds,
        history=_history(order_id),
        refundable_fen=_refundable(payment, refunds),
        refundable_freight_fen=sum(line.left.freight_fen for line in lines),
    )


def _seller(cooperative: Cooperative) -> SellerView:
    return SellerView(
        id=cooperative.id,
        name=cooperative.name,
        phone=cooperative.phone,
        bank_name=cooperative.bank_name,
        bank_account=cooperative.bank_account,
    )


def _payment(payment: Payment) -> PaymentView:
    return PaymentView(
        id=payment.id,
        method=PaymentMethod(payment.method),
        state=PaymentState(payment.state),
        amount_fen=payment.amount_fen,
        fee_fen=payment.fee_fen,
        reference=payment.reference,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
        settled_at=payment.available_at,
    )


def _lines(order_id: int) -> list[LineView]:
    rows = db.session.execute(
        select(
            OrderLine,
            Product.slug,
            Product.cover,
            Product.category,
            Village.name.label("village"),
            HarvestBatch.code,
            LiveSession.slug.label("session_slug"),
            LiveSession.title.label("session_title"),
        )
        .join(Product, Product.id == OrderLine.product_id)
        .join(Village, Village.id == OrderLine.village_id)
        .outerjoin(HarvestBatch, HarvestBatch.id == OrderLine.batch_id)
        .outerjoin(LiveSession, LiveSession.id == OrderLine.session_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.position)
    )
    found = rows.all()
    bought = {row.OrderLine.id: bought_of(row.OrderLine) for row in found}
    lefts = left_of_lines(bought, refunded_lines(order_id))
    return [_line(row, lefts[row.OrderLine.id]) for row in found]


def _line(row: Any, left: Amounts) -> LineView:
    line: OrderLine = row.OrderLine
    return LineView(
        id=line.id,
        product_name=line.product_name,
        variant_name=line.variant_name,
        slug=row.slug,
        cover=row.cover,
        category=row.category,
        village=row.village,
        batch_code=row.code,
        quantity=line.quantity,
        weight_g=line.weight_g,
        price_fen=line.price_fen,
        goods_fen=line.goods_fen,
        freight_fen=line.freight_fen,
        session_slug=row.session_slug,
        session_title=row.session_title,
        left=left,
    )


def _parcel(order_id: int) -> ParcelView | None:
    parcel = db.session.scalar(select(Shipment).where(Shipment.order_id == order_id))
    if parcel is None:
        return None
    return ParcelView(
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        state=parcel.state,
        shipped_at=parcel.shipped_at,
        delivered_at=parcel.delivered_at,
    )


def _refunds(order_id: int) -> list[RefundView]:
    query = (
        select(*REFUND_COLUMNS)
        .join(Order, Order.id == Refund.order_id)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .where(Refund.order_id == order_id)
        .order_by(Refund.id)
    )
    return [refund_view(row) for row in db.session.execute(query)]


def _history(order_id: int) -> list[Step]:
    rows = db.session.execute(
        select(
            StateChange.from_state,
            StateChange.to_state,
            StateChange.at,
            StateChange.reason,
            Account.name,
        )
        .outerjoin(Account, Account.id == StateChange.account_id)
        .where(
            StateChange.record_kind == Order.__tablename__,
            StateChange.record_id == order_id,
        )
        .order_by(StateChange.id)
    )
    return [
        Step(row.from_state, row.to_state, row.at, row.name or "", row.reason)
        for row in rows
    ]


def _refundable(payment: Payment, refunds: Sequence[RefundView]) -> int:
    """What the buyer may still ask for."""
    if payment.state != PaymentState.PAID:
        return 0
    own = [(one.state, one.amount_fen) for one in refunds if not one.is_surplus]
    return left_to_refund_fen(payment.amount_fen, own)
