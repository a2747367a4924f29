"""A guest's link to an order: exchanged for the browser's own access, sent again."""

import secrets

from sqlalchemy import select

from core.clock import clock_words, now
from core.config import current_settings
from core.database import db, insert_into
from core.errors import N_, NotFound
from domain.orders.holds import held_until
from domain.orders.states import OrderState, PaymentMethod
from domain.texts import TextKind
from models.columns import digest_of
from models.orders import Order, OrderAccess
from services import outbox


class LinkUnknown(NotFound):
    """The link's token does not open this order."""

    code = "link_unknown"
    message = N_("这个链接打不开订单，可能已经换了新的。请用订单号和手机号重新找。")


def exchange_token(number: str, token: str, visitor_id: int) -> int:
    """Open the order to this browser for good; returns its id.

    number: as `parse_order_number` answers it. Raises LinkUnknown.
    """
    order_id = db.session.scalar(
        select(Order.id).where(
            Order.number == number, Order.token_digest == digest_of(token)
        )
    )
    if order_id is None:
        raise LinkUnknown()
    db.session.execute(
        insert_into(OrderAccess)
        .values(visitor_id=visitor_id, order_id=order_id, granted_at=now())
        .on_conflict_do_nothing(index_elements=["visitor_id", "order_id"])
    )
    return order_id


def send_link_again(number: str, phone: str) -> None:
    """Send a new link to the phone of the order; say nothing when it is not its phone.

    The former link stops working: who asks again may have lost it to someone.
    """
    order = db.session.scalar(
        select(Order).where(Order.number == number, Order.phone == phone)
    )
    if order is None:
        return
    token = new_link_token(order)
    db.session.flush()
    send_link(order, token, key=f"link:{order.id}:{order.token_digest[:12]}")


def new_link_token(order: Order) -> str:
    """A fresh token that opens the order; only its digest is kept."""
    token = secrets.token_urlsafe(24)
    order.token_digest = digest_of(token)
    return token


def send_link(order: Order, token: str | None, *, key: str) -> None:
    """Send the order's address; with a token it opens without an account."""
    link = f"{current_settings().public_url}/orders/{order.number}"
    if token:
        link += f"?token={token}"
    outbox.send_sms(
        order.phone,
        f"【田播】订单 {order.number} 已收到。{_deadline(order)}"
        f"查进度、付款、退款都点这里：{link}",
        key=key,
        kind=TextKind.UNPAID,
        order_id=order.id,
    )


DEADLINES = {
    PaymentMethod.STRIPE: "请在 {time} 前付款，过时自动取消。",
    PaymentMethod.BANK_TRANSFER: "请在 {time} 前转账到账，过时自动取消。",
    PaymentMethod.CASH_ON_DELIVERY: "合作社 {time} 前没接单就自动取消，不收钱。",
}


def _deadline(order: Order) -> str:
    """Until when the boxes are kept, while nobody has paid."""
    if order.state != OrderState.PLACED:
        return ""
    method = PaymentMethod(order.payment_method)
    until = held_until(method, order.placed_at, order.pay_before)
    return DEADLINES[method].format(time=clock_words(until))
