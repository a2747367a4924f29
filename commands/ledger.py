"""`flask ledger`: proof that the books are right."""

import click
from flask.cli import AppGroup

from commands.failing import fail
from queries.ledger import verify as verify_ledger

ledger = AppGroup("ledger", help="The double-entry ledger.")


@ledger.command("verify")
def verify() -> None:
    """Check every entry, guard and clearing account; exit 1 when something is wrong."""
    verdict = verify_ledger()
    size = f"{verdict.entries} entries, {verdict.postings} postings"
    if verdict.problems:
        fail(f"ledger wrong ({size}): {'; '.join(verdict.problems)}")
    click.echo(f"ledger right: {size}, every entry sums to zero")
