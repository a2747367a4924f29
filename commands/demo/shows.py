"""Live sessions of the demo: two years of them, and some to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from commands.demo.people import People, actor_of
from commands.demo.places import Ground
from commands.demo.produce import YEARS_BACK, Shelf
from core import clock
from core.clock import SHANGHAI, today
from core.database import db
from domain.live import Platform
from models.live import LiveSession
from queries.demo.sessions import SESSION_MARK
from services.live import planning, running

EVERY = timedelta(days=24)
MINUTES_EACH = 12
LINKS = {
    Platform.ROOM: "",
    Platform.DOUYIN: "https://live.douyin.com/900000000317",
    Platform.KUAISHOU: "https://live.kuaishou.com/u/tianbo-demo",
    Platform.WECHAT_CHANNELS: "https://channels.weixin.qq.com/live/tianbo-demo",
}
PLATFORMS = (
    Platform.DOUYIN,
    Platform.ROOM,
    Platform.KUAISHOU,
    Platform.DOUYIN,
    Platform.ROOM,
)
TITLES = (
    "{name}下来了，现挖现称",
    "今晚讲{name}，怎么挑怎么存",
    "{name}专场，问什么答什么",
    "带您看看{name}的地",
)


@dataclass(frozen=True)
class Show:
    """A session that has begun: when, and what was pinned with which event seq."""

    session_id: int
    slug: str
    starts_at: datetime
    pins: dict[int, int]


def put_on_shows(
    ground: Ground, people: People, shelves: list[Shelf], rng: Random
) -> list[Show]:
    """Run the past sessions from beginning to end."""
    shows: list[Show] = []
    day = today() - YEARS_BACK + timedelta(days=30)
    while day < today() - timedelta(days=2):
        platform = PLATFORMS[len(shows) % len(PLATFORMS)]
        host = people.members[len(shows) % 3]
        starts_at = datetime.combine(day, time(19, 30), tzinfo=SHANGHAI)
        line_up = _in_season(shelves, day.month, rng)
        shows.append(_run(ground, host, platform, starts_at, line_up))
        day += EVERY
    return shows


def announce(ground: Ground, people: People, shelves: list[Shelf]) -> None:
    """Three sessions to come."""
    coming = (
        (0, time(20, 30), Platform.DOUYIN, "花椒开剪，现剪现晒", shelves[6:10]),
        (1, time(19, 0), Platform.ROOM, "山楂上冻前最后一批", shelves[7:12]),
        (3, time(19, 30), Platform.WECHAT_CHANNELS, "黑猪香肠开锅尝", shelves[8:12]),
    )
    for index, (days, at, platform, title, line_up) in enumerate(coming):
        day = today() + timedelta(days=days)
        starts_at = datetime.combine(day, at, tzinfo=SHANGHAI)
        if starts_at < clock.now():
            starts_at += timedelta(days=1)
        plan(
            ground.alliance_id,
            people.members[index],
            title,
            platform=platform,
            starts_at=starts_at,
            line_up=_ids(line_up),
        )


def _run(
    ground: Ground,
    host_id: int,
    platform: Platform,
    starts_at: datetime,
    line_up: list[Shelf],
) -> Show:
    title = TITLES[starts_at.toordinal() % len(TITLES)]
    ids = _ids(line_up)
    with clock.at(starts_at - timedelta(days=3)):
        session = plan(
            ground.alliance_id,
            host_id,
            title.format(name=line_up[0].goods.name),
            platform=platform,
            starts_at=starts_at,
            line_up=ids,
        )
    show = perform(session, ids, starts_at)
    with clock.at(starts_at + timedelta(minutes=MINUTES_EACH * (len(line_up) + 1))):
        running.end_session(actor_of(host_id), session.id)
    return show


def plan(
    alliance_id: int,
    host_id: int,
    title: str,
    *,
    platform: Platform,
    starts_at: datetime,
    line_up: Sequence[int],
) -> LiveSession:
    """Plan a session that is known for one of the demo's."""
    draft = planning.SessionDraft(
        request_id=f"{SESSION_MARK}{starts_at:%Y%m%d%H%M%S}-{platform}",
        title=title,
        summary="自家地里的东西，当面称、当面掰，问什么答什么。",
        place=platform,
        room_url=LINKS[platform],
        starts_at=starts_at,
        host_id=host_id,
        product_ids=tuple(line_up),
    )
    session_id = planning.plan_session(actor_of(host_id), alliance_id, draft)
    return db.session.get_one(LiveSession, session_id)


def perform(session: LiveSession, line_up: Sequence[int], starts_at: datetime) -> Show:
    """Go live and pin one product after another; seq 1 is going live."""
    host = actor_of(session.host_id)
    with clock.at(starts_at):
        running.go_live(host, session.id)
    pins = {}
    for index, product_id in enumerate(line_up):
        minutes = 2 + index * (5 if len(line_up) > 5 else MINUTES_EACH)
        with clock.at(starts_at + timedelta(minutes=minutes)):
            running.pin(host, session.id, product_id)
        pins[product_id] = index + 2
    return Show(session.id, session.slug, starts_at, pins)


def _ids(shelves: Sequence[Shelf]) -> list[int]:
    return [shelf.product_id for shelf in shelves]


def _in_season(shelves: list[Shelf], month: int, rng: Random) -> list[Shelf]:
    fresh = [shelf for shelf in shelves if month in shelf.goods.months]
    rest = [shelf for shelf in shelves if shelf not in fresh]
    return (fresh + rng.sample(rest, len(rest)))[:5]
