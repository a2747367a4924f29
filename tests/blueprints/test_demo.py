"""The demo's inbox: readable by all in demo mode, absent otherwise."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.demo.routes import Piece, linked
from core.database import transaction
from services.outbox import record_sent
from tests.support.queries import count_queries

HOUSE = "https://tianbo.example"
LINK = "/orders/TB-261124-0003VX?token=Zp3k_9a-Q"


@pytest.fixture
def demo(make_app: Callable[..., Flask], sqlite_url: str) -> Flask:
    return make_app(sqlite_url, TIANBO_DEMO="1", PUBLIC_URL=HOUSE)


@pytest.fixture
def visitor(demo: Flask) -> FlaskClient:
    return demo.test_client()


def keep(app: Flask, *bodies: str, to: str = "13800000001") -> None:
    with app.app_context(), transaction():
        for body in bodies:
            record_sent(key=f"{to}:{body}", channel="sms", recipient=to, body=body)


def page(visitor: FlaskClient, query: str = "") -> str:
    answer = visitor.get(f"/demo/messages{query}", base_url=HOUSE)
    assert answer.status_code == 200
    return answer.text


def test_messages_are_shown_newest_first_with_phones_masked(
    demo: Flask, visitor: FlaskClient
) -> None:
    keep(demo, "先发的", "后发的")

    text = page(visitor)

    assert text.index("后发的") < text.index("先发的")
    assert "138****0001" in text
    assert "13800000001" not in text


def test_a_link_to_an_order_can_be_tapped(demo: Flask, visitor: FlaskClient) -> None:
    keep(demo, f"查看订单：{HOUSE}{LINK}。谢谢")

    assert f'href="{LINK}"' in page(visitor)


def test_what_a_message_says_is_never_markup(demo: Flask, visitor: FlaskClient) -> None:
    keep(demo, "<script>alert(1)</script>")

    assert "<script>alert" not in page(visitor)


def test_one_phone_can_be_picked(demo: Flask, visitor: FlaskClient) -> None:
    keep(demo, "给甲的")
    keep(demo, "给乙的", to="13800000002")

    text = page(visitor, "?to=13800000002")

    assert "给乙的" in text
    assert "给甲的" not in text


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=-1",
        "?page=³",
        "?page=99999999999999999999",
        "?to=%00",
        "?to=" + "1" * 900,
        "?to=%3Cb%3E",
        "?to='--",
    ],
)
def test_odd_queries_show_a_page(demo: Flask, visitor: FlaskClient, query: str) -> None:
    keep(demo, "在这里")

    assert "演示收件箱" in page(visitor, query)


def test_long_lists_are_paged_by_a_fixed_number_of_queries(
    demo: Flask, visitor: FlaskClient
) -> None:
    keep(demo, "第一条")
    with demo.app_context(), count_queries() as few:
        page(visitor)
    keep(demo, *(f"第{number}条" for number in range(2, 60)))
    with demo.app_context(), count_queries() as many:
        text = page(visitor)

    assert len(many) == len(few)
    assert "第一条" not in text
    assert "第一条" in page(visitor, "?page=3")


def test_outside_the_demo_there_is_no_inbox(
    make_app: Callable[..., Flask], sqlite_url: str
) -> None:
    app = make_app(sqlite_url, TIANBO_DEMO="", PUBLIC_URL=HOUSE)

    answer = app.test_client().get("/demo/messages", base_url=HOUSE)

    assert answer.status_code == 404
    assert "demo-bar" not in answer.text


def test_other_methods_are_refused(visitor: FlaskClient) -> None:
    assert visitor.post("/demo/messages", base_url=HOUSE).status_code == 405


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        ("", []),
        ("你好", [Piece("你好")]),
        (f"{HOUSE}{LINK}", [Piece(f"{HOUSE}{LINK}", LINK)]),
        (
            f"看 {HOUSE}/live。",
            [Piece("看 "), Piece(f"{HOUSE}/live", "/live"), Piece("。")],
        ),
        ("https://evil.example/x", [Piece("https://evil.example/x")]),
        (f"{HOUSE}.evil.example/x", [Piece(f"{HOUSE}.evil.example/x")]),
        (f"{HOUSE}//evil.example/x", [Piece(f"{HOUSE}//evil.example/x")]),
    ],
)
def test_only_our_own_pages_become_links(body: str, pieces: list[Piece]) -> None:
    assert list(linked(body, HOUSE)) == pieces
