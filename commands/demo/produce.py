"""Listings of the demo, written and approved the way members and leads do."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from commands.demo.goods import DRAFT, GOODS, WAITING, Goods
from commands.demo.people import People
from commands.demo.places import Ground
from core import clock
from core.access import Actor
from core.clock import SHANGHAI, today
from core.database import db
from models.catalogue import Product, Variant
from services.catalogue import drafts, reviewing, writing
from services.catalogue.batches import write_batch

BATCH_EVERY = timedelta(days=40)
YEARS_BACK = timedelta(days=735)
FOR_TWO_YEARS = 100_000
HALF_JIN = 0.5


@dataclass(frozen=True)
class Staff:
    """The two who list and approve."""

    member: Actor
    lead: Actor


@dataclass(frozen=True)
class Shelf:
    """A product on sale in the demo and the ids of its boxes, smallest first."""

    goods: Goods
    product_id: int
    variant_ids: tuple[int, ...]


def fill_shelves(
    ground: Ground, people: People, rng: Random, staff: Staff
) -> list[Shelf]:
    """Write the dozen, have the lead approve them, and queue two more."""
    shelves = []
    for index, goods in enumerate(reversed(GOODS)):
        listed_on = today() - YEARS_BACK + timedelta(days=index)
        with clock.at(at_nine(listed_on)):
            product_id = _list(ground, people, goods, rng, staff)
            reviewing.submit_listing(product_id, staff.member)
            reviewing.approve_listing(product_id, staff.lead, version=1)
        _harvest_again(product_id, people, ground, goods, rng)
        shelves.append(_shelf(goods, product_id))
    waiting = _list(ground, people, WAITING, rng, staff, stock=120)
    reviewing.submit_listing(waiting, staff.member)
    _list(ground, people, DRAFT, rng, staff, stock=60)
    return shelves[::-1]


def at_nine(day: date) -> datetime:
    """Nine in the morning of a day in Shandong."""
    return datetime.combine(day, time(9), tzinfo=SHANGHAI)


def _list(
    ground: Ground,
    people: People,
    goods: Goods,
    rng: Random,
    staff: Staff,
    *,
    stock: int = FOR_TWO_YEARS,
) -> int:
    draft = drafts.ListingDraft(
        name=goods.name,
        category=goods.category,
        story=goods.story,
        village_id=ground.villages[goods.village],
        cooperative_id=ground.cooperative_id,
        boxes=tuple(_box(*box, stock=stock) for box in goods.boxes),
        batch=_batch(ground, people, goods, rng, today()),
        photos=(),
    )
    saved = writing.create_listing(
        draft,
        staff.member,
        alliance_id=ground.alliance_id,
        request_id=f"demo-listing-{goods.name}",
    )
    return saved.listing_id


def _box(jin: float, yuan: float, *, stock: int) -> drafts.BoxDraft:
    return drafts.BoxDraft(
        id=None,
        name="半斤装" if jin == HALF_JIN else f"{jin:g} 斤装",
        weight_g=round(jin * 500),
        price_fen=round(yuan * 100),
        stock=stock,
        stock_was=None,
        on_sale=True,
    )


def _batch(
    ground: Ground, people: People, goods: Goods, rng: Random, day: date
) -> drafts.BatchDraft:
    families = people.families[ground.villages[goods.village]]
    some = rng.sample(families, rng.randint(2, 4))
    return drafts.BatchDraft(
        id=None,
        harvested_on=day,
        plot=goods.plot,
        deliveries=tuple(
            drafts.DeliveryDraft(farmer_id=one, weight_g=500 * rng.randint(80, 620))
            for one in some
        ),
    )


def _harvest_again(
    product_id: int, people: People, ground: Ground, goods: Goods, rng: Random
) -> None:
    product = db.session.get_one(Product, product_id)
    day = today() - YEARS_BACK + BATCH_EVERY
    while day < today():
        with clock.at(at_nine(day)):
            write_batch(product, _batch(ground, people, goods, rng, day))
        day += BATCH_EVERY
    last = today() - timedelta(days=rng.randint(0, 2))
    with clock.at(at_nine(last)):
        write_batch(product, _batch(ground, people, goods, rng, last))


def _shelf(goods: Goods, product_id: int) -> Shelf:
    ids = db.session.scalars(
        select(Variant.id)
        .where(Variant.product_id == product_id)
        .order_by(Variant.weight_g)
    )
    return Shelf(goods, product_id, tuple(ids))
