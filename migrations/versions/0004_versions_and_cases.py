"""Working copies, versions, helpers; cases of moderation; pictures that are not public yet.

Revision: 0004
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _columns()
    _tables()
    _cases()
    _fill_content()
    for column in ("payee_name", "owner_name", "committee", "details"):
        op.drop_column("ashar_project", column)
    op.drop_column("ashar_project_text", "details")


def _columns():
    text, empty = sa.Text(), sa.text("''")
    for table, column in (
        ("ashar_project", sa.Column("aymak", text, nullable=False, server_default=empty)),
        ("ashar_project", sa.Column("minimum_minor", sa.BigInteger(), nullable=True)),
        ("ashar_project", sa.Column("content", sa.JSON(), nullable=False, server_default="{}")),
        (
            "ashar_project_text",
            sa.Column("reviewed", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
        ("ashar_need", sa.Column("key", text, nullable=False, server_default=empty)),
        ("ashar_media", sa.Column("owner_kind", text, nullable=False, server_default=empty)),
        ("ashar_media", sa.Column("owner_id", sa.BigInteger(), nullable=True)),
        (
            "ashar_media",
            sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.true()),
        ),
    ):
        op.add_column(table, column)
    op.create_index("ix_ashar_media_owner", "ashar_media", ["owner_kind", "owner_id"])


def _tables():
    op.create_table(
        "ashar_working",
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_working_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_ashar_working")),
    )
    op.create_table(
        "ashar_project_version",
        sa.Column("id", row_key, nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("author_id", row_key, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("decided_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_project_version_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["ashar_person.id"], name=op.f("fk_ashar_project_version_author_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_project_version")),
        sa.UniqueConstraint("project_id", "no", name=op.f("uq_ashar_project_version_project_id_no")),
    )
    op.create_table(
        "ashar_helper",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person_id", row_key, nullable=True),
        sa.Column("invited_at", instant, nullable=False),
        sa.Column("accepted_at", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_helper_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_helper_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_helper")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_helper_token")),
    )
    op.create_index(op.f("ix_ashar_helper_project_id"), "ashar_helper", ["project_id"])
    op.create_index(op.f("ix_ashar_helper_person_id"), "ashar_helper", ["person_id"])
    op.create_index("ix_ashar_project_owner", "ashar_project", ["owner_id"])


def _cases():
    op.create_table(
        "ashar_case",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", row_key, nullable=True),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("claimed_by", row_key, nullable=True),
        sa.Column("claimed_at", instant, nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_case_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["ashar_person.id"], name=op.f("fk_ashar_case_claimed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_case")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_case_token")),
    )
    op.create_index("ix_ashar_case_queue", "ashar_case", ["state", "region", "since"])
    op.create_index("ix_ashar_case_subject", "ashar_case", ["kind", "subject_id"])
    op.create_index("ix_ashar_case_project_id", "ashar_case", ["project_id"])
    op.create_table(
        "ashar_decision",
        sa.Column("id", row_key, nullable=False),
        sa.Column("case_id", row_key, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", row_key, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kinship", sa.Text(), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("reads", sa.JSON(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["ashar_case.id"], name=op.f("fk_ashar_decision_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_decision_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_decision")),
    )
    op.create_index(op.f("ix_ashar_decision_case_id"), "ashar_decision", ["case_id"])
    op.create_table(
        "ashar_remark",
        sa.Column("id", row_key, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("case_id", row_key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("person_id", row_key, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", row_key, nullable=True),
        sa.Column("answered_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["ashar_case.id"], name=op.f("fk_ashar_remark_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ashar_person.id"], name=op.f("fk_ashar_remark_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["ashar_person.id"], name=op.f("fk_ashar_remark_answered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_remark")),
        sa.UniqueConstraint("token", name=op.f("uq_ashar_remark_token")),
    )
    op.create_index(op.f("ix_ashar_remark_case_id"), "ashar_remark", ["case_id"])
    op.create_table(
        "ashar_hold",
        sa.Column("id", row_key, nullable=False),
        sa.Column("project_id", row_key, nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("placed_by", row_key, nullable=False),
        sa.Column("placed_at", instant, nullable=False),
        sa.Column("ends_at", instant, nullable=True),
        sa.Column("confirmed_by", row_key, nullable=True),
        sa.Column("confirmed_at", instant, nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appealed_at", instant, nullable=True),
        sa.Column("lifted_at", instant, nullable=True),
        sa.Column("lifted_by", row_key, nullable=True),
        sa.Column("lifted_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["ashar_project.id"], name=op.f("fk_ashar_hold_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["ashar_person.id"], name=op.f("fk_ashar_hold_placed_by")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["ashar_person.id"], name=op.f("fk_ashar_hold_confirmed_by")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["ashar_person.id"], name=op.f("fk_ashar_hold_lifted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ashar_hold")),
    )
    op.create_index(op.f("ix_ashar_hold_project_id"), "ashar_hold", ["project_id"])


def _fill_content():
    """Gather what stood in columns and in each language's details into one content."""
    connection = op.get_bind()
    texts, needs, tokens = {}, {}, {}
    for row in connection.execute(sa.text("SELECT * FROM ashar_project_text")).mappings():
        texts.setdefault(row["project_id"], {})[row["language"]] = row
    for row in connection.execute(
        sa.text("SELECT * FROM ashar_need ORDER BY project_id, position")
    ).mappings():
        needs.setdefault(row["project_id"], []).append(row)
    for row in connection.execute(sa.text("SELECT id, token, alt FROM ashar_media")).mappings():
        tokens[row["id"]] = (row["token"], _json(row["alt"]))
    for row in connection.execute(sa.text("SELECT * FROM ashar_project")).mappings().all():
        lines = needs.get(row["id"], [])
        for number, need in enumerate(lines, 1):
            connection.execute(
                sa.text("UPDATE ashar_need SET key = :key WHERE id = :id"),
                {"key": f"n{number}", "id": need["id"]},
            )
        made = _content(row, texts.get(row["id"], {}), lines, tokens.get(row["cover_id"]))
        connection.execute(
            sa.text("UPDATE ashar_project SET content = :content WHERE id = :id").bindparams(
                sa.bindparam("content", type_=sa.JSON())
            ),
            {"content": made, "id": row["id"]},
        )
        if row["cover_id"]:
            connection.execute(
                sa.text("UPDATE ashar_media SET owner_kind = 'project', owner_id = :project, "
                        "public = :public WHERE id = :id"),
                {
                    "project": row["id"],
                    "id": row["cover_id"],
                    "public": row["published_at"] is not None,
                },
            )  # fmt: skip
    # Whoever approved a project read its original.
    connection.execute(sa.text("UPDATE ashar_project_text SET reviewed = original"))


def _json(value):
    return json.loads(value) if isinstance(value, str) else value


def _content(row, texts, needs, cover):
    details = _json(row["details"])
    said = {code: _json(text["details"]) for code, text in texts.items()}
    deadline = row["deadline"]
    return {
        "language": row["language"],
        **{
            name: {code: text[name] for code, text in texts.items()}
            for name in ("title", "summary", "story")
        },
        **{name: row[name] for name in ("region", "district", "village", "theme", "currency")},
        "aymak": "",
        "sdg": _json(row["sdg"]),
        "goal": row["goal_minor"],
        "minimum": None,
        "funding": row["funding"],
        "deadline": str(deadline) if deadline else None,
        "takes_more": bool(row["takes_more"]),
        "more_for": {},
        "budget": [
            {"key": f"b{no + 1}", "amount": minor, "title": _said(said, "budget", no)}
            for no, minor in enumerate(details.get("budget", []))
        ],
        "needs": [
            {"key": f"n{no}", "kind": need["kind"], "unit": need["unit"],
             "quantity": need["needed"], "title": _json(need["titles"])}
            for no, need in enumerate(needs, 1)
        ],
        "milestones": [
            {
                "key": f"m{no + 1}",
                "due": step.get("due"),
                "share": step.get("share", 0),
                "title": {c: w["title"] for c, w in _said(said, "milestones", no).items()},
                "text": {c: w.get("text", "") for c, w in _said(said, "milestones", no).items()},
                "evidence": ["photos", "receipts"],
            }
            for no, step in enumerate(details.get("milestones", []))
        ],
        "owner_name": row["owner_name"],
        "committee": [
            {"key": f"p{no}", "name": name, "role": "", "email": ""}
            for no, name in enumerate(_json(row["committee"]), 1)
        ],
        "payee": {"name": row["payee_name"], "email": ""},
        "pictures": [{"key": cover[0], "alt": cover[1], "caption": {}}] if cover else [],
    }  # fmt: skip


def _said(said, name, number):
    return {
        code: details[name][number]
        for code, details in said.items()
        if number < len(details.get(name, []))
    }
