"""Listings of the demo, written and approved the way members and leads do."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select, update

from commands.demo.goods import DRAFT, GOODS, WAITING, Goods
from commands.demo.people import People, actor_of
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
STOCKS = (386, 214, 152, 130, 96, 80, 64, 48)


@dataclass(frozen=True)
class Shelf:
    """A product on sale in the demo and the ids of its boxes, smallest first."""

    goods: Goods
    product_id: int
    variant_ids: tuple[int, ...]


def fill_shelves(ground: Ground, people: People, rng: Random) -> list[Shelf]:
    """Write the dozen, have the lead approve them, and queue two more."""
    member, lead = actor_of(people.by_number[2]), actor_of(people.by_number[3])
    farm = _Farm(ground, people, rng, member)
    shelves = []
    for index, goods in enumerate(reversed(GOODS)):
        with clock.at(at_nine(today() - YEARS_BACK + timedelta(days=index))):
            product_id = farm.write(goods)
            reviewing.submit_listing(member, product_id)
            reviewing.approve_listing(lead, product_id, version=1)
        farm.harvest_again(product_id, goods)
        shelves.append(_shelf(goods, product_id))
    waiting = farm.write(WAITING, stock=120)
    reviewing.submit_listing(member, waiting)
    farm.write(DRAFT, stock=60)
    return shelves[::-1]


def stock_shelves(shelves: list[Shelf]) -> None:
    """Today's stock: plenty of most boxes, a few of the last ones."""
    boxes = [box for shelf in shelves for box in shelf.variant_ids]
    for index, variant_id in enumerate(boxes):
        stock = 6 if index % 7 == 4 else STOCKS[index % len(STOCKS)]
        db.session.execute(
            update(Variant)
            .where(Variant.id == variant_id)
            .values(stock=stock)
            .execution_options(synchronize_session=False)
        )


def at_nine(day: date) -> datetime:
    """Nine in the morning of a day in Shandong."""
    return datetime.combine(day, time(9), tzinfo=SHANGHAI)


@dataclass(frozen=True)
class _Farm:
    """Who grows what the member lists, and where."""

    ground: Ground
    people: People
    rng: Random
    member: Actor

    def write(self, goods: Goods, *, stock: int = FOR_TWO_YEARS) -> int:
        """Write a listing; returns the id of its product."""
        draft = drafts.ListingDraft(
            name=goods.name,
            category=goods.category,
            story=goods.story,
            village_id=self.ground.villages[goods.village],
            cooperative_id=self.ground.cooperative_id,
            boxes=tuple(_box(*box, stock=stock) for box in goods.boxes),
            batch=self._batch(goods, today()),
            photos=(),
        )
        saved = writing.create_listing(
            self.member,
            draft,
            alliance_id=self.ground.alliance_id,
            request_id=f"demo-listing-{goods.name}",
        )
        return saved.listing_id

    def harvest_again(self, product_id: int, goods: Goods) -> None:
        """Write a batch every few weeks, and one of these days."""
        product = db.session.get_one(Product, product_id)
        day = today() - YEARS_BACK + BATCH_EVERY
        while day < today():
            self._harvest(product, goods, day)
            day += BATCH_EVERY
        self._harvest(product, goods, today() - timedelta(days=self.rng.randint(0, 2)))

    def _harvest(self, product: Product, goods: Goods, day: date) -> None:
        with clock.at(at_nine(day)):
            write_batch(product, self._batch(goods, day))

    def _batch(self, goods: Goods, day: date) -> drafts.BatchDraft:
        families = self.people.families[self.ground.villages[goods.village]]
        some = self.rng.sample(families, self.rng.randint(2, 4))
        return drafts.BatchDraft(
            id=None,
            harvested_on=day,
            plot=goods.plot,
            deliveries={one: 500 * self.rng.randint(80, 620) for one in some},
        )


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


def _shelf(goods: Goods, product_id: int) -> Shelf:
    ids = db.session.scalars(
        select(Variant.id)
        .where(Variant.product_id == product_id)
        .order_by(Variant.weight_g)
    )
    return Shelf(goods, product_id, tuple(ids))
