"""A phone's unpaid orders are found at once, and its texts counted by kind."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

IS_UNPAID = sa.text("state IN ('placed', 'expired')")


def upgrade() -> None:
    op.add_column(
        "sent_message",
        sa.Column("kind", sa.String(20), server_default="", nullable=False),
    )
    op.create_index(
        "ix_order_unpaid",
        "order",
        ["phone", "placed_at"],
        sqlite_where=IS_UNPAID,
        postgresql_where=IS_UNPAID,
    )


def downgrade() -> None:
    op.drop_index("ix_order_unpaid", "order")
    with op.batch_alter_table("sent_message") as table:
        table.drop_column("kind")
