"""Which round of a case an approval belongs to, and what each decision and question was about.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "ashar_case", sa.Column("begun", sa.Integer(), nullable=False, server_default="1")
    )
    for table in ("ashar_decision", "ashar_remark"):
        op.add_column(table, sa.Column("subject_id", sa.BigInteger(), nullable=True))
