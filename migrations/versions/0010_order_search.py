"""Orders are found by phone, by how a name begins, and by a number's last part."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_order_phone", "order", ["phone"])
    op.create_index(
        "ix_order_recipient",
        "order",
        ["recipient"],
        postgresql_ops={"recipient": "text_pattern_ops"},
    )
    op.create_index("ix_order_serial", "order", [sa.text("substr(number, 11)")])


def downgrade() -> None:
    for name in ("serial", "recipient", "phone"):
        op.drop_index(f"ix_order_{name}", "order")
