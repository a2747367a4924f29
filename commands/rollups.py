"""`flask rollups`: the kept sums of reports, made again and proven."""

import click
from flask.cli import AppGroup

from commands.cli import fail
from core.database import transaction
from queries.income.proof import count_unsummed, wrong_sums
from services.rollups import start_anew, sum_some

rollups = AppGroup("rollups", help="The kept sums of reports.")


@rollups.command("rebuild")
@click.option("--verify", "is_proven", is_flag=True, help="Prove them afterwards.")
def rebuild(*, is_proven: bool) -> None:
    """Sum the whole ledger again; the house stays open, reports stay right."""
    with transaction():
        start_anew()
    is_left = True
    while is_left:
        with transaction():
            is_left = sum_some()
    click.echo("sums of income rebuilt")
    if is_proven:
        _prove()


@rollups.command("verify")
def verify() -> None:
    """Compare the sums with the whole ledger; exit 1 when they differ."""
    _prove()


def _prove() -> None:
    wrong = wrong_sums()
    if wrong:
        fail(f"sums of income wrong: {'; '.join(wrong)}")
    click.echo(f"sums of income right, {count_unsummed()} entries not in them yet")
