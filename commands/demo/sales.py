"""Two years of orders, each taken through the shop's own doors at its own time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from commands.demo.buyers import Address, addresses
from commands.demo.fates import Fate, Till, live_through
from commands.demo.people import People
from commands.demo.produce import YEARS_BACK, Shelf, at_nine
from commands.demo.shows import Show
from core import clock
from core.clock import today
from core.database import transaction
from domain.orders.buyers import Buyer
from domain.orders.states import PaymentMethod
from services.orders import buyers, cart, placing
from services.orders.drafts import CheckoutDraft, PlacedOrder

ORDERS_A_DAY = 0.46
METHODS = (
    PaymentMethod.STRIPE,
    PaymentMethod.BANK_TRANSFER,
    PaymentMethod.CASH_ON_DELIVERY,
)
METHOD_WEIGHTS = (60, 15, 25)
QUANTITIES = (1, 2, 3, 4, 10, 20)
QUANTITY_WEIGHTS = (46, 28, 12, 6, 5, 3)


@dataclass(frozen=True)
class Market:
    """Everything a demo order is made of."""

    people: People
    shelves: list[Shelf]
    shows: list[Show]
    rng: Random
    till: Till


def sell(market: Market, scale: int) -> int:
    """Sell through the years up to now; returns how many orders were placed."""
    homes = addresses(market.rng)
    count = 0
    for moment in _moments(market.rng, scale):
        count += 1
        fate = Fate.draw(market.rng)
        method = market.rng.choices(METHODS, METHOD_WEIGHTS)[0]
        placed = order_at(market, moment, next(homes), count, method)
        live_through(placed, fate, moment, market.people, market.till)
    return count


def _moments(rng: Random, scale: int) -> Iterator[datetime]:
    """When orders come: more in autumn and winter, more from year to year."""
    first = today() - YEARS_BACK + timedelta(days=35)
    for day in range((today() - first).days + 1):
        date = first + timedelta(days=day)
        season = 1 + 0.75 * math.cos((date.month - 11) * math.pi / 6)
        growth = 0.6 + 0.9 * day / YEARS_BACK.days
        wanted = ORDERS_A_DAY * season * growth * scale
        for _index in range(int(wanted) + (rng.random() < wanted % 1)):
            moment = at_nine(date) + timedelta(seconds=rng.randrange(45_000))
            if moment < clock.now() - timedelta(minutes=5):
                yield moment


def order_at(
    market: Market,
    moment: datetime,
    home: Address,
    count: int,
    method: PaymentMethod,
) -> list[PlacedOrder]:
    """Fill a cart and check out at `moment`; `count` makes the request id."""
    rng = market.rng
    show = _show_before(market.shows, moment, rng)
    with clock.at(moment), transaction():
        buyer = _buyer(market, count)
        for shelf in _choice(market, moment, show):
            cart.add_item(
                buyer,
                variant_id=rng.choice(shelf.variant_ids),
                quantity=rng.choices(QUANTITIES, QUANTITY_WEIGHTS)[0],
                session_slug=show.slug if show else None,
                pin_seq=show.pins.get(shelf.product_id) if show else None,
            )
        return placing.place_orders(buyer, _draft(home, method, count))


def _buyer(market: Market, count: int) -> Buyer:
    """Most are guests; every fortieth order is the demo buyer's."""
    if count % 40 == 0:
        return Buyer(account_id=market.people.by_number[1])
    visitor_id, _token = buyers.start_visit()
    return Buyer(visitor_id=visitor_id)


def _draft(home: Address, method: PaymentMethod, count: int) -> CheckoutDraft:
    return CheckoutDraft(
        request_id=f"demo-checkout-{count:06d}",
        recipient=home.recipient,
        phone=home.phone,
        province=home.province,
        city=home.city,
        district=home.district,
        street=home.street,
        payment_method=method,
    )


def _show_before(shows: list[Show], moment: datetime, rng: Random) -> Show | None:
    """A show of the last days that the buyer may have come from."""
    if rng.random() < 0.25:
        return None
    days = timedelta(days=12)
    recent = [s for s in shows if timedelta() < moment - s.starts_at < days]
    return recent[-1] if recent else None


def _choice(market: Market, moment: datetime, show: Show | None) -> list[Shelf]:
    shelves = [s for s in market.shelves if not show or s.product_id in show.pins]
    weights = [
        shelf.goods.weight * (3 if moment.month in shelf.goods.months else 1)
        for shelf in shelves
    ]
    wanted = market.rng.choices((1, 2, 3), (70, 24, 6))[0]
    chosen = market.rng.choices(shelves, weights, k=wanted)
    return list(dict.fromkeys(chosen))
