"""Which tables are ours: a host's Alembic and ours leave each other's alone."""

from typing import Any

from flask import Flask

VERSION_TABLE = "ashar_version"
#: What FTS5 keeps of the words that a search looks through: the table, and those it is made of.
_SEARCH = {"ashar_search"} | {
    f"ashar_search_{part}" for part in ("config", "content", "data", "docsize", "idx")
}
#: Tables beside our models: the migrations' own, the counters of limits, the words of projects.
BESIDE = frozenset({VERSION_TABLE, "ashar_limit"}) | _SEARCH
#: Tables that Huey makes for our jobs on PostgreSQL.
QUEUE = frozenset({"huey_kv", "huey_schedule", "huey_task", "huey_counter"})
_SPARES = "_ashar_spared"


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Tell Alembic which tables are ours, so that it leaves the host's alone."""
    if kind == "table":
        return bool(name) and str(name).startswith("ashar_") and name not in BESIDE
    return True


def theirs(name: str | None, kind: str, _parents: Any) -> bool:
    """Tell a host's Alembic what to look at: all but our tables, which it would drop."""
    return kind != "table" or not (str(name).startswith("ashar_") or name in QUEUE)


def spare_ours(app: Flask, **_more: Any) -> None:
    """Have a host's Flask-Migrate, whenever it starts, look at the host's tables only."""
    found = app.extensions.get("migrate")
    if found is None or getattr(found, _SPARES, False):
        return
    asked = found.configure_args.get("include_name")

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        return theirs(name, kind, parents) and (asked is None or asked(name, kind, parents))

    found.configure_args["include_name"] = include_name
    setattr(found, _SPARES, True)
