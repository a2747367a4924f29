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
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.studio import session_draft, session_of

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
    room = _plan(place, host, draft)
    running.go_live(actor_of(host), room.id)
    running.pin(actor_of(host), room.id, goods[0].id)
    return room


def plan_soon(place: Place, host: Person, *goods: Goods) -> Room:
    """A session that starts in half an hour."""
    draft = session_draft(host, *goods, starts_at=now() + timedelta(minutes=30))
    return _plan(place, host, draft)


def _plan(place: Place, host: Person, draft: planning.SessionDraft) -> Room:
    session_id = planning.plan_session(actor_of(host), place.alliance_id, draft)
    return Room(session_id, session_of(session_id).slug, draft.title)


def enter(visitor: Visitor, room: Room) -> Page:
    """Open the room's page and wait until news can arrive."""
    visitor.page.goto(f"/live/{room.slug}")
    expect(visitor.page.locator("[data-viewers]").first).to_be_visible()
    return visitor.page


def chat_of(page: Page) -> Locator:
    """The lines of the chat."""
    return page.get_by_role("list", name="聊天记录").get_by_role("listitem")


def say(page: Page, words: str) -> None:
    """Type into the form over the picture, and send it."""
    page.get_by_label("问问主播").fill(words)
    page.get_by_role("button", name="发送").first.click()
