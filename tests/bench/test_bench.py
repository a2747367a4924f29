"""The measurements run, and their figures are lines that a program can read."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import func, select

# Each registers its measurements.
from bench import (  # noqa: F401
    checkouts,
    events,
    flash,
    glass,
    oscar,
    pages,
    reports,
    starting,
)
from bench.checkouts import limit_of
from bench.history import fill_history
from bench.measurements import ALL, ENGINES, Bench, Figure, Measurement
from bench.shop import fill_shelves
from core.database import Base, db
from queries.income.proof import count_unsummed, wrong_sums
from queries.ledger import verify
from tests.support.browser import running_browser
from tests.support.databases import build_app, let_go
from tests.support.shopper import ADDRESS

LINE = re.compile(r"[a-z0-9_]+: [0-9.e+-]+( [A-Za-z%]+)?")
SLOW = ("demo_load_s", "second_start_s", "catalogue_vs_oscar")
QUICK = [each for each in ALL if not set(each.names) & set(SLOW)]


@pytest.mark.parametrize("measurement", QUICK, ids=lambda each: each.names[0])
def test_every_figure_is_a_line(measurement: Measurement, scratch: Path) -> None:
    folder = scratch / measurement.names[0]
    folder.mkdir()
    lines = [str(figure) for figure in measurement.run(tiny(folder))]
    assert [line.partition(":")[0] for line in lines] == list(measurement.names)
    assert all(LINE.fullmatch(line) for line in lines), lines


def test_a_measurement_opens_a_browser_beside_the_tests_own(
    browser: Browser,
) -> None:
    with running_browser() as second:
        assert second is not browser
        assert second.is_connected()
    assert browser.is_connected()


def test_orders_are_measured_on_postgresql(scratch: Path) -> None:
    folder = scratch / "bench-pg"
    folder.mkdir()
    [figure] = checkouts.checkout_vs_db_limit(tiny(folder, "postgresql"))
    assert figure.value > 0


@pytest.mark.parametrize("engine", ENGINES)
def test_copied_orders_are_right_books(scratch: Path, engine: str) -> None:
    """What a report is measured on must be what the house would have written."""
    folder = scratch / f"bench-history-{engine}"
    folder.mkdir()
    bench = tiny(folder, engine)
    with bench.database() as url:
        fill_history(url, folder, 300, is_lean=False)
        app = build_app(url, folder)
        with app.app_context():
            assert verify().problems == ()
            assert wrong_sums() == []
            assert count_unsummed() > 0
        let_go(app)


def test_a_figure_is_rounded_and_carries_its_unit() -> None:
    assert str(Figure("cold_start_s", 1.23456, "s")) == "cold_start_s: 1.235 s"
    assert str(Figure("flash_sold", 1000)) == "flash_sold: 1000"


@pytest.mark.parametrize("wrong", [{"ONLY": "nothing"}, {"ENGINE": "oracle"}])
def test_what_there_is_not_is_said(wrong: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench"],
        check=False,
        capture_output=True,
        env={**os.environ, "ONLY": "", "ENGINE": "", **wrong},
        text=True,
    )
    assert run.returncode == 2
    assert "cold_start_s" in run.stderr


def test_the_limit_writes_the_rows_of_a_checkout(scratch: Path) -> None:
    folder = scratch / "bench-rows"
    folder.mkdir()
    bench = tiny(folder)
    with bench.database() as url:
        fill_shelves(url, folder, bench.products)
        empty = count_rows(url, folder)
        buy_one(url, folder)
        bought = count_rows(url, folder)
        limit_of(Bench(folder, "sqlite", seconds=0, products=bench.products), url)(1)
        written = count_rows(url, folder)
    assert written - bought == bought - empty
    assert (bought - empty)["order"] == 1


def tiny(folder: Path, engine: str = "sqlite") -> Bench:
    """A bench whose measurements take a moment and mean nothing."""
    sizes = {"products": 30, "few": 5, "many": 50, "readers": 40, "boxes": 20}
    return Bench(
        folder,
        engine,
        rounds=1,
        seconds=0.3,
        lines=(150, 300),
        many_lines=(150, 300),
        readings=2,
        **sizes,
    )


def buy_one(url: str, folder: Path) -> None:
    """A guest buys a box by bank transfer."""
    app = build_app(url, folder)
    guest = app.test_client()
    guest.post("/cart/items", data={"variant_id": 1, "quantity": 1})
    form = {**ADDRESS, "payment_method": "bank_transfer", "request_id": "bench-rows-1"}
    assert guest.post("/checkout", data=form).status_code == 303
    let_go(app)


def count_rows(url: str, folder: Path) -> Counter[str]:
    """How many rows each table has."""
    app = build_app(url, folder)
    with app.app_context():
        counts = Counter(
            {
                name: db.session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }
        )
    let_go(app)
    return counts
