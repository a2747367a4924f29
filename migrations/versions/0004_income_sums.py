"""Sums of income by day and month, and what is not in them yet.

All entries of before are noted as unsummed: reports are right at once, and fast when
the worker has summed them.
"""

import sqlalchemy as sa
from alembic import op

from models.income_sums import feed_statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FEN = (
    "gross refunds freight member coop village_operating host platform psp_fee"
    " compensation"
).split()


def upgrade() -> None:
    op.create_table(
        "income_unsummed",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_unsummed")),
    )
    op.create_table(
        "income_sum",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("village_id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("villages", sa.Text(), nullable=False),
        sa.Column("weight_g", BIG, nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("village_orders", sa.Integer(), nullable=False),
        *(sa.Column(f"{name}_fen", BIG, nullable=False) for name in FEN),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_sum")),
    )
    _index()
    for statement in feed_statements(op.get_bind().dialect.name):
        op.execute(statement)
    op.execute(
        "INSERT INTO income_unsummed (order_id, entry_id)"
        " SELECT order_id, id FROM journal_entry WHERE order_id IS NOT NULL"
    )


def _index() -> None:
    place = ["key", "cooperative_id", "village_id", "product_id", "villages"]
    op.create_index("uq_income_sum_place", "income_sum", place, unique=True)
    op.create_index(
        "ix_income_sum_cooperative", "income_sum", ["cooperative_id", "key"]
    )
    op.create_index("ix_income_sum_village", "income_sum", ["village_id", "key"])
    op.create_index(
        "ix_income_unsummed_order", "income_unsummed", ["order_id", "entry_id"]
    )
    op.create_index(
        op.f("ix_income_unsummed_entry_id"), "income_unsummed", ["entry_id"]
    )


def downgrade() -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON journal_entry"
    op.execute(f"DROP TRIGGER journal_entry_unsummed{on}")
    if on:
        op.execute("DROP FUNCTION note_unsummed()")
    op.drop_table("income_sum")
    op.drop_table("income_unsummed")
