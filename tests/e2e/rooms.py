"""A live room that is open before the test begins."""

from dataclasses import dataclass

from core.clock import now
from domain.live import Place as Where
from services import live
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
