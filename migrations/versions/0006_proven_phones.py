"""When a phone was proven, sessions opened by a code, and the browser that asked for it.

Who logged in by a code within the last days has proven the phone; codes older than a
week are deleted, so everyone else proves theirs at the next login by code. Whoever
opened the account may be another person than who read that code: password and sessions
of before end, as they do at a first code from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("phone_proven_at", MOMENT))
    op.add_column(
        "account_session",
        sa.Column("by_code", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(
        "UPDATE account SET phone_proven_at ="
        " (SELECT max(used_at) FROM one_time_code WHERE one_time_code.phone ="
        " account.phone AND one_time_code.created_at >= account.created_at)"
    )
    op.execute(
        "UPDATE account SET password_hash = '-' WHERE phone_proven_at IS NOT NULL"
    )
    op.execute(
        "UPDATE account_session SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NULL"
        " AND account_id IN (SELECT id FROM account WHERE phone_proven_at IS NOT NULL)"
    )
    op.execute("DELETE FROM one_time_code")
    # The release before still writes codes: they are of no browser.
    browser = sa.Column(
        "browser_digest", sa.String(64), server_default="", nullable=False
    )
    with op.batch_alter_table("one_time_code") as table:
        table.add_column(browser)
        table.drop_index("ix_one_time_code_phone")
        table.create_index("ix_one_time_code_asked", ["phone", "browser_digest"])


def downgrade() -> None:
    with op.batch_alter_table("one_time_code") as table:
        table.drop_index("ix_one_time_code_asked")
        table.create_index("ix_one_time_code_phone", ["phone"])
        table.drop_column("browser_digest")
    with op.batch_alter_table("account_session") as table:
        table.drop_column("by_code")
    with op.batch_alter_table("account") as table:
        table.drop_column("phone_proven_at")
