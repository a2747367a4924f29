"""Live rooms that are there before the test begins, and what people do in them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from core.clock import now
from services.live import planning, running
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, Place
from tests.support.studio import session_draft

Arrange = Callable[[], AbstractContextManager[Session]]
NewVisitor = Callable[..., Visitor]


@dataclass(frozen=True)
class Room:
    """A session in our own room; once it runs, its first product is pinned."""

    id: int
    slug: str
    title: str


def open_room(place: Place, host: Person, *goods: Goods) -> Room:
    """Plan a session, go live and pin the first of `goods`."""
    draft = session_draft(host, *goods, title="苗山的地里有宝", starts_at=now())
    session = planning.plan_session(place.alliance_id, draft, by=host.id)
    running.go_live(session, by=host.id)
    running.pin(session, goods[0].id, by=host.id)
    return Room(session.id, session.slug, session.title)


def plan_soon(place: Place, host: Person, *goods: Goods) -> Room:
    """A session that starts in half an hour."""
    draft = session_draft(host, *goods, starts_at=now() + timedelta(minutes=30))
    session = planning.plan_session(place.alliance_id, draft, by=host.id)
    return Room(session.id, session.slug, session.title)


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
