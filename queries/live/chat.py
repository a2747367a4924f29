"""What was said in a live room, as the room may see it once it is moderated."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import or_, select

from core.clock import millis
from core.database import AnyRow, AnySelect, db
from domain.live import EventKind
from domain.roles import Role, ScopeKind
from models.accounts import Account, RoleGrant
from models.live import LiveEvent, LiveSession

MODERATION = frozenset({EventKind.HIDE, EventKind.MUTE, EventKind.UNMUTE})
TAIL = 50
LOOKED_AT = 200
"""Enough to find TAIL lines unless most of the latest were hidden."""


@dataclass(frozen=True)
class ChatLine:
    """One line of talk; `author` is the same for the same person in one session."""

    seq: int
    name: str
    text: str
    at_ms: int
    author: str

    def to_json(self) -> dict[str, Any]:
        """The line as rooms are told it."""
        return asdict(self)


@dataclass(frozen=True)
class Moderation:
    """What the host took out of a room's talk: lines by number, and whole people.

    muted: who may say nothing now, with the name they bore. silenced: for everyone
    who was ever muted, the last time's number; what they said before stays away.
    """

    hidden: frozenset[int]
    muted: Mapping[str, str]
    silenced: Mapping[str, int]

    def lets(self, line: ChatLine) -> bool:
        """Whether the room may see a line."""
        is_silenced = line.seq < self.silenced.get(line.author, 0)
        return line.seq not in self.hidden and not is_silenced


def line_of(message: AnyRow | LiveEvent) -> ChatLine:
    """A line from its event, whose detail holds name, text and author."""
    return ChatLine(seq=message.seq, at_ms=millis(message.at), **message.detail)


def tail(events: Sequence[AnyRow], limit: int = TAIL) -> Sequence[ChatLine]:
    """The last visible lines among events: MESSAGE and MODERATION, any order."""
    moderation = moderation_of(events)
    lines = [
        line_of(row)
        for row in sorted(events, key=lambda row: row.seq)
        if row.kind == EventKind.MESSAGE
    ]
    return [line for line in lines if moderation.lets(line)][-limit:]


def moderation_of(events: Sequence[AnyRow]) -> Moderation:
    """What events of the MODERATION kinds add up to; others are passed over."""
    hidden: set[int] = set()
    muted: dict[str, str] = {}
    silenced: dict[str, int] = {}
    for row in sorted(events, key=lambda row: row.seq):
        if row.kind == EventKind.HIDE:
            hidden.add(row.detail["seq"])
        elif row.kind == EventKind.MUTE:
            muted[row.detail["author"]] = row.detail["name"]
            silenced[row.detail["author"]] = row.seq
        elif row.kind == EventKind.UNMUTE:
            muted.pop(row.detail["author"], None)
    return Moderation(frozenset(hidden), muted, silenced)


def find_moderation(session_id: int) -> Moderation:
    """What the host took out of a session's talk so far."""
    return moderation_of(events_of(session_id, MODERATION))


def lines_by(session_id: int, author: str) -> Sequence[ChatLine]:
    """What one person said among the latest lines, without what was hidden."""
    lines = tail(events_of(session_id, MODERATION, with_chat=True), LOOKED_AT)
    return [line for line in lines if line.author == author]


def names_in_charge(session: LiveSession) -> Sequence[str]:
    """The names of a session's host and of who leads its alliance now."""
    leads = select(RoleGrant.account_id).where(
        RoleGrant.role == Role.LEAD,
        RoleGrant.scope_kind == ScopeKind.ALLIANCE,
        RoleGrant.scope_id == session.alliance_id,
        RoleGrant.revoked_at.is_(None),
    )
    in_charge = or_(Account.id == session.host_id, Account.id.in_(leads))
    return db.session.scalars(select(Account.name).where(in_charge)).all()


def events_of(
    session_id: int, kinds: Collection[EventKind], *, with_chat: bool = False
) -> Sequence[AnyRow]:
    """A session's events of some kinds: seq, kind, at, product_id, detail.

    with_chat: the latest lines of talk too, in the same query. A session may hold a
    hundred thousand of them; they are never all read.
    """
    query = _events(session_id).where(LiveEvent.kind.in_(kinds))
    if not with_chat:
        return db.session.execute(query).all()
    latest = (
        _events(session_id)
        .where(LiveEvent.kind == EventKind.MESSAGE)
        .order_by(LiveEvent.seq.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return db.session.execute(query.union_all(select(latest))).all()


def _events(session_id: int) -> AnySelect:
    return select(
        LiveEvent.seq,
        LiveEvent.kind,
        LiveEvent.at,
        LiveEvent.product_id,
        LiveEvent.detail,
    ).where(LiveEvent.session_id == session_id)
