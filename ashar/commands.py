"""The group `ashar` of a host's commands; the commands in it are `ashar.cli`'s."""

import click
from flask.cli import AppGroup


class _Group(AppGroup):
    """A group that is filled when somebody looks into it: no site needs commands to start."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        _fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name."""
        _fill()
        return super().get_command(ctx, cmd_name)


group = _Group("ashar", help="Crowdfunding of community projects.")


def _fill() -> None:
    """Load the commands, and with them what only they need: sample data, processes, checks."""
    from ashar import cli  # noqa: F401 - they add themselves to the group
