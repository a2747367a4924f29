"""A shop with full shelves, and the servers that show it."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from core.clock import now, today
from core.database import Base, db, transaction
from domain.catalogue import ListingState
from domain.categories import Category
from domain.money import per_jin_fen
from models.accounts import Visitor
from models.catalogue import HarvestBatch, Product, Variant
from models.columns import digest_of
from models.orders import Cart, CartItem
from scripts.processes import LOCAL, Child, answers, free_port, start, stop_all
from scripts.run import ROOT, web_command
from services.orders.buyers import VISIT_LENGTH
from tests.support.databases import NEUTRAL, SECRET, build_app, let_go
from tests.support.factories import Place, make_place, make_worker

PLENTY = 1_000_000
WEIGHT_G = 2_500
AT_ONCE = 1_000
START_LIMIT_S = 30


@dataclass(frozen=True)
class Server:
    """A web server that answers."""

    port: int
    child: Child

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{LOCAL}:{self.port}"


@contextmanager
def open_shop(url: str, folder: Path) -> Iterator[Server]:
    """The house's web process on the database `url`; no worker competes with it."""
    settings = {
        "DATABASE_URL": url,
        "INSTANCE_PATH": str(folder),
        "SECRET_KEY": SECRET,
        "TIANBO_DEMO": "1",
    }
    with serving("app:app", "/healthz", folder, settings) as server:
        yield server


@contextmanager
def open_hello(folder: Path) -> Iterator[Server]:
    """A bare Flask page on the same web server with the same settings."""
    with serving("bench.hello:app", "/", folder, {}) as server:
        yield server


@contextmanager
def serving(
    app: str,
    page: str,
    folder: Path,
    settings: Mapping[str, str],
    python: str = sys.executable,
) -> Iterator[Server]:
    """A WSGI app in a process like the house's own, once it answers `page`."""
    port = free_port()
    child = start(
        "web",
        [python, *web_command(port, app)[1:]],
        env={**os.environ, **NEUTRAL, **settings, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        log=folder / f"{app.partition(':')[0]}.log",
    )
    server = Server(port, child)
    try:
        _wait_until_answers(server, page)
        yield server
    finally:
        stop_all([child], patience_s=0)


def _wait_until_answers(server: Server, page: str) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not answers(server.url + page):
        if server.child.has_ended or time.monotonic() > deadline:
            raise RuntimeError(server.child.last_lines())
        time.sleep(0.01)


def fill_shelves(url: str, folder: Path, products: int, *, present: int = 0) -> None:
    """Put products with one box each into the shop, until there are `products`.

    present: how many there are. Product, box and batch share their ids, from 1 on, and
    all else has the id 1 in an empty shop; order.sql counts on it.
    """
    app = build_app(url, folder)
    with app.app_context(), transaction():
        place = make_place()
        _add_products(place, make_worker(place).id, range(present + 1, products + 1))
    let_go(app)


def fill_carts(numbers: Sequence[int], box: Callable[[int], int]) -> None:
    """A browser for each number, whose cookie says `flash-` and it, with a box.

    The number is the id of browser, cart and line; box: the id of what is in it.
    """
    until = now() + VISIT_LENGTH
    for at in range(0, len(numbers), AT_ONCE):
        some = numbers[at : at + AT_ONCE]
        tokens = {number: digest_of(f"flash-{number}") for number in some}
        rows: dict[type[Base], list[dict[str, Any]]] = {
            Visitor: [
                {"id": number, "token_digest": token, "expires_at": until}
                for number, token in tokens.items()
            ],
            Cart: [{"id": number, "visitor_id": number} for number in some],
            CartItem: [
                {"id": number, "cart_id": number, "variant_id": box(number)}
                | {"quantity": 1}
                for number in some
            ],
        }
        for table, values in rows.items():
            db.session.execute(insert(table), values)


def _add_products(place: Place, account_id: int, ids: Sequence[int]) -> None:
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        products = [_product(place, account_id, number) for number in some]
        db.session.execute(insert(Product), products)
        db.session.execute(insert(Variant), [_box(number) for number in some])
        db.session.execute(insert(HarvestBatch), [_batch(number) for number in some])


def _product(place: Place, account_id: int, number: int) -> dict[str, Any]:
    shelves = [shelf for shelf in Category if shelf is not Category.OTHER]
    return {
        "id": number,
        "alliance_id": place.alliance_id,
        "cooperative_id": place.cooperative_id,
        "village_id": place.village_id,
        "name": f"沙土地红心蜜薯 {number}",
        "slug": f"mishu-{number}",
        "category": shelves[number % len(shelves)],
        "state": ListingState.APPROVED,
        "spec": "5 斤装",
        "price_from_fen": _price(number),
        "per_jin_fen": per_jin_fen(_price(number), WEIGHT_G),
        "sold_count": number * 37 % 5_000,
        "created_by": account_id,
        "approved_at": now() - timedelta(minutes=10 * number),
    }


def _box(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "product_id": number,
        "name": "5 斤装",
        "weight_g": WEIGHT_G,
        "price_fen": _price(number),
        "stock": PLENTY,
    }


def _batch(number: int) -> dict[str, Any]:
    code = f"BENCH-{number:06d}"
    return {"id": number, "product_id": number, "code": code, "harvested_on": today()}


def _price(number: int) -> int:
    return 1_990 + number * 10 % 7_000
