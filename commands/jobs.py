"""`flask jobs`: what the worker could not do and a person must look at."""

import click
from flask.cli import AppGroup

from commands.failing import fail
from core.database import transaction
from core.pages.filters import local_time
from queries.jobs import parked_jobs
from services import outbox

jobs = AppGroup("jobs", help="The queue's parked jobs.")


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
