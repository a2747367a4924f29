"""Village income apart from the shop's sales, and employment records."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime, one_of
from domain.ledger.entries import VillageIncomeKind
from models.columns import Created, Fen, Key, Name, ref


class BookEntry(Base):
    """What an accountant enters for a village; mistakes are voided, not deleted."""

    __abstract__ = True

    id: Mapped[Key]
    village_id: Mapped[int] = mapped_column(ref("village"))
    request_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ref("account"))
    created_at: Mapped[Created]
    voided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class IncomeVoucher(BookEntry):
    """Proof of a village's income: operating or subsidy, posted to the ledger."""

    __tablename__ = "income_voucher"
    __table_args__ = (
        one_of("kind", VillageIncomeKind),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        Index("ix_income_voucher_village", "village_id", "received_on"),
    )

    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    amount_fen: Mapped[Fen]
    received_on: Mapped[date]
    memo: Mapped[str] = mapped_column(String(200))


class Employment(BookEntry):
    """Work a person was paid for by a cooperative, in one month.

    person_key: a keyed digest of name and identity hint, so that distinct people
    are counted while no identity number is kept.
    """

    __tablename__ = "employment"
    __table_args__ = (
        CheckConstraint("days > 0 AND wages_fen >= 0", name="positive"),
        Index("ix_employment_coop", "cooperative_id", "month"),
        Index("ix_employment_village", "village_id", "month"),
        Index(
            "uq_employment_current",
            *("person_key", "month", "cooperative_id", "village_id"),
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"))
    person_key: Mapped[str] = mapped_column(String(64))
    person_name: Mapped[Name]
    month: Mapped[date]
    days: Mapped[int]
    wages_fen: Mapped[Fen]
