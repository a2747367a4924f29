"""People who log in, their sessions and rights, and guests who only buy."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime, one_of
from domain.roles import Role, ScopeKind
from models.columns import Created, Digest, Key, Moment, Name, big, ref


class Account(Base):
    """A person with a phone number and a password.

    Nobody has a right before `phone_proven_at`: anyone can type anyone's number.
    """

    __tablename__ = "account"

    id: Mapped[Key]
    phone: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Created]
    phone_proven_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AccountSession(Base):
    """One logged-in browser; the cookie holds a token whose digest is kept here."""

    __tablename__ = "account_session"

    id: Mapped[Key]
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ref("account"), index=True)
    created_at: Mapped[Created]
    confirmed_at: Mapped[Moment]
    by_code: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[Moment] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RoleGrant(Base):
    """A role of a person within a scope, from one moment to another."""

    __tablename__ = "role_grant"
    __table_args__ = (
        one_of("role", Role),
        one_of("scope_kind", ScopeKind),
        Index(
            "uq_role_grant_current",
            "account_id",
            "role",
            "scope_kind",
            "scope_id",
            unique=True,
            sqlite_where=CheckConstraint("revoked_at IS NULL").sqltext,
            postgresql_where=CheckConstraint("revoked_at IS NULL").sqltext,
        ),
        Index("ix_role_grant_scope", "scope_kind", "scope_id"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ref("account"))
    role: Mapped[str] = mapped_column(String(20))
    scope_kind: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[int] = mapped_column(big, default=0)
    granted_at: Mapped[Created]
    granted_by: Mapped[int | None] = mapped_column(ref("account"))
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class OneTimeCode(Base):
    """A code sent by text message to who asked in one browser; used once."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_asked", "phone", "browser_digest"),)

    id: Mapped[Key]
    phone: Mapped[str] = mapped_column(String(20))
    browser_digest: Mapped[Digest]
    code_digest: Mapped[Digest]
    created_at: Mapped[Created]
    expires_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RateCounter(Base):
    """How often something happened in one window: holds across processes."""

    __tablename__ = "rate_counter"
    __table_args__ = (UniqueConstraint("bucket", "window_start"),)

    id: Mapped[Key]
    bucket: Mapped[str] = mapped_column(String(120))
    window_start: Mapped[Moment] = mapped_column(index=True)
    hits: Mapped[int] = mapped_column(Integer, default=0)


class Visitor(Base):
    """A browser without an account: owns a cart and may open its own orders."""

    __tablename__ = "visitor"

    id: Mapped[Key]
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[Created]
    expires_at: Mapped[Moment] = mapped_column(index=True)
