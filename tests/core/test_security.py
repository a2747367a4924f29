"""Headers and cookies that every answer carries."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.access import public
from core.web.addresses import static
from tests.support.factories import PASSWORD, Person
from tests.support.people import sign_in

MakeApp = Callable[..., Flask]
ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/account", 308),
    ("GET", "/account/orders", 303),
    ("GET", "/no/such/page", 404),
    ("GET", "/static/css/base.css", 200),
    ("GET", "/static/no.css", 404),
    ("GET", "/healthz", 200),
    ("HEAD", "/", 200),
    ("OPTIONS", "/", 200),
    ("POST", "/", 405),
    ("GET", "/readyz", 500),
]


@pytest.fixture
def secure_client(make_app: MakeApp, database_url: str) -> FlaskClient:
    app = make_app(
        database_url,
        PUBLIC_URL="https://shop.example.org",
        STRIPE_API_BASE="https://pay.example.org",
    )
    client = app.test_client()
    client.environ_base["HTTP_HOST"] = "shop.example.org"
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def fail() -> str:
    raise ArithmeticError


Knock = Callable[[FlaskClient, str, str], TestResponse]


@pytest.fixture
def knock(monkeypatch: pytest.MonkeyPatch) -> Knock:
    """Ask an app whose page /readyz is broken."""

    def ask(client: FlaskClient, method: str, path: str) -> TestResponse:
        views = client.application.view_functions
        monkeypatch.setitem(views, "home.readyz", public(fail))
        return client.open(path, method=method, buffered=True)

    return ask


def policy(answer: TestResponse) -> dict[str, list[str]]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {name: values for name, *values in map(str.split, parts)}


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_is_guarded(
    knock: Knock, client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = knock(client, method, path)

    assert answer.status_code == status
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Request-ID"]
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers
    rules = policy(answer)
    assert (
        rules["default-src"] == rules["script-src"] == rules["style-src"] == ["'self'"]
    )
    assert (
        rules["object-src"]
        == rules["base-uri"]
        == rules["frame-ancestors"]
        == ["'none'"]
    )
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_on_https_every_answer_says_to_stay_there(
    knock: Knock, secure_client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = knock(secure_client, method, path)

    assert answer.status_code == status
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_a_form_may_lead_to_the_payment_page(secure_client: FlaskClient) -> None:
    """Chromium applies form-action to the redirect that answers the form."""
    assert policy(secure_client.get("/checkout"))["form-action"] == [
        "'self'",
        "https://checkout.stripe.com",
        "https://pay.example.org",
    ]


def test_a_house_without_media_admits_nobody_elses(client: FlaskClient) -> None:
    rules = policy(client.get("/"))

    assert rules["connect-src"] == ["'self'"]
    assert rules["media-src"] == rules["worker-src"] == ["'self'", "blob:"]


@pytest.mark.parametrize(
    ("media_url", "origin", "sockets"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", "ws://127.0.0.1:9000"),
        (
            "https://live.example.org/media",
            "https://live.example.org",
            "wss://live.example.org",
        ),
    ],
)
def test_video_and_events_come_from_the_media_server(
    make_app: MakeApp, database_url: str, media_url: str, origin: str, sockets: str
) -> None:
    app = make_app(database_url, MEDIA_URL=media_url)

    rules = policy(app.test_client().get("/"))

    assert rules["connect-src"] == ["'self'", origin, sockets]
    assert rules["media-src"] == ["'self'", "blob:", origin]
    assert rules["script-src"] == ["'self'"]


def test_only_our_own_pages_may_use_the_camera(client: FlaskClient) -> None:
    allowed = client.get("/").headers["Permissions-Policy"]

    assert "camera=(self)" in allowed
    assert "microphone=(self)" in allowed


def test_pages_are_not_kept_by_caches_between(client: FlaskClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"


def test_a_static_file_named_by_its_content_is_kept_for_good(
    client: FlaskClient,
) -> None:
    def kept(path: str) -> bool:
        with client.get(path) as answer:
            return "immutable" in answer.headers.get("Cache-Control", "")

    assert kept(static("css/base.css"))
    assert not kept("/static/css/base.css")
    assert not kept("/static/css/base.css?v=0123456789")
    assert not kept("/static/no.css?v=0")


def cookies_of(answer: TestResponse) -> dict[str, str]:
    return {
        line.split("=")[0]: line.lower()
        for line in answer.headers.getlist("Set-Cookie")
    }


@pytest.mark.parametrize("is_secure", [True, False])
def test_cookies_stay_with_us(
    client: FlaskClient, secure_client: FlaskClient, charlie: Person, is_secure: bool
) -> None:
    browser = secure_client if is_secure else client
    login = {"phone": charlie.phone, "password": PASSWORD}
    answers = [
        browser.post("/preferences", data={"lang": "en", "size": "large"}),
        browser.post("/account/login", data=login),
        browser.post("/account/logout"),
    ]

    found = {
        name: line for answer in answers for name, line in cookies_of(answer).items()
    }
    assert {"lang", "size", "tianbo"} <= set(found)
    for line in found.values():
        assert "httponly" in line
        assert "samesite=lax" in line
        assert "domain=" not in line
        assert ("secure" in line) is is_secure or "expires=thu, 01 jan 1970" in line


def test_no_remember_cookie_is_made_or_heard(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    """One made with our own key would outlive the session's row."""
    from flask_login import encode_cookie

    from tests.support.people import writing

    login = {"phone": charlie.phone, "password": PASSWORD}
    client.post("/account/login", data=login)
    assert client.get_cookie("remember_token") is None

    with client.session_transaction() as session:
        token = session["_user_id"]
    with writing(app):
        remembered = encode_cookie(token)
    other = app.test_client()
    other.set_cookie("remember_token", remembered)
    assert other.get("/account/").status_code == 303


@pytest.mark.parametrize("value", ["x", "a|b", "1|é", "|", "1|" + "0" * 128])
def test_a_broken_remember_cookie_breaks_nothing(
    client: FlaskClient, value: str
) -> None:
    environ = {"HTTP_COOKIE": f"remember_token={value}"}

    assert client.get("/account/", environ_overrides=environ).status_code == 303
    assert client.get("/", environ_overrides=environ).status_code == 200


def test_a_page_of_somebody_is_not_shown_in_frames(app: Flask, charlie: Person) -> None:
    answer = sign_in(app.test_client(), charlie).get("/account/")

    assert policy(answer)["frame-ancestors"] == ["'none'"]
