"""Cards of what is on sale, by shelf, village and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select

from core.database import AnyRow, AnySelect, db
from core.pages.paging import Page
from domain.catalogue import ListingState
from domain.categories import Category, categories_like
from domain.money import per_jin_fen
from models.alliances import Village
from models.catalogue import Product, Variant

product, variant, village = (model.__table__.c for model in (Product, Variant, Village))
"""Columns of tables, not of models: this page is asked for most."""

PER_PAGE = 24
MOST_LISTED = 20 * PER_PAGE
"""Counting stops here, so that a full shop is listed as fast as an empty one; who
wants more than twenty pages narrows the list."""


@dataclass(frozen=True)
class ShopFilter:
    """What a buyer looks for; `with_sold_out` shows what is sold out as well."""

    words: str = ""
    category: Category | None = None
    village: str = ""
    with_sold_out: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether the buyer chose anything."""
        return bool(self.words or self.category or self.village)


@dataclass(frozen=True)
class Card:
    """A product as the shop lists it, with its cheapest box that is left.

    variant_id: that box, None when everything is sold out; spec, price_fen and
    per_jin_fen are of that box, else of the cheapest one on sale.
    """

    product_id: int
    name: str
    slug: str
    category: str
    cover: str
    village: str
    spec: str
    price_fen: int
    per_jin_fen: int
    sold_count: int
    variant_id: int | None

    @property
    def href(self) -> str:
        """The product's page; built here because a list asks for many."""
        return f"/products/{self.slug}"


def products_on_sale(
    wanted: ShopFilter, page: int = 1, *, per_page: int = PER_PAGE
) -> Page[Card]:
    """The newest products on sale that match, in three statements.

    page: from 1; past the end means the last one.
    """
    total = db.session.scalar(_count(wanted), {"without": 0}) or 0
    number = min(max(page, 1), max(1, -(-total // per_page)))
    cards = _cards(wanted, per_page, start=(number - 1) * per_page)
    return Page(cards, number, per_page, total)


def newest_on_sale(count: int, *, without: int = 0) -> tuple[Card, ...]:
    """The newest products that can be bought, in two statements.

    without: the id of a product that is left out.
    """
    return tuple(_cards(ShopFilter(), count, without=without))


def _cards(
    wanted: ShopFilter, count: int, *, start: int = 0, without: int = 0
) -> list[Card]:
    part = {"part_size": count, "part_start": start, "without": without}
    rows = db.session.execute(_rows(wanted), part).all()
    ids = [row.product_id for row in rows]
    boxes = db.session.execute(_cheapest_boxes(), {"ids": ids})
    box_of = {box.product_id: box for box in boxes}
    return [_card(row, box_of.get(row.product_id)) for row in rows]


def villages_selling() -> Sequence[AnyRow]:
    """Villages with something in the shop: slug and name, and one of its shelves."""
    return db.session.execute(_villages()).all()


# Statements are kept: building one takes longer than SQLite takes to answer it.
@lru_cache(maxsize=256)
def _rows(wanted: ShopFilter) -> AnySelect:
    home = select(village.name).where(village.id == product.village_id)
    return (
        select(
            product.id.label("product_id"),
            product.name,
            product.slug,
            product.category,
            product.cover,
            home.scalar_subquery().label("village"),
            product.spec,
            product.price_from_fen.label("price_fen"),
            product.per_jin_fen,
            product.sold_count,
        )
        .where(*_conditions(wanted))
        .order_by(product.approved_at.desc(), product.id.desc())
        .limit(bindparam("part_size"))
        .offset(bindparam("part_start"))
    )


@lru_cache(maxsize=256)
def _count(wanted: ShopFilter) -> AnySelect:
    matching = select(product.id).where(*_conditions(wanted)).limit(MOST_LISTED)
    return select(func.count()).select_from(matching.subquery())


@cache
def _villages() -> AnySelect:
    listed = (product.village_id == village.id) & _listed()
    shelf = select(product.category).where(listed).order_by(product.id).limit(1)
    return (
        select(village.slug, village.name, shelf.scalar_subquery().label("category"))
        .where(exists().where(listed))
        .order_by(village.name)
        .limit(200)
    )


@cache
def _cheapest_boxes() -> AnySelect:
    """Of each product in `ids`, the cheapest box that is left."""
    place = func.row_number().over(
        partition_by=variant.product_id, order_by=(variant.price_fen, variant.id)
    )
    left = (
        select(
            variant.id,
            variant.product_id,
            variant.name,
            variant.weight_g,
            variant.price_fen,
            place.label("place"),
        )
        .where(
            variant.product_id.in_(bindparam("ids", expanding=True)),
            variant.on_sale,
            variant.stock > 0,
        )
        .subquery()
    )
    return select(left).where(left.c.place == 1)


def _listed() -> ColumnElement[bool]:
    return product.state == ListingState.APPROVED


def _conditions(wanted: ShopFilter) -> list[ColumnElement[bool]]:
    conditions = [_listed(), product.id != bindparam("without")]
    if wanted.category:
        conditions.append(product.category == wanted.category)
    if wanted.village:
        home = select(village.id).where(village.slug == wanted.village)
        conditions.append(product.village_id == home.scalar_subquery())
    if wanted.words:
        conditions.append(_says(wanted.words))
    if not wanted.with_sold_out:
        left = (variant.product_id == product.id) & variant.on_sale
        conditions.append(exists().where(left, variant.stock > 0))
    return conditions


def _says(words: str) -> ColumnElement[bool]:
    homes = select(village.id).where(village.name.icontains(words, autoescape=True))
    return or_(
        product.name.icontains(words, autoescape=True),
        product.village_id.in_(homes),
        product.category.in_(categories_like(words)),
    )


def _card(row: AnyRow, box: AnyRow | None) -> Card:
    shown = row._asdict()
    if box is not None:
        shown["spec"], shown["price_fen"] = box.name, box.price_fen
        shown["per_jin_fen"] = per_jin_fen(box.price_fen, box.weight_g)
    return Card(**shown, variant_id=box.id if box is not None else None)
