"""Feeds in Atom (RFC 4287): a project's updates, and the projects that were published last."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import abort, render_template

from ashar.kernel import i18n, links, remembered
from ashar.kernel.i18n import N_, t
from ashar.progress import queries as progress
from ashar.progress import show as showing
from ashar.projects import queries, show
from ashar.projects.queries import AnyRow, Filters

ATOM = "application/atom+xml"
ENTRIES = 20
#: When a feed without entries has changed last: a feed has to say.
NOTHING_YET = datetime(2026, 1, 1, tzinfo=UTC)
#: What no XML 1.0 may hold, however it is written.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _feed(rows: Any, render: Callable[[], str]) -> Any:
    return remembered.page(repr(rows), lambda: _UNWRITABLE.sub("", render()), ATOM)


def news(slug: str) -> Any:
    """Send a project's updates, the newest first."""
    rows = queries.standing(slug) or abort(404)
    return _feed(rows, lambda: _news(slug))


def _news(slug: str) -> str:
    project = queries.by_slug(slug) or abort(404)
    found = progress.updates(project.id, limit=ENTRIES)
    return render_template(
        "ashar/pages/updates.xml",
        title=show.title(project),
        owner=show.view(project).owner_name,
        updates=showing.updates(found, slug),
        changed=max([row.edited_at for row in found] or [project.published_at or project.made_at]),
        here=links.absolute("pages.updates_feed", slug=slug, lang=i18n.language()),
        about=links.absolute("projects.show", slug=slug),
    )


def projects() -> Any:
    """Send the projects that were published last."""
    rows = queries.cards(Filters())
    since = queries.published([row.id for row in rows])
    return _feed((rows, since), lambda: _projects(rows, since))


def _projects(rows: list[AnyRow], since: Mapping[int, datetime]) -> str:
    return render_template(
        "ashar/pages/projects.xml",
        title=t(N_("Ashar: new projects")),
        cards=[(card, since[row.id]) for card, row in zip(show.cards(rows), rows, strict=True)],
        changed=max(since.values(), default=NOTHING_YET),
        here=links.absolute("pages.projects_feed", lang=i18n.language()),
        about=links.absolute("pages.home"),
        absolute=links.absolute,
    )
