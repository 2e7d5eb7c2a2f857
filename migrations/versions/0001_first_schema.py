"""The first schema: projects, pledges, the book and its guards, accounts.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

from ashar.ledger import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
listed = "state IN ('published', 'funded', 'closed', 'in_progress', 'completed')"
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "ashar_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("posted_at", instant, nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("voucher", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_entry")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ashar_entry_reverses")),
    )
    op.create_index(
        "ix_ashar_entry_source", "ashar_entry", ["source_kind", "source_id"], unique=False
    )
    op.create_table(
        "ashar_history",
        sa.Column("id", row_key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("at", instant, nullable=False),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_history")),
    )
    op.create_index(
        "ix_ashar_history_subject", "ashar_history", ["kind", "subject_id"], unique=False
    )
    op.create_table(
        "ashar_inbox",
        sa.Column("id", row_key, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("waits_for", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=True),
        sa.Column("done_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_inbox")),
        sa.UniqueConstraint(
            "gateway", "external_id", name=op.f("uq_ashar_inbox_gateway_external_id")
        ),
    )
    op.create_index(
        "ix_ashar_inbox_due",
        "ashar_inbox",
        ["state", "next_at"],
        unique=False,
        sqlite_where=sa.text("state != 'done'"),
        postgresql_where=sa.text("state != 'done'"),
    )
    op.create_index(
        "ix_ashar_inbox_waits",
        "ashar_inbox",
        ["waits_for"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "ashar_letter",
        sa.Column("id", row_key, nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("pledge_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=True),
        sa.Column("sent_at", instant, nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_letter")),
        sa.UniqueConstraint(
            "fact", "recipient", "kind", name=op.f("uq_ashar_letter_fact_recipient_kind")
        ),
    )
    op.create_index(
        "ix_ashar_letter_due",
        "ashar_letter",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "ashar_media",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("widths", sa.JSON(), nullable=False),
        sa.Column("alt", sa.JSON(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_media")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_media_token")),
    )
    op.create_table(
        "ashar_outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("done_at", instant, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_outbox")),
    )
    op.create_index(
        "ix_ashar_outbox_due",
        "ashar_outbox",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "ashar_person",
        sa.Column("id", row_key, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_person")),
        sa.UniqueConstraint("external_id", name=op.f("uq_ashar_person_external_id")),
    )
    op.create_index(op.f("ix_ashar_person_email"), "ashar_person", ["email"], unique=False)
    op.create_table(
        "ashar_rate",
        sa.Column("id", row_key, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_rate")),
        sa.UniqueConstraint("currency", "day", name=op.f("uq_ashar_rate_currency_day")),
    )
    op.create_table(
        "ashar_user",
        sa.Column("id", row_key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("fs_webauthn_user_handle", sa.Text(), nullable=True),
        sa.Column("tf_primary_method", sa.Text(), nullable=True),
        sa.Column("tf_totp_secret", sa.Text(), nullable=True),
        sa.Column("tf_last_counter", sa.BigInteger(), nullable=True),
        sa.Column("mf_recovery_codes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ashar_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_ashar_user_fs_uniquifier")),
        sa.UniqueConstraint(
            "fs_webauthn_user_handle", name=op.f("uq_ashar_user_fs_webauthn_user_handle")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_ashar_user_key")),
    )
    op.create_table(
        "ashar_line",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("book_minor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("minor <> 0", name=op.f("ck_ashar_line_amount")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ashar_entry.id"],
            name=op.f("fk_ashar_line_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("entry_id", "no", name=op.f("pk_ashar_line")),
    )
    op.create_index("ix_ashar_line_account", "ashar_line", ["account", "currency"], unique=False)
    op.create_table(
        "ashar_project",
        sa.Column("id", row_key, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), sa.Computed(listed, persisted=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("sdg", sa.JSON(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("goal_minor", sa.BigInteger(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("takes_more", sa.Boolean(), nullable=False),
        sa.Column("cover_id", row_key, nullable=True),
        sa.Column("owner_id", row_key, nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("committee", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("edited_at", instant, nullable=False),
        sa.Column("published_at", instant, nullable=True),
        sa.CheckConstraint("goal_minor > 0", name=op.f("ck_ashar_project_goal")),
        sa.ForeignKeyConstraint(
            ["cover_id"], ["ashar_media.id"], name=op.f("fk_ashar_project_cover_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["ashar_person.id"], name=op.f("fk_ashar_project_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_project")),
        sa.UniqueConstraint("slug", name=op.f("uq_ashar_project_slug")),
    )
    op.create_index(
        "ix_ashar_project_listing", "ashar_project", ["listed", "published_at", "id"], unique=False
    )
    op.create_index(
        "ix_ashar_project_ending", "ashar_project", ["listed", "deadline", "id"], unique=False
    )
    op.create_index("ix_ashar_project_region", "ashar_project", ["region", "state"], unique=False)
    op.create_index("ix_ashar_project_theme", "ashar_project", ["theme", "state"], unique=False)
    op.create_table(
        "ashar_role",
        sa.Column("id", row_key, nullable=False),
        sa.Column("person_id", row_key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("given_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_role_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_role")),
        sa.UniqueConstraint(
            "person_id", "name", "scope", name=op.f("uq_ashar_role_person_id_name_scope")
        ),
    )
    op.create_table(
        "ashar_webauthn",
        sa.Column("id", row_key, nullable=False),
        sa.Column("user_id", row_key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.Text(), nullable=False),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("lastuse_datetime", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ashar_user.id"],
            name=op.f("fk_ashar_webauthn_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_webauthn")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_ashar_webauthn_credential_id")),
    )
    op.create_index(op.f("ix_ashar_webauthn_user_id"), "ashar_webauthn", ["user_id"], unique=False)
    op.create_table(
        "ashar_need",
        sa.Column("id", row_key, nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.CheckConstraint("needed > 0", name=op.f("ck_ashar_need_needed")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_need_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_need")),
    )
    op.create_index(op.f("ix_ashar_need_project_id"), "ashar_need", ["project_id"], unique=False)
    op.create_table(
        "ashar_pledge",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("person_id", row_key, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gift_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("pays_from", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("in_honour_of", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("fallback", sa.Text(), nullable=False),
        sa.Column("receipt_address", sa.JSON(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.CheckConstraint(
            "gift_minor > 0 AND cover_minor >= 0", name=op.f("ck_ashar_pledge_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_pledge_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_pledge_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_pledge")),
        sa.UniqueConstraint("attempt", name=op.f("uq_ashar_pledge_attempt")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_pledge_token")),
    )
    op.create_index(op.f("ix_ashar_pledge_email"), "ashar_pledge", ["email"], unique=False)
    op.create_index(op.f("ix_ashar_pledge_person_id"), "ashar_pledge", ["person_id"], unique=False)
    op.create_index(
        "ix_ashar_pledge_project", "ashar_pledge", ["project_id", "state"], unique=False
    )
    op.create_table(
        "ashar_project_text",
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("original", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_project_text_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", "language", name=op.f("pk_ashar_project_text")),
    )
    op.create_table(
        "ashar_totals",
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("raised_minor", sa.BigInteger(), nullable=False),
        sa.Column("matched_minor", sa.BigInteger(), nullable=False),
        sa.Column("awaiting_minor", sa.BigInteger(), nullable=False),
        sa.Column("supporters", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_totals_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", "currency", name=op.f("pk_ashar_totals")),
    )
    op.create_table(
        "ashar_payment",
        sa.Column("id", row_key, nullable=False),
        sa.Column("pledge_id", row_key, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gift_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("session_url", sa.Text(), nullable=True),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("ends_at", instant, nullable=True),
        sa.Column("settled_at", instant, nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.Column("settled_minor", sa.BigInteger(), nullable=True),
        sa.Column("settled_fee", sa.BigInteger(), nullable=True),
        sa.Column("settled_currency", sa.Text(), nullable=True),
        sa.Column("worth_minor", sa.BigInteger(), nullable=True),
        sa.Column("worth_currency", sa.Text(), nullable=True),
        sa.Column("worth_rate", sa.Text(), nullable=True),
        sa.Column("worth_day", sa.Date(), nullable=True),
        sa.Column("worth_source", sa.Text(), nullable=True),
        sa.Column("moved_minor", sa.BigInteger(), nullable=False),
        sa.Column("awaiting_minor", sa.BigInteger(), nullable=False),
        sa.Column("awaiting_currency", sa.Text(), nullable=True),
        sa.Column("instructions", sa.JSON(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "gift_minor > 0 AND cover_minor >= 0", name=op.f("ck_ashar_payment_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["ashar_pledge.id"], name=op.f("fk_ashar_payment_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_payment")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_ashar_payment_charge_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_ashar_payment_intent_id")),
        sa.UniqueConstraint("pledge_id", "no", name=op.f("uq_ashar_payment_pledge_id_no")),
        sa.UniqueConstraint("session_id", name=op.f("uq_ashar_payment_session_id")),
    )
    op.create_index("ix_ashar_payment_open", "ashar_payment", ["state", "ends_at"], unique=False)
    op.create_table(
        "ashar_pledge_key",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("pledge_id", row_key, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("ends_at", instant, nullable=False),
        sa.Column("used_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["ashar_pledge.id"], name=op.f("fk_ashar_pledge_key_pledge_id")
        ),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_ashar_pledge_key")),
    )
    op.create_index(
        op.f("ix_ashar_pledge_key_pledge_id"), "ashar_pledge_key", ["pledge_id"], unique=False
    )
    op.create_table(
        "ashar_dispute",
        sa.Column("id", row_key, nullable=False),
        sa.Column("payment_id", row_key, nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("movements", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["ashar_payment.id"], name=op.f("fk_ashar_dispute_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_dispute")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_ashar_dispute_gateway_id")),
    )
    op.create_index(
        op.f("ix_ashar_dispute_payment_id"), "ashar_dispute", ["payment_id"], unique=False
    )
    op.create_table(
        "ashar_refund",
        sa.Column("id", row_key, nullable=False),
        sa.Column("payment_id", row_key, nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("movements", sa.JSON(), nullable=False),
        sa.CheckConstraint("minor > 0", name=op.f("ck_ashar_refund_amount")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["ashar_payment.id"], name=op.f("fk_ashar_refund_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_refund")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_ashar_refund_gateway_id")),
    )
    op.create_index(
        op.f("ix_ashar_refund_payment_id"), "ashar_refund", ["payment_id"], unique=False
    )
    # ### end Alembic commands ###
    for statement in triggers.statements(op.get_context().dialect.name):
        op.execute(statement)
    if op.get_context().dialect.name == "postgresql":
        # Counters of limits: losing them with the power costs nothing.
        op.execute(
            "CREATE UNLOGGED TABLE ashar_limit (key text PRIMARY KEY, hits bigint NOT NULL, "
            "expires double precision NOT NULL)"
        )
