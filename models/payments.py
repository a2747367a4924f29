"""Payment accounts, payments, refunds, and the inbox of webhooks."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, UTCDateTime, one_of
from domain.orders.states import PaymentMethod, PaymentState, RefundBearer, RefundState
from models.columns import Created, Fen, Key, State, ref


class PaymentAccount(Base):
    """A cooperative's own account with a payment provider; secrets are encrypted.

    Without a row the default account of the settings is used.
    """

    __tablename__ = "payment_account"
    __table_args__ = (UniqueConstraint("cooperative_id", "provider"),)

    id: Mapped[Key]
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"))
    provider: Mapped[str] = mapped_column(String(20))
    secret_key: Mapped[str] = mapped_column(Text)
    webhook_secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Created]


class Payment(Base):
    """How one order is paid; `idempotency_key` is fixed before the provider is asked.

    `attempt` counts provider sessions: a new one is opened after an expired one.
    `provider_away_since`: the buyer waits for a provider that did not answer, and a
    job `resume_payment` asks until it does.
    """

    __tablename__ = "payment"
    __table_args__ = (
        one_of("method", PaymentMethod),
        one_of("state", PaymentState),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        Index("ix_payment_due", "state", "expires_at"),
        Index(
            "ix_payment_provider_away",
            "provider_away_since",
            sqlite_where=text("provider_away_since IS NOT NULL"),
            postgresql_where=text("provider_away_since IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ref("order"), unique=True)
    method: Mapped[str] = mapped_column(String(20))
    state: Mapped[State]
    amount_fen: Mapped[Fen]
    currency: Mapped[str] = mapped_column(String(3), default="cny")
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    attempt: Mapped[int] = mapped_column(default=1)
    provider_session: Mapped[str | None] = mapped_column(String(120), unique=True)
    provider_url: Mapped[str | None] = mapped_column(Text)
    provider_intent: Mapped[str | None] = mapped_column(String(120), unique=True)
    provider_charge: Mapped[str | None] = mapped_column(String(120))
    fee_fen: Mapped[Fen | None]
    available_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reference: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[Created]
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    provider_away_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Refund(Base):
    """Money going back to a buyer, with a life of its own.

    `attempt` counts approvals: a failed refund may be tried again. A surplus is money
    that came beside the order's price: no line carries it, and it takes nothing from
    what may be refunded. `provider_intent`: the payment it goes back from when that
    is not the order's.
    """

    __tablename__ = "refund"
    __table_args__ = (
        one_of("state", RefundState),
        one_of("bearer", RefundBearer),
        CheckConstraint(
            "amount_fen > 0 AND amount_fen = goods_fen + freight_fen", name="amount"
        ),
        Index("ix_refund_open", "state", "requested_at"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ref("order"), index=True)
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[State]
    amount_fen: Mapped[Fen]
    goods_fen: Mapped[Fen]
    freight_fen: Mapped[Fen]
    bearer: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500))
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    attempt: Mapped[int] = mapped_column(default=1)
    provider_refund: Mapped[str | None] = mapped_column(String(120), unique=True)
    provider_intent: Mapped[str | None] = mapped_column(String(120), unique=True)
    is_surplus: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str] = mapped_column(String(80), default="")
    requested_by: Mapped[int | None] = mapped_column(ref("account"))
    requested_at: Mapped[Created]
    decided_by: Mapped[int | None] = mapped_column(ref("account"))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    lines: Mapped[list["RefundLine"]] = relationship(
        order_by="RefundLine.id", lazy="raise"
    )


class RefundLine(Base):
    """The part of a refund that one order line carries."""

    __tablename__ = "refund_line"
    __table_args__ = (
        UniqueConstraint("refund_id", "order_line_id"),
        CheckConstraint("quantity >= 0 AND goods_fen >= 0", name="not_negative"),
    )

    id: Mapped[Key]
    refund_id: Mapped[int] = mapped_column(ref("refund"))
    order_line_id: Mapped[int] = mapped_column(ref("order_line"), index=True)
    quantity: Mapped[int]
    goods_fen: Mapped[Fen]
    freight_fen: Mapped[Fen] = mapped_column(default=0)


class WebhookEvent(Base):
    """Inbox of a provider's events: each id is kept for good and handled once."""

    __tablename__ = "webhook_event"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80))
    cooperative_id: Mapped[int | None] = mapped_column(ref("cooperative"))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[Created]
