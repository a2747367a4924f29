"""Cooperatives, their member families, and the rules they sell by."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime, one_of
from domain.shares import FeeBearer
from models.columns import Created, Key, Name, Slug, ref


class Cooperative(Base):
    """Merchant of record: sells, is paid, ships and settles."""

    __tablename__ = "cooperative"

    id: Mapped[Key]
    town_id: Mapped[int] = mapped_column(ref("town"))
    name: Mapped[Name] = mapped_column(unique=True)
    slug: Mapped[Slug]
    founded_on: Mapped[date]
    phone: Mapped[str] = mapped_column(String(20))
    bank_name: Mapped[str] = mapped_column(String(80), default="")
    bank_account: Mapped[str] = mapped_column(String(40), default="")


class Farmer(Base):
    """A family that delivers to a cooperative; an account is optional."""

    __tablename__ = "farmer"

    id: Mapped[Key]
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"), index=True)
    village_id: Mapped[int] = mapped_column(ref("village"), index=True)
    account_id: Mapped[int | None] = mapped_column(ref("account"), index=True)
    name: Mapped[Name]
    shown_publicly: Mapped[bool] = mapped_column(default=False)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


class SplitPolicy(Base):
    """A version of a cooperative's split rule; orders keep the one they used.

    Rates are basis points of the goods' value, members receive the rest. The
    host's share goes to the alliance unless `host_may_receive` was recorded.
    """

    __tablename__ = "split_policy"
    __table_args__ = (
        UniqueConstraint("cooperative_id", "version"),
        one_of("fee_bearer", FeeBearer),
        CheckConstraint(
            "host_bp >= 0 AND platform_bp >= 0 AND village_bp >= 0 AND reserve_bp >= 0"
            " AND host_bp + platform_bp + village_bp + reserve_bp <= 10000",
            name="rates",
        ),
    )

    id: Mapped[Key]
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"))
    version: Mapped[int]
    valid_from: Mapped[date]
    host_bp: Mapped[int]
    platform_bp: Mapped[int]
    village_bp: Mapped[int]
    reserve_bp: Mapped[int]
    fee_bearer: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[Created]
    created_by: Mapped[int | None] = mapped_column(ref("account"))
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_by: Mapped[int | None] = mapped_column(ref("account"))


class FreightPolicy(Base):
    """A version of a cooperative's freight table; `table` is domain.freight JSON."""

    __tablename__ = "freight_policy"
    __table_args__ = (UniqueConstraint("cooperative_id", "version"),)

    id: Mapped[Key]
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"))
    version: Mapped[int]
    valid_from: Mapped[date]
    table: Mapped[dict[str, Any]] = mapped_column("rule", JSON)
    created_at: Mapped[Created]
