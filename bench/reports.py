"""What the income report costs, and what history adds to that."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import structlog

from bench.history import fill_history
from bench.measurements import Bench, Figure, measures
from core.clock import today
from tests.support.databases import build_app, let_go
from tests.support.people import sign_in

Read = Callable[[str], float]
"""Reads a page once; returns how many seconds that took."""
YEAR = f"/coop/income?from={today() - timedelta(days=364)}&to={today()}"
ORDERS = "/coop/orders?page="
LAST = "999999"


@measures(
    "report_growth_10k_to_200k", "report_12_months_ms", "orders_last_page_vs_first"
)
def report_growth(bench: Bench) -> Iterator[Figure]:
    """The income page of twelve months: by how much twenty times the history slows it.

    Two shops side by side, read in turn; fifty orders of each are not summed yet. Then
    the last page of the larger one's orders, two lines each, beside the first.
    """
    with _shops(bench, bench.lines, is_lean=False) as (few, many):
        few_s, many_s = _least(bench, lambda: few(YEAR), lambda: many(YEAR))
        ends = (lambda: many(ORDERS + "1")), (lambda: many(ORDERS + LAST))
        first_s, last_s = _least(bench, *ends)
    yield Figure("report_growth_10k_to_200k", many_s / few_s)
    yield Figure("report_12_months_ms", many_s * 1_000, "ms")
    yield Figure("orders_last_page_vs_first", last_s / first_s)


@measures("report_growth_1m_to_10m")
def report_growth_of_millions(bench: Bench) -> Iterator[Figure]:
    """The same with millions of lines, of one posting each to be there in time."""
    with _shops(bench, bench.many_lines, is_lean=True) as (few, many):
        few_s, many_s = _least(bench, lambda: few(YEAR), lambda: many(YEAR))
    yield Figure("report_growth_1m_to_10m", many_s / few_s)


def _least(bench: Bench, *reads: Callable[[], float]) -> tuple[float, ...]:
    """The least seconds of each, read in turn: what else the machine does only adds."""
    rounds = [[read() for read in reads] for _round in range(bench.readings)]
    least = tuple(map(min, zip(*rounds, strict=True)))
    told = " and ".join(f"{seconds * 1_000:.1f}" for seconds in least)
    print(f"  {told} ms", file=sys.stderr)
    return least


@contextmanager
def _shops(
    bench: Bench, sizes: tuple[int, int], *, is_lean: bool
) -> Iterator[Sequence[Read]]:
    with ExitStack() as stack:
        shops = (_shop(bench, lines, is_lean=is_lean) for lines in sizes)
        yield [stack.enter_context(shop) for shop in shops]


@contextmanager
def _shop(bench: Bench, lines: int, *, is_lean: bool) -> Iterator[Read]:
    folder = bench.folder / str(lines)
    folder.mkdir()
    started = time.perf_counter()
    with replace(bench, folder=folder).database() as url:
        person = fill_history(url, folder, lines, is_lean=is_lean)
        took_s = time.perf_counter() - started
        print(f"  {lines:,} lines written in {took_s:.0f} s", file=sys.stderr)
        app = build_app(url, folder)
        quiet = structlog.make_filtering_bound_logger(logging.WARNING)
        structlog.configure(wrapper_class=quiet)
        browser = sign_in(app.test_client(), person)

        def read(address: str) -> float:
            before = time.perf_counter()
            page = browser.get(address)
            taken = time.perf_counter() - before
            assert page.status_code == 200, page.status_code
            return taken

        yield read
        let_go(app)
