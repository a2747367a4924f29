"""Two years of orders, each taken through the shop's own doors at its own time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from commands.demo.fates import CASH, STRIPE, TRANSFER, Fate, Life
from commands.demo.people import People, some_name
from commands.demo.produce import YEARS_BACK, Shelf, at_nine
from commands.demo.shows import Show
from commands.demo.tills import Till
from core import clock
from core.access import Actor
from core.clock import today
from core.database import transaction
from domain.orders.states import PaymentMethod
from services.orders import buyers, cart, placing
from services.orders.drafts import CheckoutDraft, PlacedOrder

ORDERS_A_DAY = 0.46
METHODS = (STRIPE, TRANSFER, CASH)
METHOD_WEIGHTS = (60, 15, 25)
QUANTITIES = (1, 2, 3, 4, 6, 10)
QUANTITY_WEIGHTS = (46, 28, 12, 6, 5, 3)
HOMES = (
    ("山东省", "济南市", "历下区", "解放路 112 号"),
    ("山东省", "济南市", "莱芜区", "胜利北路 36 号"),
    ("山东省", "泰安市", "泰山区", "东岳大街 208 号"),
    ("山东省", "青岛市", "市北区", "台东三路 17 号"),
    ("山东省", "聊城市", "东昌府区", "柳园南路 5 号"),
    ("山东省", "淄博市", "张店区", "共青团西路 88 号"),
    ("北京市", "北京市", "海淀区", "学院路 20 号院"),
    ("江苏省", "南京市", "鼓楼区", "汉中路 143 号"),
    ("河北省", "石家庄市", "长安区", "建设北大街 66 号"),
    ("上海市", "上海市", "杨浦区", "控江路 1500 弄"),
    ("广东省", "广州市", "天河区", "体育东路 33 号"),
    ("陕西省", "西安市", "雁塔区", "小寨东路 19 号"),
)
NEARNESS = (9, 7, 6, 6, 3, 4, 4, 3, 2, 3, 2, 1)


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
    count = 0
    for moment in _moments(market.rng, scale):
        count += 1
        fate = Fate.draw(market.rng)
        method = market.rng.choices(METHODS, METHOD_WEIGHTS)[0]
        for placed in order_at(market, moment, count, method):
            Life(placed, fate, moment, market.people, market.till).go_on()
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
    market: Market, moment: datetime, count: int, method: PaymentMethod
) -> list[PlacedOrder]:
    """Fill a cart and check out at `moment`; `count` makes the request id."""
    rng = market.rng
    draft = _draft(rng, method, count)
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
        return placing.place_orders(buyer, draft)


def _buyer(market: Market, count: int) -> Actor:
    """Most are guests; every fortieth order is the demo buyer's."""
    if count % 40 == 0:
        return Actor(account_id=market.people.by_number[1])
    visitor_id, _token = buyers.start_visit()
    return Actor(visitor_id=visitor_id)


def _draft(rng: Random, method: PaymentMethod, count: int) -> CheckoutDraft:
    province, city, district, street = rng.choices(HOMES, NEARNESS)[0]
    home = f"{street} {rng.randint(1, 12)} 号楼 {rng.randint(101, 1802)} 室"
    phone = f"139{rng.randrange(10**8):08d}"
    return CheckoutDraft(
        request_id=f"demo-checkout-{count:06d}",
        recipient=some_name(rng),
        phone=phone,
        province=province,
        city=city,
        district=district,
        street=home,
        payment_method=method,
        is_phone_proven=True,
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
