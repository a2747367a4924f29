"""What the pages of carts and orders show, read and ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import DomainError
from domain.freight import FreightQuote
from domain.orders import OrderState, PaymentMethod, PaymentState, RefundState


class Trouble(StrEnum):
    """Why a cart line cannot be bought as it stands.

    withdrawn: no longer on sale. sold_out: none left. short: fewer left than asked.
    """

    WITHDRAWN = "withdrawn"
    SOLD_OUT = "sold_out"
    SHORT = "short"


@dataclass(frozen=True)
class CartLineView:
    """One variant in a cart, at today's price and stock; amounts in fen."""

    item_id: int
    variant_id: int
    product_name: str
    variant_name: str
    slug: str
    cover: str
    category: str
    village: str
    price_fen: int
    weight_g: int
    quantity: int
    stock: int
    trouble: Trouble | None
    session_slug: str | None
    session_title: str | None

    @property
    def goods_fen(self) -> int:
        """The price of all boxes of the line."""
        return self.price_fen * self.quantity

    @property
    def total_weight_g(self) -> int:
        """The weight of all boxes of the line."""
        return self.weight_g * self.quantity


@dataclass(frozen=True)
class CartGroup:
    """The lines of one cooperative: one order, one payment, one parcel.

    freight: None until a province is chosen, or when freight_error says why there
    is none.
    """

    cooperative_id: int
    cooperative: str
    lines: Sequence[CartLineView]
    freight: FreightQuote | None
    freight_error: DomainError | None

    @property
    def goods_fen(self) -> int:
        """The goods of the lines, without freight."""
        return sum(line.goods_fen for line in self.lines)

    @property
    def weight_g(self) -> int:
        """The weight of the parcel's goods."""
        return sum(line.total_weight_g for line in self.lines)

    @property
    def total_fen(self) -> int:
        """Goods, and freight as far as it is known."""
        return self.goods_fen + (self.freight.fen if self.freight else 0)


@dataclass(frozen=True)
class CartView:
    """A buyer's cart."""

    groups: Sequence[CartGroup]

    @property
    def lines(self) -> list[CartLineView]:
        """Every line of every group."""
        return [line for group in self.groups for line in group.lines]

    @property
    def count(self) -> int:
        """How many boxes there are."""
        return sum(line.quantity for line in self.lines)

    @property
    def goods_fen(self) -> int:
        """All goods without freight."""
        return sum(group.goods_fen for group in self.groups)

    @property
    def freight_fen(self) -> int | None:
        """All freight, or None while some is not known."""
        quotes = [group.freight for group in self.groups]
        if any(quote is None for quote in quotes):
            return None
        return sum(quote.fen for quote in quotes if quote)

    @property
    def total_fen(self) -> int:
        """What checkout would ask for, freight as far as it is known."""
        return sum(group.total_fen for group in self.groups)

    @property
    def can_check_out(self) -> bool:
        """Whether there is something, and nothing in its way."""
        return bool(self.groups) and not any(line.trouble for line in self.lines)


@dataclass(frozen=True)
class LineView:
    """One line of an order, as it was bought; amounts in fen.

    refunded_quantity and refunded_goods_fen count refunds asked for as well.
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
    refunded_quantity: int
    refunded_goods_fen: int

    @property
    def refundable_quantity(self) -> int:
        """Boxes that no refund names yet."""
        return self.quantity - self.refunded_quantity

    @property
    def refundable_goods_fen(self) -> int:
        """Goods value that no refund names yet."""
        return self.goods_fen - self.refunded_goods_fen


@dataclass(frozen=True)
class ParcelView:
    """The parcel of an order."""

    carrier: str
    tracking_number: str
    state: str
    shipped_at: datetime
    delivered_at: datetime | None


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


@dataclass(frozen=True)
class RefundView:
    """One refund of an order; amounts in fen."""

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
    bearer: str
    reference: str
    requested_at: datetime
    settled_at: datetime | None

    @property
    def is_manual(self) -> bool:
        """Whether the accountant sends the money and records the reference."""
        return self.method is not PaymentMethod.STRIPE


@dataclass(frozen=True)
class Step:
    """One step of a record's history; `by` is empty for the system."""

    from_state: str | None
    to_state: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class SellerView:
    """The cooperative behind an order: who to call, where to transfer."""

    id: int
    name: str
    phone: str
    bank_name: str
    bank_account: str


@dataclass(frozen=True)
class OrderView:
    """Everything an order page shows; amounts in fen."""

    id: int
    number: str
    state: OrderState
    seller: SellerView
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
    parcel: ParcelView | None
    refunds: Sequence[RefundView]
    history: Sequence[Step]
    refundable_fen: int
    refundable_freight_fen: int

    @property
    def can_pay_online(self) -> bool:
        """Whether the page offers the pay (again) button."""
        return (
            self.state is OrderState.PLACED
            and self.payment.method is PaymentMethod.STRIPE
            and self.payment.state in {PaymentState.CREATED, PaymentState.PENDING}
        )

    @property
    def awaits_transfer(self) -> bool:
        """Whether the page shows the bank account to transfer to."""
        return (
            self.state is OrderState.PLACED
            and self.payment.method is PaymentMethod.BANK_TRANSFER
        )

    @property
    def can_cancel(self) -> bool:
        """Whether the buyer may still cancel: nothing is packed."""
        return self.state in {OrderState.PLACED, OrderState.PAID, OrderState.ACCEPTED}

    @property
    def can_confirm_receipt(self) -> bool:
        """Whether the buyer may say that the parcel arrived."""
        return self.state is OrderState.SHIPPED

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
