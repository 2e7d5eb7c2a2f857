"""What the pages show of updates and comments, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from markupsafe import Markup

from ashar.kernel import i18n, links, text
from ashar.kernel.i18n import N_, t
from ashar.kernel.media import Media
from ashar.progress import queries
from ashar.progress.models import Comment, Update
from ashar.progress.queries import THREADS
from ashar.progress.states import without_emails
from ashar.projects.show import Picture, in_language

#: How much of an update stands on its project's page.
BEGINNING = 400


@dataclass(frozen=True, slots=True)
class Pager:
    """One page of a list at an address; `key` is the address's parameter that counts pages."""

    number: int
    pages: int
    endpoint: str
    values: Mapping[str, Any]
    key: str = "page"
    anchor: str = ""

    def url(self, number: int) -> str:
        """Return the address of another page of the same list."""
        page = {self.key: number} if number > 1 else {}
        return links.url(self.endpoint, **self.values, **page) + self.anchor


def number(name: str = "page") -> int:
    """Read the number of a page from the address, leniently."""
    typed = request.args.get(name, "1")
    return max(1, int(typed)) if typed.isdecimal() and len(typed) < 6 else 1


def pages(total: int, of: int) -> int:
    """Return how many pages a list has."""
    return max(1, -(-total // of))


@dataclass(frozen=True, slots=True)
class UpdateView:
    """An update as its readers see it; `language` is that of its words here."""

    token: str
    title: str
    text: str
    language: str
    original_lang: str
    published_at: datetime | None
    edited_at: datetime
    pictures: list[Picture]
    url: str

    @property
    def is_translation(self) -> bool:
        """Tell whether the words here are not the community's own."""
        return self.language != self.original_lang

    @property
    def html(self) -> Markup:
        """Return the whole text."""
        return text.html(self.text)

    @property
    def beginning(self) -> str:
        """Return the first words, for a list."""
        plain = " ".join(self.html.striptags().split())
        return plain if len(plain) <= BEGINNING else plain[:BEGINNING].rpartition(" ")[0] + " …"

    @property
    def changed_at(self) -> datetime | None:
        """Return when it was last changed after its publication, if it was."""
        at = self.published_at
        return self.edited_at if at is not None and self.edited_at > at else None


def updates(found: Iterable[Update], slug: str) -> list[UpdateView]:
    """Return updates of one project as their readers see them: one query, for their pictures."""
    rows = list(found)
    known = queries.pictures(rows)
    return [_update(row, slug, known) for row in rows]


def _update(row: Update, slug: str, known: Mapping[str, Media]) -> UpdateView:
    asked = i18n.language()
    language = asked if row.title.get(asked) and row.text.get(asked) else row.language
    return UpdateView(
        token=row.token,
        title=row.title.get(language, ""),
        text=row.text.get(language, ""),
        language=language,
        original_lang=row.language,
        published_at=row.published_at,
        edited_at=row.edited_at,
        pictures=_pictures(row, known),
        url=links.absolute("updates.show", slug=slug, token=row.token),
    )


def _pictures(row: Update, known: Mapping[str, Media]) -> list[Picture]:
    return [
        Picture(
            media.token,
            tuple(media.widths),
            media.width,
            media.height,
            in_language(line["alt"], row.language),
            in_language(line["caption"], row.language),
        )
        for line in row.pictures
        if (media := known.get(line["key"]))
    ]


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as everybody sees it; with `hidden` that stands in place of its words."""

    token: str
    name: str
    text: str
    by_leader: bool
    made_at: datetime
    hidden: str = ""
    answers: list["CommentView"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comments:
    """What was said to a project or an update: one page of it, and how many threads there are."""

    threads: list[CommentView]
    total: int
    page: Pager


def comments(project: int, slug: str, number: int, update: Update | None = None) -> Comments:
    """Return one page of comments in at most two queries."""
    found = queries.threads(project, update.id if update else None, number)
    endpoint, values = "projects.show", {"slug": slug}
    if update is not None:
        endpoint, values = "updates.show", values | {"token": update.token}
    total = pages(found.total, THREADS)
    return Comments(
        [comment(row, found.answers[row.id]) for row in found.first],
        found.total,
        Pager(min(number, total), total, endpoint, values, "comments", "#comments"),
    )


def comment(row: Comment, answers: Iterable[Comment] = ()) -> CommentView:
    """Return a comment as everybody sees it."""
    hidden = why_hidden(row)
    return CommentView(
        token=row.token,
        name="" if hidden else name(row),
        text="" if hidden else without_emails(row.text),
        by_leader=row.by_leader,
        made_at=row.made_at,
        hidden=hidden,
        answers=[comment(answer) for answer in answers],
    )


def name(row: Comment) -> str:
    """Return the name that an author chose; nobody is named otherwise."""
    if row.name:
        return row.name
    if row.by_leader:
        return t(N_("The project's leader"))
    return t(N_("A supporter")) if row.pledge_id is not None else t(N_("A reader"))


def why_hidden(row: Comment) -> str:
    """Return what stands in place of a comment that is hidden, nothing for one that is not."""
    if row.state != "hidden":
        return ""
    if row.hidden_by == "author":
        return t(N_("Taken back by its author."))
    return t(N_("Hidden by a moderator: %(why)s"), why=without_emails(row.hidden_why))
