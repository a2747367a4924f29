"""Every table of the first house, and the guards of its books and histories."""

import sqlalchemy as sa
from alembic import op

from models.ledger_guards import create_statements, drop_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IS_WAITING = "state IN ('placed', 'paid', 'accepted', 'packed', 'shipped')"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("phone", name=op.f("uq_account_phone")),
    )
    op.create_table(
        "job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("parked_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_index("ix_job_due", "job", ["done_at", "parked_at", "due_at"])

    op.create_table(
        "one_time_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index("ix_one_time_code_phone", "one_time_code", ["phone"])

    op.create_table(
        "rate_counter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("bucket", sa.String(length=120), nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_counter")),
        sa.UniqueConstraint(
            "bucket", "window_start", name=op.f("uq_rate_counter_bucket_window_start")
        ),
    )
    op.create_index("ix_rate_counter_window_start", "rate_counter", ["window_start"])

    op.create_table(
        "sent_message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_message")),
        sa.UniqueConstraint("key", name=op.f("uq_sent_message_key")),
    )
    op.create_index("ix_sent_message_recipient", "sent_message", ["recipient"])

    op.create_table(
        "town",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town")),
        sa.UniqueConstraint("name", name=op.f("uq_town_name")),
    )
    op.create_table(
        "visitor",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_visitor_token_digest")),
    )
    op.create_index("ix_visitor_expires_at", "visitor", ["expires_at"])

    op.create_table(
        "account_session",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint(
            "token_digest", name=op.f("uq_account_session_token_digest")
        ),
    )
    op.create_index("ix_account_session_account_id", "account_session", ["account_id"])
    op.create_index("ix_account_session_expires_at", "account_session", ["expires_at"])

    op.create_table(
        "alliance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("town_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id"], ["town.id"], name=op.f("fk_alliance_town_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alliance")),
        sa.UniqueConstraint("slug", name=op.f("uq_alliance_slug")),
    )
    op.create_index("ix_alliance_town_id", "alliance", ["town_id"])

    op.create_table(
        "cart",
        sa.Column("id", BIG, nullable=False),
        sa.Column("visitor_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(visitor_id IS NULL) <> (account_id IS NULL)",
            name=op.f("ck_cart_one_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_cart_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitor.id"], name=op.f("fk_cart_visitor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("account_id", name=op.f("uq_cart_account_id")),
        sa.UniqueConstraint("visitor_id", name=op.f("uq_cart_visitor_id")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("entered_by", BIG, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('live_host', 'course')", name=op.f("ck_certificate_kind_known")
        ),
        sa.CheckConstraint(
            "valid_until >= valid_from", name=op.f("ck_certificate_dates")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_certificate_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_certificate_entered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("request_id", name=op.f("uq_certificate_request_id")),
    )
    op.create_index("ix_certificate_member", "certificate", ["account_id", "kind"])

    op.create_table(
        "checkout",
        sa.Column("id", BIG, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("visitor_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_checkout_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitor.id"], name=op.f("fk_checkout_visitor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout")),
        sa.UniqueConstraint("request_id", name=op.f("uq_checkout_request_id")),
    )
    op.create_index("ix_checkout_account_id", "checkout", ["account_id"])
    op.create_index("ix_checkout_visitor_id", "checkout", ["visitor_id"])

    op.create_table(
        "cooperative",
        sa.Column("id", BIG, nullable=False),
        sa.Column("town_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("bank_name", sa.String(length=80), nullable=False),
        sa.Column("bank_account", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id"], ["town.id"], name=op.f("fk_cooperative_town_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperative")),
        sa.UniqueConstraint("name", name=op.f("uq_cooperative_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_cooperative_slug")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("scope_kind", sa.String(length=20), nullable=False),
        sa.Column("scope_id", BIG, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("granted_by", BIG, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "role IN ('member', 'lead', 'accountant', 'chair', 'farmer', 'secretary', 'trainer', 'town_officer', 'district_officer', 'auditor')",
            name=op.f("ck_role_grant_role_known"),
        ),
        sa.CheckConstraint(
            "scope_kind IN ('alliance', 'cooperative', 'village', 'town', 'district')",
            name=op.f("ck_role_grant_scope_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["account.id"], name=op.f("fk_role_grant_granted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(
        "uq_role_grant_current",
        "role_grant",
        ["account_id", "role", "scope_kind", "scope_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )

    op.create_table(
        "state_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("record_kind", sa.String(length=30), nullable=False),
        sa.Column("record_id", BIG, nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_state_change_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_change")),
    )
    op.create_index(
        "ix_state_change_record", "state_change", ["record_kind", "record_id"]
    )

    op.create_table(
        "training_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("abilities", sa.String(length=80), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("mentor_id", BIG, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_by", BIG, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('mentoring', 'business', 'practice')",
            name=op.f("ck_training_record_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('agreed', 'active', 'reviewed', 'completed', 'stopped', 'enrolled', 'attended', 'passed', 'failed', 'absent', 'assigned', 'reported', 'confirmed')",
            name=op.f("ck_training_record_state_known"),
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= started_on",
            name=op.f("ck_training_record_dates"),
        ),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_training_record_hours")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_training_record_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["account.id"], name=op.f("fk_training_record_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["account.id"], name=op.f("fk_training_record_mentor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_record")),
        sa.UniqueConstraint("request_id", name=op.f("uq_training_record_request_id")),
    )
    op.create_index(
        "ix_training_record_member", "training_record", ["account_id", "started_on"]
    )

    op.create_table(
        "village",
        sa.Column("id", BIG, nullable=False),
        sa.Column("town_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["town_id"], ["town.id"], name=op.f("fk_village_town_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village")),
        sa.UniqueConstraint("slug", name=op.f("uq_village_slug")),
        sa.UniqueConstraint("town_id", "name", name=op.f("uq_village_town_id_name")),
    )
    op.create_table(
        "alliance_cooperative",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alliance_id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("led_founding", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliance.id"],
            name=op.f("fk_alliance_cooperative_alliance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_alliance_cooperative_cooperative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alliance_cooperative")),
        sa.UniqueConstraint(
            "alliance_id",
            "cooperative_id",
            name=op.f("uq_alliance_cooperative_alliance_id_cooperative_id"),
        ),
    )
    op.create_index(
        "ix_alliance_cooperative_cooperative_id",
        "alliance_cooperative",
        ["cooperative_id"],
    )

    op.create_table(
        "alliance_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alliance_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "left_on IS NULL OR left_on >= joined_on",
            name=op.f("ck_alliance_member_term_order"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_alliance_member_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id"],
            ["alliance.id"],
            name=op.f("fk_alliance_member_alliance_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alliance_member")),
        sa.UniqueConstraint(
            "alliance_id",
            "account_id",
            "joined_on",
            name=op.f("uq_alliance_member_alliance_id_account_id_joined_on"),
        ),
    )
    op.create_index("ix_alliance_member_account_id", "alliance_member", ["account_id"])

    op.create_table(
        "brand",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("alliance_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_brand_alliance_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"], ["cooperative.id"], name=op.f("fk_brand_cooperative_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("name", name=op.f("uq_brand_name")),
    )
    op.create_index("ix_brand_alliance_id", "brand", ["alliance_id"])
    op.create_index("ix_brand_cooperative_id", "brand", ["cooperative_id"])

    op.create_table(
        "employment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("village_id", BIG, nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        sa.Column("person_name", sa.String(length=80), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("wages_fen", BIG, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "days > 0 AND wages_fen >= 0", name=op.f("ck_employment_positive")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_employment_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_employment_cooperative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_employment_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
        sa.UniqueConstraint("request_id", name=op.f("uq_employment_request_id")),
    )
    op.create_index("ix_employment_coop", "employment", ["cooperative_id", "month"])
    op.create_index("ix_employment_village", "employment", ["village_id", "month"])
    op.create_index(
        "uq_employment_current",
        "employment",
        ["person_key", "month", "cooperative_id", "village_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )

    op.create_table(
        "farmer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("village_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("shown_publicly", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_farmer_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_farmer_cooperative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_farmer_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_farmer")),
    )
    op.create_index("ix_farmer_account_id", "farmer", ["account_id"])
    op.create_index("ix_farmer_cooperative_id", "farmer", ["cooperative_id"])
    op.create_index("ix_farmer_village_id", "farmer", ["village_id"])

    op.create_table(
        "freight_policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_freight_policy_cooperative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_policy")),
        sa.UniqueConstraint(
            "cooperative_id",
            "version",
            name=op.f("uq_freight_policy_cooperative_id_version"),
        ),
    )
    op.create_table(
        "income_voucher",
        sa.Column("id", BIG, nullable=False),
        sa.Column("village_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("memo", sa.String(length=200), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('operating', 'subsidy')",
            name=op.f("ck_income_voucher_kind_known"),
        ),
        sa.CheckConstraint(
            "amount_fen > 0", name=op.f("ck_income_voucher_amount_positive")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_income_voucher_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_income_voucher_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_voucher")),
        sa.UniqueConstraint("number", name=op.f("uq_income_voucher_number")),
        sa.UniqueConstraint("request_id", name=op.f("uq_income_voucher_request_id")),
    )
    op.create_index(
        "ix_income_voucher_village", "income_voucher", ["village_id", "received_on"]
    )

    op.create_table(
        "live_session",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alliance_id", BIG, nullable=False),
        sa.Column("host_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("room_url", sa.String(length=500), nullable=False),
        sa.Column("poster", sa.String(length=120), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "place IN ('room', 'douyin', 'kuaishou', 'taobao', 'wechat_channels')",
            name=op.f("ck_live_session_place_known"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'live', 'ended', 'cancelled')",
            name=op.f("ck_live_session_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_live_session_alliance_id")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["account.id"], name=op.f("fk_live_session_host_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_session")),
        sa.UniqueConstraint("request_id", name=op.f("uq_live_session_request_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_live_session_slug")),
    )
    op.create_index("ix_live_session_alliance_id", "live_session", ["alliance_id"])
    op.create_index("ix_live_session_host_id", "live_session", ["host_id"])
    op.create_index("ix_live_session_schedule", "live_session", ["state", "starts_at"])

    op.create_table(
        "payment_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("secret_key", sa.Text(), nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_payment_account_cooperative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_account")),
        sa.UniqueConstraint(
            "cooperative_id",
            "provider",
            name=op.f("uq_payment_account_cooperative_id_provider"),
        ),
    )
    op.create_table(
        "product",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alliance_id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("village_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cover", sa.String(length=120), nullable=False),
        sa.Column("spec", sa.String(length=40), nullable=False),
        sa.Column("price_from_fen", BIG, nullable=False),
        sa.Column("per_jin_fen", BIG, nullable=False),
        sa.Column("sold_count", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected', 'withdrawn')",
            name=op.f("ck_product_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_product_alliance_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_product_cooperative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_product_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_product_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("request_id", name=op.f("uq_product_request_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
    )
    op.create_index("ix_product_alliance_id", "product", ["alliance_id"])
    op.create_index("ix_product_cooperative_id", "product", ["cooperative_id"])
    op.create_index("ix_product_newest", "product", ["state", "approved_at"])
    op.create_index("ix_product_shop", "product", ["state", "category", "approved_at"])
    op.create_index("ix_product_village", "product", ["village_id", "state"])

    op.create_table(
        "split_policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("host_bp", sa.Integer(), nullable=False),
        sa.Column("platform_bp", sa.Integer(), nullable=False),
        sa.Column("village_bp", sa.Integer(), nullable=False),
        sa.Column("reserve_bp", sa.Integer(), nullable=False),
        sa.Column("fee_bearer", sa.String(length=20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_by", BIG, nullable=True),
        sa.CheckConstraint(
            "fee_bearer IN ('platform', 'cooperative', 'host', 'village', 'members')",
            name=op.f("ck_split_policy_fee_bearer_known"),
        ),
        sa.CheckConstraint(
            "host_bp >= 0 AND platform_bp >= 0 AND village_bp >= 0 AND reserve_bp >= 0 AND host_bp + platform_bp + village_bp + reserve_bp <= 10000",
            name=op.f("ck_split_policy_rates"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["account.id"], name=op.f("fk_split_policy_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_split_policy_cooperative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["account.id"], name=op.f("fk_split_policy_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_policy")),
        sa.UniqueConstraint(
            "cooperative_id",
            "version",
            name=op.f("uq_split_policy_cooperative_id_version"),
        ),
    )
    op.create_table(
        "webhook_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("cooperative_id", BIG, nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_webhook_event_cooperative_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
        sa.UniqueConstraint(
            "provider", "event_id", name=op.f("uq_webhook_event_provider_event_id")
        ),
    )
    op.create_table(
        "harvest_batch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("harvested_on", sa.Date(), nullable=False),
        sa.Column("plot", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_harvest_batch_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_harvest_batch_code")),
    )
    op.create_index("ix_harvest_batch_product_id", "harvest_batch", ["product_id"])

    op.create_table(
        "ledger_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("cooperative_id", BIG, nullable=True),
        sa.Column("village_id", BIG, nullable=True),
        sa.Column("farmer_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["cooperative.id"],
            name=op.f("fk_ledger_account_cooperative_id"),
        ),
        sa.ForeignKeyConstraint(
            ["farmer_id"], ["farmer.id"], name=op.f("fk_ledger_account_farmer_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_ledger_account_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_account_code")),
    )
    op.create_index(
        "ix_ledger_account_cooperative_id", "ledger_account", ["cooperative_id"]
    )
    op.create_index("ix_ledger_account_farmer_id", "ledger_account", ["farmer_id"])
    op.create_index("ix_ledger_account_kind", "ledger_account", ["kind"])
    op.create_index("ix_ledger_account_village_id", "ledger_account", ["village_id"])

    op.create_table(
        "line_up_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_line_up_item_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_line_up_item_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_up_item")),
        sa.UniqueConstraint(
            "session_id",
            "product_id",
            name=op.f("uq_line_up_item_session_id_product_id"),
        ),
    )
    op.create_index("ix_line_up_item_product_id", "line_up_item", ["product_id"])

    op.create_table(
        "live_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("product_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('go_live', 'pin', 'unpin', 'price', 'stock', 'coupon', 'message', 'end', 'cancel')",
            name=op.f("ck_live_event_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_live_event_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_live_event_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_live_event_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_event")),
        sa.UniqueConstraint(
            "session_id", "seq", name=op.f("uq_live_event_session_id_seq")
        ),
    )
    op.create_table(
        "order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("checkout_id", BIG, nullable=False),
        sa.Column("cooperative_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("payment_method", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("province", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("goods_fen", BIG, nullable=False),
        sa.Column("freight_fen", BIG, nullable=False),
        sa.Column("total_fen", BIG, nullable=False),
        sa.Column("weight_g", BIG, nullable=False),
        sa.Column("split_policy_id", BIG, nullable=False),
        sa.Column("freight_policy_id", BIG, nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("pay_before", MOMENT, nullable=True),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "payment_method IN ('stripe', 'bank_transfer', 'cash_on_delivery')",
            name=op.f("ck_order_payment_method_known"),
        ),
        sa.CheckConstraint(
            "state IN ('placed', 'paid', 'accepted', 'packed', 'shipped', 'delivered', 'completed', 'expired', 'cancelled')",
            name=op.f("ck_order_state_known"),
        ),
        sa.CheckConstraint(
            "total_fen = goods_fen + freight_fen", name=op.f("ck_order_total")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_order_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkout.id"], name=op.f("fk_order_checkout_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"], ["cooperative.id"], name=op.f("fk_order_cooperative_id")
        ),
        sa.ForeignKeyConstraint(
            ["freight_policy_id"],
            ["freight_policy.id"],
            name=op.f("fk_order_freight_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["split_policy_id"],
            ["split_policy.id"],
            name=op.f("fk_order_split_policy_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("number", name=op.f("uq_order_number")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_order_token_digest")),
    )
    op.create_index("ix_order_account", "order", ["account_id", "placed_at"])
    op.create_index("ix_order_checkout_id", "order", ["checkout_id"])
    op.create_index("ix_order_delivered", "order", ["cooperative_id", "delivered_on"])
    op.create_index("ix_order_placed", "order", ["cooperative_id", "placed_at"])
    op.create_index("ix_order_state", "order", ["cooperative_id", "state", "placed_at"])
    op.create_index(
        "ix_order_waiting",
        "order",
        ["placed_at"],
        sqlite_where=sa.text(IS_WAITING),
        postgresql_where=sa.text(IS_WAITING),
    )
    op.create_index(
        "ix_order_undelivered",
        "order",
        ["closed_on"],
        sqlite_where=sa.text("delivered_on IS NULL"),
        postgresql_where=sa.text("delivered_on IS NULL"),
    )

    op.create_table(
        "product_photo",
        sa.Column("id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_photo_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_photo")),
    )
    op.create_index("ix_product_photo_product_id", "product_photo", ["product_id"])

    op.create_table(
        "product_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_product_version_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_version_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_version")),
        sa.UniqueConstraint(
            "product_id", "version", name=op.f("uq_product_version_product_id_version")
        ),
    )
    op.create_table(
        "variant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("weight_g", BIG, nullable=False),
        sa.Column("price_fen", BIG, nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_variant_price_positive")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_variant_stock_not_negative")),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_variant_weight_positive")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_variant_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
    )
    op.create_index("ix_variant_product_id", "variant", ["product_id"])

    op.create_table(
        "batch_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("farmer_id", BIG, nullable=False),
        sa.Column("weight_g", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "weight_g > 0", name=op.f("ck_batch_delivery_weight_positive")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["harvest_batch.id"], name=op.f("fk_batch_delivery_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["farmer_id"], ["farmer.id"], name=op.f("fk_batch_delivery_farmer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_delivery")),
        sa.UniqueConstraint(
            "batch_id", "farmer_id", name=op.f("uq_batch_delivery_batch_id_farmer_id")
        ),
    )
    op.create_index("ix_batch_delivery_farmer_id", "batch_delivery", ["farmer_id"])

    op.create_table(
        "cart_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cart_id", BIG, nullable=False),
        sa.Column("variant_id", BIG, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("session_id", BIG, nullable=True),
        sa.Column("pin_event_id", BIG, nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_item_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["cart.id"], name=op.f("fk_cart_item_cart_id")
        ),
        sa.ForeignKeyConstraint(
            ["pin_event_id"], ["live_event.id"], name=op.f("fk_cart_item_pin_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_cart_item_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_cart_item_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_item")),
        sa.UniqueConstraint(
            "cart_id", "variant_id", name=op.f("uq_cart_item_cart_id_variant_id")
        ),
    )
    op.create_table(
        "order_access",
        sa.Column("id", BIG, nullable=False),
        sa.Column("visitor_id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_access_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitor.id"], name=op.f("fk_order_access_visitor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_access")),
        sa.UniqueConstraint(
            "visitor_id", "order_id", name=op.f("uq_order_access_visitor_id_order_id")
        ),
    )
    op.create_index("ix_order_access_order_id", "order_access", ["order_id"])

    op.create_table(
        "order_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("village_id", BIG, nullable=False),
        sa.Column("batch_id", BIG, nullable=True),
        sa.Column("product_name", sa.String(length=80), nullable=False),
        sa.Column("variant_name", sa.String(length=40), nullable=False),
        sa.Column("weight_g", BIG, nullable=False),
        sa.Column("price_fen", BIG, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("goods_fen", BIG, nullable=False),
        sa.Column("freight_fen", BIG, nullable=False),
        sa.Column("session_id", BIG, nullable=True),
        sa.Column("pin_event_id", BIG, nullable=True),
        sa.Column("alliance_id", BIG, nullable=False),
        sa.Column("host_id", BIG, nullable=True),
        sa.CheckConstraint(
            "goods_fen = price_fen * quantity", name=op.f("ck_order_line_amount")
        ),
        sa.CheckConstraint(
            "quantity > 0", name=op.f("ck_order_line_quantity_positive")
        ),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliance.id"], name=op.f("fk_order_line_alliance_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["harvest_batch.id"], name=op.f("fk_order_line_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["account.id"], name=op.f("fk_order_line_host_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_line_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["pin_event_id"], ["live_event.id"], name=op.f("fk_order_line_pin_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_order_line_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_order_line_variant_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_order_line_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
    )
    op.create_index("ix_order_line_batch", "order_line", ["batch_id"])
    op.create_index("ix_order_line_order_id", "order_line", ["order_id"])
    op.create_index("ix_order_line_report", "order_line", ["village_id", "product_id"])
    op.create_index("ix_order_line_session", "order_line", ["session_id"])

    op.create_table(
        "payment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("provider_session", sa.String(length=120), nullable=True),
        sa.Column("provider_url", sa.Text(), nullable=True),
        sa.Column("provider_intent", sa.String(length=120), nullable=True),
        sa.Column("provider_charge", sa.String(length=120), nullable=True),
        sa.Column("fee_fen", BIG, nullable=True),
        sa.Column("available_at", MOMENT, nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "method IN ('stripe', 'bank_transfer', 'cash_on_delivery')",
            name=op.f("ck_payment_method_known"),
        ),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'paid', 'failed', 'expired', 'late', 'refunded_late', 'parked')",
            name=op.f("ck_payment_state_known"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_payment_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_idempotency_key")),
        sa.UniqueConstraint("order_id", name=op.f("uq_payment_order_id")),
        sa.UniqueConstraint("provider_intent", name=op.f("uq_payment_provider_intent")),
        sa.UniqueConstraint(
            "provider_session", name=op.f("uq_payment_provider_session")
        ),
    )
    op.create_index("ix_payment_due", "payment", ["state", "expires_at"])

    op.create_table(
        "refund",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.Column("goods_fen", BIG, nullable=False),
        sa.Column("freight_fen", BIG, nullable=False),
        sa.Column("bearer", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("provider_refund", sa.String(length=120), nullable=True),
        sa.Column("provider_intent", sa.String(length=120), nullable=True),
        sa.Column("is_surplus", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("requested_by", BIG, nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "bearer IN ('parties', 'carrier', 'platform')",
            name=op.f("ck_refund_bearer_known"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'pending', 'succeeded', 'failed', 'rejected')",
            name=op.f("ck_refund_state_known"),
        ),
        sa.CheckConstraint(
            "amount_fen > 0 AND amount_fen = goods_fen + freight_fen",
            name=op.f("ck_refund_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["account.id"], name=op.f("fk_refund_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_refund_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["account.id"], name=op.f("fk_refund_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refund_idempotency_key")),
        sa.UniqueConstraint("provider_intent", name=op.f("uq_refund_provider_intent")),
        sa.UniqueConstraint("provider_refund", name=op.f("uq_refund_provider_refund")),
        sa.UniqueConstraint("request_id", name=op.f("uq_refund_request_id")),
    )
    op.create_index("ix_refund_open", "refund", ["state", "requested_at"])
    op.create_index("ix_refund_order_id", "refund", ["order_id"])

    op.create_table(
        "shipment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("tracking_number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("shipped_at", MOMENT, nullable=False),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('preparing', 'shipped', 'delivered', 'returned', 'lost')",
            name=op.f("ck_shipment_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_shipment_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("order_id", name=op.f("uq_shipment_order_id")),
    )
    op.create_index("ix_shipment_tracking_number", "shipment", ["tracking_number"])

    op.create_table(
        "stock_reservation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("variant_id", BIG, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'consumed', 'released')",
            name=op.f("ck_stock_reservation_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_stock_reservation_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_stock_reservation_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reservation")),
        sa.UniqueConstraint(
            "order_id",
            "variant_id",
            name=op.f("uq_stock_reservation_order_id_variant_id"),
        ),
    )
    op.create_index(
        "ix_stock_reservation_variant_id", "stock_reservation", ["variant_id"]
    )

    op.create_table(
        "journal_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("memo", sa.String(length=200), nullable=False),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("refund_id", BIG, nullable=True),
        sa.Column("reverses_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("posting_count", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "posting_count >= 2", name=op.f("ck_journal_entry_two_postings")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_journal_entry_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_journal_entry_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("fk_journal_entry_refund_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["journal_entry.id"],
            name=op.f("fk_journal_entry_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_journal_entry_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_entry_reverses_id")),
    )
    op.create_index(
        "ix_journal_entry_day", "journal_entry", ["kind", "effective_on", "order_id"]
    )
    op.create_index("ix_journal_entry_order", "journal_entry", ["order_id", "kind"])
    op.create_index("ix_journal_entry_refund_id", "journal_entry", ["refund_id"])

    op.create_table(
        "refund_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("refund_id", BIG, nullable=False),
        sa.Column("order_line_id", BIG, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("goods_fen", BIG, nullable=False),
        sa.Column("freight_fen", BIG, nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND goods_fen >= 0", name=op.f("ck_refund_line_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_refund_line_order_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("fk_refund_line_refund_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_line")),
        sa.UniqueConstraint(
            "refund_id",
            "order_line_id",
            name=op.f("uq_refund_line_refund_id_order_line_id"),
        ),
    )
    op.create_index("ix_refund_line_order_line_id", "refund_line", ["order_line_id"])

    op.create_table(
        "posting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("ledger_account_id", BIG, nullable=False),
        sa.Column("order_line_id", BIG, nullable=True),
        sa.Column("amount_fen", BIG, nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_posting_not_zero")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["journal_entry.id"],
            name=op.f("fk_posting_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ledger_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_posting_ledger_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_posting_order_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_account", "posting", ["ledger_account_id", "entry_id"])
    op.create_index(
        "ix_posting_entry",
        "posting",
        ["entry_id", "order_line_id", "ledger_account_id", "amount_fen"],
    )
    op.create_index("ix_posting_order_line_id", "posting", ["order_line_id"])
    for statement in create_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name):
        op.execute(statement)

    op.drop_table("posting")
    op.drop_table("refund_line")
    op.drop_table("journal_entry")
    op.drop_table("stock_reservation")
    op.drop_table("shipment")
    op.drop_table("refund")
    op.drop_table("payment")
    op.drop_table("order_line")
    op.drop_table("order_access")
    op.drop_table("cart_item")
    op.drop_table("batch_delivery")
    op.drop_table("variant")
    op.drop_table("product_version")
    op.drop_table("product_photo")
    op.drop_table("order")
    op.drop_table("live_event")
    op.drop_table("line_up_item")
    op.drop_table("ledger_account")
    op.drop_table("harvest_batch")
    op.drop_table("webhook_event")
    op.drop_table("split_policy")
    op.drop_table("product")
    op.drop_table("payment_account")
    op.drop_table("live_session")
    op.drop_table("income_voucher")
    op.drop_table("freight_policy")
    op.drop_table("farmer")
    op.drop_table("employment")
    op.drop_table("brand")
    op.drop_table("alliance_member")
    op.drop_table("alliance_cooperative")
    op.drop_table("village")
    op.drop_table("training_record")
    op.drop_table("state_change")
    op.drop_table("role_grant")
    op.drop_table("cooperative")
    op.drop_table("checkout")
    op.drop_table("certificate")
    op.drop_table("cart")
    op.drop_table("alliance")
    op.drop_table("account_session")
    op.drop_table("visitor")
    op.drop_table("town")
    op.drop_table("sent_message")
    op.drop_table("rate_counter")
    op.drop_table("one_time_code")
    op.drop_table("job")
    op.drop_table("account")
