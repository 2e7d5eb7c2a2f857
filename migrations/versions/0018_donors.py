"""Donors: groups, messages, in honour of, links by letter, and what is kept after an erasure.

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _groups()
    _messages()
    _links()
    _retained()
    op.add_column("ashar_pledge", sa.Column("honour_email", sa.Text(), nullable=True))
    op.add_column("ashar_pledge", sa.Column("group_id", sa.BigInteger(), nullable=True))
    op.add_column("ashar_pledge", sa.Column("erased_at", instant, nullable=True))
    for name, columns, where in (
        ("ix_ashar_pledge_shown", ["project_id", "id"], "visibility = 'public' AND counted"),
        ("ix_ashar_pledge_honour", ["honour_email"], "honour_email IS NOT NULL"),
        ("ix_ashar_pledge_group", ["group_id"], "group_id IS NOT NULL"),
        ("ix_ashar_pledge_erased", ["erased_at"], "erased_at IS NOT NULL"),
    ):
        where = sa.text(where)
        op.create_index(
            name, "ashar_pledge", columns, sqlite_where=where, postgresql_where=where
        )
    op.create_index(op.f("ix_ashar_letter_recipient"), "ashar_letter", ["recipient"])
    # One spelling from now on: a donor's own page finds what they gave by it.
    op.execute("UPDATE ashar_pledge SET email = lower(email) WHERE email <> lower(email)")


def _groups():
    op.create_table(
        "ashar_group",
        sa.Column("id", row_key, nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "name", "folded")],
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("shown_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_group")),
        sa.UniqueConstraint("slug", name=op.f("uq_ashar_group_slug")),
        sa.UniqueConstraint("folded", name=op.f("uq_ashar_group_folded")),
    )
    op.create_table(
        "ashar_group_total",
        sa.Column("group_id", row_key, nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("raised_minor", sa.BigInteger(), nullable=False),
        sa.Column("gifts", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ashar_group.id"], name=op.f("fk_ashar_group_total_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_group_total_project_id")
        ),
        sa.PrimaryKeyConstraint(
            "group_id", "project_id", "currency", "hidden", name=op.f("pk_ashar_group_total")
        ),
    )


def _messages():
    op.create_table(
        "ashar_message",
        sa.Column("id", row_key, nullable=False),
        sa.Column("pledge_id", row_key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["ashar_pledge.id"], name=op.f("fk_ashar_message_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_message")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_ashar_message_pledge_id")),
    )


def _links():
    op.create_table(
        "ashar_donor_link",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("used_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_ashar_donor_link")),
    )
    for name in ("email", "made_at"):
        op.create_index(op.f(f"ix_ashar_donor_link_{name}"), "ashar_donor_link", [name])


def _retained():
    op.create_table(
        "ashar_retained",
        sa.Column("id", row_key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("kept_at", instant, nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_retained")),
        sa.UniqueConstraint("kind", "row", name=op.f("uq_ashar_retained_kind_row")),
    )
    op.create_index(op.f("ix_ashar_retained_delete_on"), "ashar_retained", ["delete_on"])
