"""`flask worker`: handles the queue's jobs. Many may run."""

from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules

import click
from flask.cli import with_appcontext

from commands.worker import handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_forever, work_once, work_until_empty
from services import outbox


@click.command("worker")
@click.option("--once", is_flag=True, help="Handle at most one due job.")
@click.option("--until-empty", is_flag=True, help="Handle what is due, then end.")
@click.option(
    "--lease",
    "lease_s",
    type=click.FloatRange(0.1, 60),
    default=outbox.LEASE.total_seconds(),
    show_default=True,
    help="Seconds after which the job of a worker that died is another's.",
)
@with_appcontext
def worker(once: bool, until_empty: bool, lease_s: float) -> None:
    """Handle jobs until SIGTERM, which lets the present one finish."""
    load_handlers()
    stopper = Stopper()
    with stopper.listening():
        if once:
            work_once(stopper)
        elif until_empty:
            work_until_empty(stopper)
        else:
            work_forever(stopper, timedelta(seconds=lease_s))


def load_handlers() -> None:
    """Import every module of `handlers`: each registers its own with services.jobs."""
    for module in iter_modules(handlers.__path__):
        import_module(f"{handlers.__name__}.{module.name}")
