"""Who comes too late is answered before Flask, by a page that is their own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from core.database import db
from core.gathered_log import write_lines
from models.accounts import RateCounter
from models.catalogue import Variant
from tests.support.databases import build_app, let_go
from tests.support.factories import Goods, Person
from tests.support.people import sign_in, writing
from tests.support.shopper import ADDRESS, put

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def database_url(engine_url: str) -> str:
    return engine_url


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app of this test alone, as it is outside tests."""
    app = build_app(database_url, tmp_path, TESTING=False, TIANBO_DEMO="1")
    yield app
    let_go(app)


@pytest.fixture
def asked(shop: Flask) -> list[str]:
    """What Flask itself was asked for."""
    paths: list[str] = []
    hooks = shop.before_request_funcs.setdefault(None, [])
    hooks.append(lambda: paths.append(request.path))
    return paths


def leave(app: Flask, boxes: int) -> None:
    with writing(app) as session:
        session.execute(update(Variant).values(stock=boxes))


def guests(shop: Flask, goods: Goods, count: int) -> list[FlaskClient]:
    """Browsers with a box in the cart, who have read that it is there."""
    clients = [shop.test_client() for _guest in range(count)]
    for client in clients:
        put(client, goods)
        assert "放进小黄车了" in client.get("/cart").text
    return clients


def press(client: FlaskClient, request_id: str, **changes: str) -> TestResponse:
    form = {**ADDRESS, "request_id": request_id, **changes}
    return client.post("/checkout", data=form, headers=FROM_OUR_PAGE)


def test_the_page_is_rendered_once_and_carries_what_each_typed(
    shop: Flask, asked: list[str], goods: Goods
) -> None:
    first, second, third = guests(shop, goods, 3)
    leave(shop, 0)
    asked.clear()
    answers = [
        press(first, "late-number-1", street="<b>"),
        press(second, "late-number-2", street='"><script>', strange="<i>"),
        press(third, "late-number-3"),
    ]

    assert asked == ["/checkout"]
    assert [answer.status_code for answer in answers] == [409] * 3
    assert ["卖完了" in answer.text for answer in answers] == [True] * 3
    values = [re.findall(r'"street" value="([^"]*)"', each.text) for each in answers]
    assert values == [["&lt;b&gt;"], ["&quot;&gt;&lt;script&gt;"], ["解放路 112 号"]]
    assert "strange" not in answers[1].text
    policies = {each.headers["Content-Security-Policy"] for each in answers}
    assert len(policies) == 1
    assert len({each.headers["X-Request-ID"] for each in answers}) == 3
    assert answers[2].content_length == len(answers[2].data)


def test_nothing_is_written_but_the_log(
    shop: Flask, goods: Goods, capfd: pytest.CaptureFixture[str]
) -> None:
    clients = guests(shop, goods, 2)
    leave(shop, 0)
    for number, client in enumerate(clients):
        press(client, f"late-number-{number}")

    write_lines()
    assert '"route": "/checkout", "status": 409' in capfd.readouterr().err
    with shop.app_context():
        assert not db.session.scalar(select(func.count()).select_from(RateCounter))


def test_the_page_speaks_the_language_of_each(shop: Flask, goods: Goods) -> None:
    chinese, english = guests(shop, goods, 2)
    english.set_cookie("lang", "en")
    leave(shop, 0)
    for _twice in range(2):
        assert 'lang="zh-CN"' in press(chinese, "late-number-1").text
        assert 'lang="en"' in press(english, "late-number-2").text


def test_what_comes_back_is_sold_at_once(
    shop: Flask, asked: list[str], goods: Goods
) -> None:
    clients = guests(shop, goods, 2)
    leave(shop, 0)
    for number, client in enumerate(clients):
        assert press(client, f"late-number-{number}").status_code == 409
    leave(shop, 1)

    assert press(clients[0], "late-number-0").status_code == 303
    assert press(clients[1], "late-number-1").status_code == 409
    assert press(clients[0], "late-number-0").status_code == 303


def test_who_ordered_the_last_box_is_answered_again(shop: Flask, goods: Goods) -> None:
    [client] = guests(shop, goods, 1)
    won = press(client, "late-number-1")
    put(client, goods)
    client.get("/cart")
    leave(shop, 0)

    assert press(client, "late-number-2").status_code == 409
    assert press(client, "late-number-1").location == won.location


def test_a_logged_in_buyer_is_told_by_the_view(
    shop: Flask, asked: list[str], goods: Goods, charlie: Person
) -> None:
    client = sign_in(shop.test_client(), charlie)
    put(client, goods)
    leave(shop, 0)
    asked.clear()
    for _twice in range(2):
        assert "卖完了" in press(client, "late-number-1").text
    assert asked == ["/checkout"] * 2


def test_what_is_out_of_the_ordinary_is_left_to_the_view(
    shop: Flask, goods: Goods
) -> None:
    [client] = guests(shop, goods, 1)
    leave(shop, 0)
    assert press(client, "late-number-1").status_code == 409
    form = {**ADDRESS, "request_id": "late-number-1"}

    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/checkout", data=form, headers=foreign).status_code == 403
    assert client.post("/checkout", data=form).status_code == 409
    assert press(client, "late-number-1", quote="1").status_code == 200
    assert press(client, "\0").status_code == 422
    assert press(client, "late-number-1", city="济" * 20_000).status_code == 409
    for body in (b"", b"\xff=\xfe&&=", b"request_id=late-number-1&request_id=%00"):
        answer = client.post(
            "/checkout",
            data=body,
            content_type="application/x-www-form-urlencoded",
            headers=FROM_OUR_PAGE,
        )
        assert answer.status_code in (409, 422)
    strange = {**FROM_OUR_PAGE, "Cookie": "visitor=\u00b2; lang=<>"}
    stranger = shop.test_client(use_cookies=False)
    assert stranger.post("/checkout", data=form, headers=strange).status_code == 422
