"""A buyer's cart at today's prices, stock and freight."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from core.access import Actor
from core.clock import now
from core.database import db
from core.errors import N_, Conflict, DomainError
from core.statements import filled
from domain.catalogue import ListingState
from domain.freight import FreightQuote, FreightRule, quote
from models.accounts import Visitor
from models.alliances import Village
from models.catalogue import Product, Variant
from models.cooperative import Cooperative
from models.live import LiveSession
from models.orders import Cart, CartItem
from queries.cooperative import freight_rules


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


class FreightUnknown(Conflict):
    """The cooperative has no freight rule in force."""

    code = "freight_unknown"
    message = N_("这家合作社还没定好运费，暂时不能下单。")


def cart_view(buyer: Actor, province: str | None = None) -> CartView:
    """What the buyer's cart holds, by cooperative. Two queries.

    province: where it goes, by its full name; without it freight is not known.
    """
    lines: dict[tuple[int, str], list[CartLineView]] = defaultdict(list)
    for row in db.session.execute(_lines(buyer)):
        line = filled(CartLineView, row, trouble=_trouble(row))
        lines[row.cooperative_id, row.cooperative].append(line)
    groups = [
        CartGroup(cooperative_id, name, held, None, None)
        for (cooperative_id, name), held in lines.items()
    ]
    if province is None:
        return CartView(groups)
    rules = freight_rules(group.cooperative_id for group in groups)
    return CartView(
        [
            _with_freight(group, rules.get(group.cooperative_id), province)
            for group in groups
        ]
    )


def _lines(buyer: Actor) -> Any:
    owner = (
        Cart.account_id == buyer.account_id
        if buyer.account_id is not None
        else Cart.visitor_id == buyer.visitor_id
    )
    return (
        select(
            CartItem.id.label("item_id"),
            CartItem.variant_id,
            CartItem.quantity,
            Variant.name.label("variant_name"),
            Variant.price_fen,
            Variant.weight_g,
            Variant.stock,
            Variant.on_sale,
            Product.name.label("product_name"),
            Product.slug,
            Product.cover,
            Product.category,
            Product.state,
            Product.cooperative_id,
            Village.name.label("village"),
            Cooperative.name.label("cooperative"),
            LiveSession.slug.label("session_slug"),
            LiveSession.title.label("session_title"),
        )
        .join(Cart, Cart.id == CartItem.cart_id)
        .join(Variant, Variant.id == CartItem.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Village, Village.id == Product.village_id)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
        .outerjoin(LiveSession, LiveSession.id == CartItem.session_id)
        .where(owner)
        .order_by(CartItem.id)
    )


def _trouble(row: Row[Any]) -> Trouble | None:
    if row.state != ListingState.APPROVED or not row.on_sale:
        return Trouble.WITHDRAWN
    if row.stock == 0:
        return Trouble.SOLD_OUT
    return Trouble.SHORT if row.stock < row.quantity else None


def _with_freight(
    group: CartGroup, rule: FreightRule | None, province: str
) -> CartGroup:
    if rule is None:
        return replace(group, freight_error=FreightUnknown())
    try:
        freight = quote(rule, province, group.weight_g, goods_fen=group.goods_fen)
    except DomainError as error:
        return replace(group, freight_error=error)
    return replace(group, freight=freight)


def count_in_cart(buyer: Actor) -> int:
    """Boxes in the buyer's cart; a logged-in buyer's is the account's."""
    if buyer.account_id is not None:
        return _count(Cart.account_id == buyer.account_id)
    return _count(Cart.visitor_id == buyer.visitor_id)


def count_in_browser(token_digest: str) -> int:
    """Boxes in the cart of the browser whose cookie has this digest."""
    visitor = select(Visitor.id).where(
        Visitor.token_digest == token_digest, Visitor.expires_at > now()
    )
    return _count(Cart.visitor_id == visitor.scalar_subquery())


def _count(owner: ColumnElement[bool]) -> int:
    query = select(func.coalesce(func.sum(CartItem.quantity), 0)).join(
        Cart, Cart.id == CartItem.cart_id
    )
    return int(db.session.scalar(query.where(owner)) or 0)
