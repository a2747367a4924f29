"""`flask worker`: handles the queue's jobs. Many may run."""

from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules

import click
from flask.cli import with_appcontext

from commands.worker import handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import Terms, work_forever, work_once, work_until_empty
from commands.worker.slow import SlowLane
from core.processes import die_with_parent
from queries.outbox import Kinds
from services import outbox
from services.jobs import SLOW


@click.command("worker")
@click.option("--once", is_flag=True, help="Handle at most one due job.")
@click.option("--until-empty", is_flag=True, help="Handle what is due, then end.")
@click.option("--slow", is_flag=True, help="The same, of jobs that take long only.")
@click.option(
    "--lease",
    "lease_s",
    type=click.FloatRange(0.1, 60),
    default=outbox.LEASE.total_seconds(),
    show_default=True,
    help="Seconds after which the job of a worker that died is another's.",
)
@with_appcontext
def worker(once: bool, until_empty: bool, slow: bool, lease_s: float) -> None:
    """Handle jobs until SIGTERM, which lets the present one finish."""
    load_handlers()
    stopper, lease = Stopper(), timedelta(seconds=lease_s)
    long_ones = frozenset(SLOW)
    with stopper.listening():
        if once:
            work_once(stopper, Terms(lease))
        elif until_empty:
            work_until_empty(stopper, Terms(lease))
        elif slow:
            die_with_parent()
            work_until_empty(stopper, Terms(lease, Kinds(only=long_ones)))
        else:
            beside = SlowLane(lease)
            with beside.ending():
                terms = Terms(lease, Kinds(but=long_ones))
                work_forever(stopper, terms, beside.look)


def load_handlers() -> None:
    """Import every module of `handlers`: each registers its own with services.jobs."""
    for module in iter_modules(handlers.__path__):
        import_module(f"{handlers.__name__}.{module.name}")
