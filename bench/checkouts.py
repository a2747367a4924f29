"""How many orders the shop takes, beside how many its database could write."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from flask import Flask

from bench.comparing import Rate, median_ratio
from bench.measurements import Bench, Figure, measures
from bench.programs import (
    CLIENTS,
    ORDER,
    compiled,
    postgresql_limit,
    purchases,
    sqlite_limit,
)
from bench.shop import fill_carts, fill_shelves, open_shop
from blueprints.orders.committing import commit
from core.access import Actor
from core.clock import now
from core.database import transaction
from domain.orders.states import PaymentMethod
from services.orders.drafts import CheckoutDraft, Submission
from tests.support.databases import build_app, let_go

MOST_ORDERS = 3_000
"""No machine of ours writes more in a second."""


@measures("checkout_vs_db_limit")
def checkout_vs_db_limit(bench: Bench) -> Iterator[Figure]:
    """Orders per second over HTTP, over what a compiled client writes of the same rows.

    A purchase is a new guest's POST /cart/items and POST /checkout. The limit writes
    its rows in the fewest transactions that can do it, two, and asks nothing.
    """
    buyers = compiled("buyers.c", bench.folder, "pthread")
    with bench.database() as url:
        fill_shelves(url, bench.folder, bench.products)
        limit = limit_of(bench, url)
        with open_shop(url, bench.folder) as shop:
            ratio = median_ratio(
                bench,
                lambda number: purchases(buyers, shop.port, bench, number),
                limit,
            )
    yield Figure("checkout_vs_db_limit", ratio)


@measures("order_vs_pgbench")
def order_vs_pgbench(bench: Bench) -> Iterator[Figure]:
    """Orders per second of one process on PostgreSQL, over what pgbench writes of them.

    Carts are full before. Both write the rows of order.sql's second transaction, with
    as many clients; ours through the commits that a web process makes, without HTTP.
    """
    bench = replace(bench, engine="postgresql")
    with bench.database() as url:
        fill_shelves(url, bench.folder, bench.products)
        app = build_app(url, bench.folder)
        ratio = median_ratio(
            bench,
            lambda number: _ordered(app, bench, 2 * number),
            lambda number: _order_limit(app, url, bench, 2 * number + 1),
        )
        let_go(app)
    yield Figure("order_vs_pgbench", ratio)


def _ordered(app: Flask, bench: Bench, number: int) -> float:
    """Orders per second of CLIENTS threads."""
    first, last = _carts(app, bench, number)
    guests = iter(range(first, last))
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as threads:
        counts = threads.map(
            lambda _client: _order_on(app, guests, began + bench.seconds),
            range(CLIENTS),
        )
        orders = sum(counts)
    return orders / (time.monotonic() - began)


def _order_on(app: Flask, guests: Iterator[int], deadline: float) -> int:
    """Guests one after the other, each of a household and a network of their own."""
    with app.app_context():
        for orders, guest in enumerate(guests):
            if time.monotonic() > deadline:
                return orders
            draft = CheckoutDraft(
                request_id=f"order-{guest:06d}",
                recipient="李敏",
                phone=f"138{guest:08d}",
                province="山东省",
                city="济南市",
                district="历下区",
                street="解放路 112 号",
                payment_method=PaymentMethod.BANK_TRANSFER,
            )
            commit(Submission(Actor(visitor_id=guest), draft, f"10.0.{guest}"))
    raise RuntimeError("too few carts")


def _order_limit(app: Flask, url: str, bench: Bench, number: int) -> float:
    """The second transaction of order.sql per second by pgbench."""
    first, _last = _carts(app, bench, number)
    _cart, order = ORDER.read_text().split("COMMIT;\n", 1)
    settings = {
        "serial": ":serial + 1",
        "variant": "random(1, :variants)",
        "visitor_id": f":first + :serial * {CLIENTS} + :client_id",
        "cart_id": ":visitor_id",
        "item_id": ":visitor_id",
    }
    script = bench.folder / "order.sql"
    lines = [f"\\set {name} {value}\n" for name, value in settings.items()]
    script.write_text("".join(lines) + order)
    values = {**_values(bench), "round": str(number), "first": str(first)}
    return postgresql_limit(url, bench, script, **values)


def _carts(app: Flask, bench: Bench, number: int) -> tuple[int, int]:
    """More full carts than a round can order; the ids of the first and the next."""
    most = MOST_ORDERS * max(1, round(bench.seconds))
    first = 1 + number * most
    with app.app_context(), transaction():
        fill_carts(range(first, first + most), lambda each: each % bench.products + 1)
    return first, first + most


def limit_of(bench: Bench, url: str) -> Rate:
    """Orders per second that the engine behind `url` can write by itself."""
    names = _values(bench)
    if bench.engine == "postgresql":
        return lambda number: postgresql_limit(url, bench, round=str(number), **names)
    program = compiled("sqlite_limit.c", bench.folder, "sqlite3")
    return lambda number: sqlite_limit(program, url, bench, round=str(number), **names)


def _values(bench: Bench) -> dict[str, str]:
    """What order.sql is to be told."""
    return {
        "moment": f"{now():%Y-%m-%d %H:%M:%S}+00:00",
        "until": f"{now() + timedelta(days=3):%Y-%m-%d %H:%M:%S}+00:00",
        "serial": "0",
        "variants": str(bench.products),
    }
