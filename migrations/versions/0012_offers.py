"""Offers of labour, materials, skills and transport, counted beside each need.

Revision: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BEFORE = "gift_minor > 0 AND cover_minor >= 0"
AFTER = (
    "(kind = 'money' AND gift_minor > 0 OR kind <> 'money' AND gift_minor = 0) "
    "AND cover_minor >= 0"
)


def upgrade():
    _pledges_without_money()
    for name in ("offered", "accepted", "delivered", "confirmed", "moves"):
        op.add_column(
            "ashar_need", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    _offers()


def _pledges_without_money():
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_ashar_pledge_amounts")
        op.drop_constraint(name, "ashar_pledge", type_="check")
        op.create_check_constraint(name, "ashar_pledge", AFTER)
    else:
        _edit_sqlite_schema()


def _edit_sqlite_schema():
    """Change the constraint where it is written, as SQLite documents it for changes of this kind.

    https://www.sqlite.org/lang_altertable.html, the end of section 7: a constraint that is relaxed
    leaves all rows as they are. Copying the table would be the other way, and drop what hangs on it.
    """
    bind = op.get_bind()
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    bind.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'ashar_pledge'"
        ),
        {"before": BEFORE, "after": AFTER},
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    # Reads the schema anew as well, so that what follows goes by the new constraint.
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
    written = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'ashar_pledge'"
    ).scalar_one()
    if written.count(AFTER) != 1 or BEFORE in written.replace(AFTER, ""):
        raise RuntimeError("the constraint of ashar_pledge is not what it was expected to be")
    found = bind.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if found != ["ok"]:
        raise RuntimeError(f"the database is not whole: {found}")


def _offers():
    texts = ("unit", "state", "meeting", "reason", "confirmed_as")
    numbers = ("people", "offered", "accepted", "delivered", "confirmed")
    op.create_table(
        "ashar_offer",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("pledge_id", row_key, nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("need_id", row_key, nullable=True),
        *[sa.Column(name, sa.Text(), nullable=False) for name in texts],
        sa.Column("titles", sa.JSON(), nullable=False),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in numbers],
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("photo_id", row_key, nullable=True),
        sa.Column("entered_by", row_key, nullable=True),
        sa.Column("accepted_at", instant, nullable=True),
        sa.Column("delivered_at", instant, nullable=True),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.CheckConstraint(
            "offered > 0 AND people > 0", name=op.f("ck_ashar_offer_offered")
        ),
        sa.CheckConstraint(
            "confirmed >= 0 AND confirmed <= delivered AND delivered <= accepted "
            "AND accepted <= offered",
            name=op.f("ck_ashar_offer_quantities"),
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["ashar_pledge.id"], name=op.f("fk_ashar_offer_pledge_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_offer_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["ashar_need.id"],
            name=op.f("fk_ashar_offer_need_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["ashar_paper.id"], name=op.f("fk_ashar_offer_photo_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["ashar_person.id"], name=op.f("fk_ashar_offer_entered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_offer")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_offer_token")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_ashar_offer_pledge_id")),
    )
    op.create_index("ix_ashar_offer_project", "ashar_offer", ["project_id", "state", "id"])
    op.create_index("ix_ashar_offer_day", "ashar_offer", ["project_id", "day"])
    op.create_index(op.f("ix_ashar_offer_need_id"), "ashar_offer", ["need_id"])
