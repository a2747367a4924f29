"""Which names the site answers to, and whose address it believes."""

from collections.abc import Callable

import flask
import pytest
from flask import Flask

from core.web.requests import client_address

MakeApp = Callable[..., Flask]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "evil.example/localhost",
        "[::1",
        "a b",
        "\xff",
        "x" * 3_000,
    ],
)
@pytest.mark.parametrize("path", ["/", "/no/such/page", "/static/css/base.css"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_host_gets_a_plain_page(
    still_app: Flask, host: str, path: str, method: str
) -> None:
    client = still_app.test_client()
    answer = client.open(path, method=method, environ_overrides={"HTTP_HOST": host})

    assert answer.status_code == 400
    assert "网址不对" in answer.text
    assert "evil" not in answer.text
    assert "script-src" in answer.headers["Content-Security-Policy"]


def test_another_host_gets_json_where_it_is_asked_for(still_app: Flask) -> None:
    headers = {"Host": "evil.example", "Accept": "application/json"}
    answer = still_app.test_client().get("/", headers=headers)

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "bad_request"


@pytest.mark.parametrize(
    "host", ["shop.example.org", "shop.example.org:443", "a.shops.example.org"]
)
def test_the_own_names_are_answered(
    make_app: MakeApp, database_url: str, host: str
) -> None:
    app = make_app(
        database_url,
        PUBLIC_URL="https://shop.example.org",
        TRUSTED_HOSTS=".shops.example.org",
    )

    assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed", "scheme"),
    [
        ("0", "9.9.9.9", "10.0.0.1", "http"),
        ("1", "9.9.9.9", "9.9.9.9", "https"),
        ("1", "1.1.1.1, 9.9.9.9", "9.9.9.9", "https"),
        ("2", "1.1.1.1, 9.9.9.9, 10.0.0.2", "9.9.9.9", "https"),
    ],
)
def test_only_our_own_proxies_are_believed(
    make_app: MakeApp,
    database_url: str,
    proxies: str,
    forwarded: str,
    believed: str,
    scheme: str,
) -> None:
    app = make_app(database_url, TRUSTED_PROXIES=proxies)
    protos = ",".join(["https"] * 3)
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": protos}

    with app.test_client() as client:
        client.get(
            "/healthz", headers=headers, environ_overrides={"REMOTE_ADDR": "10.0.0.1"}
        )

        assert client_address() == believed
        assert flask.request.scheme == scheme


def test_a_forwarded_host_is_never_believed(
    make_app: MakeApp, database_url: str
) -> None:
    app = make_app(database_url, TRUSTED_PROXIES="1")

    with app.test_client() as client:
        client.get("/healthz", headers={"X-Forwarded-Host": "evil.example"})

        assert flask.request.host == "localhost"


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unix:", "unix:"),
        ("", "unknown"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_subscriber_is_counted_once(
    still_app: Flask, address: str, counted_as: str
) -> None:
    with still_app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        assert client_address() == counted_as
