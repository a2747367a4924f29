"""An alliance's own listings, and what its members may choose when they write one."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from core.access import Actor
from core.database import AnyRow, AnySelect, db
from core.pages.paging import Page, paginate
from domain.catalogue import ListingState
from domain.roles import STUDIO_ROLES
from models.accounts import Account
from models.alliances import Alliance, AllianceCooperative, Village
from models.catalogue import Product, ProductVersion, Variant
from models.cooperative import Cooperative, Farmer
from queries.scopes import visible

PER_PAGE = 20
LONGEST_HISTORY = 50


@dataclass(frozen=True)
class ListingFilter:
    """What a member looks for among the alliance's listings."""

    words: str = ""
    state: ListingState | None = None


@dataclass(frozen=True)
class ListingChoices:
    """What a listing of an alliance may name.

    cooperatives: id, name. villages: id, name. farmers: id, name, village,
    village_id, cooperative_id of families who still deliver.
    """

    cooperatives: Sequence[AnyRow]
    villages: Sequence[AnyRow]
    farmers: Sequence[AnyRow]


@dataclass(frozen=True)
class PriceChange:
    """A box's new price: None before means that the box was new."""

    box: str
    before_fen: int | None
    price_fen: int
    who: str
    at: datetime


def listings_of(actor: Actor, wanted: ListingFilter, page: int) -> Page[AnyRow]:
    """Listings the actor may write, last changed first, with what is left of them."""
    return paginate(_matching(actor, wanted), page, PER_PAGE)


def count_by_state(actor: Actor) -> dict[str, int]:
    """How many listings the actor may write are in each state."""
    rows = db.session.execute(
        select(Product.state, func.count().label("listings"))
        .where(visible(Product, actor, *STUDIO_ROLES))
        .group_by(Product.state)
    )
    return {row.state: row.listings for row in rows}


def listing_choices(alliance_id: int) -> ListingChoices:
    """Cooperatives the alliance works with, their families, and the villages.

    Villages are those of the alliance's town and those the families live in.
    """
    cooperatives = db.session.execute(
        select(Cooperative.id, Cooperative.name)
        .join(AllianceCooperative, AllianceCooperative.cooperative_id == Cooperative.id)
        .where(AllianceCooperative.alliance_id == alliance_id)
        .order_by(Cooperative.id)
    ).all()
    farmers = _farmers([row.id for row in cooperatives])
    villages = _villages(alliance_id, {row.village_id for row in farmers})
    return ListingChoices(cooperatives, villages, farmers)


def prices_of(product_id: int) -> Sequence[PriceChange]:
    """Every price a box had in the last versions, newest first."""
    versions = db.session.execute(
        select(ProductVersion.content, ProductVersion.at, Account.name.label("who"))
        .join(Account, Account.id == ProductVersion.account_id)
        .where(ProductVersion.product_id == product_id)
        .order_by(ProductVersion.version.desc())
        .limit(LONGEST_HISTORY)
    ).all()
    changes: list[PriceChange] = []
    known: dict[int, int] = {}
    for version in reversed(versions):
        for box in json.loads(version.content)["variants"]:
            before, now = known.get(box["id"]), box["price_fen"]
            if before != now:
                changes.append(
                    PriceChange(box["name"], before, now, version.who, version.at)
                )
            known[box["id"]] = now
    return changes[::-1]


def _matching(actor: Actor, wanted: ListingFilter) -> AnySelect:
    stock = (
        select(func.coalesce(func.sum(Variant.stock), 0))
        .where(Variant.product_id == Product.id, Variant.on_sale)
        .scalar_subquery()
    )
    query = (
        select(
            Product.id,
            Product.name,
            Product.category,
            Product.cover,
            Product.state,
            Product.spec,
            Product.price_from_fen,
            Product.per_jin_fen,
            Product.sold_count,
            Product.updated_at,
            Village.name.label("village"),
            Account.name.label("author"),
            stock.label("stock"),
        )
        .join(Village, Village.id == Product.village_id)
        .join(Account, Account.id == Product.created_by)
        .where(visible(Product, actor, *STUDIO_ROLES))
        .order_by(Product.updated_at.desc(), Product.id.desc())
    )
    if wanted.state:
        query = query.where(Product.state == wanted.state)
    if wanted.words:
        names = (Product.name, Village.name)
        said = (name.icontains(wanted.words, autoescape=True) for name in names)
        query = query.where(or_(*said))
    return query


def _farmers(cooperative_ids: Sequence[int]) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            Farmer.id,
            Farmer.name,
            Farmer.village_id,
            Farmer.cooperative_id,
            Village.name.label("village"),
        )
        .join(Village, Village.id == Farmer.village_id)
        .where(Farmer.cooperative_id.in_(cooperative_ids), Farmer.left_on.is_(None))
        .order_by(Village.name, Farmer.name, Farmer.id)
    ).all()


def _villages(alliance_id: int, others: Collection[int]) -> Sequence[AnyRow]:
    town = select(Alliance.town_id).where(Alliance.id == alliance_id)
    return db.session.execute(
        select(Village.id, Village.name)
        .where(or_(Village.town_id == town.scalar_subquery(), Village.id.in_(others)))
        .order_by(Village.name)
    ).all()
