"""`flask rollups`: sums made again, and proven against the whole ledger."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core.database import transaction
from queries.income.proof import count_unsummed
from tests.support.opening import open_books

AGAIN = """
    INSERT INTO income_unsummed (order_id, entry_id)
    SELECT order_id, id FROM journal_entry WHERE kind = 'delivered'
    """


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    with app.app_context(), transaction():
        books = open_books()
        for day in (1, 20):
            books.sell([("蜜薯", 4)], on=date(2026, 3, day), fee_fen=619)
    return app.test_cli_runner()


def test_sums_are_rebuilt_and_proven(cli: FlaskCliRunner) -> None:
    done = cli.invoke(args=["rollups", "rebuild", "--verify"])

    assert done.exit_code == 0
    assert done.output == (
        "sums of income rebuilt\nsums of income right, 0 entries not in them yet\n"
    )


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (
            "UPDATE income_sum SET gross_fen = gross_fen + 1 WHERE key = 20260320",
            "0320",
        ),
        ("UPDATE income_sum SET orders = orders - 1 WHERE key = 202603", "202603 of"),
        ("DELETE FROM income_sum WHERE key = 20260301", "20260301"),
        (AGAIN, "20260301"),
    ],
)
def test_wrong_sums_are_told_and_made_right(
    app: Flask, cli: FlaskCliRunner, harm: str, found: str
) -> None:
    cli.invoke(args=["rollups", "rebuild"])
    with app.app_context(), transaction() as session:
        session.execute(text(harm))

    done = cli.invoke(args=["rollups", "verify"])
    assert done.exit_code == 1
    assert found in done.stderr
    assert done.stderr.count("\n") == 1

    assert cli.invoke(args=["rollups", "rebuild", "--verify"]).exit_code == 0


def test_the_worker_sums_what_was_posted(app: Flask, cli: FlaskCliRunner) -> None:
    with app.app_context():
        assert count_unsummed() == 8
        load_handlers()
        work_until_empty(Stopper())
        assert count_unsummed() == 0
    assert cli.invoke(args=["rollups", "verify"]).exit_code == 0
