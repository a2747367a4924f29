"""What a live room needs: talk and who tends it, keys for its stream, recordings."""

import sqlalchemy as sa
from alembic import op

from models.ledger_guards import create_statements, drop_statements

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KINDS_BEFORE = (
    "go_live",
    "pin",
    "unpin",
    "price",
    "stock",
    "coupon",
    "message",
    "end",
    "cancel",
)
KINDS = (*KINDS_BEFORE[:-2], "hide", "mute", "unmute", "key", *KINDS_BEFORE[-2:])


def upgrade() -> None:
    op.add_column(
        "live_session",
        sa.Column("stream_key", sa.Integer(), server_default="1", nullable=False),
    )
    op.create_table(
        "live_recording",
        sa.Column("id", BIG, nullable=False),
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("duration_ms", BIG, nullable=False),
        sa.Column("takes", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["live_session.id"],
            name=op.f("fk_live_recording_session_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_recording")),
        sa.UniqueConstraint("session_id", name=op.f("uq_live_recording_session_id")),
    )
    _admit(KINDS)
    op.create_index("ix_live_event_kind", "live_event", ["session_id", "kind", "seq"])


def downgrade() -> None:
    """Refused by the constraint while a timeline holds one of the new kinds."""
    op.drop_index("ix_live_event_kind", "live_event")
    _admit(KINDS_BEFORE)
    op.drop_table("live_recording")
    with op.batch_alter_table("live_session") as table:
        table.drop_column("stream_key")


def _admit(kinds: tuple[str, ...]) -> None:
    """Let timelines hold these kinds. SQLite copies the table, and its guards go."""
    name = op.f("ck_live_event_kind_known")
    quoted = ", ".join(f"'{kind}'" for kind in kinds)
    condition = f"kind IN ({quoted})"
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, "live_event")
        op.create_check_constraint(name, "live_event", condition)
        return
    for statement in drop_statements("sqlite"):
        op.execute(statement)
    with op.batch_alter_table("live_event", recreate="always") as table:
        table.create_check_constraint(name, condition)
    for statement in create_statements("sqlite"):
        op.execute(statement)
