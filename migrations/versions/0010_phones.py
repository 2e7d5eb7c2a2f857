"""Accounts by phone.

Revision: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("ashar_user", sa.Column("phone", sa.Text(), nullable=True))
    op.create_index(op.f("ix_ashar_user_phone"), "ashar_user", ["phone"], unique=True)
    op.add_column("ashar_person", sa.Column("phone", sa.Text(), nullable=True))
