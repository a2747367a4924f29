"""`flask ledger verify` and `flask jobs`: what an operator sees."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text

from core.database import db, transaction
from domain.ledger import entries
from models.ledger_guards import drop_statements
from models.outbox import Job
from services import outbox
from services.ledger import post
from tests.support.opening import open_books


@pytest.fixture
def database_url(engine_url: str) -> str:
    """Each engine in turn: the ledger is guarded in different ways."""
    return engine_url


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_right_books_end_well(app: Flask, cli: FlaskCliRunner) -> None:
    with app.app_context(), transaction():
        open_books().sell([("蜜薯", 4)], on=date(2026, 3, 10), fee_fen=619)

    done = cli.invoke(args=["ledger", "verify"])

    assert done.exit_code == 0
    assert done.output == (
        "ledger right: 4 entries, 15 postings, every entry sums to zero\n"
    )


def test_wrong_books_end_badly_in_one_line(app: Flask, cli: FlaskCliRunner) -> None:
    with app.app_context(), transaction():
        books = open_books()
        post("paid", "nobody", entries.paid(books.cooperative.id, 100))
        for statement in drop_statements(db.engine.dialect.name):
            db.session.execute(text(statement))

    done = cli.invoke(args=["ledger", "verify"])

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ledger wrong (1 entries, 2 postings): ")
    assert "posting_open is missing" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def parked(app: Flask) -> int:
    """The id of a parked job."""
    with app.app_context():
        with transaction():
            outbox.enqueue("send_sms", {}, key="one")
            job = outbox.claim_due_jobs()[0]
        with transaction():
            outbox.park(job, "SMS_URL is not set")
        return job.id


def test_parked_jobs_are_listed_with_their_reason(
    parked: int, cli: FlaskCliRunner
) -> None:
    line = cli.invoke(args=["jobs", "parked"]).output.strip().split("\t")

    assert line[:2] == [str(parked), "send_sms"]
    assert line[3] == "SMS_URL is not set"


@pytest.mark.parametrize("how", ["by id", "all"])
def test_a_parked_job_starts_anew(
    app: Flask, parked: int, cli: FlaskCliRunner, how: str
) -> None:
    which = ["--all"] if how == "all" else [str(parked)]

    assert cli.invoke(args=["jobs", "retry", *which]).exit_code == 0

    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert (job.parked_at, job.claimed_until, job.attempts) == (None, None, 0)
    assert "no job is parked" in cli.invoke(args=["jobs", "parked"]).output


def test_a_job_that_is_not_parked_is_not_retried(
    parked: int, cli: FlaskCliRunner
) -> None:
    done = cli.invoke(args=["jobs", "retry", "999"])

    assert done.exit_code == 1
    assert "999" in done.stderr
