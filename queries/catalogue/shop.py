"""Cards of what is on sale, by shelf, village and words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select

from core.database import AnyRow, AnySelect, db
from core.paging import Page, paginate
from domain.catalogue import ListingState
from domain.categories import Category, categories_like
from domain.money import per_jin_fen
from models import Product, Variant, Village

PER_PAGE = 24
MOST_LISTED = 100 * PER_PAGE
"""Counting stops here, so that a full shop is listed as fast as an empty one; who
wants more than a hundred pages narrows the list."""


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
    wanted: ShopFilter, page: int = 1, *, per_page: int = PER_PAGE, without: int = 0
) -> Page[Card]:
    """The newest products on sale that match, in three statements.

    without: the id of a product that is left out.
    """
    conditions = [_listed(), *_conditions(wanted)]
    if without:
        conditions.append(Product.id != without)
    found = paginate(
        _rows().where(*conditions),
        page,
        per_page,
        counting=select(Product.id).where(*conditions).limit(MOST_LISTED),
    )
    boxes = _cheapest_boxes([row.id for row in found.items])
    cards = [_card(row, boxes.get(row.id)) for row in found.items]
    return Page(cards, found.page, found.per_page, found.total)


def villages_selling() -> Sequence[AnyRow]:
    """Villages with something in the shop: slug and name, and one of its shelves."""
    listed = (Product.village_id == Village.id) & _listed()
    shelf = select(Product.category).where(listed).order_by(Product.id).limit(1)
    return db.session.execute(
        select(Village.slug, Village.name, shelf.scalar_subquery().label("category"))
        .where(exists().where(listed))
        .order_by(Village.name)
        .limit(200)
    ).all()


def newest_batch_on_sale() -> str | None:
    """The code of the batch harvested last among the products in the shop."""
    from models import HarvestBatch

    return db.session.scalar(
        select(HarvestBatch.code)
        .join(Product, Product.id == HarvestBatch.product_id)
        .where(_listed())
        .order_by(HarvestBatch.harvested_on.desc(), HarvestBatch.id.desc())
        .limit(1)
    )


def _listed() -> ColumnElement[bool]:
    return Product.state == ListingState.APPROVED


def _rows() -> AnySelect:
    village = select(Village.name).where(Village.id == Product.village_id)
    return select(
        Product.id,
        Product.name,
        Product.slug,
        Product.category,
        Product.cover,
        Product.spec,
        Product.price_from_fen,
        Product.per_jin_fen,
        Product.sold_count,
        village.scalar_subquery().label("village"),
    ).order_by(Product.approved_at.desc(), Product.id.desc())


def _conditions(wanted: ShopFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.category:
        conditions.append(Product.category == wanted.category)
    if wanted.village:
        village = select(Village.id).where(Village.slug == wanted.village)
        conditions.append(Product.village_id == village.scalar_subquery())
    if wanted.words:
        conditions.append(_says(wanted.words))
    if not wanted.with_sold_out:
        left = (Variant.product_id == Product.id) & Variant.on_sale
        conditions.append(exists().where(left, Variant.stock > 0))
    return conditions


def _says(words: str) -> ColumnElement[bool]:
    villages = select(Village.id).where(Village.name.icontains(words, autoescape=True))
    return or_(
        Product.name.icontains(words, autoescape=True),
        Product.village_id.in_(villages),
        Product.category.in_(categories_like(words)),
    )


def _cheapest_boxes(product_ids: Sequence[int]) -> dict[int, AnyRow]:
    """Of each product, the cheapest box that is left."""
    place = func.row_number().over(
        partition_by=Variant.product_id, order_by=(Variant.price_fen, Variant.id)
    )
    left = (
        select(
            Variant.id,
            Variant.product_id,
            Variant.name,
            Variant.weight_g,
            Variant.price_fen,
            place.label("place"),
        )
        .where(Variant.product_id.in_(product_ids), Variant.on_sale, Variant.stock > 0)
        .subquery()
    )
    rows = db.session.execute(select(left).where(left.c.place == 1))
    return {row.product_id: row for row in rows}


def _card(row: AnyRow, box: AnyRow | None) -> Card:
    spec, price, per_jin = row.spec, row.price_from_fen, row.per_jin_fen
    if box is not None:
        spec, price = box.name, box.price_fen
        per_jin = per_jin_fen(box.price_fen, box.weight_g)
    return Card(
        product_id=row.id,
        name=row.name,
        slug=row.slug,
        category=row.category,
        cover=row.cover,
        village=row.village,
        spec=spec,
        price_fen=price,
        per_jin_fen=per_jin,
        sold_count=row.sold_count,
        variant_id=box.id if box is not None else None,
    )
