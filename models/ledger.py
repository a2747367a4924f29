"""The ledger: double entry, insert only. models.ledger_guards holds its triggers."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from models.columns import Created, Fen, Key, Moment, big, ref


class LedgerAccount(Base):
    """An account of the ledger; `code` follows domain.ledger."""

    __tablename__ = "ledger_account"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(30), index=True)
    cooperative_id: Mapped[int | None] = mapped_column(ref("cooperative"), index=True)
    village_id: Mapped[int | None] = mapped_column(ref("village"), index=True)
    farmer_id: Mapped[int | None] = mapped_column(ref("farmer"), index=True)


class JournalEntry(Base):
    """One event in money. Its postings are inserted first and must sum to zero."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        CheckConstraint("posting_count >= 2", name="two_postings"),
        Index("ix_journal_entry_day", "kind", "effective_on", "order_id"),
        Index("ix_journal_entry_order", "order_id", "kind"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    memo: Mapped[str] = mapped_column(String(200), default="")
    order_id: Mapped[int | None] = mapped_column(ref("order"))
    refund_id: Mapped[int | None] = mapped_column(ref("refund"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ref("journal_entry"), unique=True)
    account_id: Mapped[int | None] = mapped_column(ref("account"))
    posting_count: Mapped[int]
    effective_on: Mapped[date]
    effective_at: Mapped[Moment]
    posted_at: Mapped[Created]


class Posting(Base):
    """A signed amount on one account; + debit, − credit.

    Reports read postings by entry from the index alone.
    """

    __tablename__ = "posting"
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", name="not_zero"),
        Index("ix_posting_account", "ledger_account_id", "entry_id"),
        Index(
            "ix_posting_entry",
            "entry_id",
            "order_line_id",
            "ledger_account_id",
            "amount_fen",
        ),
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(
        big,
        ForeignKey("journal_entry.id", deferrable=True, initially="DEFERRED"),
    )
    ledger_account_id: Mapped[int] = mapped_column(ref("ledger_account"))
    order_line_id: Mapped[int | None] = mapped_column(ref("order_line"), index=True)
    amount_fen: Mapped[Fen]
