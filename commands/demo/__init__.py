"""`flask demo`: a district to try everything in, made by the shop's own doors.

The same on every machine on the same day: chance comes from one seed.
"""

import time
from contextlib import nullcontext
from random import Random

import click
from flask import current_app
from flask.cli import AppGroup

from commands.cli import fail
from commands.demo.learning import keep_training_records
from commands.demo.on_air import freshen, open_room
from commands.demo.people import People, actor_of, welcome
from commands.demo.places import Ground, lay_ground, set_rules
from commands.demo.produce import fill_shelves, stock_shelves
from commands.demo.sales import Market, sell
from commands.demo.shows import announce, put_on_shows
from commands.demo.tills import Till
from commands.demo.today import leave_work_for_today, sell_on_air, settle_history
from commands.demo.village import keep_village_books
from core.config import Settings
from core.database import db, forget_reads, transaction
from core.engines.sqlite import hurrying
from queries.database import has_any_account
from queries.demo.logins import DEMO_PASSWORD, LOGINS
from services.live.announcing import unannounced

SEED = 20220318

demo = AppGroup("demo", help="The demo district.")


@demo.command("load")
@click.option("--scale", default=1, type=click.IntRange(1, 1000), help="Orders, times.")
@click.option("--add", is_flag=True, help="Load beside what is there already.")
@click.option("--if-empty", is_flag=True, help="If not, only freshen.")
def load(scale: int, add: bool, if_empty: bool) -> None:
    """Fill an empty database with the demo district."""
    if has_any_account() and not add:
        if if_empty:
            freshen()
            return
        fail("the database is not empty: give --add to load the demo beside it")
    started = time.monotonic()
    click.echo("loading the demo district, about half a minute …", err=True)
    forget_reads()
    with unannounced(), nullcontext() if add else hurrying(db.engine):
        count = _load(scale, current_app.config["TIANBO"])
    took = time.monotonic() - started
    click.echo(f"loaded the demo: {count} orders in {took:.0f} s", err=True)


@demo.command("stream")
def stream() -> None:
    """Feed the running session with a film, until told to stop."""
    from commands.demo.stream import stream_forever

    settings: Settings = current_app.config["TIANBO"]
    if settings.media_url is None:
        fail("there is no media server: set MEDIA_URL")
    stream_forever(settings)


@demo.command("logins")
def logins() -> None:
    """Print who can log in."""
    for login in LOGINS:
        click.echo(f"{login.phone}  {DEMO_PASSWORD}  {login.role}")


def _load(scale: int, settings: Settings) -> int:
    rng = Random(SEED)  # noqa: S311 - demo data, the same each time
    with transaction():
        ground, people = _settle(rng)
    with transaction():
        shelves = fill_shelves(ground, people, rng)
        keep_training_records(people)
        shows = put_on_shows(ground, people, shelves, rng)
    market = Market(people, shelves, shows, rng, Till(settings))
    count = sell(market, scale)
    leave_work_for_today(market)
    with transaction():
        line_up = [shelf.product_id for shelf in shelves[:6]]
        running = open_room(ground.alliance_id, people.host_id, line_up)
    sell_on_air(market, running)
    for village_id in ground.villages.values():
        with transaction():
            accountant = actor_of(people.by_number[4])
            keep_village_books(ground, village_id, accountant, rng)
    with transaction():
        settle_history()
        stock_shelves(shelves)
        announce(ground, people, shelves)
    return count


def _settle(rng: Random) -> tuple[Ground, People]:
    ground = lay_ground()
    people = welcome(ground, rng)
    set_rules(
        ground,
        accountant_id=people.by_number[4],
        chair_id=people.by_number[5],
    )
    return ground, people
