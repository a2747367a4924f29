"""What the pages of live sessions say, where small words matter."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.live import running
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.people import writing
from tests.support.studio import make_session

BrowserOf = Callable[[Person], FlaskClient]


@pytest.fixture
def session_id(app: Flask, place: Place, alice: Person, goods: Goods) -> int:
    """A session of our own that is planned for in an hour."""
    with writing(app):
        return make_session(place, alice, goods).id


def go_live(app: Flask, session_id: int, host: Person) -> None:
    """Begin a planned session."""
    with writing(app):
        running.go_live(actor_of(host), session_id)


def test_who_plans_anew_goes_back_and_who_changes_leaves_it(
    browser_of: BrowserOf, alice: Person, session_id: int
) -> None:
    browser = browser_of(alice)

    new = browser.get("/studio/sessions/new").text
    old = browser.get(f"/studio/sessions/{session_id}/edit").text

    assert "返回" in new
    assert "不改了" not in new
    assert "不改了" in old


def test_a_hosts_certificate_is_readable_in_full(
    browser_of: BrowserOf, alice: Person, session_id: int
) -> None:
    page = browser_of(alice).get("/studio/sessions/new").text

    assert f'type="radio" name="host_id" value="{alice.id}" checked' in page


def test_the_only_room_on_air_fills_its_row(
    app: Flask, client: FlaskClient, alice: Person, session_id: int
) -> None:
    go_live(app, session_id, alice)

    page = client.get("/live").text

    assert "only-one" in page
    assert "进直播间" in page


def test_a_rehearsal_and_the_air_have_their_own_words(
    app: Flask, browser_of: BrowserOf, alice: Person, session_id: int
) -> None:
    address = f"/studio/sessions/{session_id}/console"
    rehearsal = browser_of(alice).get(address).text
    go_live(app, session_id, alice)
    on_air = browser_of(alice).get(address).text

    assert 'data-while="live" hidden' in rehearsal
    assert 'data-while="planned" hidden' not in rehearsal
    assert 'data-while="planned" hidden' in on_air
    assert 'data-while="live" hidden' not in on_air
