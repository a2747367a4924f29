"""Since when a payment's buyer waits for a provider that does not answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AWAY = sa.text("provider_away_since IS NOT NULL")


def upgrade() -> None:
    op.add_column("payment", sa.Column("provider_away_since", sa.DateTime(True)))
    op.create_index(
        "ix_payment_provider_away",
        "payment",
        ["provider_away_since"],
        sqlite_where=AWAY,
        postgresql_where=AWAY,
    )


def downgrade() -> None:
    op.drop_index("ix_payment_provider_away", "payment")
    with op.batch_alter_table("payment") as table:
        table.drop_column("provider_away_since")
