"""What the income report would else sum from all of history, by day and by month.

Every row can be made again from the ledger (`flask rollups rebuild`). The triggers note
each entry that is not in the sums yet, in the transaction that posts it.
"""

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from models.columns import Fen, Grams, Key, big


class Unsummed(Base):
    """Something of an order that the sums do not hold yet: the watermark, as a set.

    entry_id: of a journal entry; none says that the order closed without a delivery.
    """

    __tablename__ = "income_unsummed"
    __table_args__ = (Index("ix_income_unsummed_order", "order_id", "entry_id"),)

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(big)
    entry_id: Mapped[int | None] = mapped_column(big, index=True)


class IncomeSum(Base):
    """Sales of one product of a village in a cooperative, of a day or of a month.

    key: the day as 20261124, the month as 202611. villages: what the orders counted
    here are from, such as "3,7", so that an order of two villages is told once where
    both are read; empty in rows that count no orders.
    village_orders: the orders of the village, each at one of its products only.
    """

    __tablename__ = "income_sum"
    __table_args__ = (
        Index(
            "uq_income_sum_place",
            *("key", "cooperative_id", "village_id", "product_id", "villages"),
            unique=True,
        ),
        Index("ix_income_sum_cooperative", "cooperative_id", "key"),
        Index("ix_income_sum_village", "village_id", "key"),
    )

    id: Mapped[Key]
    key: Mapped[int]
    cooperative_id: Mapped[int] = mapped_column(big)
    village_id: Mapped[int] = mapped_column(big)
    product_id: Mapped[int] = mapped_column(big)
    villages: Mapped[str] = mapped_column(Text)
    weight_g: Mapped[Grams]
    orders: Mapped[int]
    village_orders: Mapped[int]
    gross_fen: Mapped[Fen]
    refunds_fen: Mapped[Fen]
    freight_fen: Mapped[Fen]
    member_fen: Mapped[Fen]
    coop_fen: Mapped[Fen]
    village_operating_fen: Mapped[Fen]
    host_fen: Mapped[Fen]
    platform_fen: Mapped[Fen]
    psp_fee_fen: Mapped[Fen]
    compensation_fen: Mapped[Fen]


FEED = ("journal_entry", "journal_entry_unsummed")
"""Table and name of the trigger that feeds the sums, on both engines."""
_NOTE = "INSERT INTO income_unsummed (order_id, entry_id) VALUES (NEW.order_id, NEW.id)"
_SQLITE = f"""
    CREATE TRIGGER journal_entry_unsummed AFTER INSERT ON journal_entry
    WHEN NEW.order_id IS NOT NULL BEGIN {_NOTE}; END
    """
_POSTGRESQL = (
    f"""
    CREATE FUNCTION note_unsummed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {_NOTE}; RETURN NULL; END $$
    """,
    """
    CREATE TRIGGER journal_entry_unsummed AFTER INSERT ON journal_entry
    FOR EACH ROW WHEN (NEW.order_id IS NOT NULL) EXECUTE FUNCTION note_unsummed()
    """,
)


def feed_statements(dialect: str) -> list[str]:
    """The DDL that has every entry of an order noted as unsummed."""
    return [_SQLITE] if dialect == "sqlite" else list(_POSTGRESQL)
