"""The demo's running session: people talk in it, and every start has one on air."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from commands.demo.people import actor_of, prove_people
from commands.demo.shows import Show, perform, plan
from core import clock
from core.access import Actor
from core.clock import now
from core.database import db, forget_reads, transaction
from core.errors import DomainError
from domain.live import Platform, SessionState
from models.accounts import Account
from models.live import LiveSession
from queries.demo.sessions import (
    find_last_event_at,
    find_session_titled,
    is_room_on_air_since,
    line_up_on_sale,
    sessions_of_the_demo,
)
from queries.live.planning import line_up_ids
from services.live import chat, planning, running
from services.live.announcing import unannounced
from services.orders.buyers import start_visit

RUNNING_TITLE = "刚出土的红心蜜薯，当面掰开看"
LONGEST = timedelta(hours=6)
USUAL = timedelta(minutes=75)
MISSED = timedelta(hours=3)
"""So late a planned session is left out of the schedule."""

HOST = "host"
BEGINS = timedelta(minutes=28)
EVERY = timedelta(seconds=32)
LINES = (
    ("泰安小赵", "这个蜜薯是面的还是糯的？"),
    (HOST, "软糯的，蒸二十分钟就流糖。我这就掰一个给您看。"),
    ("聊城王大哥", "上回买的十斤都吃完了，个头匀，这回再来一箱"),
    (HOST, "谢谢王大哥！还是东坡沙土地那一块的。"),
    ("", "今天挖的吗？"),
    (HOST, "早上刚挖的，泥还是湿的。今天下单今天装箱。"),
    ("济南李阿姨", "买多了怕放坏，能放多久？"),
    (HOST, "别洗，也别进冰箱，找个阴凉地方摊开，放二十来天没问题。"),
    ("滨州老刘", "路上碰破了咋办？"),
    (HOST, "拍张照就退，破的不用寄回来。"),
    ("泰安小赵", "下单了，给爸妈也寄一箱"),
    ("", "掰开这个颜色真好看"),
)
"""Who and what, while the sweet potatoes are shown; "" is a guest without a name."""


def open_room(alliance_id: int, host_id: int, line_up: Sequence[int]) -> Show:
    """A session of our own that began a while ago: one product pinned, people talk."""
    starts_at = now() - timedelta(minutes=35)
    with clock.at(starts_at - timedelta(days=2)):
        session = plan(
            alliance_id,
            host_id,
            RUNNING_TITLE,
            platform=Platform.ROOM,
            starts_at=starts_at,
            line_up=line_up,
        )
    show = perform(session, line_up[::-1], starts_at)
    let_people_talk(session, starts_at)
    return show


def let_people_talk(session: LiveSession, starts_at: datetime) -> None:
    """Let people talk in a session that runs since `starts_at`."""
    host = Actor(account_id=session.host_id)
    host_name = db.session.get_one(Account, session.host_id).name
    guests: dict[str, Actor] = {}
    for number, (who, text) in enumerate(LINES):
        with clock.at(starts_at + BEGINS + number * EVERY):
            if who == HOST:
                chat.say(host, session.id, text, known_as=host_name)
            else:
                if who not in guests:
                    guests[who] = Actor(visitor_id=start_visit()[0])
                chat.say(guests[who], session.id, text, name=who)


def freshen() -> None:
    """End what has run for too long, go on air again, and put off what was missed.

    A house without the demo's sessions is left alone; so is whatever a rule forbids
    since somebody tried things out.
    """
    for step in (prove_people, end_overlong, go_on_air_again, put_off_missed):
        forget_reads()
        try:
            with unannounced(), transaction():
                step()
        except DomainError as problem:
            why = f"the demo's sessions stay as they are: {problem.code}"
            click.echo(why, err=True)


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
