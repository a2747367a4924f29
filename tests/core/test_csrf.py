"""Writes come from our own pages only."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.web.csrf import is_own_request

OWN = "http://localhost"
EVIL = "http://evil.example"


@pytest.mark.parametrize(
    ("fetch_site", "origin", "referer", "is_own"),
    [
        ("same-origin", None, None, True),
        ("same-origin", OWN, f"{OWN}/cart", True),
        ("same-origin", EVIL, EVIL, True),
        ("none", None, None, True),
        ("same-site", OWN, OWN, False),
        ("cross-site", None, None, False),
        ("cross-site", OWN, OWN, False),
        ("", None, None, False),
        ("same-origin, cross-site", None, None, False),
        (None, OWN, None, True),
        (None, "HTTP://LOCALHOST", None, True),
        (None, OWN, EVIL, True),
        (None, EVIL, OWN, False),
        (None, "null", OWN, False),
        (None, "", OWN, False),
        (None, f"{OWN}.evil.example", None, False),
        (None, f"{OWN}:81", None, False),
        (None, f"{OWN}@evil.example", None, False),
        (None, "localhost", None, False),
        (None, "ftp://localhost", None, False),
        (None, "http://[", None, False),
        (None, None, f"{OWN}/cart", True),
        (None, None, f"{EVIL}/{OWN}", False),
        (None, None, "http://[", False),
        (None, None, "", False),
        (None, None, None, True),
    ],
)
def test_the_headers_say_where_a_request_comes_from(
    still_app: Flask,
    fetch_site: str | None,
    origin: str | None,
    referer: str | None,
    is_own: bool,
) -> None:
    named = {"Sec-Fetch-Site": fetch_site, "Origin": origin, "Referer": referer}
    headers = {name: value for name, value in named.items() if value is not None}

    with still_app.test_request_context("/cart/items", method="POST", headers=headers):
        assert is_own_request() is is_own


@pytest.mark.parametrize(("scheme", "is_own"), [("https", True), ("http", False)])
def test_on_https_a_page_of_http_is_another_site(
    make_app: Callable[..., Flask], database_url: str, scheme: str, is_own: bool
) -> None:
    app = make_app(database_url, PUBLIC_URL="https://shop.example.org")
    headers = {"Origin": f"{scheme}://shop.example.org", "Host": "shop.example.org"}

    with app.test_request_context("/", method="POST", headers=headers):
        assert is_own_request() is is_own


def test_a_foreign_form_is_refused_in_words(still_app: Flask) -> None:
    client = still_app.test_client()
    answer = client.post("/preferences", data={"lang": "en"}, headers={"Origin": EVIL})

    assert answer.status_code == 403
    assert "请回到本站再操作一次" in answer.text
    assert not client.get_cookie("lang")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_writing_method_is_guarded(own_app: Flask, method: str) -> None:
    from core.access import public

    own_app.add_url_rule("/w", "w", public(lambda: "done"), methods=[method])
    answer = own_app.test_client().open("/w", method=method, headers={"Origin": EVIL})

    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_links_from_elsewhere_lead_in(still_app: Flask, method: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Referer": f"{EVIL}/"}

    client = still_app.test_client()

    assert client.open("/", method=method, headers=headers).status_code == 200


def test_a_signed_webhook_may_come_from_anywhere(client: FlaskClient) -> None:
    answer = client.post(
        "/payments/stripe/default/webhook", data=b"{}", headers={"Origin": EVIL}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/products", 405)])
def test_where_nothing_is_written_nothing_is_refused(
    still_app: Flask, path: str, status: int
) -> None:
    assert (
        still_app.test_client().post(path, headers={"Origin": EVIL}).status_code
        == status
    )
