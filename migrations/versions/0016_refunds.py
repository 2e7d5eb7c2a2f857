"""Refunds by bank and in cash, payment orders for a bank, deadlines of disputes, fraud warnings.

Revision: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _files()
    _warnings()
    op.add_column("ashar_payment", sa.Column("sender_iban", sa.Text(), nullable=True))
    for name in ("due_at", "answered_at"):
        op.add_column("ashar_dispute", sa.Column(name, instant, nullable=True))
    _refunds()


def _files():
    op.create_table(
        "ashar_refund_file",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_refund_file")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_refund_file_token")),
        sa.UniqueConstraint("message", name=op.f("uq_ashar_refund_file_message")),
    )


def _warnings():
    op.create_table(
        "ashar_fraud_warning",
        sa.Column("id", row_key, nullable=False),
        sa.Column("payment_id", row_key, nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("warned_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["ashar_payment.id"], name=op.f("fk_ashar_fraud_warning_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_fraud_warning")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_ashar_fraud_warning_gateway_id")),
    )
    for name in ("payment_id", "state"):
        op.create_index(op.f(f"ix_ashar_fraud_warning_{name}"), "ashar_fraud_warning", [name])


def _refunds():
    def column(name, kind, **more):
        return sa.Column(name, kind, **{"nullable": True} | more)

    # No table is rebuilt: what refers to it, and its triggers, stay as they are.
    for added in (
        column("way", sa.Text(), nullable=False, server_default="provider"),
        column("attempt", sa.Text()),
        column("account", sa.Text()),
        column("iban", sa.Text()),
        column("holder", sa.Text()),
        column("confirmed_at", instant),
        column("given_by", sa.BigInteger()),
        column("approved_by", sa.BigInteger()),
        column("asked", sa.BigInteger(), nullable=False, server_default="0"),
        column("instead_of", sa.BigInteger()),
        column("paid_at", instant),
        column("paid_minor", sa.BigInteger()),
        column("paid_currency", sa.Text()),
    ):
        op.add_column("ashar_refund", added)
    op.add_column("ashar_refund", _file_id(), inline_references=True)
    for name in ("state", "file_id"):
        op.create_index(op.f(f"ix_ashar_refund_{name}"), "ashar_refund", [name])
    for name in ("attempt", "instead_of"):
        op.create_index(op.f(f"ix_ashar_refund_{name}"), "ashar_refund", [name], unique=True)


def _file_id():
    key = sa.ForeignKey("ashar_refund_file.id", name=op.f("fk_ashar_refund_file_id"))
    return sa.Column("file_id", row_key, key, nullable=True)
