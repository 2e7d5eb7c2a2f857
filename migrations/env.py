"""Run our migrations on the connection that `ashar upgrade` opened."""

from alembic import context

from ashar import models
from ashar.kernel.tables import VERSION_TABLE, ours

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=models.metadata,
    version_table=VERSION_TABLE,
    include_name=ours,
    # The book's tables carry triggers, which batch mode would drop.
    render_as_batch=False,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
