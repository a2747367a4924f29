"""The roles of the coming rooms, and grids, shops and workshops to hold them in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES_BEFORE = (
    "member lead accountant chair farmer secretary trainer town_officer"
    " district_officer auditor"
).split()
ROLES = (
    "member lead accountant chair farmer secretary grid_member grid_lead shopkeeper"
    " veteran workshop_lead trainer town_officer district_officer auditor"
).split()
KINDS_BEFORE = "alliance cooperative village town district".split()
KINDS = "alliance cooperative village grid shop workshop town district".split()


def upgrade() -> None:
    _admit(ROLES, KINDS)


def downgrade() -> None:
    """Grants of the new roles go: nothing of before knows them."""
    grants = sa.table("role_grant", sa.column("role"), sa.column("scope_kind"))
    known = grants.c.role.in_(ROLES_BEFORE) & grants.c.scope_kind.in_(KINDS_BEFORE)
    op.execute(grants.delete().where(~known))
    _admit(ROLES_BEFORE, KINDS_BEFORE)


def _admit(roles: list[str], kinds: list[str]) -> None:
    """SQLite copies the table, without the old condition on a column written anew."""
    with op.batch_alter_table("role_grant") as table:
        for column, words in (("role", roles), ("scope_kind", kinds)):
            name = op.f(f"ck_role_grant_{column}_known")
            quoted = ", ".join(f"'{word}'" for word in words)
            if op.get_bind().dialect.name == "postgresql":
                table.drop_constraint(name)
            table.create_check_constraint(name, f"{column} IN ({quoted})")
