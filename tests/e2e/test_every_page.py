"""Every page of the demo district, as everyone who may open it, on a phone."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from core.access import Actor, policy_of
from models.accounts import Account
from queries.demo.logins import LOGINS
from tests.e2e.demo_addresses import addresses
from tests.e2e.steps import demo_log_in
from tests.support.browser import Visitor
from tests.support.browser_fixtures import demo_house
from tests.support.factories import Person, actor_of
from tests.support.house import House
from tests.support.people import writing

GUEST, BUYER = "", LOGINS[0].phone
PEOPLE = (GUEST, *(login.phone for login in LOGINS))
LOOK = (Path(__file__).parent / "look.js").read_text()


@pytest.fixture(scope="module")
def live_server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The demo district, with orders, sessions and records in every state."""
    with demo_house(demo_template, tmp_path_factory) as house:
        yield house


@pytest.mark.parametrize(
    ("phone", "role"),
    [(GUEST, ""), *((login.phone, login.role) for login in LOGINS)],
    ids=[phone[-2:] or "guest" for phone in PEOPLE],
)
def test_every_page_is_right_on_a_phone(
    new_visitor: Callable[..., Visitor], app: Flask, phone: str, role: str
) -> None:
    visitor = new_visitor()
    if phone != GUEST:
        demo_log_in(visitor.page, role)
    paths = list(paths_for(app, phone))

    complaints = [
        f"{language} {path}: {complaint}"
        for language in ("zh", "en")
        for path in paths
        for complaint in visit(visitor, path, language)
    ]

    assert paths
    assert not complaints, "\n".join(complaints)


def paths_for(app: Flask, phone: str) -> Iterator[str]:
    """The pages a person may open: all faces of a page if nobody before them may.

    Public pages are for the guest and the buyer.
    """
    before = [known for known in PEOPLE[: PEOPLE.index(phone)] if known]
    seen: set[str] = set()
    for endpoint, path in addresses(app, phone):
        if not may_open(app, endpoint, phone):
            continue
        is_new = not any(may_open(app, endpoint, other) for other in before)
        if is_new or endpoint not in seen:
            yield path
        seen.add(endpoint)


def may_open(app: Flask, endpoint: str, phone: str) -> bool:
    """Whether a page is for a person."""
    policy = policy_of(app.view_functions[endpoint])
    assert policy is not None
    if not policy.needs_login:
        return phone in (GUEST, BUYER)
    if phone == GUEST:
        return False
    return not policy.roles or actor_with(app, phone).has_role(*policy.roles)


@cache
def actor_with(app: Flask, phone: str) -> Actor:
    """The demo person with this phone."""
    with writing(app) as session:
        account = session.scalars(select(Account).where(Account.phone == phone)).one()
        return actor_of(Person(account.id, account.name, account.phone))


def visit(visitor: Visitor, path: str, language: str) -> list[str]:
    """Open a page with large letters, look at it with both, and say what is wrong."""
    visitor.choose(lang=language, size="large")
    known = len(visitor.faults)
    answer = visitor.page.goto(path)
    seen = visitor.page.evaluate(LOOK)
    complaints = [*seen, *visitor.faults[known:]]
    if answer is None or answer.status not in (200, 404, 422):
        complaints.append(f"answered {answer and answer.status}")
    del visitor.faults[known:]
    return complaints
