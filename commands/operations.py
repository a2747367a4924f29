"""`flask jobs`: what a person must look at. `flask ledger`: proof of the books."""

import click
from flask.cli import AppGroup

from commands.cli import fail
from core.database import transaction
from core.pages.filters import local_time
from queries.ledger import verify as verify_ledger
from queries.outbox import parked_jobs
from services import outbox

jobs = AppGroup("jobs", help="The queue's parked jobs.")
ledger = AppGroup("ledger", help="The double-entry ledger.")


@jobs.command("parked")
def parked() -> None:
    """List parked jobs, newest first: id, kind, since when, why."""
    found = parked_jobs()
    for job in found:
        since = local_time(job.parked_at) if job.parked_at else ""
        click.echo(f"{job.id}\t{job.kind}\t{since}\t{job.last_error}")
    if not found:
        click.echo("no job is parked")


@jobs.command("retry")
@click.argument("job_ids", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Retry every parked job.")
def retry(job_ids: tuple[int, ...], every: bool) -> None:
    """Let parked jobs start anew."""
    wanted = [job.id for job in parked_jobs()] if every else list(job_ids)
    with transaction():
        unknown = [job_id for job_id in wanted if not outbox.retry(job_id)]
    if unknown:
        fail(f"not parked: {', '.join(map(str, unknown))}")
    click.echo(f"{len(wanted)} jobs will be tried again")


@ledger.command("verify")
def verify() -> None:
    """Check every entry, guard and clearing account; exit 1 when something is wrong."""
    verdict = verify_ledger()
    size = f"{verdict.entries} entries, {verdict.postings} postings"
    if verdict.problems:
        fail(f"ledger wrong ({size}): {'; '.join(verdict.problems)}")
    click.echo(f"ledger right: {size}, every entry sums to zero")
