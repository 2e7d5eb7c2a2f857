"""Matching pools: what sponsors add to others' gifts.

Revision: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _pools()
    _scopes()
    _paid_in()
    _matches()
    # Both engines take a column with its foreign key so; batch mode would drop triggers.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE ashar_payment ADD COLUMN pool_id {kind}"
        " CONSTRAINT fk_ashar_payment_pool_id REFERENCES ashar_pool (id)"
    )


def _pools():
    op.create_table(
        "ashar_pool",
        sa.Column("id", row_key, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("person_id", row_key, nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rate_gives", sa.Integer(), nullable=False),
        sa.Column("rate_for", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_in_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.CheckConstraint("rate_gives > 0 AND rate_for > 0", name=op.f("ck_ashar_pool_rate")),
        sa.CheckConstraint(
            "total_minor > 0 AND (cap_minor IS NULL OR cap_minor > 0)",
            name=op.f("ck_ashar_pool_amounts"),
        ),
        sa.CheckConstraint(
            "reserved_minor >= 0 AND booked_minor >= 0"
            " AND reserved_minor + booked_minor <= total_minor"
            " AND (kind = 'promised' OR reserved_minor + booked_minor <= paid_in_minor)",
            name=op.f("ck_ashar_pool_not_overdrawn"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_pool_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_pool")),
        sa.UniqueConstraint("slug", name=op.f("uq_ashar_pool_slug")),
    )


def _scopes():
    op.create_table(
        "ashar_pool_scope",
        sa.Column("pool_id", row_key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["ashar_pool.id"], name=op.f("fk_ashar_pool_scope_pool_id")
        ),
        sa.PrimaryKeyConstraint("pool_id", "kind", "value", name=op.f("pk_ashar_pool_scope")),
    )
    op.create_index("ix_ashar_pool_scope_value", "ashar_pool_scope", ["kind", "value"])


def _paid_in():
    op.create_table(
        "ashar_pool_payment",
        sa.Column("id", row_key, nullable=False),
        sa.Column("pool_id", row_key, nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("actor_id", row_key, nullable=True),
        sa.Column("made_at", instant, nullable=False),
        sa.CheckConstraint("minor > 0", name=op.f("ck_ashar_pool_payment_amount")),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["ashar_pool.id"], name=op.f("fk_ashar_pool_payment_pool_id")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["ashar_person.id"], name=op.f("fk_ashar_pool_payment_actor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_pool_payment")),
        sa.UniqueConstraint("attempt", name=op.f("uq_ashar_pool_payment_attempt")),
    )
    op.create_index(op.f("ix_ashar_pool_payment_pool_id"), "ashar_pool_payment", ["pool_id"])


def _matches():
    op.create_table(
        "ashar_match",
        sa.Column("id", row_key, nullable=False),
        sa.Column("payment_id", row_key, nullable=False),
        sa.Column("pool_id", row_key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_minor", sa.BigInteger(), nullable=False),
        sa.Column("short_minor", sa.BigInteger(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=True),
        sa.Column("worth_currency", sa.Text(), nullable=True),
        sa.Column("worth_rate", sa.Text(), nullable=True),
        sa.Column("worth_day", sa.Date(), nullable=True),
        sa.Column("worth_source", sa.Text(), nullable=True),
        sa.Column("moved_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("booked_at", instant, nullable=True),
        sa.CheckConstraint(
            "reserved_minor >= 0 AND given_minor >= 0 AND short_minor >= 0"
            " AND given_minor <= booked_minor",
            name=op.f("ck_ashar_match_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["ashar_payment.id"], name=op.f("fk_ashar_match_payment_id")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["ashar_pool.id"], name=op.f("fk_ashar_match_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_match")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_ashar_match_payment_id")),
    )
    op.create_index(op.f("ix_ashar_match_pool_id"), "ashar_match", ["pool_id"])
