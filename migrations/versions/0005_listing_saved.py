"""Which form a listing was last saved by, so that the same one twice is known."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product", sa.Column("saved_by", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("product") as table:
        table.drop_column("saved_by")
