"""Cash and the partner: collectors, slips, hand-ins; partners, agreements, remittances.

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

instant = sa.DateTime(timezone=True)
row_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    _collectors()
    _books()
    _hand_ins()
    _slips()
    _partners()
    _agreements()
    _remittances()


def _table(name, *parts, unique=()):
    op.create_table(
        name,
        sa.Column("id", row_key, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *[sa.UniqueConstraint(column, name=op.f(f"uq_{name}_{column}")) for column in unique],
    )


def _columns(kind, *names, nullable=False):
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _to(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _collectors():
    name = "ashar_collector"
    _table(
        name,
        *_columns(sa.Text(), "slug", "place", "contact", "country", "currency"),
        sa.Column("person_id", row_key, nullable=False),
        *_columns(sa.BigInteger(), "slip_limit_minor", "held_limit_minor"),
        sa.Column("days_held", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        _to(name, "person_id", "ashar_person"),
        unique=("slug", "person_id"),
    )


def _books():
    name = "ashar_slip_book"
    _table(
        name,
        sa.Column("collector_id", row_key, nullable=False),
        *_columns(sa.BigInteger(), "first", "last"),
        sa.Column("issued_at", instant, nullable=False),
        sa.Column("issued_by", row_key, nullable=True),
        sa.CheckConstraint("first > 0 AND last >= first", name=op.f(f"ck_{name}_serials")),
        _to(name, "collector_id", "ashar_collector"),
        _to(name, "issued_by", "ashar_person"),
        unique=("first", "last"),
    )
    op.create_index(op.f(f"ix_{name}_collector_id"), name, ["collector_id"])


def _hand_ins():
    name = "ashar_hand_in"
    _table(
        name,
        *_columns(sa.Text(), "token", "state", "account", "currency", "reason"),
        sa.Column("collector_id", row_key, nullable=False),
        *_columns(sa.BigInteger(), "slips_minor", "declared_minor"),
        sa.Column("counted_minor", sa.BigInteger(), nullable=True),
        sa.Column("declared_at", instant, nullable=False),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("decided_by", row_key, nullable=True),
        sa.CheckConstraint(
            "slips_minor > 0 AND declared_minor >= 0", name=op.f(f"ck_{name}_amounts")
        ),
        sa.CheckConstraint(
            "counted_minor IS NULL OR counted_minor >= 0", name=op.f(f"ck_{name}_counted")
        ),
        _to(name, "collector_id", "ashar_collector"),
        _to(name, "decided_by", "ashar_person"),
        unique=("token",),
    )
    op.create_index(f"ix_{name}_state", name, ["state"])
    op.create_index(op.f(f"ix_{name}_collector_id"), name, ["collector_id"])


def _slips():
    name = "ashar_slip"
    _table(
        name,
        *_columns(sa.Text(), "number", "state", "over", "reason"),
        *_columns(row_key, "book_id", "collector_id"),
        *_columns(row_key, "pledge_id", "payment_id", "hand_in_id", nullable=True),
        sa.Column("minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        *_columns(instant, "written_at", "entered_at"),
        sa.CheckConstraint("minor IS NULL OR minor > 0", name=op.f(f"ck_{name}_amount")),
        _to(name, "book_id", "ashar_slip_book"),
        _to(name, "collector_id", "ashar_collector"),
        _to(name, "pledge_id", "ashar_pledge"),
        _to(name, "payment_id", "ashar_payment"),
        _to(name, "hand_in_id", "ashar_hand_in"),
        unique=("number", "payment_id"),
    )
    op.create_index(f"ix_{name}_open", name, ["collector_id", "state"])
    op.create_index(op.f(f"ix_{name}_pledge_id"), name, ["pledge_id"])
    op.create_index(op.f(f"ix_{name}_hand_in_id"), name, ["hand_in_id"])


def _partners():
    texts = ("slug", "name", "legal_form", "number", "register", "currency", "bank")
    texts += ("account_number", "signatories", "sanctions_by", "sanctions_list")
    _table(
        "ashar_partner",
        *_columns(sa.Text(), *texts),
        sa.Column("sanctions_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        unique=("slug",),
    )


def _agreements():
    name = "ashar_agreement"
    _table(
        name,
        sa.Column("partner_id", row_key, nullable=False),
        *_columns(sa.Date(), "from_day", "until_day"),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("agency", sa.Boolean(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("made_by", row_key, nullable=True),
        sa.CheckConstraint("ceiling_minor > 0", name=op.f(f"ck_{name}_ceiling")),
        sa.CheckConstraint("until_day >= from_day", name=op.f(f"ck_{name}_days")),
        _to(name, "partner_id", "ashar_partner"),
        _to(name, "made_by", "ashar_person"),
    )
    op.create_index(op.f(f"ix_{name}_partner_id"), name, ["partner_id"])
    both = "ashar_agreement_project"
    op.create_table(
        both,
        *_columns(row_key, "agreement_id", "project_id"),
        sa.PrimaryKeyConstraint("agreement_id", "project_id", name=op.f(f"pk_{both}")),
        _to(both, "agreement_id", name),
        _to(both, "project_id", "ashar_project"),
    )
    op.create_index(op.f(f"ix_{both}_project_id"), both, ["project_id"])


def _remittances():
    name = "ashar_remittance"
    _table(
        name,
        *_columns(sa.Text(), "token", "attempt", "state", "control", "currency", "reason"),
        *_columns(row_key, "partner_id", "project_id"),
        *_columns(row_key, "pledge_id", "recorded_by", "decided_by", nullable=True),
        sa.Column("local", sa.Boolean(), nullable=False),
        *_columns(sa.Date(), "sent_on", "got_on", nullable=True),
        *_columns(sa.BigInteger(), "sent_minor", "got_minor", nullable=True),
        sa.Column("sent_currency", sa.Text(), nullable=True),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("decided_at", instant, nullable=True),
        sa.CheckConstraint("got_minor IS NULL OR got_minor > 0", name=op.f(f"ck_{name}_got")),
        _to(name, "partner_id", "ashar_partner"),
        _to(name, "project_id", "ashar_project"),
        _to(name, "pledge_id", "ashar_pledge"),
        _to(name, "recorded_by", "ashar_person"),
        _to(name, "decided_by", "ashar_person"),
        unique=("token", "attempt"),
    )
    op.create_index(f"ix_{name}_open", name, ["partner_id", "state"])
    op.create_index(f"ix_{name}_local", name, ["project_id", "local", "state"])
    op.create_index(op.f(f"ix_{name}_pledge_id"), name, ["pledge_id"])
