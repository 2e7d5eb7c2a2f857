"""Receipts: their numbers, the rows, the yearly rounds.

Revision: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.add_column("ashar_pledge", sa.Column("receipt_asked_at", instant, nullable=True))
    _where("ix_ashar_pledge_receipt", "ashar_pledge", ["id"], "receipt_asked_at IS NOT NULL")
    op.create_index("ix_ashar_payment_settled", "ashar_payment", ["settled_at"])
    op.create_table(
        "ashar_receipt_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_ashar_receipt_series")),
    )
    _receipts()
    _rounds()


def _receipts():
    op.create_table(
        "ashar_receipt",
        sa.Column("id", row_key, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("pledge_id", row_key, nullable=False),
        sa.Column("payment_id", row_key, nullable=True),
        sa.Column("donor", sa.Text(), nullable=True),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("issued_at", instant, nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("cancels_id", row_key, nullable=True),
        sa.Column("cancelled_at", instant, nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("serial > 0", name=op.f("ck_ashar_receipt_serial")),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["ashar_pledge.id"], name=op.f("fk_ashar_receipt_pledge_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["ashar_payment.id"], name=op.f("fk_ashar_receipt_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["cancels_id"], ["ashar_receipt.id"], name=op.f("fk_ashar_receipt_cancels_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_ashar_receipt_number")),
        sa.UniqueConstraint(
            "series", "year", "serial", name=op.f("uq_ashar_receipt_series_year_serial")
        ),
        sa.UniqueConstraint("cancels_id", name=op.f("uq_ashar_receipt_cancels_id")),
    )
    op.create_index(op.f("ix_ashar_receipt_pledge_id"), "ashar_receipt", ["pledge_id"])
    legal, annual = (f"kind = '{kind}' AND cancelled_at IS NULL" for kind in ("legal", "annual"))
    _where("ix_ashar_receipt_live", "ashar_receipt", ["payment_id"], legal, unique=True)
    columns = ["donor", "period", "currency"]
    _where("ix_ashar_receipt_annual", "ashar_receipt", columns, annual, unique=True)
    undrawn = "paper_id IS NULL AND form <> 'plain'"
    _where("ix_ashar_receipt_undrawn", "ashar_receipt", ["id"], undrawn)


def _rounds():
    op.create_table(
        "ashar_receipt_round",
        sa.Column("id", row_key, nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("donors", sa.Integer(), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", instant, nullable=False),
        sa.Column("done_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_receipt_round")),
    )
    open_ = "done_at IS NULL"
    _where("ix_ashar_receipt_round_open", "ashar_receipt_round", ["period"], open_, unique=True)


def _where(name, table, columns, condition, unique=False):
    where = sa.text(condition)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where
    )
