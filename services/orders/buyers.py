"""Browsers without an account, and what becomes of their carts at login."""

import secrets
from datetime import timedelta

from sqlalchemy import Update, bindparam, select, update

from core.clock import now
from core.database import AnySelect, db
from core.statements import insert_now, kept, table_of
from domain.orders.buyers import Buyer
from models import Visitor
from services.accounts import digest_of

__all__ = ["VISIT_LENGTH", "Buyer", "find_visitor_id", "keep_visit", "start_visit"]

VISIT_LENGTH = timedelta(days=180)


def start_visit() -> tuple[int, str]:
    """A new browser's id, and the token for its cookie."""
    token = secrets.token_urlsafe(32)
    visitor = Visitor(token_digest=digest_of(token), expires_at=now() + VISIT_LENGTH)
    insert_now(visitor)
    return visitor.id, token


def find_visitor_id(token: str) -> int | None:
    """The browser whose cookie holds `token`, while its visit lasts."""
    values = {"digest": digest_of(token), "moment": now()}
    found: int | None = db.session.scalar(_visitor_by_token(), values)
    return found


def keep_visit(visitor_id: int) -> None:
    """Let a visit last from now on: an order must stay open to its buyer."""
    values = {"visitor": visitor_id, "expires_at": now() + VISIT_LENGTH}
    db.session.execute(_lengthening(), values)


@kept
def _visitor_by_token() -> AnySelect:
    visitor = table_of(Visitor).c
    return select(visitor.id).where(
        visitor.token_digest == bindparam("digest"),
        visitor.expires_at > bindparam("moment"),
    )


@kept
def _lengthening() -> Update:
    visitors = table_of(Visitor)
    return update(visitors).where(visitors.c.id == bindparam("visitor"))
