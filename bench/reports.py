"""What the income report costs, and what history adds to that."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import structlog

from bench.history import fill_history
from bench.measurements import Bench, Figure, measures
from core.clock import today
from tests.support.databases import build_app, let_go
from tests.support.people import sign_in

Read = Callable[[], float]
"""Reads the page once; returns how many seconds that took."""


@measures("report_growth_10k_to_200k", "report_12_months_ms")
def report_growth(bench: Bench) -> Iterator[Figure]:
    """The income page of twelve months: by how much twenty times the history slows it.

    Two shops side by side, read in turn; fifty orders of each are not summed yet.
    """
    few_s, many_s = _side_by_side(bench, bench.lines, is_lean=False)
    yield Figure("report_growth_10k_to_200k", many_s / few_s)
    yield Figure("report_12_months_ms", many_s * 1_000, "ms")


@measures("report_growth_1m_to_10m")
def report_growth_of_millions(bench: Bench) -> Iterator[Figure]:
    """The same with millions of lines, of one posting each to be there in time."""
    few_s, many_s = _side_by_side(bench, bench.many_lines, is_lean=True)
    yield Figure("report_growth_1m_to_10m", many_s / few_s)


def _side_by_side(
    bench: Bench, sizes: tuple[int, int], *, is_lean: bool
) -> tuple[float, float]:
    """The seconds of a page with the fewer and with the more lines.

    The least of many readings: what else the machine does can only add to it.
    """
    with ExitStack() as stack:
        few, many = (
            stack.enter_context(_shop(bench, lines, is_lean=is_lean)) for lines in sizes
        )
        taken = [(few(), many()) for _round in range(bench.readings)]
    few_s, many_s = map(min, zip(*taken, strict=True))
    print(f"  {few_s * 1000:.1f} and {many_s * 1000:.1f} ms", file=sys.stderr)
    return few_s, many_s


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
        year = {"from": f"{today() - timedelta(days=364)}", "to": f"{today()}"}

        def read() -> float:
            before = time.perf_counter()
            page = browser.get("/coop/income", query_string=year)
            taken = time.perf_counter() - before
            assert page.status_code == 200, page.status_code
            return taken

        yield read
        let_go(app)
