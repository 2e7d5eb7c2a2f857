"""Run the association's migrations, as Flask-Migrate asks; shortened from its template."""

from alembic import context
from flask import current_app

migrate = current_app.extensions["migrate"]


def leave_out_empty(_context, _revision, directives) -> None:
    """Write no file where nothing changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False):
        if directives[0].upgrade_ops.is_empty():
            directives[:] = []


with migrate.db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        process_revision_directives=leave_out_empty,
        # Flask-Migrate's settings; Ashar has put in which tables are its own.
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
