"""Bank transfers: accounts, references, papers kept as they came.

Revision: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _accounts()
    _papers()
    op.add_column("ashar_pledge", sa.Column("reference", sa.Text(), nullable=True))
    op.create_index(op.f("ix_ashar_pledge_reference"), "ashar_pledge", ["reference"], unique=True)
    op.add_column("ashar_pledge", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("ashar_payment", sa.Column("held_in", sa.Text(), nullable=True))
    op.add_column(
        "ashar_payment", sa.Column("reminded", sa.Integer(), server_default="0", nullable=False)
    )


def _accounts():
    texts = ("slug", "holder", "iban", "qr_iban", "bic", "bank", "currency", "street", "house")
    texts += ("postcode", "city", "country")
    op.create_table(
        "ashar_bank_account",
        sa.Column("id", row_key, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in texts],
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_bank_account")),
        sa.UniqueConstraint("slug", name=op.f("uq_ashar_bank_account_slug")),
        sa.UniqueConstraint("iban", name=op.f("uq_ashar_bank_account_iban")),
    )
    op.create_index(op.f("ix_ashar_bank_account_currency"), "ashar_bank_account", ["currency"])


def _papers():
    op.create_table(
        "ashar_paper",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("person_id", row_key, nullable=True),
        sa.Column("kept_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_paper")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_paper_token")),
    )
    op.create_index("ix_ashar_paper_owner", "ashar_paper", ["owner_kind", "owner_id"])
