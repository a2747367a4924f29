"""Training records of alliance members, and the certificates they hold."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, one_of
from domain.training import CertificateKind, RecordKind, RecordState
from models.columns import Created, Key, Name, State, ref


class TrainingRecord(Base):
    """A mentoring, a business training or a front-line practice of one member."""

    __tablename__ = "training_record"
    __table_args__ = (
        one_of("kind", RecordKind),
        one_of("state", RecordState),
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="dates"),
        CheckConstraint("hours >= 0", name="hours"),
        Index("ix_training_record_member", "account_id", "started_on"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ref("account"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[State]
    title: Mapped[Name]
    place: Mapped[str] = mapped_column(String(80), default="")
    abilities: Mapped[str] = mapped_column(String(80), default="")
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    hours: Mapped[int] = mapped_column(default=0)
    mentor_id: Mapped[int | None] = mapped_column(ref("account"))
    note: Mapped[str] = mapped_column(Text, default="")
    entered_by: Mapped[int] = mapped_column(ref("account"))
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Created]


class Certificate(Base):
    """Proof that a member may do something, for a time."""

    __tablename__ = "certificate"
    __table_args__ = (
        one_of("kind", CertificateKind),
        CheckConstraint("valid_until >= valid_from", name="dates"),
        Index("ix_certificate_member", "account_id", "kind"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ref("account"))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    issuer: Mapped[Name]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    revoked_on: Mapped[date | None]
    entered_by: Mapped[int] = mapped_column(ref("account"))
    request_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[Created]
