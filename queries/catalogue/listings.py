"""An alliance's own listings, and what its members may choose when they write one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from core.database import AnyRow, AnySelect, db
from core.pages.paging import Page, paginate
from domain.catalogue import ListingState
from models.accounts import Account
from models.alliances import Alliance, AllianceCooperative, Village
from models.catalogue import Product, Variant
from models.cooperative import Cooperative, Farmer

PER_PAGE = 20


@dataclass(frozen=True)
class ListingFilter:
    """What a member looks for among the alliance's listings."""

    words: str = ""
    state: ListingState | None = None


@dataclass(frozen=True)
class Choices:
    """What a listing of an alliance may name.

    cooperatives: id, name. villages: id, name. farmers: id, name, village,
    village_id, cooperative_id of families who still deliver.
    """

    alliance_id: int
    cooperatives: Sequence[AnyRow]
    villages: Sequence[AnyRow]
    farmers: Sequence[AnyRow]


def listings_of(
    alliance_ids: Collection[int], wanted: ListingFilter, page: int
) -> Page[AnyRow]:
    """Listings of the alliances, last changed first, with what is left of them."""
    return paginate(_matching(alliance_ids, wanted), page, PER_PAGE)


def count_by_state(alliance_ids: Collection[int]) -> dict[str, int]:
    """How many listings of the alliances are in each state."""
    rows = db.session.execute(
        select(Product.state, func.count().label("listings"))
        .where(Product.alliance_id.in_(alliance_ids))
        .group_by(Product.state)
    )
    return {row.state: row.listings for row in rows}


def listing_choices(alliance_id: int) -> Choices:
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
    return Choices(alliance_id, cooperatives, villages, farmers)


def _matching(alliance_ids: Collection[int], wanted: ListingFilter) -> AnySelect:
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
        .where(Product.alliance_id.in_(alliance_ids))
        .order_by(Product.updated_at.desc(), Product.id.desc())
    )
    if wanted.state:
        query = query.where(Product.state == wanted.state)
    if wanted.words:
        query = query.where(
            or_(
                Product.name.icontains(wanted.words, autoescape=True),
                Village.name.icontains(wanted.words, autoescape=True),
            )
        )
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
