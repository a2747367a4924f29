"""Files of many rows: asked for in the browser, made by a worker, for one alone."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from blueprints.lists import reports
from blueprints.lists.exports import AT_ONCE, PRINTERS
from blueprints.lists.formats import Format
from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.clock import now
from core.database import db, transaction
from domain.exports import KEPT_FOR, MOST_TRIES, MOST_UNDERWAY, ExportState
from domain.orders.states import PaymentMethod
from integrations.exports import pdf_process
from models.accounts import RoleGrant
from models.exports import Export, ExportPart
from services import exports
from tests.support.factories import Goods, Person, actor_of
from tests.support.people import writing
from tests.support.shopper import sold

Browser = Callable[[Person], FlaskClient]
XLSX = "/coop/orders?format=xlsx"
PDF = "/coop/orders?format=pdf"
FILE = re.compile(r'href="(/exports/[^"]+/file)"')


@pytest.fixture(autouse=True)
def orders(
    app: Flask, goods: Goods, charlie: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three orders, where two make a long list, read in batches of two."""
    load_handlers()
    for kind in Format.XLSX, Format.PDF, Format.CSV:
        monkeypatch.setitem(AT_ONCE, kind, 2)
    monkeypatch.setattr(reports, "BATCH", 2)
    for _order in range(3):
        sold(app, charlie, goods, 1, PaymentMethod.BANK_TRANSFER)


@pytest.fixture
def desk(alice: Person, browser_of: Browser) -> FlaskClient:
    return browser_of(alice)


def work(app: Flask) -> None:
    with app.app_context():
        work_until_empty(Stopper())


def the_export(app: Flask) -> Export:
    with app.app_context():
        return db.session.scalars(select(Export)).one()


def count(app: Flask, table: type[Export | ExportPart]) -> int:
    with app.app_context():
        return len(db.session.scalars(select(table)).all())


def ask(desk: FlaskClient, address: str = XLSX) -> None:
    answer = desk.get(address)
    assert (answer.status_code, answer.location) == (303, "/exports")


def made(app: Flask, desk: FlaskClient, address: str = XLSX) -> str:
    """Ask for a file and have it made; where it is."""
    ask(desk, address)
    work(app)
    [href] = FILE.findall(desk.get("/exports").text)
    return str(href)


def test_a_long_list_is_made_and_fetched(app: Flask, desk: FlaskClient) -> None:
    ask(desk)
    waiting = desk.get("/exports")
    assert "排队中" in waiting.text
    assert waiting.headers["Refresh"] == "3"
    assert not FILE.search(waiting.text)

    work(app)
    answer = desk.get("/exports")
    page = answer.text
    assert "做好了" in page
    assert "Refresh" not in answer.headers
    answer = desk.get(FILE.findall(page)[0])
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert re.fullmatch(
        r"attachment; filename=orders_\d{4}-\d\d-\d\d\.xlsx",
        answer.headers["Content-Disposition"],
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows = list(book[book.sheetnames[0]].iter_rows(values_only=True))
    assert len({row[0] for row in rows[1:4]}) == 3


def test_a_pdf_and_a_csv_are_made_as_well(app: Flask, desk: FlaskClient) -> None:
    body = desk.get(made(app, desk, PDF)).data
    assert "订单收款" in pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text()
    with writing(app) as session:
        session.execute(update(Export).values(expires_at=now()))
    assert desk.get(made(app, desk, "/coop/orders?format=csv")).data.count(b"\n") > 3


def test_a_short_list_comes_at_once(app: Flask, desk: FlaskClient) -> None:
    past = "from=2001-01-01&to=2001-01-31"
    assert desk.get(f"{PDF}&{past}").mimetype == "application/pdf"
    assert count(app, Export) == 0


def test_a_third_pdf_at_a_time_waits_for_a_worker(
    app: Flask, desk: FlaskClient
) -> None:
    short = f"{PDF}&from=2001-01-01&to=2001-01-31"
    with PRINTERS, PRINTERS:
        ask(desk, short)
    assert count(app, Export) == 1
    assert desk.get(short).status_code == 200


def test_it_is_written_in_the_words_of_who_asked(app: Flask, desk: FlaskClient) -> None:
    desk.set_cookie("lang", "en")
    body = desk.get(made(app, desk, f"{XLSX}&from=2001-01-01")).data
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert "Order" in str(book[book.sheetnames[0]].cell(1, 1).value)


def test_asked_twice_is_made_once(app: Flask, desk: FlaskClient) -> None:
    ask(desk)
    ask(desk, f"{XLSX}&page=2")
    assert count(app, Export) == 1

    work(app)
    ask(desk)
    assert count(app, Export) == 2


def test_one_person_keeps_no_others_waiting(app: Flask, desk: FlaskClient) -> None:
    for day in range(1, MOST_UNDERWAY + 1):
        ask(desk, f"{XLSX}&from=2001-01-0{day}")
    answer = desk.get(XLSX)
    assert answer.status_code == 409
    assert f"还有 {MOST_UNDERWAY} 个文件正在做" in answer.text


def test_nobody_else_fetches_it(
    app: Flask, desk: FlaskClient, browser_of: Browser, bob: Person, charlie: Person
) -> None:
    file = made(app, desk)
    for other in (bob, charlie):
        assert browser_of(other).get(file).status_code == 404
        assert not FILE.search(browser_of(other).get("/exports").text)
    assert app.test_client().get(file).status_code == 303
    assert desk.get("/exports/nonsense/file").status_code == 404


def test_who_loses_the_right_loses_the_file(
    app: Flask, desk: FlaskClient, alice: Person
) -> None:
    file = made(app, desk)
    take_rights(app, alice)

    assert desk.get(file).status_code == 404
    assert not FILE.search(desk.get("/exports").text)


def test_who_loses_the_right_meanwhile_gets_none(
    app: Flask, desk: FlaskClient, alice: Person
) -> None:
    ask(desk)
    take_rights(app, alice)
    work(app)

    export = the_export(app)
    assert export.state == ExportState.FAILED
    assert "不能看了" in export.why
    assert count(app, ExportPart) == 0


def test_it_holds_what_the_scope_of_then_shows(
    app: Flask, browser_of: Browser, bob: Person
) -> None:
    """Bob keeps other books: the same address has nothing for him, at once."""
    answer = browser_of(bob).get(XLSX)
    assert answer.status_code == 200
    assert count(app, Export) == 0


def test_a_pdf_that_is_too_large_says_what_to_do(
    app: Flask, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = pdf_process.Limits(memory=60 * 1024 * 1024)
    monkeypatch.setattr(pdf_process.print_pdf, "__defaults__", (small,))
    ask(desk, PDF)
    work(app)

    page = desk.get("/exports").text
    assert "没做成" in page
    assert "请把期间选短些" in page
    assert 'href="/coop/orders?"' in page


def test_a_file_that_ends_its_worker_is_given_up(app: Flask, desk: FlaskClient) -> None:
    ask(desk)
    code = the_export(app).code
    for _try in range(MOST_TRIES):
        with app.app_context(), transaction():
            assert exports.begin(code)
    with app.app_context(), transaction():
        assert exports.begin(code) is None

    assert the_export(app).state == ExportState.FAILED


def test_a_worker_that_was_killed_is_followed_by_another(
    app: Flask, desk: FlaskClient
) -> None:
    ask(desk)
    with app.app_context(), transaction():
        exports.begin(the_export(app).code)
    work(app)

    assert the_export(app).state == ExportState.READY


def test_files_are_gone_after_a_day(app: Flask, desk: FlaskClient) -> None:
    file = made(app, desk)
    later = now() + KEPT_FOR + timedelta(minutes=1)
    with writing(app) as session:
        session.execute(update(Export).values(expires_at=now()))
    assert desk.get(file).status_code == 404
    with clock.at(later), app.app_context(), transaction():
        exports.forget_old_exports()
    assert (count(app, Export), count(app, ExportPart)) == (0, 0)


def test_the_oldest_make_room(
    app: Flask, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(app, desk)
    monkeypatch.setattr(exports, "ROOM", the_export(app).size + 1)
    ask(desk)
    work(app)

    assert count(app, Export) == 1
    assert desk.get(first).status_code == 404


def test_a_file_beyond_all_measure_is_not_kept(
    app: Flask, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LARGEST_FILE", 10)
    ask(desk)
    work(app)

    assert "文件太大了" in desk.get("/exports").text


def take_rights(app: Flask, person: Person) -> None:
    with writing(app) as session:
        own = RoleGrant.account_id == actor_of(person).account_id
        session.execute(update(RoleGrant).where(own).values(revoked_at=now()))
