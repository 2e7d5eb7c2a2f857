"""Campaigns with a threshold, and what becomes of money that a project cannot use.

Revision: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.add_column("ashar_pledge", sa.Column("fallback_id", sa.BigInteger(), nullable=True))
    _campaigns()
    _dispositions()
    # Two small parts of a large table, which jobs look at every minute.
    for name, where in (
        ("ix_ashar_payment_suspense", "account = 'suspense'"),
        ("ix_ashar_payment_unrated", "worth_minor IS NOT NULL AND worth_rate IS NULL"),
    ):
        part = sa.text(where)
        op.create_index(name, "ashar_payment", ["id"], sqlite_where=part, postgresql_where=part)


def _campaigns():
    op.create_table(
        "ashar_campaign",
        sa.Column("id", row_key, nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", instant, nullable=True),
        sa.Column("missed_at", instant, nullable=True),
        sa.Column("asked_at", instant, nullable=True),
        sa.Column("started_at", instant, nullable=True),
        sa.Column("done_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_campaign_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_campaign")),
        sa.UniqueConstraint("project_id", name=op.f("uq_ashar_campaign_project_id")),
    )
    op.create_index(op.f("ix_ashar_campaign_state"), "ashar_campaign", ["state"])


def _dispositions():
    op.create_table(
        "ashar_disposition",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("payment_id", row_key, nullable=False),
        sa.Column("campaign_id", row_key, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("project_id", row_key, nullable=True),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("asked_at", instant, nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", instant, nullable=True),
        sa.Column("done_at", instant, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["ashar_payment.id"], name=op.f("fk_ashar_disposition_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["ashar_campaign.id"], name=op.f("fk_ashar_disposition_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_disposition_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_disposition")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_disposition_token")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_ashar_disposition_payment_id")),
    )
    op.create_index("ix_ashar_disposition_due", "ashar_disposition", ["state", "next_at"])
    op.create_index("ix_ashar_disposition_of", "ashar_disposition", ["campaign_id", "state"])
