"""Monthly gifts: subscriptions, and the invoice that a payment paid.

Revision: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "ashar_subscription",
        sa.Column("id", row_key, nullable=False),
        sa.Column("pledge_id", row_key, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gift_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("next_at", instant, nullable=True),
        sa.Column("card_until", sa.Date(), nullable=True),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("told_at", instant, nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("asked_at", instant, nullable=True),
        sa.Column("told_card", sa.Date(), nullable=True),
        sa.Column("told_debit", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "gift_minor > 0 AND cover_minor >= 0", name=op.f("ck_ashar_subscription_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["ashar_pledge.id"],
            name=op.f("fk_ashar_subscription_pledge_id_ashar_pledge"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_subscription")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_ashar_subscription_gateway_id")),
    )
    op.create_index(op.f("ix_ashar_subscription_pledge_id"), "ashar_subscription", ["pledge_id"])
    op.create_index("ix_ashar_subscription_next", "ashar_subscription", ["state", "next_at"])
    op.add_column("ashar_payment", sa.Column("invoice_id", sa.Text(), nullable=True))
    op.create_index(op.f("ix_ashar_payment_invoice_id"), "ashar_payment", ["invoice_id"], unique=True)
