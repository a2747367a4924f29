"""How much, and for how long, the shop keeps boxes for someone who has not paid."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import N_, Invalid
from domain.orders.states import PaymentMethod

HELD_FOR = {
    PaymentMethod.STRIPE: timedelta(minutes=35),
    PaymentMethod.BANK_TRANSFER: timedelta(hours=48),
    PaymentMethod.CASH_ON_DELIVERY: timedelta(hours=36),
}
"""From the order until the money came; for cash, until the cooperative takes it on: an
order of a Saturday evening is still there on Monday morning. Stripe's sessions live 30
minutes at least; five more let opening one be retried."""

MOST_UNPAID_BOXES = 30
"""Over all unpaid orders of one phone and of one buyer, whatever they sell."""

FEW_BOXES = 5
FEW_ORDERS = 2
SMALL_FEN = 50_000
"""What a guest may order unpaid by a phone that nobody has proven. A thing forgotten
makes a second order; who makes a third may have typed somebody else's number."""


class TooManyUnpaid(Invalid):
    """More boxes would be kept for someone than anybody may have unpaid.

    It does not say how many there are: the phone may be somebody else's.
    """

    code = "too_many_unpaid"
    message = N_(
        "没付款的订单加在一起，最多留 %(most)s 箱。请先付清前面的订单，"
        "或者少买几箱；想多买，请打合作社电话 %(phone)s。"
    )


class PhoneToProve(Invalid):
    """An unusual order: whoever has the phone must say that they want it."""

    code = "phone_to_prove"
    field = "code"
    message = N_("这一单要先确认手机号。验证码发到 %(phone)s 了，填上再提交一次。")


@dataclass(frozen=True)
class UnpaidOrder:
    """An order that nobody has paid: by which phone and which buyer, and its boxes.

    owners: the account and the browser that ordered. boxes: those it still holds.
    """

    phone: str
    owners: Collection[object]
    boxes: int

    def is_of(self, phone: str, owner: object) -> bool:
        """Whether it counts for who orders now."""
        return self.phone == phone or owner in self.owners


def can_hold(unpaid: Collection[UnpaidOrder], boxes: int) -> bool:
    """Whether `boxes` more may be kept for someone beside what is unpaid already."""
    return sum(order.boxes for order in unpaid) + boxes <= MOST_UNPAID_BOXES


def is_unusual(orders_before: int, boxes: int, goods_fen: int) -> bool:
    """Whether a guest's unpaid order asks for a proof of its phone.

    orders_before: of the same phone, unpaid or run out, within a month.
    """
    is_large = boxes > FEW_BOXES or goods_fen > SMALL_FEN
    return is_large or orders_before >= FEW_ORDERS


def held_until(
    method: PaymentMethod, placed_at: datetime, pay_before: datetime | None
) -> datetime:
    """When the shop stops keeping an unpaid order's boxes."""
    return pay_before or placed_at + HELD_FOR[method]
