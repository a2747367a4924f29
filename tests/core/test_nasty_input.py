"""What no form would send, sent to every door: refused in words, never a failure."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.support.doors import Door, doors
from tests.support.factories import Goods, Person, Place
from tests.support.leads import furnish_for_all
from tests.support.people import sign_in, writing

FORM = "application/x-www-form-urlencoded"
ROUNDS = 4
NASTY = (
    b"\x00",
    b"a\x00b",
    b"\xff\xfe\xc0\xaf",
    b"\xed\xa0\x80",
    "³".encode(),
    b"-1",
    b"0",
    b"1" + b"0" * 20,
    b"9" * 5_000,
    b"<script>alert(1)</script>",
    b"=cmd|' /C calc'!A0",
    b"%(name)s %s {} {{7*7}}",
    b"../../etc/passwd",
    "١２".encode(),
    "\u202e\u200b\U0001f600".encode(),
    b"\r\nSet-Cookie: a=b",
    b"2026-02-30",
    b"9999-12-31",
    b"0001-01-01",
    b"nan",
    b"[]",
)
NAMES = (
    "abilities account_id accuracy action again all alliance amount batch bearer boxes "
    "carrier category certificate city code cooperative cooperative_id count coop "
    "decision delivered_on district employer ended_on format from goods granularity "
    "harvested_on host host_id hours identity issuer item kept kind lang listing live "
    "max mediation member mentor mentor_id method min name next note now number old "
    "operating order order_id orders page password payment_method person phone photo "
    "photos pin place plot poster price pricing product product_id products province "
    "q quantity queue quote reason recipient reference remove request_id room_url "
    "sent_on session session_id share size sort starts_at state started_on stock story "
    "street summary tab table title to token tracking tracking_number valid_from "
    "valid_until value variant variant_id village village_id wages weight x y"
).split()


@pytest.fixture
def database_url(engine_url: str) -> str:
    return engine_url


@pytest.fixture
def values(
    app: Flask, place: Place, alice: Person, goods: Goods
) -> Mapping[str, object]:
    with writing(app):
        return furnish_for_all(place, alice, goods)


class Knocker:
    """Alice, who may enter everywhere, and what answered her with a failure."""

    def __init__(self, app: Flask, alice: Person) -> None:
        self.client = sign_in(app.test_client(), alice)
        self.alice = alice
        self.failures: list[str] = []
        self.knocks = 0

    def knock(self, door: Door, what: object = "", **request: Any) -> int:
        self.knocks += 1
        answer = self.client.open(
            **{"path": door.path, "method": door.method} | request
        )
        if answer.status_code >= 500 or "script-src" not in _policy(answer):
            name = f"{door.method} {door.endpoint}"
            self.failures.append(f"{name} {str(what)[:60]}: {answer.status_code}")
        if door.endpoint == "accounts.logout":
            sign_in(self.client, self.alice)
        return int(answer.status_code)


def _policy(answer: Any) -> str:
    return str(answer.headers.get("Content-Security-Policy", ""))


@pytest.fixture
def knocker(app: Flask, alice: Person) -> Iterator[Knocker]:
    knocker = Knocker(app, alice)
    yield knocker
    assert not knocker.failures, "\n".join(knocker.failures)


def nasty_forms() -> Iterator[str]:
    """Every name with another nasty value each round."""
    for turn in range(ROUNDS):
        values = islice(cycle(NASTY), turn * 5, None)
        pairs = zip(NAMES, values, strict=False)
        yield "&".join(f"{name}={quote(value)}" for name, value in pairs)


def test_nasty_fields_and_queries(
    app: Flask, knocker: Knocker, values: Mapping[str, object]
) -> None:
    forms = list(nasty_forms())
    for door in doors(app, values):
        for form in forms:
            if door.method == "POST":
                knocker.knock(door, form, data=form, content_type=FORM)
            else:
                knocker.knock(door, form, query_string=form)


def test_nasty_addresses(
    app: Flask, knocker: Knocker, values: Mapping[str, object]
) -> None:
    marked = dict.fromkeys(
        (name for name, value in values.items() if isinstance(value, str)), "MARK"
    )
    for door in doors(app, {**values, **marked}):
        if "MARK" not in door.path:
            continue
        for nasty in NASTY:
            path = door.path.replace("MARK", nasty.decode("latin-1"))
            knocker.knock(door, nasty, environ_overrides={"PATH_INFO": path})


def test_bodies_of_another_kind(
    app: Flask, knocker: Knocker, values: Mapping[str, object]
) -> None:
    for door in doors(app, values):
        if door.method != "POST":
            continue
        knocker.knock(door, "json", json={"phone": [1, {"a": None}]})
        knocker.knock(door, "nothing", data=b"", content_type="")
        knocker.knock(
            door,
            "half a multipart",
            data=b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc',
            content_type="multipart/form-data; boundary=x",
        )
        knocker.knock(
            door, "no boundary", data=b"--x--", content_type="multipart/form-data"
        )


def test_files_where_text_is_asked_for(
    app: Flask, knocker: Knocker, values: Mapping[str, object]
) -> None:
    for door in doors(app, values):
        if door.method == "POST":
            files = {name: (BytesIO(b"\x89PNG"), "a.png") for name in NAMES}
            knocker.knock(door, "files", data=files)


def test_head_and_options(
    app: Flask, knocker: Knocker, values: Mapping[str, object]
) -> None:
    for door in doors(app, values):
        knocker.knock(door, "OPTIONS", method="OPTIONS")
        if door.method == "GET":
            assert knocker.knock(door, "HEAD", method="HEAD") == knocker.knock(door)
