"""People: sessions, applications, recoveries, what was typed when a sign-in had ended.

Revision: 0003, after 0001
"""

import sqlalchemy as sa
from alembic import op

from ashar.kernel import ids

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    with_token = ("token", "folded")
    for name in with_token:
        op.add_column(
            "ashar_person", sa.Column(name, sa.Text(), nullable=False, server_default="")
        )
    op.add_column(
        "ashar_person",
        sa.Column("reads", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
    )
    _name_everybody()
    op.create_index(op.f("ix_ashar_person_token"), "ashar_person", ["token"], unique=True)
    if op.get_context().dialect.name == "postgresql":
        for name in (*with_token, "reads"):
            op.alter_column("ashar_person", name, server_default=None)
    op.create_table(
        "ashar_application",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("person_id", row_key, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("decided_by", row_key, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_application_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["ashar_person.id"], name=op.f("fk_ashar_application_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_application")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_application_token")),
    )
    op.create_index(
        op.f("ix_ashar_application_person_id"), "ashar_application", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_ashar_application_state"), "ashar_application", ["state"], unique=False
    )
    op.create_index(
        "uq_ashar_application_open",
        "ashar_application",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "ashar_recovery",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("person_id", row_key, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", row_key, nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("confirmed_by", row_key, nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("ends_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_recovery_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["ashar_person.id"], name=op.f("fk_ashar_recovery_opened_by")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["ashar_person.id"], name=op.f("fk_ashar_recovery_confirmed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_recovery")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_recovery_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_ashar_recovery_digest")),
    )
    op.create_index(
        op.f("ix_ashar_recovery_person_id"), "ashar_recovery", ["person_id"], unique=False
    )
    op.create_index(op.f("ix_ashar_recovery_state"), "ashar_recovery", ["state"], unique=False)
    op.create_index(
        "uq_ashar_recovery_active",
        "ashar_recovery",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'confirmed')"),
        postgresql_where=sa.text("state IN ('open', 'confirmed')"),
    )
    op.create_table(
        "ashar_session",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("user_id", row_key, nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ashar_user.id"],
            name=op.f("fk_ashar_session_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_ashar_session")),
    )
    op.create_index(op.f("ix_ashar_session_user_id"), "ashar_session", ["user_id"], unique=False)
    op.create_index(op.f("ix_ashar_session_seen_at"), "ashar_session", ["seen_at"], unique=False)
    op.create_table(
        "ashar_kept",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_ashar_kept")),
    )
    op.create_index(op.f("ix_ashar_kept_made_at"), "ashar_kept", ["made_at"], unique=False)


def _name_everybody():
    """Give each person a token, and the text that they are searched by."""
    person = sa.table(
        "ashar_person",
        sa.column("id"),
        sa.column("name"),
        sa.column("email"),
        sa.column("token"),
        sa.column("folded"),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(person.c.id, person.c.name, person.c.email)).all():
        folded = f"{row.name} {row.email or ''}".casefold().strip()
        connection.execute(
            person.update()
            .where(person.c.id == row.id)
            .values(token=ids.token(), folded=folded)
        )
