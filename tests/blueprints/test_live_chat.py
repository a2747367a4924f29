"""Talk in a room over HTTP: with scripts and without, and what its host may do."""

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core import clock
from models.accounts import Visitor
from models.live import LiveSession
from services.live import running
from services.rates import NEW_SPEAKERS_PER_ADDRESS, TALK_PER_ADDRESS, TALK_PER_SPEAKER
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.people import writing
from tests.support.studio import make_session

BrowserOf = Callable[[Person], FlaskClient]
START = datetime(2026, 3, 10, 8, tzinfo=UTC)
NASTY = (
    b"\x00",
    b"a\x00b",
    b"\xff\xfe\xc0\xaf",
    b"\xed\xa0\x80",
    "\u202e\u200b\U0001f600".encode(),
    b"\r\nSet-Cookie: a=b",
    b"%(name)s %s {} {{7*7}}",
    b"\x1b[31m",
    b"=cmd|' /C calc'!A0",
    b"\xe2\x80\xa8",
)
JSON = {"Accept": "application/json"}


def say(browser: FlaskClient, room: LiveSession, **form: str) -> TestResponse:
    return browser.post(f"/live/{room.slug}/messages", data=form)


def send(browser: FlaskClient, room: LiveSession, **form: str) -> TestResponse:
    """Say something as a script does."""
    return browser.post(f"/live/{room.slug}/messages", data=form, headers=JSON)


def talk(client: FlaskClient, room: LiveSession) -> list[str]:
    answer = client.get(f"/live/{room.slug}/state")
    return [line["text"] for line in answer.get_json()["chat"]]


def test_a_guest_says_something_without_scripts(
    client: FlaskClient, room: LiveSession
) -> None:
    answer = say(client, room, text="甜不甜？", name="爱吃姜的人")

    assert answer.status_code == 303
    assert answer.location.partition("#")[0] == f"/live/{room.slug}"
    assert talk(client, room) == ["甜不甜？"]


def test_a_script_gets_the_line_that_all_will_see(
    client: FlaskClient, room: LiveSession
) -> None:
    answer = send(client, room, text="打13812345678", name="爱吃姜的人")

    line = answer.get_json()
    assert answer.status_code == 201
    assert (line["seq"], line["name"], line["text"]) == (2, "爱吃姜的人", "打138****")
    assert set(line) == {"seq", "name", "text", "at_ms", "author"}


def test_a_guest_stays_the_same_person(client: FlaskClient, room: LiveSession) -> None:
    lines = [send(client, room, text=text).get_json() for text in ("一", "二")]
    ticket = client.get(f"/live/{room.slug}/ticket").get_json()

    assert lines[0]["author"] == lines[1]["author"] == ticket["author"]
    assert lines[0]["name"] == lines[1]["name"]
    assert lines[0]["name"].startswith("游客")


def test_who_is_logged_in_is_named_by_the_family(
    browser_of: BrowserOf, charlie: Person, room: LiveSession
) -> None:
    line = send(browser_of(charlie), room, text="在", name="主播").get_json()

    assert line["name"] == "查**"
    assert charlie.name not in str(line)


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({}, 422, "先写点什么"),
        ({"text": " \n "}, 422, "先写点什么"),
        ({"text": "薯" * 121}, 422, "最多说 120 个字"),
        ({"text": "x" * 10_000}, 422, "最多说 120 个字"),
        ({"text": "加微信 abcdef1"}, 422, "不能留网址、微信号"),
        ({"text": "在吗", "name": "官方客服"}, 422, "这个昵称不能用"),
    ],
)
def test_what_is_refused_is_said_in_words(
    client: FlaskClient,
    room: LiveSession,
    form: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    page = say(client, room, **form)
    answer = send(client, room, **form)

    assert page.status_code == answer.status_code == status
    assert page.mimetype == "text/html"
    assert sentence in answer.get_json()["message"]
    assert talk(client, room) == []


def test_a_refused_line_makes_no_visitor(
    app: Flask, client: FlaskClient, room: LiveSession
) -> None:
    answer = say(client, room, text="")

    assert "visitor=" not in str(answer.headers.getlist("Set-Cookie"))
    with writing(app) as session:
        assert session.query(Visitor).count() == 0


def test_html_is_only_text(client: FlaskClient, room: LiveSession) -> None:
    say(client, room, text="<b>好</b><script>", name="<i>王</i>")

    page = client.get(f"/live/{room.slug}").text
    assert "<b>好</b>" not in page
    assert "<i>王</i>" not in page
    assert talk(client, room) == ["<b>好</b><script>"]


def test_too_fast_says_when_to_go_on(
    browser_of: BrowserOf, charlie: Person, room: LiveSession
) -> None:
    browser = browser_of(charlie)
    with clock.at(START):
        for number in range(TALK_PER_SPEAKER.hits):
            assert send(browser, room, text=str(number)).status_code == 201
        answer = send(browser, room, text="还有")
        page = say(browser, room, text="还有")

    assert answer.status_code == page.status_code == 429
    assert answer.headers["Retry-After"] == page.headers["Retry-After"] == "10"
    assert "说得太快" in answer.get_json()["message"]


def test_many_guests_behind_one_address_are_counted(
    app: Flask, room: LiveSession
) -> None:
    with clock.at(START):
        for _guest in range(TALK_PER_ADDRESS.hits):
            send(app.test_client(), room, text="")
        answer = send(app.test_client(), room, text="在")

    assert answer.status_code == 429


def test_who_keeps_no_cookie_is_not_somebody_new_for_ever(
    app: Flask,
    client: FlaskClient,
    charlie: Person,
    browser_of: BrowserOf,
    room: LiveSession,
) -> None:
    with clock.at(START):
        assert send(client, room, text="我先来的").status_code == 201
        for _guest in range(NEW_SPEAKERS_PER_ADDRESS.hits - 1):
            assert send(app.test_client(), room, text="在").status_code == 201
        answer = send(app.test_client(), room, text="在")
        page = say(app.test_client(), room, text="字还在")
        known = send(client, room, text="我还能说")
        named = send(browser_of(charlie), room, text="我也能说")
    with clock.at(START + NEW_SPEAKERS_PER_ADDRESS.window):
        later = send(app.test_client(), room, text="在")

    assert answer.status_code == page.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "字还在" in page.text
    assert [known.status_code, named.status_code, later.status_code] == [201, 201, 201]


def test_a_refused_first_line_makes_nobody_new(app: Flask, room: LiveSession) -> None:
    with clock.at(START):
        for _guest in range(NEW_SPEAKERS_PER_ADDRESS.hits + 1):
            assert send(app.test_client(), room, text="").status_code == 422
        answer = send(app.test_client(), room, text="在")

    assert answer.status_code == 201


def test_first_lines_sent_at_once_are_counted_as_well(
    app: Flask, room: LiveSession
) -> None:
    def speak(_guest: int) -> int:
        return send(app.test_client(), room, text="在").status_code

    with clock.at(START), ThreadPoolExecutor(8) as threads:
        contexts = [copy_context() for _guest in range(16)]
        answers = list(
            threads.map(lambda pair: pair[1].run(speak, pair[0]), enumerate(contexts))
        )

    assert answers.count(201) == NEW_SPEAKERS_PER_ADDRESS.hits
    assert answers.count(429) == 6


def test_nobody_speaks_in_a_room_that_is_not_on_air(
    app: Flask, client: FlaskClient, place: Place, alice: Person, goods: Goods
) -> None:
    with writing(app):
        slug = make_session(place, alice, goods).slug

    answer = client.post(f"/live/{slug}/messages", data={"text": "在"}, headers=JSON)
    page = client.post(f"/live/{slug}/messages", data={"text": "在"})

    assert answer.status_code == page.status_code == 409
    assert "直播开着的时候才能说话" in answer.get_json()["message"]


@pytest.mark.parametrize("field", ["text", "name"])
@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_talk_is_said_or_refused(
    client: FlaskClient, room: LiveSession, field: str, nasty: bytes
) -> None:
    other = "name=" if field == "text" else "text=ok"
    form = f"{other}&{field}={quote(nasty)}"
    answer = client.post(
        f"/live/{room.slug}/messages",
        data=form,
        content_type="application/x-www-form-urlencoded",
        headers=JSON,
    )

    assert answer.status_code in (201, 422)
    assert client.get(f"/live/{room.slug}").status_code == 200
    for line in client.get(f"/live/{room.slug}/state").get_json()["chat"]:
        assert line["text"].isprintable()


def test_another_sites_page_cannot_speak_for_anyone(
    client: FlaskClient, room: LiveSession
) -> None:
    answer = client.post(
        f"/live/{room.slug}/messages",
        data={"text": "在"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403
    assert talk(client, room) == []


def test_an_unknown_room_hears_nothing(client: FlaskClient) -> None:
    for slug in ("nothing-here", "%00", "a" * 300):
        answer = client.post(f"/live/{slug}/messages", data={"text": "在"})
        assert answer.status_code == 404


def test_the_host_hides_a_line(
    browser_of: BrowserOf, client: FlaskClient, alice: Person, room: LiveSession
) -> None:
    seq = send(client, room, text="捣乱").get_json()["seq"]
    send(client, room, text="好吃")
    url = f"/studio/sessions/{room.id}/messages/{seq}/hide"
    host = browser_of(alice)

    assert host.post(url).status_code == 303
    assert host.post(url, headers=JSON).status_code == 204
    assert talk(client, room) == ["好吃"]
    assert "捣乱" not in client.get(f"/live/{room.slug}").text


def test_the_host_mutes_a_person(
    browser_of: BrowserOf, client: FlaskClient, alice: Person, room: LiveSession
) -> None:
    line = send(client, room, text="捣乱").get_json()
    host = browser_of(alice)
    answer = host.post(
        f"/studio/sessions/{room.id}/mute", data={"author": line["author"]}
    )

    page = say(client, room, text="还捣乱")
    refused = send(client, room, text="还捣乱")
    assert (page.status_code, 'value="还捣乱"' in page.text) == (403, True)
    assert (answer.status_code, refused.status_code) == (303, 403)
    assert "先歇一歇" in refused.get_json()["message"]
    assert talk(client, room) == []


def test_the_host_lets_a_person_speak_again(
    browser_of: BrowserOf, client: FlaskClient, alice: Person, room: LiveSession
) -> None:
    line = send(client, room, text="捣乱", name="<b>小王</b>").get_json()
    host, form = browser_of(alice), {"author": line["author"]}
    session = f"/studio/sessions/{room.id}"
    host.post(f"{session}/mute", data=form)
    quiet = host.get(f"{session}/console").text
    answer = host.post(f"{session}/unmute", data=form)

    assert "禁言的人（1）" in quiet
    assert line["name"] in html.unescape(quiet)
    assert "<b>小王" not in quiet
    assert answer.status_code == 303
    assert send(client, room, text="对不起").status_code == 201
    assert talk(client, room) == ["对不起"]
    assert "禁言的人" not in host.get(f"{session}/console").text


@pytest.mark.parametrize("author", ["", "x", "\x00", "a" * 10_000, "³"])
def test_nobody_is_called_so(
    browser_of: BrowserOf, alice: Person, room: LiveSession, author: str
) -> None:
    answer = browser_of(alice).post(
        f"/studio/sessions/{room.id}/mute", data={"author": author}
    )

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "seq", ["1", "0", "³", "-1", "x", str(2**31), str(2**63 - 1), str(10**20)]
)
def test_what_happened_otherwise_is_no_line(
    browser_of: BrowserOf, alice: Person, room: LiveSession, seq: str
) -> None:
    url = f"/studio/sessions/{room.id}/messages/{seq}/hide"

    assert browser_of(alice).post(url).status_code == 404


def test_after_the_end_lines_can_still_be_hidden(
    app: Flask,
    browser_of: BrowserOf,
    client: FlaskClient,
    alice: Person,
    room: LiveSession,
) -> None:
    seq = send(client, room, text="捣乱").get_json()["seq"]
    url = f"/studio/sessions/{room.id}/messages/{seq}/hide"
    with writing(app):
        running.end_session(actor_of(alice), room.id)

    assert browser_of(alice).post(url).status_code == 303
    assert talk(client, room) == []
