"""A buyer's cart at today's prices, stock and freight."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from core.access import Actor
from core.database import db
from core.errors import N_, Conflict, DomainError
from core.statements import filled
from domain.catalogue import ListingState
from domain.freight import FreightRule, quote
from models.alliances import Village
from models.catalogue import Product, Variant
from models.cooperative import Cooperative
from models.live import LiveSession
from models.orders import Cart, CartItem
from queries.orders.freight import freight_rules
from queries.orders.views.carts import CartGroup, CartLineView, CartView, Trouble


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
