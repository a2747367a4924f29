"""A product's page knows where the product can be seen, live or recorded."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask

from core import clock
from core.database import transaction
from integrations.media_server import Recording
from queries.live.showing import find_explanation, session_showing
from services.live import announcing, running
from tests.support.factories import Goods, Person, Place, actor_of, make_goods
from tests.support.queries import count_queries
from tests.support.studio import make_room, session_of

NOON = clock.now().replace(microsecond=0) - timedelta(hours=5)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    return make_app(
        database_url,
        MEDIA_URL="https://media.example/m",
        MEDIA_INTERNAL_URL="http://127.0.0.1:1",
    )


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No thread asks the database beside the test."""
    with announcing.unannounced():
        yield


@pytest.fixture
def ginger(place: Place, alice: Person) -> Goods:
    with transaction():
        return make_goods(place, alice, name="大姜")


def hold(
    place: Place,
    host: Person,
    shown: Sequence[Goods],
    *,
    begins: datetime = NOON,
    takes: Sequence[tuple[int, int]] = ((0, 60),),
) -> str:
    """A session that shows one thing after another, three minutes each.

    takes: minutes after its beginning, and minutes of length.
    """
    with clock.at(begins), transaction():
        session = make_room(place, host, *shown)
        session_id, slug = session.id, session.slug
    for number, goods in enumerate(shown, 1):
        with clock.at(begins + 3 * number * MINUTE), transaction():
            running.pin(actor_of(host), session_id, goods.id)
    with clock.at(begins + 60 * MINUTE), transaction():
        running.end_session(actor_of(host), session_id)
        running.keep_recording(session_id, slug, recorded(begins, takes))
    return slug


def recorded(begins: datetime, takes: Sequence[tuple[int, int]]) -> Recording:
    begun_ms = int(begins.timestamp() * 1000)
    spans = [
        {"started_at_ms": begun_ms + at * 60_000, "duration_ms": lasts * 60_000}
        for at, lasts in takes
    ]
    return Recording(sum(span["duration_ms"] for span in spans), spans)


def test_a_product_is_explained_at_its_chapter(
    place: Place, alice: Person, goods: Goods, ginger: Goods
) -> None:
    slug = hold(place, alice, [goods, ginger])

    found = find_explanation(ginger.id)

    assert found is not None
    assert (found.slug, found.seq, found.clock) == (slug, 3, "6:00")


def test_the_newest_recording_counts(place: Place, alice: Person, goods: Goods) -> None:
    slugs = {
        days: hold(place, alice, [goods], begins=NOON - timedelta(days=days))
        for days in (2, 1, 3, 5, 4)
    }

    found = find_explanation(goods.id)

    assert found is not None
    assert found.slug == slugs[1]


def test_what_was_pinned_off_camera_is_looked_for_before(
    place: Place, alice: Person, goods: Goods, ginger: Goods
) -> None:
    older = hold(place, alice, [ginger], begins=NOON - timedelta(days=1))
    hold(place, alice, [goods, ginger], takes=[(0, 5)])

    found = find_explanation(ginger.id)

    assert found is not None
    assert found.slug == older


def test_an_empty_recording_explains_nothing(
    place: Place, alice: Person, goods: Goods
) -> None:
    hold(place, alice, [goods], takes=[])

    assert find_explanation(goods.id) is None


def test_what_was_never_shown_has_no_explanation(
    place: Place, alice: Person, goods: Goods, ginger: Goods
) -> None:
    with clock.at(NOON), transaction():
        session_id = make_room(place, alice, goods, ginger).id
    with clock.at(NOON + MINUTE), transaction():
        running.pin(actor_of(alice), session_id, goods.id)
        running.end_session(actor_of(alice), session_id)
        takes = recorded(NOON, [(0, 30)])
        running.keep_recording(session_id, session_of(session_id).slug, takes)

    assert find_explanation(ginger.id) is None
    assert find_explanation(goods.id) is not None


def test_however_many_recordings_it_is_one_query(
    place: Place, alice: Person, goods: Goods, ginger: Goods
) -> None:
    for days in range(6):
        begins = NOON - timedelta(days=days)
        hold(place, alice, [ginger, goods], begins=begins, takes=[(0, 4)])

    with count_queries() as statements:
        assert find_explanation(goods.id) is None

    assert len([each for each in statements if each != "BEGIN"]) == 1


def test_the_room_that_shows_it_comes_before_the_one_that_will(
    place: Place, alice: Person, goods: Goods, ginger: Goods
) -> None:
    with transaction():
        showing = make_room(place, alice, goods, ginger)
        running.pin(actor_of(alice), showing.id, goods.id)
        slug = showing.slug
    with clock.at(clock.now() + MINUTE), transaction():
        make_room(place, alice, ginger, goods)

    found = session_showing(goods.id)

    assert found is not None
    assert (found.slug, bool(found.is_shown)) == (slug, True)


@pytest.mark.parametrize("after", ["nothing", "another", "unpinned"])
def test_a_room_may_have_it_without_showing_it(
    place: Place, alice: Person, goods: Goods, ginger: Goods, after: str
) -> None:
    with transaction():
        room = make_room(place, alice, goods, ginger)
        if after != "nothing":
            running.pin(actor_of(alice), room.id, goods.id)
        if after == "another":
            running.pin(actor_of(alice), room.id, ginger.id)
        if after == "unpinned":
            running.unpin(actor_of(alice), room.id)

    found = session_showing(goods.id)

    assert found is not None
    assert not found.is_shown


def test_no_room_shows_what_no_line_up_has(
    place: Place, alice: Person, goods: Goods, ginger: Goods
) -> None:
    with transaction():
        make_room(place, alice, ginger)

    assert session_showing(goods.id) is None
