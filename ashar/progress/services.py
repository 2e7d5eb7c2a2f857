"""Writing, publishing and hiding updates; called inside a transaction.

A project's page is remembered under its `edited_at`: it moves with all that the page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy import update as updating

from ashar.kernel import clock, history, ids, media, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused, Stale
from ashar.kernel.i18n import N_
from ashar.kernel.media import Encoded, Media
from ashar.progress.access import Writer
from ashar.progress.models import Update
from ashar.progress.states import PICTURES, UPDATE
from ashar.projects import versions
from ashar.projects.models import Project
from ashar.projects.states import PUBLIC

#: What owns an update's pictures, by the project's row: who sees the project, sees them.
OWNER = "update"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an update says, per language; `language` is the one it was written in."""

    language: str
    title: Mapping[str, str]
    text: Mapping[str, str]


def touch(project: int) -> None:
    """Have a project's page made anew."""
    session.get_one(Project, project).edited_at = clock.now()


def lock(row: int) -> Update:
    """Return an update, locked, as it is now."""
    query = select(Update).where(Update.id == row).with_for_update(of=Update)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def write(writer: Writer, draft: Draft) -> Update:
    """Begin an update; nobody but its writers sees it yet."""
    now = clock.now()
    made = Update(
        token=ids.token(),
        project_id=writer.project.id,
        state=UPDATE.start,
        language=draft.language,
        title=dict(draft.title),
        text=dict(draft.text),
        pictures=[],
        writer_id=writer.person.id,
        by_helper=not writer.leads,
        made_at=now,
        edited_at=now,
    )
    session.add(made)
    session.flush()
    history.record("update", made.id, "state", None, UPDATE.start, actor=writer.person.id)
    return made


def save(update: Update, writer: Writer, draft: Draft, base: int) -> Update:
    """Write an update's texts; what stood there before is kept in the history.

    `base` is the revision that the form was made of. Raises Stale when somebody else has saved
    since, Refused where a helper would change what everybody sees.
    """
    update = _writable(update, writer)
    if base != update.revision:
        raise Stale(N_("%(name)s has saved this meanwhile."), name=update.writer.name or "?")
    _keep(update, writer)
    update.language = draft.language
    update.title, update.text = dict(draft.title), dict(draft.text)
    return update


def _writable(update: Update, writer: Writer) -> Update:
    update = lock(update.id)
    if update.state != "draft" and not writer.leads:
        raise Refused(N_("Only the leader changes what is published."))
    return update


def _keep(update: Update, writer: Writer) -> None:
    """Note what an update says before it is changed, and who changes it."""
    before = {name: getattr(update, name) for name in ("language", "title", "text", "pictures")}
    history.record("update", update.id, "texts", None, None, actor=writer.person.id, data=before)
    update.writer_id, update.by_helper = writer.person.id, not writer.leads
    update.revision, update.edited_at = update.revision + 1, clock.now()
    if update.state == "published":
        touch(update.project_id)


def publish(update: Update, writer: Writer) -> None:
    """Show an update to everybody; raise Refused, in words, for one that cannot be shown."""
    update = lock(update.id)
    if not writer.leads:
        raise Refused(N_("Only the leader publishes an update."))
    if update.hidden_by == "moderator":
        raise Refused(N_("A moderator has hidden this update."))
    project = versions.lock(update.project_id)
    if project.state not in PUBLIC:
        raise Refused(N_("An update can be published while its project is public."))
    if not update.title.get(update.language) or not update.text.get(update.language):
        raise Refused(N_("The text in the original language is missing."))
    if not UPDATE.move(update, "published", actor=writer.person.id):
        return
    first = update.published_at is None
    update.published_at = update.published_at or clock.now()
    update.hidden_by = update.hidden_why = ""
    update.by_helper = False
    _open_pictures(update, True)
    touch(project.id)
    if first:
        outbox.emit("update_posted", project=project.slug, update=update.token)


def hide(update: Update, by: str, why: str, actor: int | None) -> None:
    """Take an update out of everybody's sight; `by` is leader or moderator."""
    update = lock(update.id)
    if update.state == "draft" or update.hidden_by == "moderator":
        return
    UPDATE.move(update, "hidden", why=why, actor=actor)
    # What a moderator hid stays hidden, also where the leader had hidden it before.
    update.hidden_by, update.hidden_why = by, why
    _open_pictures(update, False)
    touch(update.project_id)


def _open_pictures(update: Update, public: bool) -> None:
    tokens = [line["key"] for line in update.pictures]
    session.execute(updating(Media).where(Media.token.in_(tokens)).values(public=public))


def add_picture(update: Update, writer: Writer, made: Encoded, alt: str, caption: str) -> None:
    """Add a picture to an update; raise Refused for one too many."""
    update = _writable(update, writer)
    if len(update.pictures) >= PICTURES:
        raise Refused(N_("An update takes ten pictures at most."))
    row = media.add(made, {update.language: alt})
    row.owner_kind, row.owner_id = OWNER, update.project_id
    row.public = update.state == "published"
    _keep(update, writer)
    said = {"alt": {update.language: alt}, "caption": {update.language: caption}}
    update.pictures = [*update.pictures, {"key": row.token, **said}]


def remove_picture(update: Update, writer: Writer, token: str) -> None:
    """Take a picture out of an update: it is shown to nobody any more."""
    update = _writable(update, writer)
    kept = [line for line in update.pictures if line["key"] != token]
    if len(kept) == len(update.pictures):
        return
    _keep(update, writer)
    update.pictures = kept
    session.execute(updating(Media).where(Media.token == token).values(public=False))
