"""What the pages of an order show, read and ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.orders.holds import held_until
from domain.orders.refunds import Amounts
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    PaymentState,
    RefundBearer,
    RefundState,
)
from domain.regions import address_line, place_parts
from models.cooperative import Cooperative
from models.orders import Shipment
from queries.history import Step


@dataclass(frozen=True)
class LineView:
    """One line of an order, as it was bought; amounts in fen.

    left: what no refund names yet.
    """

    id: int
    product_name: str
    variant_name: str
    slug: str
    cover: str
    category: str
    village: str
    batch_code: str | None
    quantity: int
    weight_g: int
    price_fen: int
    goods_fen: int
    freight_fen: int
    session_slug: str | None
    session_title: str | None
    left: Amounts

    @property
    def refunded_goods_fen(self) -> int:
        """Goods value that refunds name, those asked for as well."""
        return self.goods_fen - self.left.goods_fen


@dataclass(frozen=True)
class PaymentView:
    """How an order is paid. fee_fen: None until the provider says."""

    id: int
    method: PaymentMethod
    state: PaymentState
    amount_fen: int
    fee_fen: int | None
    reference: str
    expires_at: datetime | None
    paid_at: datetime | None
    settled_at: datetime | None
    provider_away_since: datetime | None


@dataclass(frozen=True)
class RefundView:
    """One refund of an order; amounts in fen. is_surplus: no line carries it."""

    id: int
    order_id: int
    order_number: str
    cooperative: str
    method: PaymentMethod
    state: RefundState
    amount_fen: int
    goods_fen: int
    freight_fen: int
    reason: str
    bearer: RefundBearer
    reference: str
    is_surplus: bool
    requested_at: datetime
    settled_at: datetime | None

    @property
    def is_manual(self) -> bool:
        """Whether the accountant sends the money and records the reference."""
        return self.method is not PaymentMethod.STRIPE


@dataclass(frozen=True)
class OrderView:
    """Everything an order page shows; amounts in fen. seller: whom to call and pay."""

    id: int
    number: str
    state: OrderState
    seller: Cooperative
    recipient: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    goods_fen: int
    freight_fen: int
    total_fen: int
    weight_g: int
    placed_at: datetime
    pay_before: datetime | None
    paid_at: datetime | None
    delivered_at: datetime | None
    payment: PaymentView
    lines: Sequence[LineView]
    parcel: Shipment | None
    refunds: Sequence[RefundView]
    history: Sequence[Step]
    refundable_fen: int
    refundable_freight_fen: int

    @property
    def refunded_fen(self) -> int:
        """What is back with the buyer of the order's price."""
        return sum(
            refund.amount_fen
            for refund in self.refunds
            if refund.state is RefundState.SUCCEEDED and not refund.is_surplus
        )

    @property
    def came_late(self) -> bool:
        """Whether the payment arrived when the order had ended; it goes back."""
        return self.payment.state in {PaymentState.LATE, PaymentState.REFUNDED_LATE}

    @property
    def is_being_checked(self) -> bool:
        """Whether the amount that came is not the order's: a person looks."""
        return self.payment.state is PaymentState.PARKED

    @property
    def can_pay_online(self) -> bool:
        """Whether the page offers the pay (again) button."""
        return (
            self.state is OrderState.PLACED
            and self.payment.method is PaymentMethod.STRIPE
            and self.payment.state in {PaymentState.CREATED, PaymentState.PENDING}
        )

    @property
    def awaits_provider(self) -> bool:
        """Whether the provider does not answer, and the worker goes on asking."""
        return self.can_pay_online and self.payment.provider_away_since is not None

    @property
    def awaits_transfer(self) -> bool:
        """Whether the page shows the bank account to transfer to."""
        return (
            self.state is OrderState.PLACED
            and self.payment.method is PaymentMethod.BANK_TRANSFER
        )

    @property
    def held_until(self) -> datetime:
        """Until when an order that nobody has paid keeps its boxes."""
        return held_until(self.payment.method, self.placed_at, self.pay_before)

    @property
    def can_cancel(self) -> bool:
        """Whether the buyer may still cancel: nothing is packed."""
        return self.state in {OrderState.PLACED, OrderState.PAID, OrderState.ACCEPTED}

    @property
    def can_confirm_receipt(self) -> bool:
        """Whether the buyer may say that the parcel arrived."""
        is_cash = self.payment.method is PaymentMethod.CASH_ON_DELIVERY
        return self.state is OrderState.SHIPPED and not is_cash

    @property
    def region(self) -> Sequence[str]:
        """Province and city; a city that is its own province stands once."""
        return place_parts(self.province, self.city)

    @property
    def address(self) -> Sequence[str]:
        """Where it goes, from the province down to the door."""
        return place_parts(self.province, self.city, self.district, self.street)

    @property
    def region_line(self) -> str:
        """The region as Chinese writes it."""
        return address_line(self.region)

    @property
    def address_line(self) -> str:
        """The address as Chinese writes it."""
        return address_line(self.address)

    @property
    def can_request_refund(self) -> bool:
        """Whether money was taken and some of it may still go back."""
        return self.payment.state is PaymentState.PAID and self.refundable_fen > 0


@dataclass(frozen=True)
class OrderRow:
    """An order in a list. line_names: product and box, joined for the eye."""

    id: int
    number: str
    state: OrderState
    method: PaymentMethod
    payment_state: PaymentState
    payment_id: int
    cooperative: str
    recipient: str
    phone: str
    city: str
    total_fen: int
    placed_at: datetime
    pay_before: datetime | None
    line_names: Sequence[str]
    quantity: int
    cover: str
    category: str
