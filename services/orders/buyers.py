"""Browsers without an account, and what becomes of their carts at login."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update

from core.clock import now
from core.database import db
from domain.orders.buyers import Buyer
from models import Visitor
from services.accounts import digest_of

__all__ = ["VISIT_LENGTH", "Buyer", "find_visitor_id", "keep_visit", "start_visit"]

VISIT_LENGTH = timedelta(days=180)


def start_visit() -> tuple[int, str]:
    """A new browser's id, and the token for its cookie."""
    token = secrets.token_urlsafe(32)
    visitor = Visitor(token_digest=digest_of(token), expires_at=now() + VISIT_LENGTH)
    db.session.add(visitor)
    db.session.flush()
    return visitor.id, token


def find_visitor_id(token: str) -> int | None:
    """The browser whose cookie holds `token`, while its visit lasts."""
    return db.session.scalar(
        select(Visitor.id).where(
            Visitor.token_digest == digest_of(token), Visitor.expires_at > now()
        )
    )


def keep_visit(visitor_id: int) -> None:
    """Let a visit last from now on: an order must stay open to its buyer."""
    db.session.execute(
        update(Visitor)
        .where(Visitor.id == visitor_id)
        .values(expires_at=now() + VISIT_LENGTH)
        .execution_options(synchronize_session=False)
    )
