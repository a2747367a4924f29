"""The goods of the golden order: three families, 8 : 7 : 5, at ¥25.20 a box."""

from dataclasses import dataclass

from sqlalchemy import select

from core.database import db
from models.catalogue import BatchDelivery, HarvestBatch, Variant
from models.cooperative import Farmer
from tests.support.factories import FOUNDED, Goods, Person, Place, make_goods

PRICE_FEN = 2_520
BOX_G = 2_250
FEE_FEN = 619
GRAMS = (8_000, 7_000, 5_000)


@dataclass(frozen=True)
class Golden:
    """Boxes of 4.5 斤; four of them are the golden order."""

    goods: Goods
    farmer_ids: tuple[int, int, int]


def make_golden(place: Place, worker: Person) -> Golden:
    """Put the goods into the shop of `place`, with the three families' deliveries."""
    third = Farmer(
        cooperative_id=place.cooperative_id,
        village_id=place.village_id,
        name="孙家",
        joined_on=FOUNDED,
    )
    db.session.add(third)
    goods = make_goods(place, worker, price_fen=PRICE_FEN)
    db.session.get_one(Variant, goods.variant_id).weight_g = BOX_G
    deliveries = db.session.scalars(
        select(BatchDelivery)
        .join(HarvestBatch)
        .where(HarvestBatch.product_id == goods.id)
        .order_by(BatchDelivery.position)
    ).all()
    for row, grams in zip(deliveries, GRAMS, strict=False):
        row.weight_g = grams
    db.session.add(
        BatchDelivery(
            batch_id=deliveries[0].batch_id,
            farmer_id=third.id,
            weight_g=GRAMS[2],
            position=2,
        )
    )
    return Golden(goods, (*place.farmer_ids, third.id))
