"""Live sessions and their one append-only timeline."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, UTCDateTime, one_of
from domain.live import EventKind, Place, SessionState
from models.columns import Created, Key, Moment, Name, Slug, State, ref


class LiveSession(Base):
    """A planned, running or finished livestream, here or on an outside platform."""

    __tablename__ = "live_session"
    __table_args__ = (
        one_of("state", SessionState),
        one_of("place", Place),
        Index("ix_live_session_schedule", "state", "starts_at"),
    )

    id: Mapped[Key]
    alliance_id: Mapped[int] = mapped_column(ref("alliance"), index=True)
    host_id: Mapped[int] = mapped_column(ref("account"), index=True)
    title: Mapped[Name]
    slug: Mapped[Slug]
    summary: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(20))
    room_url: Mapped[str] = mapped_column(String(500), default="")
    poster: Mapped[str] = mapped_column(String(120), default="")
    starts_at: Mapped[Moment]
    state: Mapped[State]
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Created]

    items: Mapped[list["LineUpItem"]] = relationship(
        order_by="LineUpItem.position", lazy="raise"
    )


class LineUpItem(Base):
    """A product in a session's line-up."""

    __tablename__ = "line_up_item"
    __table_args__ = (UniqueConstraint("session_id", "product_id"),)

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(ref("live_session"))
    product_id: Mapped[int] = mapped_column(ref("product"), index=True)
    position: Mapped[int]


class LiveEvent(Base):
    """One thing that happened in a session. Insert only, numbered without gaps."""

    __tablename__ = "live_event"
    __table_args__ = (UniqueConstraint("session_id", "seq"), one_of("kind", EventKind))

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(ref("live_session"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    product_id: Mapped[int | None] = mapped_column(ref("product"))
    account_id: Mapped[int | None] = mapped_column(ref("account"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Created]
