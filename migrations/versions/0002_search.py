"""Search: a document of words per project, in place of a column that was looked through.

Revision: 0002, after 0001
"""

from alembic import op

from ashar.projects import search

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    for statement in search.SCHEMA[op.get_context().dialect.name]:
        op.execute(statement)
    search.index_all(op.get_bind(), early=True)
    op.drop_column("ashar_project_text", "search")
