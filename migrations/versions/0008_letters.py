"""Letters to persons, mailings to many, and what somebody wants no more.

Revision: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.add_column("ashar_letter", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_ashar_letter_person",
        "ashar_letter",
        ["person_id", "kind"],
        sqlite_where=sa.text("person_id IS NOT NULL"),
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_table(
        "ashar_mailing",
        sa.Column("id", row_key, nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("done_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_mailing")),
        sa.UniqueConstraint("fact", "kind", name=op.f("uq_ashar_mailing_fact_kind")),
    )
    op.create_index(
        "ix_ashar_mailing_open",
        "ashar_mailing",
        ["id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "ashar_unsubscribed",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("email", "topic", name=op.f("pk_ashar_unsubscribed")),
    )
