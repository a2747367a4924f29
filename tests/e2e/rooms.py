"""Live rooms that are there before the test begins, and what people do in them."""

from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from core.clock import now
from domain.live import Place as Where
from models import LiveSession
from services import live
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, Place


@dataclass(frozen=True)
class Room:
    """A running session in our own room; its first product is pinned."""

    id: int
    slug: str
    title: str


def open_room(place: Place, host: Person, *goods: Goods) -> Room:
    """Plan a session, go live and pin the first of `goods`."""
    draft = live.SessionDraft(
        request_id=f"room-of-{host.id}",
        title="苗山的地里有宝",
        summary="现挖现发，讲哪个点哪个。",
        place=Where.ROOM,
        room_url="",
        starts_at=now(),
        host_id=host.id,
        product_ids=tuple(one.id for one in goods),
    )
    session = live.plan_session(place.alliance_id, draft, by=host.id)
    live.go_live(session, by=host.id)
    live.pin(session, goods[0].id, by=host.id)
    return Room(session.id, session.slug, session.title)


def plan_soon(place: Place, host: Person, goods: Goods) -> LiveSession:
    """A session of our own that starts in half an hour."""
    return live.plan_session(place.alliance_id, soon(host, goods), by=host.id)


def soon(host: Person, goods: Goods) -> live.SessionDraft:
    """What a planner types for it."""
    return live.SessionDraft(
        request_id=f"soon-{host.id}",
        title="半个钟头后见",
        summary="",
        place=Where.ROOM,
        room_url="",
        starts_at=now() + timedelta(minutes=30),
        host_id=host.id,
        product_ids=(goods.id,),
    )


def enter(visitor: Visitor, room: Room) -> Page:
    """Open the room's page and wait until news can arrive."""
    visitor.page.goto(f"/live/{room.slug}")
    expect(visitor.page.locator("[data-viewers]").first).to_be_visible()
    return visitor.page


def talk_of(page: Page) -> Locator:
    """The lines of the chat."""
    return page.get_by_role("list", name="聊天记录").get_by_role("listitem")


def say(page: Page, words: str) -> None:
    """Type into the form over the picture, and send it."""
    page.get_by_label("问问主播").fill(words)
    page.get_by_role("button", name="发送").first.click()
