"""How fast the shop's lists are, beside the least a Flask page can cost."""

from collections.abc import Iterator

from bench.comparing import median_ratio
from bench.measurements import Bench, Figure, measures
from bench.programs import requests_per_second
from bench.shop import fill_shelves, open_hello, open_shop

A_SESSION = "tianbo=nobody"
"""With any session the page is rendered each time."""


@measures("catalogue_uncached_vs_hello")
def catalogue_uncached(bench: Bench) -> Iterator[Figure]:
    """/products for a visitor, 24 cards, rendered each time, over "hello"."""
    with bench.database() as url:
        fill_shelves(url, bench.folder, bench.products)
        ratio = _products_over_hello(bench, url)
    yield Figure("catalogue_uncached_vs_hello", ratio)


@measures("list_growth_100_to_10000")
def list_growth(bench: Bench) -> Iterator[Figure]:
    """How much longer a page of /products takes with a hundred times the products.

    Both are taken relative to "hello", so that a busy machine counts on both sides.
    """
    with bench.database() as url:
        fill_shelves(url, bench.folder, bench.few)
        short = _products_over_hello(bench, url)
        fill_shelves(url, bench.folder, bench.many, present=bench.few)
        growth = short / _products_over_hello(bench, url)
    yield Figure("list_growth_100_to_10000", growth)


@measures("catalogue_cached_vs_hello")
def catalogue_cached(bench: Bench) -> Iterator[Figure]:
    """The same page from the page cache, for a visitor who brings no cookie."""
    with bench.database() as url:
        fill_shelves(url, bench.folder, bench.products)
        ratio = _products_over_hello(bench, url, cookie="")
    yield Figure("catalogue_cached_vs_hello", ratio)


def _products_over_hello(bench: Bench, url: str, cookie: str = A_SESSION) -> float:
    with open_hello(bench.folder) as hello, open_shop(url, bench.folder) as shop:
        return median_ratio(
            bench,
            lambda _round: requests_per_second(
                f"{shop.url}/products", bench.seconds, cookie
            ),
            lambda _round: requests_per_second(f"{hello.url}/", bench.seconds),
        )
