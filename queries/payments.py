"""What must be known of a payment or refund before a provider is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from core.access import Actor
from core.clock import now
from core.database import AnyRow, AnySelect, db
from core.errors import NotFound
from core.statements import filled
from domain.ledger.legs import Leg
from domain.orders.states import (
    UNPAID,
    OrderState,
    PaymentMethod,
    PaymentState,
    RefundState,
)
from domain.roles import Role
from models.history import StateChange
from models.ledger import LedgerAccount, Posting
from models.orders import Order
from models.payments import Payment, Refund
from queries.scopes import visible

BUSY_MOMENT = timedelta(minutes=1)
"""Calls over the number that a web process makes at once are made good by then."""


@dataclass(frozen=True)
class PaymentTarget:
    """A payment, and where its money goes.

    provider_session: None before a page opened; available_at: before it was released.
    """

    id: int
    order_state: OrderState
    cooperative_id: int
    method: PaymentMethod
    state: PaymentState
    idempotency_key: str
    provider_session: str | None
    expires_at: datetime | None
    available_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether its time to be paid has passed."""
        return self.expires_at is not None and self.expires_at <= now()


@dataclass(frozen=True)
class RefundTarget:
    """A refund, and whose account pays it. provider_refund: None before it was sent."""

    cooperative_id: int
    method: PaymentMethod
    state: RefundState
    provider_refund: str | None


def get_payment_target(actor: Actor, payment_id: int, *roles: Role) -> PaymentTarget:
    """The payment with this id, in scope. Raises NotFound."""
    query = (
        select(
            Payment.__table__,
            Order.state.label("order_state"),
            Order.cooperative_id,
        )
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.id == payment_id, visible(Order, actor, *roles))
    )
    return filled(PaymentTarget, _one(query))


def get_refund_target(refund_id: int) -> RefundTarget:
    """The refund with this id. Raises NotFound."""
    query = (
        select(
            Refund.state,
            Refund.provider_refund,
            Order.cooperative_id,
            Order.payment_method.label("method"),
        )
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.id == refund_id)
    )
    return filled(RefundTarget, _one(query))


def _one(query: AnySelect) -> AnyRow:
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def find_payment_id(order_number: str) -> int | None:
    """The payment of the order with this number, or None."""
    return db.session.scalar(
        select(Payment.id)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.number == order_number)
    )


def find_next_page(order_id: int) -> tuple[bool, str | None]:
    """Whether the order's buyer waits for the provider; else where they can pay."""
    is_unpaid = and_(Order.state == OrderState.PLACED, Payment.state.in_(UNPAID))
    since, page = db.session.execute(
        select(Payment.provider_away_since, Payment.provider_url)
        .join(Order, and_(Order.id == Payment.order_id, is_unpaid))
        .where(Payment.order_id == order_id)
    ).one_or_none() or (None, None)
    return since is not None, page if since is None else None


@dataclass(frozen=True)
class ProviderAway:
    """Buyers wait for a provider that does not answer. since: the first of them."""

    orders: int
    since: datetime


def provider_away(*conditions: ColumnElement[bool]) -> ProviderAway | None:
    """What waits for the provider for longer than a busy moment, of some orders."""
    count, since = db.session.execute(
        select(func.count(Payment.id), func.min(Payment.provider_away_since))
        .join(Order, Order.id == Payment.order_id)
        .where(
            Payment.provider_away_since < now() - BUSY_MOMENT,
            Order.state == OrderState.PLACED,
            Payment.state.in_(UNPAID),
            *conditions,
        )
    ).one()
    return ProviderAway(count, since) if since else None


def find_payment_of(
    object_id: str, references: Mapping[str, str], cooperative_id: int | None
) -> int | None:
    """The payment that a provider's session, intent or charge belongs to, or None.

    cooperative_id: only its payments; None for any.
    """
    known = [value for value in (object_id, references.get("payment_intent")) if value]
    query = select(Payment.id).join(Order, Order.id == Payment.order_id)
    if cooperative_id is not None:
        query = query.where(Order.cooperative_id == cooperative_id)
    named = references.get("payment_id", "")
    for path in (
        Payment.provider_session.in_(known),
        Payment.provider_intent.in_(known),
        Order.number == references.get("client_reference_id", ""),
        Payment.id == (int(named) if _is_id(named) else 0),
    ):
        found = db.session.scalar(query.where(path))
        if found is not None:
            return found
    return None


def find_refund_of(
    object_id: str, references: Mapping[str, str], cooperative_id: int | None
) -> int | None:
    """The refund of ours that a provider's refund is, or None."""
    query = select(Refund.id).join(Order, Order.id == Refund.order_id)
    if cooperative_id is not None:
        query = query.where(Order.cooperative_id == cooperative_id)
    found = db.session.scalar(query.where(Refund.provider_refund == object_id))
    named = references.get("refund_id", "")
    if found is None and _is_id(named):
        found = db.session.scalar(query.where(Refund.id == int(named)))
    return found


def get_approval(refund_id: int) -> datetime:
    """When the refund was last approved."""
    return db.session.scalars(
        select(StateChange.at)
        .where(
            StateChange.record_kind == Refund.__tablename__,
            StateChange.record_id == refund_id,
            StateChange.to_state == RefundState.APPROVED,
        )
        .order_by(StateChange.id.desc())
        .limit(1)
    ).one()


def legs_of(entry_id: int) -> list[Leg]:
    """The legs of a journal entry, as they were posted."""
    rows = db.session.execute(
        select(LedgerAccount.code, Posting.amount_fen, Posting.order_line_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .where(Posting.entry_id == entry_id)
        .order_by(Posting.id)
    )
    return [Leg(code, amount_fen, line_id) for code, amount_fen, line_id in rows]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
