"""Saying something: by who is signed in, or by the link in one's pledge letter."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import abort, current_app, flash, redirect, render_template, request
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.kernel import db, limits, links
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.people import access as people_access
from ashar.people import services as people
from ashar.pledges import queries as pledges
from ashar.progress import access, comments, queries, show
from ashar.progress.comments import Author, Said
from ashar.progress.forms import ActForm, CommentForm
from ashar.progress.models import Comment, Update
from ashar.progress.states import LONGEST_NAME, holds_contact
from ashar.projects import queries as projects
from ashar.projects import show as showing
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands to say something, and to what; `author` is nobody for a stranger."""

    project: Project
    author: Author | None
    pledge: str = ""
    update: Update | None = None
    answers: Comment | None = None

    @property
    def asked(self) -> dict[str, str]:
        """Return what the address says of it."""
        parts = {"update": self.update, "answer": self.answers}
        return {name: row.token for name, row in parts.items() if row is not None}

    @property
    def here(self) -> str:
        """Return the address of the form."""
        if self.pledge:
            return links.url("comments.by_pledge", token=self.pledge, **self.asked)
        return links.url("comments.write", slug=self.project.slug, **self.asked)

    @property
    def back(self) -> str:
        """Return the address of what is talked about."""
        slug = self.project.slug
        if self.update is not None:
            page = links.url("updates.show", slug=slug, token=self.update.token)
        else:
            page = links.url("projects.show", slug=slug)
        return page + (f"#comment-{self.answers.token}" if self.answers else "#comments")

    def act(self, comment: str) -> str:
        """Return the address that takes one's own comment back."""
        if self.pledge:
            return links.url("comments.take_back_by_pledge", token=self.pledge, comment=comment)
        return links.url("comments.take_back", slug=self.project.slug, comment=comment)


def _about(project: Project) -> tuple[Update | None, Comment | None]:
    """Read from the address what is talked about; answer with 404 what nobody sees."""
    update = answers = None
    if token := request.args.get("update", ""):
        update = queries.update(project.id, token) or abort(404)
    if token := request.args.get("answer", ""):
        answers = queries.comment(project.id, token) or abort(404)
        if answers.update_id != (update.id if update else None):
            abort(404)
    return update, answers


def _at_project(slug: str) -> Place:
    project = projects.found(slug) or abort(404)
    return Place(project, _signed_in(project), "", *_about(project))


def _signed_in(project: Project) -> Author | None:
    """Return who is signed in as an author; one without a row has said nothing yet."""
    if people_access.who() is None:
        return None
    person = people_access.person()
    return Author(person=person.id if person else None, leads=access.leads(project))


def _at_pledge(token: str) -> Place:
    pledge = pledges.by_link(token) or abort(404)
    if not pledges.gave(pledge):
        abort(404)
    project = projects.found(pledge.project.slug) or abort(404)
    return Place(project, Author(pledge=pledge.id), token, *_about(project))


def write(slug: str) -> Any:
    """Show the form to who is signed in, and to others what to do."""
    return _form(_at_project(slug))


def by_pledge(token: str) -> Any:
    """Show the form to whoever holds a pledge's link."""
    return _form(_at_pledge(token))


def _form(place: Place, form: CommentForm | None = None, status: int = 200) -> Any:
    author, own = place.author, list[Comment]()
    if author is not None and (author.person or author.pledge):
        own = queries.own(place.project.id, author.person, author.pledge)
    page = render_template(
        "ashar/progress/comment.html",
        place=place,
        title=showing.title(place.project),
        about=show.updates([place.update], place.project.slug)[0] if place.update else None,
        answers=show.comment(place.answers) if place.answers else None,
        form=form or _begun(place),
        own=[(row, show.why_hidden(row)) for row in own],
        act=ActForm(formdata=None),
        sign_in=_sign_in(place.here),
    )
    return page, status


def _sign_in(target: str) -> str:
    return current_app.config["ASHAR_SIGN_IN_URL"] + "?" + urlencode({"next": target})


def _begun(place: Place) -> CommentForm:
    """Return an empty form; who is signed in finds their account's name in it and may change it.

    By a pledge's link nobody is named but as they type: the link goes around in families.
    """
    form = CommentForm(formdata=None)
    identity = None if place.pledge else people_access.who()
    if identity is not None and not holds_contact(identity.name):
        form.name.data = identity.name[:LONGEST_NAME]
    return form


def say(slug: str) -> Any:
    """Take a comment of who is signed in."""
    return _say(lambda: _at_project(slug), _known)


def say_by_pledge(token: str) -> Any:
    """Take a comment by a pledge's link."""
    return _say(lambda: _at_pledge(token), lambda place: place.author)


def _known(place: Place) -> Author | None:
    """Return who is signed in, with a row from now on."""
    identity = people_access.who()
    if identity is None or place.author is None:
        return None
    return Author(person=people.know(identity).id, leads=place.author.leads)


def _say(where: Callable[[], Place], who: Callable[[Place], Author | None]) -> Any:
    place, form = where(), CommentForm()
    valid = form.validate()
    if form.forged:
        return _form(place, form, 400)
    if place.author is None:
        return _form(place, form, 403)
    if not valid:
        return _form(place, form, 422)
    limits.hit_all({"comment": limits.address(), "comment-author": _key(place.author)})
    try:
        made = _once(where, who, form)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _form(where(), form, 409)
    return _said(where(), made)


def _key(author: Author) -> str:
    """Return what an author is counted under."""
    identity = people_access.who()
    return f"pledge-{author.pledge}" if author.pledge else f"person-{identity and identity.id}"


def _once(
    where: Callable[[], Place], who: Callable[[Place], Author | None], form: CommentForm
) -> str:
    """Write a comment; of two forms with one attempt, both get the first one's."""
    attempt = form.attempt.data or ""
    try:
        with db.transaction():
            if (first := queries.by_attempt(attempt)) is not None:
                return first.state
            place = where()
            author = who(place) or abort(403)
            text, name = form.text.data or "", form.name.data or ""
            said = Said(attempt, text, name, place.update, place.answers)
            return comments.say(place.project, author, said).state
    except IntegrityError:
        session.rollback()
        if (first := queries.by_attempt(attempt)) is None:
            raise
        return first.state


def _said(place: Place, state: str) -> Response:
    if state == "shown":
        return redirect(place.back, 303)
    flash(t(N_("Thank you. A moderator reads it first; then it is shown.")))
    return redirect(place.here, 303)


def take_back(slug: str, comment: str) -> Any:
    """Take back one's own comment."""
    return _take_back(lambda: _at_project(slug), comment)


def take_back_by_pledge(token: str, comment: str) -> Any:
    """Take back one's own comment, by the pledge's link."""
    return _take_back(lambda: _at_pledge(token), comment)


def _take_back(where: Callable[[], Place], token: str) -> Any:
    place = where()
    if not ActForm().validate():
        return _form(place, status=400)
    with db.transaction():
        place = where()
        author = place.author or abort(403)
        found = queries.said_by(author.person, author.pledge, token)
        comments.take_back(found or abort(404), author)
    flash(t(N_("Your comment is taken back.")))
    return redirect(where().here, 303)
