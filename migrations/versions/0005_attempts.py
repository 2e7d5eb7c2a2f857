"""A project bears the form that its leader began it with: sent twice, it begins one project.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("ashar_project", sa.Column("attempt", sa.Text(), nullable=True))
    op.create_index(
        "uq_ashar_project_attempt", "ashar_project", ["owner_id", "attempt"], unique=True
    )
