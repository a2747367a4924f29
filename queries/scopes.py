"""Scopes by the names people type."""

from sqlalchemy import select

from core.access import ScopeKind
from core.database import db
from models.accounts import Account
from models.alliances import Alliance, Town, Village
from models.cooperative import Cooperative

COLUMNS = {
    ScopeKind.ALLIANCE: (Alliance.id, Alliance.slug),
    ScopeKind.COOPERATIVE: (Cooperative.id, Cooperative.slug),
    ScopeKind.VILLAGE: (Village.id, Village.slug),
    ScopeKind.TOWN: (Town.id, Town.name),
}


def find_scope_id(kind: ScopeKind, name: str) -> int | None:
    """The id of the scope called `name` (a slug; a town's name), or None.

    The district is one and has the id 0.
    """
    if kind is ScopeKind.DISTRICT:
        return 0
    key, column = COLUMNS[kind]
    return db.session.scalar(select(key).where(column == name))


def scope_names(kind: ScopeKind, limit: int = 20) -> list[str]:
    """The names that `find_scope_id` knows, in order."""
    if kind is ScopeKind.DISTRICT:
        return []
    _key, column = COLUMNS[kind]
    return list(db.session.scalars(select(column).order_by(column).limit(limit)))


def find_account_id(phone: str) -> int | None:
    """The id of the account with this phone, or None."""
    return db.session.scalar(select(Account.id).where(Account.phone == phone))
