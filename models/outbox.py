"""The queue of jobs, and what was sent to people."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime
from models.columns import Created, Key, Moment


class Job(Base):
    """Work written in the transaction that needs it, done later by a worker.

    Claimed until `claimed_until`; parked in `parked_at` when it keeps failing.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "done_at", "parked_at", "due_at"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    parked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[Created]


WITHHELD = "withheld"
"""The channel of a text that was not sent."""


class SentMessage(Base):
    """A text message or mail as handed to its carrier; shown in demo mode.

    Its channel is WITHHELD when the number had been sent too many that day.

    `body` is kept in demo mode only: it may hold codes and links that open orders.
    """

    __tablename__ = "sent_message"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(String(120), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[Created]
