"""What a listing was before: who moved it, and at which prices it was sold."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.database import AnyRow, db
from models.accounts import Account
from models.catalogue import Product, ProductVersion
from models.history import StateChange

LONGEST_HISTORY = 50


@dataclass(frozen=True)
class PriceChange:
    """A box's new price: None before means that the box was new."""

    box: str
    before_fen: int | None
    price_fen: int
    who: str
    at: datetime


def changes_of(product_id: int) -> Sequence[AnyRow]:
    """The last moves of a listing, newest first: from_state, to_state, reason,
    at, who (None for the system)."""
    return db.session.execute(
        select(
            StateChange.from_state,
            StateChange.to_state,
            StateChange.reason,
            StateChange.at,
            Account.name.label("who"),
        )
        .outerjoin(Account, Account.id == StateChange.account_id)
        .where(
            StateChange.record_kind == Product.__tablename__,
            StateChange.record_id == product_id,
        )
        .order_by(StateChange.at.desc(), StateChange.id.desc())
        .limit(LONGEST_HISTORY)
    ).all()


def prices_of(product_id: int) -> Sequence[PriceChange]:
    """Every price a box had in the last versions, newest first."""
    versions = db.session.execute(
        select(ProductVersion.content, ProductVersion.at, Account.name.label("who"))
        .join(Account, Account.id == ProductVersion.account_id)
        .where(ProductVersion.product_id == product_id)
        .order_by(ProductVersion.version.desc())
        .limit(LONGEST_HISTORY)
    ).all()
    changes: list[PriceChange] = []
    known: dict[int, int] = {}
    for version in reversed(versions):
        for box in json.loads(version.content)["variants"]:
            before, now = known.get(box["id"]), box["price_fen"]
            if before != now:
                changes.append(
                    PriceChange(box["name"], before, now, version.who, version.at)
                )
            known[box["id"]] = now
    return changes[::-1]
