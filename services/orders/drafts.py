"""What the forms of orders turn into."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.access import Actor
from core.errors import N_, Conflict
from domain.orders.states import PaymentMethod, RefundBearer


class PriceChanged(Conflict):
    """Checkout would cost something else than the page showed."""

    code = "price_changed"
    message = N_("价格或运费刚刚变了，请看一眼新的合计再提交。")


@dataclass(frozen=True)
class CheckoutDraft:
    """One submit of the checkout page.

    request_id: makes it happen once. province: the full name of a province-level
    region. shown_total_fen: what the page showed for all orders together; when it is
    given and no longer right, nothing is ordered. is_phone_proven: a code sent to the
    phone was typed in this browser.
    """

    request_id: str
    recipient: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    payment_method: PaymentMethod
    shown_total_fen: int | None = None
    is_phone_proven: bool = False


@dataclass(frozen=True)
class Submission:
    """Who sends which checkout. address: the browser's, to count its attempts."""

    buyer: Actor
    draft: CheckoutDraft
    address: str | None = None


@dataclass(frozen=True)
class PlacedOrder:
    """An order that checkout made. token: opens it for a guest; only known once."""

    order_id: int
    payment_id: int
    number: str
    method: PaymentMethod
    token: str | None


@dataclass(frozen=True)
class RefundDraftLine:
    """What goes back for one order line: boxes not kept, and goods value in fen."""

    order_line_id: int
    quantity: int
    goods_fen: int


@dataclass(frozen=True)
class RefundDraft:
    """A refund as asked for.

    freight_fen: freight given back beside the lines. bearer: the line's parties, or
    for goods that arrived spoiled the carrier or the platform.
    """

    request_id: str
    lines: Sequence[RefundDraftLine]
    freight_fen: int
    reason: str
    bearer: RefundBearer = RefundBearer.PARTIES

    @property
    def goods_fen(self) -> int:
        """The goods value of all lines."""
        return sum(line.goods_fen for line in self.lines)
