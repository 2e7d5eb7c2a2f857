"""Updates of projects, comments, reports of irregularities.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _updates()
    _comments()
    _reports()


def _refers(table, column, to):
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name)


def _updates():
    op.create_table(
        "ashar_update",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("pictures", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("writer_id", row_key, nullable=False),
        sa.Column("by_helper", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("edited_at", instant, nullable=False),
        sa.Column("published_at", instant, nullable=True),
        sa.Column("hidden_by", sa.Text(), nullable=False),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        _refers("ashar_update", "project_id", "ashar_project"),
        _refers("ashar_update", "writer_id", "ashar_person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_update")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_update_token")),
    )
    op.create_index(
        "ix_ashar_update_project", "ashar_update", ["project_id", "state", "published_at"]
    )


def _comments():
    op.create_table(
        "ashar_comment",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("update_id", row_key, nullable=True),
        sa.Column("parent_id", row_key, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person_id", row_key, nullable=True),
        sa.Column("pledge_id", row_key, nullable=True),
        sa.Column("by_leader", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("shown_at", instant, nullable=True),
        sa.Column("hidden_by", sa.Text(), nullable=False),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        _refers("ashar_comment", "project_id", "ashar_project"),
        _refers("ashar_comment", "update_id", "ashar_update"),
        _refers("ashar_comment", "parent_id", "ashar_comment"),
        _refers("ashar_comment", "person_id", "ashar_person"),
        _refers("ashar_comment", "pledge_id", "ashar_pledge"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_comment")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_comment_token")),
        sa.UniqueConstraint("attempt", name=op.f("uq_ashar_comment_attempt")),
    )
    op.create_index(
        "ix_ashar_comment_thread", "ashar_comment", ["project_id", "update_id", "parent_id", "id"]
    )
    for column in ("parent_id", "person_id", "pledge_id"):
        op.create_index(op.f(f"ix_ashar_comment_{column}"), "ashar_comment", [column])


def _reports():
    op.create_table(
        "ashar_report",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("update_id", row_key, nullable=True),
        sa.Column("comment_id", row_key, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("person_id", row_key, nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("decided_at", instant, nullable=True),
        _refers("ashar_report", "project_id", "ashar_project"),
        _refers("ashar_report", "update_id", "ashar_update"),
        _refers("ashar_report", "comment_id", "ashar_comment"),
        _refers("ashar_report", "person_id", "ashar_person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_report")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_report_token")),
        sa.UniqueConstraint("attempt", name=op.f("uq_ashar_report_attempt")),
    )
    op.create_index(op.f("ix_ashar_report_project_id"), "ashar_report", ["project_id"])
