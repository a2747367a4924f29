"""Towns, villages, the youth alliances and what they founded."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from models.columns import Key, Name, Slug, ref


class Town(Base):
    """A town or subdistrict."""

    __tablename__ = "town"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)


class Village(Base):
    """A village or community of a town."""

    __tablename__ = "village"
    __table_args__ = (UniqueConstraint("town_id", "name"),)

    id: Mapped[Key]
    town_id: Mapped[int] = mapped_column(ref("town"))
    name: Mapped[Name]
    slug: Mapped[Slug]


class Alliance(Base):
    """A youth alliance (青春党建联盟) of a town."""

    __tablename__ = "alliance"

    id: Mapped[Key]
    town_id: Mapped[int] = mapped_column(ref("town"), index=True)
    name: Mapped[Name]
    slug: Mapped[Slug]
    founded_on: Mapped[date]


class AllianceMember(Base):
    """One stay of a person in an alliance; `left_on` is its last day."""

    __tablename__ = "alliance_member"
    __table_args__ = (
        UniqueConstraint("alliance_id", "account_id", "joined_on"),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="term_order"),
    )

    id: Mapped[Key]
    alliance_id: Mapped[int] = mapped_column(ref("alliance"))
    account_id: Mapped[int] = mapped_column(ref("account"), index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]


class AllianceCooperative(Base):
    """That an alliance works with a cooperative, and whether it led its founding."""

    __tablename__ = "alliance_cooperative"
    __table_args__ = (UniqueConstraint("alliance_id", "cooperative_id"),)

    id: Mapped[Key]
    alliance_id: Mapped[int] = mapped_column(ref("alliance"))
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"), index=True)
    led_founding: Mapped[bool] = mapped_column(default=False)
    since: Mapped[date]


class Brand(Base):
    """A brand of a cooperative, and the alliance that built it."""

    __tablename__ = "brand"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"), index=True)
    alliance_id: Mapped[int | None] = mapped_column(ref("alliance"), index=True)
