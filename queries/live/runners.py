"""Who runs a session now, and by which grants: what passes to run it are made out to.

A pass outlives the login it was had with. Media lets it in as long as its runner is
among those the shop names; one whose grant ended is not, and a new grant to the same
person is a new runner. So is one with a new password: who was in by the old one may be
a thief. Nobody runs anything by a phone that was only typed.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from core.config import current_settings
from core.database import AnyRow, db
from domain.live import SessionState
from domain.roles import STUDIO_ROLES, Role, ScopeKind
from models.accounts import Account, RoleGrant
from models.live import LiveSession

RUNNER_DIGITS = 16
NOT_OVER = (SessionState.PLANNED, SessionState.LIVE)


def runners_of(session_id: int) -> list[str]:
    """Everybody who hosts the session or leads its alliance, once for each grant."""
    return [_runner(session_id, row) for row in _grants(session_id)]


def find_runner(session_id: int, account_id: int | None) -> str:
    """What a person's passes to run the session are made out to; "" for who may not."""
    for row in _grants(session_id):
        if row.account_id == account_id:
            return _runner(session_id, row)
    return ""


def rights_in(
    session_ids: Collection[int],
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What media must know of these sessions: slug, then stream key and runners."""
    if session_ids:
        query = select(LiveSession.id, LiveSession.slug, LiveSession.stream_key)
        found = db.session.execute(query.where(LiveSession.id.in_(session_ids))).all()
        for row in found:
            yield row.slug, {"key": row.stream_key, "runners": runners_of(row.id)}


def sessions_once_run_by(account_id: int) -> Sequence[int]:
    """Sessions not over that a person hosts, or whose alliance they lead or led."""
    led = select(RoleGrant.scope_id).where(
        RoleGrant.account_id == account_id,
        RoleGrant.role == Role.LEAD,
        RoleGrant.scope_kind == ScopeKind.ALLIANCE,
    )
    is_theirs = or_(LiveSession.host_id == account_id, LiveSession.alliance_id.in_(led))
    query = select(LiveSession.id).where(is_theirs, LiveSession.state.in_(NOT_OVER))
    return db.session.scalars(query).all()


def _grants(session_id: int) -> Sequence[AnyRow]:
    hosts = and_(
        RoleGrant.role.in_(STUDIO_ROLES), RoleGrant.account_id == LiveSession.host_id
    )
    query = (
        select(RoleGrant.id, RoleGrant.account_id, Account.password_hash)
        .join(Account, Account.id == RoleGrant.account_id)
        .join(LiveSession, LiveSession.alliance_id == RoleGrant.scope_id)
        .where(
            LiveSession.id == session_id,
            RoleGrant.scope_kind == ScopeKind.ALLIANCE,
            RoleGrant.revoked_at.is_(None),
            Account.disabled_at.is_(None),
            Account.phone_proven_at.is_not(None),
            or_(RoleGrant.role == Role.LEAD, hosts),
        )
        .order_by(RoleGrant.id)
    )
    return db.session.execute(query).all()


def _runner(session_id: int, grant: AnyRow) -> str:
    """Anybody may read it: nobody without the key can tell who it is."""
    key = current_settings().secret_key.encode()
    who = f"run:{session_id}:{grant.account_id}:{grant.id}:{grant.password_hash}"
    return hmac.new(key, who.encode(), hashlib.sha256).hexdigest()[:RUNNER_DIGITS]
