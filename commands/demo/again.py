"""What a demo needs that is started again days later: someone on air, dates to come."""

from collections.abc import Callable
from datetime import timedelta

import click

from commands.demo.people import actor_of
from commands.demo.shows import RUNNING_TITLE, open_room
from core import clock
from core.clock import now
from core.database import forget_reads, transaction
from core.errors import DomainError
from domain.live import Platform, SessionState
from models.live import LiveSession
from queries.demo.sessions import (
    find_last_event_at,
    find_session_titled,
    is_room_on_air_since,
    line_up_on_sale,
    sessions_of_the_demo,
)
from queries.live.planning import line_up_ids
from services.live import planning, running
from services.live.announcing import unannounced

LONGEST = timedelta(hours=6)
USUAL = timedelta(minutes=75)
MISSED = timedelta(hours=3)
"""So late a planned session is left out of the schedule."""


def freshen() -> None:
    """End what has run for too long, go on air again, and put off what was missed.

    A house without the demo's sessions is left alone; so is whatever a rule forbids
    since somebody tried things out.
    """
    for step in (end_overlong, go_on_air_again, put_off_missed):
        _try(step)


def end_overlong() -> None:
    """Nobody sells for days: such a session ended when its host usually does."""
    limit = now() - LONGEST
    for session in sessions_of_the_demo(SessionState.LIVE, due_before=limit):
        last_at = find_last_event_at(session.id) or session.starts_at
        with clock.at(min(now(), max(last_at, session.starts_at + USUAL))):
            running.end_session(actor_of(session.host_id), session.id)


def go_on_air_again() -> None:
    """The demo's running session runs, whatever became of the last one."""
    last = find_session_titled(RUNNING_TITLE)
    if last is None or is_room_on_air_since(now() - LONGEST):
        return
    open_room(last.alliance_id, last.host_id, line_up_on_sale(last.id))


def put_off_missed() -> None:
    """Planned sessions whose evening went by are held at the same hour, soon."""
    missed_at = now() - MISSED
    for session in sessions_of_the_demo(SessionState.PLANNED, due_before=missed_at):
        host = actor_of(session.host_id)
        planning.change_session(host, session.id, _put_off(session))


def _put_off(session: LiveSession) -> planning.SessionDraft:
    days = (now() - session.starts_at).days + 1
    return planning.SessionDraft(
        request_id=session.request_id,
        title=session.title,
        summary=session.summary,
        place=Platform(session.place),
        room_url=session.room_url,
        starts_at=session.starts_at + timedelta(days=days),
        host_id=session.host_id,
        product_ids=tuple(line_up_ids(session.id)),
        poster=session.poster,
    )


def _try(step: Callable[[], None]) -> None:
    forget_reads()
    try:
        with unannounced(), transaction():
            step()
    except DomainError as problem:
        click.echo(f"the demo's sessions stay as they are: {problem.code}", err=True)
