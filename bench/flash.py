"""A flash sale: many more buyers than boxes, all in the same moment."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import func, select, update

from bench.measurements import Bench, Figure, measures
from bench.programs import compiled, flash_sale, requests_per_second
from bench.shop import Server, fill_carts, fill_shelves, open_hello, open_shop
from core.database import db, transaction
from models.catalogue import Variant
from models.orders import StockReservation
from tests.support.databases import build_app, let_go

BOX = 1
BUYERS_PER_BOX = 3
PRESSING = 300
"""How many wait for an answer at the same time; a small sale has one press of each."""


@dataclass(frozen=True)
class Sale:
    """What came of one sale. p99_s: how long winners waited."""

    won: int
    sold_out: int
    broken: int
    seconds: float
    p99_s: float
    oversold: int

    @property
    def rate(self) -> float:
        """Answers per second."""
        return (self.won + self.sold_out + self.broken) / self.seconds


@measures("flash_vs_hello", "flash_sold", "flash_oversold", "flash_5xx", "flash_p99_s")
def flash(bench: Bench) -> Iterator[Figure]:
    """Checkouts answered per second over "hello", with three buyers for each box.

    Carts are full before it begins. The 99th percentile is of a sale in which each of
    300 buyers presses once, for 100 boxes: they all wait at the same time.
    """
    program = compiled("flash.c", bench.folder, "pthread")
    small = bench.boxes // 10
    with bench.database() as url:
        fill_shelves(url, bench.folder, 1)
        app = build_app(url, bench.folder)
        with open_shop(url, bench.folder) as shop, open_hello(bench.folder) as hello:
            market = Market(app, program, shop)
            pairs = [_round(bench, market, hello) for _round_ in range(bench.rounds)]
            quick = [market.sell(small) for _round_ in range(bench.rounds)]
        let_go(app)
    sales = [sale for sale, _hello in pairs]
    yield Figure("flash_vs_hello", median(sale.rate / rate for sale, rate in pairs))
    yield Figure("flash_sold", min(sale.won for sale in sales))
    yield Figure("flash_oversold", max(sale.oversold for sale in [*sales, *quick]))
    yield Figure("flash_5xx", sum(sale.broken for sale in [*sales, *quick]))
    yield Figure("flash_p99_s", median(sale.p99_s for sale in quick), "s")


def _round(bench: Bench, market: "Market", hello: Server) -> tuple[Sale, float]:
    sale = market.sell(bench.boxes)
    rate = requests_per_second(f"{hello.url}/", bench.seconds)
    print(f"  {sale.rate:,.1f} of {rate:,.1f} /s", file=sys.stderr, flush=True)
    return sale, rate


@dataclass
class Market:
    """Where one sale follows the other, each with buyers of its own."""

    app: Flask
    program: Path
    shop: Server
    buyers_before: int = 0

    def sell(self, boxes: int) -> Sale:
        """Put boxes on the shelf, fill three carts for each, and let them go."""
        first, buyers = self.buyers_before + 1, boxes * BUYERS_PER_BOX
        self.buyers_before += buyers
        with self.app.app_context():
            before = self._reserved()
            with transaction():
                db.session.execute(update(Variant).values(stock=boxes))
                fill_carts(range(first, first + buyers), lambda _number: BOX)
        pressing = min(PRESSING, buyers)
        figures = flash_sale(self.program, self.shop.port, pressing, buyers, first)
        won, sold_out, broken, seconds, p99_s = figures
        with self.app.app_context():
            oversold = max(0, self._reserved() - before - boxes)
        return Sale(int(won), int(sold_out), int(broken), seconds, p99_s, oversold)

    def _reserved(self) -> int:
        db.session.rollback()
        return db.session.scalar(select(func.sum(StockReservation.quantity))) or 0
