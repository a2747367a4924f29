"""Who gets past the policy of each endpoint, as a table to be reviewed.

python -m tests.support.policies writes it anew after an endpoint came or changed.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask, g

from core.access import FRESH_FOR, Grant, SignedIn, enforce_policy
from core.clock import now
from core.errors import Forbidden
from domain.roles import Role, ScopeKind
from tests.support.databases import build_app
from tests.support.doors import Door, doors

GOLDEN = Path(__file__).parents[1] / "core" / "policies.txt"
COLUMNS = ("anyone", "account", *Role)
PLACES = {"id": 1, "text": "x", "name": "x"}
HEADING = """\
# Who gets past the policy of each endpoint; what they then see is scoped.
# x enters · f enters if the password was typed within half an hour · - is refused
# anyone: not logged in, sent to the login page where - stands
# account: logged in, without a role
"""


def table(app: Flask) -> str:
    """The whole table, ending in a newline."""
    rows = list(_rows(app))
    width = max(len(name) for name, _marks in rows)
    lines = [
        f"{name:<{width}}  {'  '.join(f'{mark:^{len(role)}}' for role, mark in marks)}"
        for name, marks in rows
    ]
    head = f"{'':<{width}}  {'  '.join(COLUMNS)}"
    return HEADING + "\n".join(line.rstrip() for line in [head, *lines]) + "\n"


def _rows(app: Flask) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for door in sorted(doors(app, PLACES), key=lambda door: door.endpoint):
        marks = [(column, _mark(app, door, column)) for column in COLUMNS]
        yield f"{door.endpoint} {door.method}", marks


def _mark(app: Flask, door: Door, column: str) -> str:
    if not _enters(app, door, _person(column, typed_ago=timedelta(0))):
        return "-"
    stale = _person(column, typed_ago=FRESH_FOR)
    return "x" if _enters(app, door, stale) else "f"


def _person(column: str, *, typed_ago: timedelta) -> SignedIn | None:
    if column == "anyone":
        return None
    grants = () if column == "account" else (_grant(Role(column)),)
    return SignedIn(
        account_id=1,
        name="王",
        phone="13900000001",
        session_token="token",
        confirmed_at=now() - typed_ago,
        grants=grants,
    )


def _grant(role: Role) -> Grant:
    return Grant(role, ScopeKind.DISTRICT, 0)


def _enters(app: Flask, door: Door, person: SignedIn | None) -> bool:
    with app.test_request_context(door.path, method=door.method):
        g._login_user = person
        try:
            return enforce_policy() is None
        except Forbidden:
            return False


def main() -> None:
    """Write the table of this app."""
    with TemporaryDirectory() as folder:
        app = build_app(f"sqlite:///{folder}/x.db", Path(folder))
        GOLDEN.write_text(table(app))


if __name__ == "__main__":
    main()
