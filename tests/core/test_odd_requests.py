"""Requests that no browser sends: too big, too long, cut off, doubled, or garbled."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.web.requests import LARGEST_PLAIN_FORM, LARGEST_TEXT, LARGEST_UPLOAD
from tests.support.factories import PASSWORD, Person
from tests.support.people import sign_in

FORM = "application/x-www-form-urlencoded"


def test_a_huge_plain_form_is_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/preferences", data=b"a&" * LARGEST_PLAIN_FORM, content_type=FORM
    )

    assert answer.status_code == 413
    assert "太大了" in answer.text


def test_a_form_within_the_bound_is_read(client: FlaskClient) -> None:
    data = b"lang=en&" + b"a&" * 100_000
    answer = client.post("/preferences", data=data, content_type=FORM)

    assert answer.status_code == 303
    assert client.get_cookie("lang")


def part(name: str, text: bytes = b"") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + text + b"\r\n"


@pytest.mark.parametrize(
    "body",
    [
        part("next", b"x" * (LARGEST_TEXT + 1)),
        b"".join(part(f"f{number}") for number in range(1_200)),
    ],
    ids=["a long text", "countless parts"],
)
def test_a_multipart_form_has_bounds_too(client: FlaskClient, body: bytes) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = client.post("/preferences", data=body + b"--x--", content_type=kind)

    assert answer.status_code == 413


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", FORM])
def test_a_huge_upload_is_refused_before_it_is_read(
    client: FlaskClient, content_type: str
) -> None:
    answer = client.post(
        "/preferences",
        input_stream=io.BytesIO(b"--x"),
        environ_overrides={
            "CONTENT_LENGTH": str(LARGEST_UPLOAD + 1),
            "CONTENT_TYPE": content_type,
        },
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "", "³", "9" * 40])
def test_a_wrong_length_breaks_nothing(client: FlaskClient, length: str) -> None:
    answer = client.post(
        "/preferences",
        input_stream=io.BytesIO(b"lang=en"),
        environ_overrides={"CONTENT_LENGTH": length, "CONTENT_TYPE": FORM},
    )

    assert answer.status_code in (303, 413)


@pytest.mark.parametrize(
    "path",
    [
        "/" + "a" * 60_000,
        "/products/" + "a" * 60_000,
        "/products?q=" + "a" * 60_000,
        "/products?" + "&".join(f"a{n}=1" for n in range(5_000)),
        "/" + "a/" * 20_000,
        "/account/orders?page=" + "9" * 60_000,
        "/account/login?next=/" + "a" * 60_000,
        "/%00",
        "/products/%00",
        "/%",
        "/%zz",
        "//",
        "/products//",
        "/./../products",
        "/products/..%2f..%2fetc%2fpasswd",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/%00",
        "/static/" + "a" * 5_000,
        "/static/css",
        "/photos/..%2f..%2fapp.py",
    ],
)
def test_an_odd_address_is_answered(still_app: Flask, path: str) -> None:
    answer = still_app.test_client().get(path, buffered=True)

    assert answer.status_code < 500
    assert "create_app" not in answer.text
    assert len(answer.headers.get("Location", "")) < 61_000


COOKIES = [
    "tianbo=",
    "tianbo=x",
    "tianbo=.eJw.x.y",
    "tianbo=" + "x" * 60_000,
    "tianbo=\xff\xfe",
    "visitor=\x00",
    "visitor=" + "v" * 60_000,
    "visitor=\xff",
    "lang=fr; size=huge",
    "lang=\xff; size=\x00",
    "lang=en; lang=zh",
    ";;;===,,,",
    'a="b\\"; lang="en',
    "\xc0\xaf",
    "; ".join(f"a{n}=1" for n in range(3_000)),
]


@pytest.mark.parametrize("cookie", COOKIES)
def test_an_odd_cookie_is_as_good_as_none(still_app: Flask, cookie: str) -> None:
    client = still_app.test_client()
    environ = {"HTTP_COOKIE": cookie}

    assert client.get("/", environ_overrides=environ).status_code == 200
    assert client.get("/cart", environ_overrides=environ).status_code == 200
    assert client.get("/account/", environ_overrides=environ).status_code == 303
    assert client.get("/nowhere", environ_overrides=environ).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept", "\xff"),
        ("Accept", "text/html;q=x, */*;q=9e999"),
        ("Accept-Language", "zz-" * 5_000),
        ("Authorization", "Basic \xff"),
        ("Authorization", "Bearer " + "x" * 60_000),
        ("If-Modified-Since", "yesterday"),
        ("If-None-Match", '"\xff'),
        ("Range", "bytes=9999999999999999999999-"),
        ("Content-Type", "multipart/form-data; boundary="),
        ("Content-Type", "\xff; charset=\xff"),
        ("Content-Type", "text/html; charset=no-such"),
        ("X-Forwarded-For", "'; DROP TABLE account"),
        ("Sec-Fetch-Site", "same-origin\xff"),
        ("Transfer-Encoding", "chunked"),
        ("User-Agent", "\xff" * 5_000),
    ],
)
def test_an_odd_header_breaks_nothing(still_app: Flask, name: str, value: str) -> None:
    client = still_app.test_client()
    key = name.upper().replace("-", "_")
    environ = {key if key == "CONTENT_TYPE" else f"HTTP_{key}": value}

    for path in ("/", "/account/login", "/static/css/base.css", "/nowhere"):
        answer = client.get(path, environ_overrides=environ, buffered=True)
        assert answer.status_code < 500, path
    for data in (b"", b"lang=en"):
        answer = client.post("/preferences", data=data, environ_overrides=environ)
        assert answer.status_code < 500


def test_of_a_doubled_field_the_first_counts(
    client: FlaskClient, charlie: Person
) -> None:
    data = {"phone": [charlie.phone, "x"], "password": [PASSWORD, "wrong"]}

    assert client.post("/account/login", data=data).status_code == 303


def test_fields_in_the_address_are_not_the_forms(
    client: FlaskClient, charlie: Person
) -> None:
    query = {"phone": charlie.phone, "password": PASSWORD}

    assert client.post("/account/login", query_string=query).status_code == 422


def test_a_file_in_place_of_a_text_is_refused(client: FlaskClient) -> None:
    data = {"phone": (io.BytesIO(b"x"), "phone.txt"), "password": PASSWORD}
    answer = client.post("/account/login", data=data)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "G\xcbT"]
)
def test_no_other_method_is_answered(app: Flask, charlie: Person, method: str) -> None:
    client = sign_in(app.test_client(), charlie)

    for path in ("/", "/account/orders", "/preferences"):
        assert client.open(path, method=method).status_code == 405
