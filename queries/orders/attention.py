"""What does not go on by itself: money and jobs that wait for a person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from core.access import Actor
from core.database import AnySelect, db
from domain.orders.states import PaymentMethod, PaymentState, RefundState
from domain.roles import Role
from domain.shares import PartyKind
from models.catalogue import Product
from models.history import StateChange
from models.ledger import LedgerAccount, Posting
from models.orders import Order, OrderLine
from models.outbox import Job
from models.payments import Payment, Refund
from queries.outbox import parked_jobs
from queries.payments import ProviderAway, provider_away
from queries.scopes import visible

MOST_SHOWN = 100
PERSON_ONLY = "look_at_payment"
"""Parked at once, and shown as the payment it asks to look at."""


@dataclass(frozen=True)
class ParkedPayment:
    """A payment whose amount is not the order's. came: amount and currency."""

    payment_id: int
    order_number: str
    due_fen: int
    came: str
    since: datetime


@dataclass(frozen=True)
class StuckRefund:
    """A refund that failed, or one that the accountant is to transfer."""

    refund_id: int
    order_number: str
    amount_fen: int
    has_failed: bool
    since: datetime


@dataclass(frozen=True)
class ParkedJob:
    """Work for an order that was tried in vain."""

    job_id: int
    kind: str
    order_number: str
    error: str
    since: datetime


@dataclass(frozen=True)
class UnassignedShare:
    """Families' money of a product that no delivery says whose it is."""

    product: str
    orders: int
    amount_fen: int


@dataclass(frozen=True)
class Attention:
    """All that waits for a person in a scope.

    provider: None while the payment provider answers. unassigned: stays with the
    cooperative until its books say whose it is.
    """

    provider: ProviderAway | None

    payments: Sequence[ParkedPayment]
    refunds: Sequence[StuckRefund]
    jobs: Sequence[ParkedJob]
    unassigned: Sequence[UnassignedShare]

    @property
    def unassigned_fen(self) -> int:
        """What all unassigned shares come to."""
        return sum(share.amount_fen for share in self.unassigned)

    @property
    def count(self) -> int:
        """How many things wait for a decision."""
        return len(self.payments) + len(self.refunds) + len(self.jobs)


def attention(actor: Actor, roles: Iterable[Role]) -> Attention:
    """What waits for holders of `roles`, the oldest first. At most eight queries."""
    return Attention(
        provider_away(visible(Order, actor, *roles)),
        _payments(actor, roles),
        _refunds(actor, roles),
        jobs_waiting(actor, roles),
        _unassigned(actor, roles),
    )


def jobs_waiting(actor: Actor, roles: Iterable[Role]) -> list[ParkedJob]:
    """Work for the orders of holders of `roles` that was tried in vain."""
    jobs = [job for job in parked_jobs() if job.kind != PERSON_ONLY]
    numbers = _numbers_of(jobs, actor, roles)
    return [
        ParkedJob(job.id, job.kind, numbers[job.id], job.last_error, job.parked_at)
        for job in reversed(jobs)
        if job.id in numbers and job.parked_at is not None
    ]


def parked_payments(actor: Actor, roles: Iterable[Role]) -> AnySelect:
    """Payments in scope of a wrong amount, in the columns of ParkedPayment."""
    change = StateChange
    return (
        select(Payment.id, Order.number, Payment.amount_fen, change.reason, change.at)
        .join(Order, Order.id == Payment.order_id)
        .join(
            change,
            and_(
                change.record_kind == Payment.__tablename__,
                change.record_id == Payment.id,
                change.to_state == PaymentState.PARKED,
            ),
        )
        .where(Payment.state == PaymentState.PARKED, visible(Order, actor, *roles))
    )


def stuck_refunds(actor: Actor, roles: Iterable[Role]) -> AnySelect:
    """Refunds in scope that a person is to send, in the columns of StuckRefund."""
    by_hand = and_(
        Refund.state == RefundState.APPROVED,
        Order.payment_method != PaymentMethod.STRIPE,
    )
    return (
        select(
            Refund.id,
            Order.number,
            Refund.amount_fen,
            Refund.state,
            Refund.requested_at,
        )
        .join(Order, Order.id == Refund.order_id)
        .where(
            Refund.state.in_((RefundState.FAILED, RefundState.APPROVED)),
            or_(Refund.state == RefundState.FAILED, by_hand),
            visible(Order, actor, *roles),
        )
    )


def _payments(actor: Actor, roles: Iterable[Role]) -> list[ParkedPayment]:
    query = parked_payments(actor, roles).order_by(Payment.id).limit(MOST_SHOWN)
    return [ParkedPayment(*row) for row in db.session.execute(query)]


def _refunds(actor: Actor, roles: Iterable[Role]) -> list[StuckRefund]:
    query = stuck_refunds(actor, roles).order_by(Refund.requested_at)
    rows = db.session.execute(query.limit(MOST_SHOWN))
    return [
        StuckRefund(id_, number, fen, state == RefundState.FAILED, since)
        for id_, number, fen, state, since in rows
    ]


def _unassigned(actor: Actor, roles: Iterable[Role]) -> list[UnassignedShare]:
    """What batches without deliveries left with nobody, the largest first."""
    fen = -func.sum(Posting.amount_fen)
    rows = db.session.execute(
        select(Product.name, func.count(Order.id.distinct()), fen)
        .select_from(LedgerAccount)
        .join(Posting, Posting.ledger_account_id == LedgerAccount.id)
        .join(OrderLine, OrderLine.id == Posting.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(
            LedgerAccount.kind == PartyKind.MEMBERS_UNASSIGNED,
            visible(Order, actor, *roles),
        )
        .group_by(Product.id, Product.name)
        .having(fen != 0)
        .order_by(fen.desc(), Product.id)
        .limit(MOST_SHOWN)
    )
    return [UnassignedShare(name, orders, int(fen)) for name, orders, fen in rows]


def _numbers_of(
    jobs: Iterable[Job], actor: Actor, roles: Iterable[Role]
) -> Mapping[int, str]:
    """Per job the number of the order in scope that it is about."""
    payloads: dict[int, Mapping[str, Any]] = {job.id: job.payload for job in jobs}
    found: dict[int, str] = {}
    for key, column in (
        ("order_id", Order.id),
        ("payment_id", Payment.id),
        ("refund_id", Refund.id),
    ):
        named = {
            job_id: payload[key]
            for job_id, payload in payloads.items()
            if isinstance(payload.get(key), int)
        }
        numbers = _numbers_by(column, set(named.values()), actor, roles)
        found |= {
            job_id: numbers[record_id]
            for job_id, record_id in named.items()
            if record_id in numbers
        }
    return found


def _numbers_by(
    column: Any, ids: set[int], actor: Actor, roles: Iterable[Role]
) -> Mapping[int, str]:
    if not ids:
        return {}
    query = select(column, Order.number).where(
        column.in_(ids), visible(Order, actor, *roles)
    )
    if column.class_ is not Order:
        query = query.join(Order, Order.id == column.class_.order_id)
    return {row[0]: row[1] for row in db.session.execute(query)}
