"""What waits for whoever holds a role, and how much of it: counted in one query.

Each kind of work is a select of what waits, in scope, with the columns `at` (its
deadline, or the moment since when it waits, or NULL), `key` (what its page's address
names), `title`, `note` and `fen`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    cast,
    exists,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from core.access import Actor
from core.clock import now, today
from core.database import AnyRow, AnySelect, UTCDateTime, db
from domain.catalogue import ListingState
from domain.live import SessionState
from domain.orders.states import OrderState, PaymentMethod, RefundState
from domain.register import InvitationState
from domain.roles import Role
from domain.training import OPEN, CertificateKind
from models.accounts import Account
from models.alliances import Alliance, AllianceMember
from models.catalogue import Product
from models.live import LineUpItem, LiveSession
from models.orders import Order
from models.outbox import Job
from models.payments import Payment, Refund
from models.register import Invitation
from models.training import Certificate, TrainingRecord
from queries.orders.attention import PERSON_ONLY, parked_payments, stuck_refunds
from queries.orders.packing import WAITS, Queue, waits_in
from queries.scopes import visible
from queries.training.members import in_reach, present_members

Work: TypeAlias = Callable[[Actor, Role], AnySelect]
LATE = timedelta(hours=3)
"""A planned session that is later than this will not be held."""


@dataclass(frozen=True)
class Tally:
    """How much of a kind waits. at: the first of it; None where it has no time."""

    count: int
    at: datetime | None


def tally(works: Sequence[AnySelect]) -> list[Tally]:
    """How much waits of each kind, in their order. One query."""
    parts = [_counted(position, work) for position, work in enumerate(works)]
    if not parts:
        return []
    rows = db.session.execute(union_all(*parts).order_by("position"))
    return [Tally(row.waiting, row.first_at) for row in rows]


def first_of(work: AnySelect) -> AnyRow | None:
    """What of a kind comes first."""
    return db.session.execute(work.order_by("at", "key").limit(1)).first()


def packets(queue: Queue) -> Work:
    """Orders that wait for a packer in a queue, since they were placed."""
    return lambda actor, role: _orders(actor, role, Order.placed_at).where(
        waits_in(queue)
    )


def transfers(actor: Actor, role: Role) -> AnySelect:
    """Orders whose transfer is to be found in the bank before they expire."""
    return _orders(actor, role, Order.pay_before).where(
        Order.state == OrderState.PLACED,
        Order.payment_method == PaymentMethod.BANK_TRANSFER,
    )


def refunds_asked(actor: Actor, role: Role) -> AnySelect:
    """Refunds that nobody has decided yet."""
    query = select(
        *_columns(
            Refund.requested_at,
            Refund.id,
            Order.number,
            Refund.reason,
            Refund.amount_fen,
        )
    ).join(Order, Order.id == Refund.order_id)
    return query.where(
        Refund.state == RefundState.REQUESTED, visible(Order, actor, role)
    )


def refunds_stuck(actor: Actor, role: Role) -> AnySelect:
    """Refunds that failed, or that the accountant is to transfer."""
    return stuck_refunds(actor, (role,)).with_only_columns(
        *_columns(
            Refund.requested_at,
            Refund.id,
            Order.number,
            Refund.reason,
            Refund.amount_fen,
        )
    )


def payments_parked(actor: Actor, role: Role) -> AnySelect:
    """Payments whose amount is not the order's, since they came."""
    found = parked_payments(actor, (role,)).subquery()
    return select(
        *_columns(found.c.at, found.c.number, found.c.number, fen=found.c.amount_fen)
    )


def jobs_parked(actor: Actor, role: Role) -> AnySelect:
    """Work for an order that was tried in vain."""
    named = {
        name: Job.payload[f"{name}_id"].as_integer()
        for name in ("order", "payment", "refund")
    }
    order_id = func.coalesce(
        named["order"],
        *(
            select(table.order_id).where(table.id == named[name]).scalar_subquery()
            for name, table in (("payment", Payment), ("refund", Refund))
        ),
    )
    query = select(*_columns(Job.parked_at, Job.id, Order.number))
    return query.join(Order, Order.id == order_id).where(
        Job.done_at.is_(None),
        Job.parked_at.is_not(None),
        Job.kind != PERSON_ONLY,
        visible(Order, actor, role),
    )


def listings_sent_back(actor: Actor, role: Role) -> AnySelect:
    """The person's own listings that the lead wants changed."""
    return _listings(actor, role, ListingState.REJECTED).where(
        Product.created_by == actor.account_id
    )


def listings_to_review(actor: Actor, role: Role) -> AnySelect:
    """Listings that wait for the lead."""
    return _listings(actor, role, ListingState.SUBMITTED)


def sessions_without_goods(actor: Actor, role: Role) -> AnySelect:
    """Planned sessions that have nothing to sell yet; they begin at `at`."""
    query = select(*_columns(LiveSession.starts_at, LiveSession.id, LiveSession.title))
    return query.where(
        LiveSession.state == SessionState.PLANNED,
        LiveSession.starts_at > now() - LATE,
        ~exists().where(LineUpItem.session_id == LiveSession.id),
        visible(LiveSession, actor, role),
    )


def records_open(actor: Actor, role: Role) -> AnySelect:
    """Training records of others that are not at their end."""
    made, title = TrainingRecord.created_at, TrainingRecord.title
    query = select(*_columns(made, TrainingRecord.id, title, Account.name))
    return query.join(Account, Account.id == TrainingRecord.account_id).where(
        TrainingRecord.state.in_(sorted(OPEN)),
        TrainingRecord.account_id != actor.account_id,
        in_reach(TrainingRecord, actor, role),
    )


def members_uncertified(actor: Actor, role: Role) -> AnySelect:
    """Present members who may not host today."""
    valid = exists().where(
        Certificate.account_id == Account.id,
        Certificate.kind == CertificateKind.LIVE_HOST,
        Certificate.revoked_on.is_(None),
        Certificate.valid_from <= today(),
        Certificate.valid_until >= today(),
    )
    columns = _columns(None, Account.id, Account.name, Alliance.name)
    return (
        present_members()
        .with_only_columns(*columns)
        .where(~valid, visible(AllianceMember, actor, role))
    )


def invitations_to_second(actor: Actor, role: Role) -> AnySelect:
    """Invitations of others that go out when a second officer agrees."""
    return _invitations(actor, role, InvitationState.PROPOSED).where(
        Invitation.account_id != actor.account_id
    )


def invitations_open(actor: Actor, role: Role) -> AnySelect:
    """Invitations that whom they are for has not answered; they end at `at`."""
    return _invitations(actor, role, InvitationState.OPEN)


def _invitations(actor: Actor, role: Role, state: InvitationState) -> AnySelect:
    query = select(*_columns(Invitation.expires_at, Invitation.id, Invitation.name))
    return query.where(
        Invitation.state == state,
        Invitation.expires_at > now(),
        visible(Invitation, actor, role),
    )


def _orders(actor: Actor, role: Role, at: Any) -> AnySelect:
    query = select(*_columns(at, Order.number, Order.number, fen=Order.total_fen))
    return query.where(WAITS, visible(Order, actor, role))


def _listings(actor: Actor, role: Role, state: ListingState) -> AnySelect:
    query = select(*_columns(Product.updated_at, Product.id, Product.name))
    return query.where(Product.state == state, visible(Product, actor, role))


def _columns(
    at: Any, key: Any, title: Any, note: Any = None, fen: Any = None
) -> list[ColumnElement[Any]]:
    """The columns of every kind of work; PostgreSQL asks what type a NULL has."""
    return [
        (cast(null(), UTCDateTime) if at is None else at).label("at"),
        key.label("key"),
        title.label("title"),
        (cast(null(), String) if note is None else note).label("note"),
        (cast(null(), Integer) if fen is None else fen).label("fen"),
    ]


def _counted(position: int, work: AnySelect) -> AnySelect:
    found = work.subquery()
    return select(
        literal_column(str(position), Integer).label("position"),
        func.count().label("waiting"),
        func.min(found.c.at).label("first_at"),
    ).select_from(found)
