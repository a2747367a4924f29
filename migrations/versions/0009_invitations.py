"""Invitations to hold a role, and roles found by their scope."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("scope_kind", sa.String(length=20), nullable=False),
        sa.Column(
            "scope_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "seconded_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('member', 'lead', 'accountant', 'chair', 'farmer', 'secretary', 'grid_member', 'grid_lead', 'shopkeeper', 'veteran', 'workshop_lead', 'trainer', 'town_officer', 'district_officer', 'auditor')",
            name=op.f("ck_invitation_role_known"),
        ),
        sa.CheckConstraint(
            "scope_kind IN ('alliance', 'cooperative', 'village', 'grid', 'shop', 'workshop', 'town', 'district')",
            name=op.f("ck_invitation_scope_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'open', 'accepted', 'declined', 'withdrawn')",
            name=op.f("ck_invitation_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["seconded_by"], ["account.id"], name=op.f("fk_invitation_seconded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("request_id", name=op.f("uq_invitation_request_id")),
    )
    op.create_index("ix_invitation_phone", "invitation", ["phone", "state"])
    op.create_index("ix_invitation_scope", "invitation", ["scope_kind", "scope_id"])

    op.create_index("ix_role_grant_scope", "role_grant", ["scope_kind", "scope_id"])


def downgrade() -> None:
    op.drop_index("ix_role_grant_scope", "role_grant")

    op.drop_index("ix_invitation_scope", "invitation")
    op.drop_index("ix_invitation_phone", "invitation")

    op.drop_table("invitation")
