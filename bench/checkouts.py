"""How many orders the shop takes, beside how many its database could write."""

from collections.abc import Iterator
from datetime import timedelta

from bench.comparing import Rate, median_ratio
from bench.measurements import Bench, Figure, measures
from bench.programs import compiled, postgresql_limit, purchases, sqlite_limit
from bench.shop import fill_shelves, open_shop
from core.clock import now


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


def limit_of(bench: Bench, url: str) -> Rate:
    """Orders per second that the engine behind `url` can write by itself."""
    names = {
        "moment": f"{now():%Y-%m-%d %H:%M:%S}+00:00",
        "until": f"{now() + timedelta(days=3):%Y-%m-%d %H:%M:%S}+00:00",
        "serial": "0",
        "variants": str(bench.products),
    }
    if bench.engine == "postgresql":
        return lambda number: postgresql_limit(url, bench, round=str(number), **names)
    program = compiled("sqlite_limit.c", bench.folder, "sqlite3")
    return lambda number: sqlite_limit(program, url, bench, round=str(number), **names)
