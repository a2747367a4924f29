"""Live sessions and their one append-only timeline."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime, one_of
from domain.live import EventKind, Platform, SessionState
from models.columns import Created, Key, Moment, Name, Slug, State, big, ref


class LiveSession(Base):
    """A planned, running or finished livestream, here or on an outside platform.

    `stream_key` counts the keys its host was given; only the newest opens the room.
    """

    __tablename__ = "live_session"
    __table_args__ = (
        one_of("state", SessionState),
        one_of("place", Platform),
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
    stream_key: Mapped[int] = mapped_column(default=1, server_default="1")


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
    __table_args__ = (
        UniqueConstraint("session_id", "seq"),
        one_of("kind", EventKind),
        Index("ix_live_event_kind", "session_id", "kind", "seq"),
    )

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(ref("live_session"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    product_id: Mapped[int | None] = mapped_column(ref("product"))
    account_id: Mapped[int | None] = mapped_column(ref("account"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Created]


class LiveRecording(Base):
    """What the media server kept of a session in our own room.

    takes: `started_at_ms` and `duration_ms` of each, in the order they follow one
    another in the file. path: of the file, below MEDIA_URL.
    """

    __tablename__ = "live_recording"

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(ref("live_session"), unique=True)
    duration_ms: Mapped[int] = mapped_column(big)
    takes: Mapped[list[dict[str, int]]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Created]
