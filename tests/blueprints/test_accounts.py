"""Logging in and out, registering, changing the password, by the pages."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core import clock
from core.clock import now
from core.database import db
from models.accounts import Account, AccountSession, RateCounter
from models.orders import CartItem
from models.outbox import Job
from services.accounts import codes, passwords, sessions
from services.rates import (
    CODE_PER_PHONE_HERE,
    LOGIN_PER_ADDRESS,
    LOGIN_PER_PHONE,
    LOGIN_PER_PHONE_HERE,
    RateLimit,
)
from tests.support.factories import PASSWORD, Goods, Person, make_person
from tests.support.people import sign_in, writing

MakeApp = Callable[..., Flask]
NEW_PHONE = "13700000077"
NEW_PASSWORD = "another secret"


def log_in(
    client: FlaskClient, phone: str, password: str = PASSWORD, **fields: str
) -> int:
    data = {"phone": phone, "password": password, **fields}
    return client.post("/account/login", data=data).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("tianbo")
    assert cookie
    return cookie.value


def with_cookie(app: Flask, value: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("tianbo", value)
    return client


def last_code(app: Flask) -> str:
    with app.app_context():
        job = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert job
        return str(re.findall(r"\d{6}", job.payload["body"])[0])


PAGES = ["/account/login", "/account/login/code", "/account/register"]


@pytest.mark.parametrize("path", PAGES)
def test_the_doors_of_an_account_open(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get(f"{path}?next={quote('/coop/income')}").status_code == 200
    assert client.put(path).status_code == 405


def test_phone_and_password_let_in(client: FlaskClient, charlie: Person) -> None:
    data = {"phone": f"+86 {charlie.phone[:3]}-{charlie.phone[3:]}"}
    answer = client.post("/account/login", data={**data, "password": PASSWORD})

    assert (answer.status_code, answer.location) == (303, "/account/")
    page = client.get("/account/")
    assert charlie.name in page.text
    assert charlie.phone not in page.text


def test_the_right_password_in_full_width_digits_of_the_phone(
    client: FlaskClient, charlie: Person
) -> None:
    wide = charlie.phone.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    assert log_in(client, wide) == 303


@pytest.mark.parametrize("password", ["wrong", "x" * 200])
def test_a_wrong_password_and_an_unknown_phone_get_one_answer(
    client: FlaskClient, charlie: Person, password: str
) -> None:
    pages = []
    for phone in (charlie.phone, NEW_PHONE):
        data = {"phone": phone, "password": password}
        answer = client.post("/account/login", data=data)
        assert answer.status_code == 422
        pages.append(answer.text.replace(phone, ""))

    assert pages[0] == pages[1]
    assert "手机号和密码对不上" in pages[0]
    assert password not in pages[0]
    assert not is_in(client)


@pytest.mark.parametrize(
    ("phone", "password", "sentence"),
    [
        ("", PASSWORD, "请填手机号"),
        (NEW_PHONE, "", "请填密码"),
        ("1380000000", PASSWORD, "11 位数字"),
        ("³³³³³³³³³³³", PASSWORD, "11 位数字"),
        ("\x00", PASSWORD, "11 位数字"),
        ("<script>alert(1)</script>", PASSWORD, "11 位数字"),
        (NEW_PHONE, "x" * 201, "密码太长了"),
    ],
)
def test_a_mistake_is_explained_and_the_phone_is_kept(
    client: FlaskClient, phone: str, password: str, sentence: str
) -> None:
    data = {"phone": phone, "password": password, "next": "/cart"}
    answer = client.post("/account/login", data=data)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<script>alert" not in answer.text
    assert 'value="/cart"' in answer.text
    if phone == NEW_PHONE:
        assert NEW_PHONE in answer.text


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/coop/income?from=2026-01-01", "/coop/income?from=2026-01-01"),
        ("https://evil.example", "/account/"),
        ("//evil.example", "/account/"),
        ("/\t/evil.example", "/account/"),
        ("//[", "/account/"),
        ("/account/logout", "/account/"),
        ("", "/account/"),
    ],
)
def test_a_login_leads_back_to_our_own_pages(
    client: FlaskClient, charlie: Person, target: str, place: str
) -> None:
    data = {"phone": charlie.phone, "password": PASSWORD, "next": target}

    assert client.post("/account/login", data=data).location == place


def test_a_nasty_next_is_harmless_on_the_page(client: FlaskClient) -> None:
    page = client.get("/account/login", query_string={"next": '"><script>alert(1)'})

    assert page.status_code == 200
    assert "<script>alert" not in page.text


@pytest.mark.usefixtures("production_hashing")
def test_an_unknown_phone_takes_as_long_as_a_wrong_password(
    app: Flask, charlie: Person
) -> None:
    def effort(phone: str) -> float:
        started = time.process_time()
        with app.app_context(), pytest.raises(passwords.WrongLogin):
            passwords.check_password(phone, "a wrong password")
        return time.process_time() - started

    effort(NEW_PHONE)
    known = min(effort(charlie.phone) for _ in range(2))
    unknown = min(effort(NEW_PHONE) for _ in range(2))
    assert 0.5 < unknown / known < 2


@pytest.mark.usefixtures("production_hashing")
def test_an_old_hash_is_renewed_at_login_once(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with writing(app) as session:
        session.get_one(Account, charlie.id).password_hash = weak

    kept = []
    for _ in range(2):
        assert log_in(client, charlie.phone) == 303
        with app.app_context():
            kept.append(db.session.get_one(Account, charlie.id).password_hash)
    assert "$m=65536,t=3,p=4$" in kept[0]
    assert kept[0] == kept[1]


def test_a_captured_cookie_is_useless_after_the_logout(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    log_in(client, charlie.phone)
    captured = cookie_of(client)
    assert is_in(with_cookie(app, captured))

    answer = client.post("/account/logout")

    assert (answer.status_code, answer.location) == (303, "/")
    assert not is_in(client)
    assert not is_in(with_cookie(app, captured))


def test_a_logout_needs_a_form(app: Flask, charlie: Person) -> None:
    client = sign_in(app.test_client(), charlie)

    assert client.get("/account/logout").status_code == 405
    assert is_in(client)


def test_the_next_person_at_the_browser_starts_anew(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    log_in(client, charlie.phone)
    former = cookie_of(client)
    with writing(app):
        dora = make_person("朵拉")

    log_in(client, dora.phone)

    assert "朵拉" in client.get("/account/").text
    assert not is_in(with_cookie(app, former))


def test_a_login_gives_a_new_session_each_time(app: Flask, charlie: Person) -> None:
    first, second = app.test_client(), app.test_client()
    log_in(first, charlie.phone)
    log_in(second, charlie.phone)

    assert cookie_of(first) != cookie_of(second)
    first.post("/account/logout")
    assert is_in(second)


def test_a_session_made_up_by_somebody_is_none(app: Flask, charlie: Person) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(charlie.id)

    assert not is_in(client)


def test_a_session_ends_after_thirty_days(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    log_in(client, charlie.phone)
    moment = now()

    with clock.at(moment + timedelta(days=29)):
        assert is_in(client)
    with clock.at(moment + timedelta(days=30, seconds=1)):
        answer = client.get("/account/orders")
    assert (answer.status_code, answer.location) == (
        303,
        "/account/login?next=/account/orders",
    )


def test_a_disabled_person_is_out_at_once(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    log_in(client, charlie.phone)
    with writing(app):
        sessions.disable_account(charlie.id)

    assert not is_in(client)
    assert log_in(client, charlie.phone) == 422


def test_what_a_guest_put_into_the_cart_comes_along(
    app: Flask, client: FlaskClient, charlie: Person, goods: Goods
) -> None:
    client.post("/cart/items", data={"variant_id": goods.variant_id, "quantity": "2"})
    log_in(client, charlie.phone)

    assert "蜜薯" in client.get("/cart").text
    with app.app_context():
        item = db.session.scalars(select(CartItem)).one()
        assert item.quantity == 2


def test_a_code_lets_in_once(app: Flask, client: FlaskClient, charlie: Person) -> None:
    sent = client.post("/account/codes", data={"phone": charlie.phone, "next": "/cart"})
    assert (sent.status_code, sent.location) == (303, "/account/login/code?next=/cart")
    assert charlie.phone in client.get(sent.location).text
    wide = last_code(app).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    data = {"phone": charlie.phone, "code": f" {wide[:3]} {wide[3:]} ", "next": "/cart"}

    answer = client.post("/account/login/code", data=data)
    assert (answer.status_code, answer.location) == (303, "/cart")
    assert is_in(client)

    again = app.test_client().post("/account/login/code", data=data)
    assert again.status_code == 422
    assert "验证码不对或已过期" in again.text


def test_a_wrong_code_is_counted_although_it_is_refused(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    client.post("/account/codes", data={"phone": charlie.phone})
    code = last_code(app)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(codes.CODE_ATTEMPTS):
        data = {"phone": charlie.phone, "code": wrong}
        assert client.post("/account/login/code", data=data).status_code == 422

    data = {"phone": charlie.phone, "code": code}
    assert client.post("/account/login/code", data=data).status_code == 422


@pytest.mark.parametrize("code", ["", "12345678", "³³³", "\x00", "<b>"])
def test_what_is_no_code_is_refused_and_the_phone_is_kept(
    client: FlaskClient, charlie: Person, code: str
) -> None:
    data = {"phone": charlie.phone, "code": code}
    answer = client.post("/account/login/code", data=data)

    assert answer.status_code == 422
    assert charlie.phone in answer.text


def test_asking_for_a_code_does_not_tell_who_is_known(
    app: Flask, charlie: Person
) -> None:
    pages = []
    for phone in (charlie.phone, NEW_PHONE):
        client = app.test_client()
        answer = client.post("/account/codes", data={"phone": phone})
        assert answer.status_code == 303
        pages.append(client.get(answer.location).text.replace(phone, ""))

    assert pages[0] == pages[1]
    with app.app_context():
        assert len(db.session.scalars(select(Job)).all()) == 1


def test_a_phone_that_is_none_gets_no_code_but_a_sentence(client: FlaskClient) -> None:
    answer = client.post("/account/codes", data={"phone": "12", "next": "/cart"})

    assert answer.status_code == 422
    assert "11 位数字" in answer.text
    assert "用验证码登录" in answer.text
    assert 'value="12"' in answer.text


def ask(client: FlaskClient, phone: str = NEW_PHONE) -> str:
    """Ask for a code to register with; returns where that leads."""
    data = {"phone": phone, "purpose": "register", "name": "王小明", "next": "/cart"}
    return client.post("/account/codes", data=data).location


def register(client: FlaskClient, **fields: str) -> tuple[int, str]:
    """Register with the code that is sent, unless another is given."""
    ask(client, fields.get("phone", NEW_PHONE))
    typed = {"name": "王小明", "phone": NEW_PHONE, "password": PASSWORD, **fields}
    if "code" not in fields:
        typed["code"] = last_code(client.application)
    answer = client.post("/account/register", data=typed)
    return answer.status_code, answer.text


def test_who_registers_is_in(app: Flask, client: FlaskClient) -> None:
    assert "至少 8 个字符" not in client.get("/account/register").text
    page = client.get(ask(client)).text
    assert "至少 8 个字符" in page
    assert all(typed in page for typed in (NEW_PHONE, "王小明", 'value="/cart"'))
    assert register(client, name="  王 小明 ")[0] == 303

    assert "王 小明" in client.get("/account/").text
    assert log_in(app.test_client(), NEW_PHONE) == 303


@pytest.mark.parametrize("code", ["", "000000", "login"])
def test_nobody_registers_a_phone_that_is_not_proven(
    app: Flask, client: FlaskClient, code: str
) -> None:
    """Not without a code, nor by guessing, nor in another browser than the owner's."""
    ask(app.test_client())
    data = {"name": "王", "phone": NEW_PHONE, "password": PASSWORD}
    sent = last_code(app) if code == "login" else code
    answer = client.post("/account/register", data={**data, "code": sent})

    assert answer.status_code == 422
    assert not is_in(client)
    assert log_in(client, NEW_PHONE) == 422


def test_registering_does_not_tell_who_is_known(app: Flask, charlie: Person) -> None:
    pages = []
    for phone in (charlie.phone, NEW_PHONE):
        client = app.test_client()
        page = client.get(ask(client, phone)).text
        data = {"name": "王", "phone": phone, "password": PASSWORD, "code": "000000"}
        refused = client.post("/account/register", data=data)
        pages.append((page + refused.text).replace(phone, ""))

    assert pages[0] == pages[1]


def test_who_proves_a_known_phone_takes_the_account_back(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    """Somebody may have opened it before its owner came."""
    stranger = sign_in(app.test_client(), charlie)
    status, _ = register(client, phone=charlie.phone, password=NEW_PASSWORD)

    assert status == 303
    assert charlie.name in client.get("/account/").text
    assert not is_in(stranger)
    assert log_in(app.test_client(), charlie.phone) == 422
    assert log_in(app.test_client(), charlie.phone, NEW_PASSWORD) == 303


def unprove(app: Flask, person: Person) -> None:
    """As if somebody had only typed this person's number, long ago."""
    with writing(app) as session:
        session.get_one(Account, person.id).phone_proven_at = None


def use_a_code(client: FlaskClient, phone: str, target: str = "") -> str:
    """Log in by a code that is sent; returns where that leads."""
    client.post("/account/codes", data={"phone": phone})
    data = {"phone": phone, "code": last_code(client.application), "next": target}
    return client.post("/account/login/code", data=data).location


def test_the_first_code_replaces_the_password_and_says_so(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    unprove(app, charlie)
    stranger = app.test_client()
    log_in(stranger, charlie.phone)
    assert "用短信验证码确认" in stranger.get("/account/").text

    assert use_a_code(client, charlie.phone) == "/account/password"
    assert "从前的密码不再有效" in client.get("/account/password").text
    assert not is_in(stranger)
    assert log_in(stranger, charlie.phone) == 422
    assert use_a_code(client, charlie.phone, "/cart") == "/cart"


def test_a_name_that_a_stranger_gave_goes(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    unprove(app, charlie)
    register(client, phone=charlie.phone, name="真名", password=NEW_PASSWORD)

    assert "真名" in client.get("/account/").text


@pytest.mark.parametrize("purpose", ["login", "register"])
def test_a_forgotten_password_ends_what_was_had_with_it(
    app: Flask, client: FlaskClient, alice: Person, purpose: str
) -> None:
    """The keys to a room as well as the sessions: see `end_access`."""
    strangers = sign_in(app.test_client(), alice)
    if purpose == "login":
        use_a_code(client, alice.phone)
        fields = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
        client.post("/account/password", data=fields)
    else:
        register(client, phone=alice.phone, password=NEW_PASSWORD)

    assert not is_in(strangers)
    assert is_in(client)


def test_a_disabled_account_is_not_registered_anew(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    with writing(app):
        sessions.disable_account(charlie.id)

    assert register(client, phone=charlie.phone)[0] == 422


def test_a_forgotten_password_is_set_anew_by_a_code(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    other = sign_in(app.test_client(), charlie)
    link = re.search(
        r'href="(/account/login/code[^"]*)"', client.get("/account/login").text
    )
    assert link
    assert 'value="/account/password"' in client.get(link[1]).text
    client.post("/account/codes", data={"phone": charlie.phone})
    data = {"phone": charlie.phone, "code": last_code(app), "next": "/account/password"}
    assert client.post("/account/login/code", data=data).location == data["next"]
    page = client.get("/account/password")
    assert page.status_code == 200
    assert "现在的密码" not in page.text

    fields = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post("/account/password", data=fields).status_code == 303
    assert not is_in(other)
    assert log_in(app.test_client(), charlie.phone, NEW_PASSWORD) == 303
    assert "现在的密码" in client.get("/account/password").text


def test_half_an_hour_after_a_code_the_old_password_is_asked_again(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    register(client, phone=charlie.phone, password=NEW_PASSWORD)

    with clock.at(now() + timedelta(minutes=31)):
        fields = {"password": PASSWORD, "again": PASSWORD}
        assert client.post("/account/password", data=fields).status_code == 422
    assert log_in(app.test_client(), charlie.phone, NEW_PASSWORD) == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": "short"}, "至少 8 个字符"),
        ({"password": "12345678"}, "太常见"),
        ({"password": NEW_PHONE}, "不要用自己的手机号"),
        ({"password": "x" * 201}, "密码"),
        ({"name": ""}, "请填称呼"),
        ({"name": "\x00"}, "看不见的字符"),
        ({"name": "王" * 31}, "最多写 30 个字"),
        ({"phone": "10" * 10, "code": "123456"}, "11 位数字"),
    ],
)
def test_a_mistake_at_registering_keeps_what_was_typed(
    client: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    status, page = register(client, **fields)

    assert status == 422
    assert sentence in page
    if "phone" not in fields:
        assert f'value="{NEW_PHONE}"' in page
    assert PASSWORD not in page


def test_html_in_a_name_is_shown_as_text(client: FlaskClient) -> None:
    register(client, name="<b>王</b>")

    assert "&lt;b&gt;王&lt;/b&gt;" in client.get("/account/").text


def change(client: FlaskClient, **fields: str) -> tuple[int, str]:
    data = {"old": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD, **fields}
    answer = client.post("/account/password", data=data)
    return answer.status_code, answer.text


def test_a_new_password_logs_every_other_browser_out(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    other = app.test_client()
    for browser in (client, other):
        log_in(browser, charlie.phone)
    captured = cookie_of(client)

    assert change(client)[0] == 303

    assert "密码改好了" in client.get("/account/").text
    assert not is_in(other)
    assert not is_in(with_cookie(app, captured))
    assert log_in(app.test_client(), charlie.phone) == 422
    assert log_in(app.test_client(), charlie.phone, NEW_PASSWORD) == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "wrong"}, "现在的密码不对"),
        ({"old": ""}, "请填密码"),
        ({"again": "something else"}, "两次输入的新密码不一样"),
        ({"password": "password", "again": "password"}, "太常见"),
        ({"password": "short", "again": "short"}, "至少 8 个字符"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(
    app: Flask, charlie: Person, fields: dict[str, str], sentence: str
) -> None:
    client = sign_in(app.test_client(), charlie)
    status, page = change(client, **fields)

    assert status == 422
    assert sentence in page
    assert is_in(client)
    with app.app_context():
        assert passwords.check_password(charlie.phone, PASSWORD) == charlie.id


def test_the_own_page_needs_a_login_and_says_what_one_may_do(
    app: Flask, client: FlaskClient, alice: Person
) -> None:
    assert client.get("/account/").status_code == 303

    page = sign_in(app.test_client(), alice).get("/account/").text
    assert "/coop/income" in page
    assert "/studio/listings" in page


def test_demo_logins_are_shown_in_the_demo_only(
    client: FlaskClient, make_app: MakeApp, database_url: str
) -> None:
    demo = make_app(database_url, TIANBO_DEMO="1").test_client()

    assert "tianbo-demo" in demo.get("/account/login").text
    assert "tianbo-demo" not in client.get("/account/login").text


@pytest.fixture
def within_a_window() -> Iterator[None]:
    """The clock stands, so that no counter starts anew during the test."""
    with clock.at(datetime(2026, 3, 10, 8, 1, tzinfo=UTC)):
        yield


def try_often(client: FlaskClient, phone: str, times: int) -> list[int]:
    return [log_in(client, phone, "") for _ in range(times)]


def fill(app: Flask, limit: RateLimit) -> None:
    """Let what is counted under `limit` stand at the last try that is allowed."""
    of_limit = RateCounter.bucket.startswith(f"{limit.name}:")
    with writing(app) as session:
        session.execute(update(RateCounter).where(of_limit).values(hits=limit.hits))


@pytest.mark.usefixtures("within_a_window")
def test_too_many_tries_on_one_phone_must_wait(
    app: Flask, make_app: MakeApp, database_url: str, charlie: Person
) -> None:
    """Counted in the database: another process knows of them."""
    client, elsewhere = app.test_client(), make_app(database_url).test_client()
    log_in(client, charlie.phone, "wrong")
    fill(app, LOGIN_PER_PHONE_HERE)
    data = {"phone": charlie.phone, "password": PASSWORD}

    for browser in (client, elsewhere):
        answer = browser.post("/account/login", data=data)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert "秒再试" in answer.text
    with clock.at(now() + LOGIN_PER_PHONE_HERE.window):
        assert log_in(client, charlie.phone) == 303


@pytest.mark.usefixtures("within_a_window")
def test_a_blocked_phone_does_not_block_the_next_nor_the_code(
    app: Flask, client: FlaskClient, charlie: Person, alice: Person
) -> None:
    log_in(client, charlie.phone, "wrong")
    fill(app, LOGIN_PER_PHONE_HERE)

    assert log_in(client, charlie.phone) == 429
    assert log_in(client, alice.phone) == 303
    client.post("/account/codes", data={"phone": charlie.phone})
    data = {"phone": charlie.phone, "code": last_code(app)}
    assert client.post("/account/login/code", data=data).status_code == 303


@pytest.mark.usefixtures("within_a_window")
def test_a_blocked_address_uses_up_no_phones_tries(
    app: Flask, client: FlaskClient, charlie: Person, alice: Person
) -> None:
    log_in(client, alice.phone, "wrong")
    fill(app, LOGIN_PER_ADDRESS)
    for _ in range(3):
        assert log_in(client, charlie.phone) == 429

    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    data = {"phone": charlie.phone, "password": PASSWORD}
    answer = client.post("/account/login", data=data, environ_overrides=elsewhere)
    assert answer.status_code == 303
    with app.app_context():
        hits = db.session.scalars(select(RateCounter.hits)).all()
    assert sorted(hits) == [0, 0, 0, 1, 1, LOGIN_PER_ADDRESS.hits + 3]


@pytest.mark.usefixtures("within_a_window")
def test_codes_are_not_sent_without_end(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    statuses = [
        client.post("/account/codes", data={"phone": charlie.phone}).status_code
        for _ in range(CODE_PER_PHONE_HERE.hits + 2)
    ]

    assert statuses == [303] * CODE_PER_PHONE_HERE.hits + [429, 429]
    with app.app_context():
        assert len(db.session.scalars(select(Job)).all()) == CODE_PER_PHONE_HERE.hits


STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.mark.usefixtures("within_a_window")
def test_a_stranger_locks_nobody_out(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    """Neither by wrong passwords from one address, nor from many at once."""
    known = app.test_client()
    log_in(known, charlie.phone)
    wrong = {"phone": charlie.phone, "password": "wrong"}
    statuses = [
        client.post(
            "/account/login", data=wrong, environ_overrides=STRANGER
        ).status_code
        for _ in range(LOGIN_PER_PHONE_HERE.hits + 1)
    ]
    assert (statuses[-2], statuses[-1]) == (422, 429)

    assert log_in(app.test_client(), charlie.phone) == 303
    fill(app, LOGIN_PER_PHONE)
    assert log_in(app.test_client(), charlie.phone) == 429
    assert log_in(known, charlie.phone) == 303


@pytest.mark.usefixtures("within_a_window")
def test_a_known_browser_guesses_no_more_than_others(
    app: Flask, client: FlaskClient, charlie: Person, alice: Person
) -> None:
    """Its cookie is of one phone, and cannot be made."""
    log_in(client, charlie.phone)
    tries = [log_in(client, charlie.phone, "wrong") for _ in range(11)]
    assert tries == [422] * 10 + [429]
    cookie = client.get_cookie("known")
    assert cookie
    assert charlie.phone not in cookie.value

    for value in (cookie.value, f"x{cookie.value}", "", ".", "é.é"):
        client.set_cookie("known", value)
        log_in(client, alice.phone, "wrong")
        fill(app, LOGIN_PER_PHONE)
        assert log_in(client, alice.phone) == 429


@pytest.mark.usefixtures("within_a_window")
@pytest.mark.parametrize("gathered", ["by an old password", "by an unproven number"])
def test_words_gathered_before_buy_no_tries(
    app: Flask, client: FlaskClient, charlie: Person, gathered: str
) -> None:
    """Each word is good for ten tries: a stranger could keep a thousand of them."""
    if gathered == "by an unproven number":
        unprove(app, charlie)
    log_in(client, charlie.phone)
    kept = client.get_cookie("known")
    assert (kept is None) == (gathered == "by an unproven number")
    owner = app.test_client()
    register(owner, phone=charlie.phone, password=NEW_PASSWORD)
    log_in(app.test_client(), charlie.phone, "wrong")
    fill(app, LOGIN_PER_PHONE)

    stranger = app.test_client()
    if kept:
        stranger.set_cookie("known", kept.value)
    assert log_in(stranger, charlie.phone, "wrong") == 429
    assert log_in(owner, charlie.phone, NEW_PASSWORD) == 303


@pytest.mark.usefixtures("within_a_window")
def test_a_right_login_does_not_count(client: FlaskClient, charlie: Person) -> None:
    for _ in range(LOGIN_PER_PHONE_HERE.hits + 2):
        client.delete_cookie("known")
        assert log_in(client, charlie.phone) == 303


@pytest.mark.usefixtures("within_a_window")
def test_a_stranger_burns_nobodys_codes(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    """Five texts and no more for one address; the owner still gets one."""
    stranger, data = app.test_client(), {"phone": charlie.phone}
    for _ in range(CODE_PER_PHONE_HERE.hits + 2):
        stranger.post("/account/codes", data=data, environ_overrides=STRANGER)
    client.post("/account/codes", data=data)
    code = {**data, "code": last_code(app)}
    for _ in range(codes.CODE_ATTEMPTS + 1):
        stranger.post("/account/login/code", data=code, environ_overrides=STRANGER)

    assert client.post("/account/login/code", data=code).status_code == 303


def test_a_mistyped_form_is_no_attempt(app: Flask, client: FlaskClient) -> None:
    assert try_often(client, NEW_PHONE, 3) == [422] * 3

    with app.app_context():
        assert db.session.scalars(select(RateCounter)).all() == []


def test_sessions_are_rows(app: Flask, client: FlaskClient, charlie: Person) -> None:
    log_in(client, charlie.phone)

    with app.app_context():
        row = db.session.scalars(select(AccountSession)).one()
    assert row.account_id == charlie.id
    assert row.ended_at is None
