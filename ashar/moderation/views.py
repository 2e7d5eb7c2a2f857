"""The moderators' desk: the queue, and a case with its decision.

Whoever may not see a case gets 403, whether there is one or not.
"""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from ashar.kernel import db, i18n, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.moderation import access, conflicts, queries, services, show
from ashar.moderation.forms import (
    AskForm,
    DecideForm,
    DeclareForm,
    NoteForm,
    PlainForm,
)
from ashar.moderation.kinds import KINDS
from ashar.moderation.models import Case
from ashar.moderation.queries import PER_PAGE, SECRET, Reviewer
from ashar.projects import content as contents
from ashar.projects import labels
from ashar.projects.regions import REGIONS, short_name


class Page:
    """One page of the queue."""

    def __init__(self, number: int, total: int) -> None:
        self.number, self.total = number, total
        self.pages = max(1, -(-total // PER_PAGE))

    def url(self, number: int) -> str:
        """Return the address of another page of the same list."""
        args = {key: value for key, value in request.args.items() if key != "page" and value}
        return links.url("moderation.index", **args, **({"page": number} if number > 1 else {}))


def index() -> Any:
    """Show the queue of who is signed in, the longest waiting first."""
    if "find" in request.args:
        return _find(request.args["find"])
    reviewer, wanted = access.needed(), _filters()
    cases, total = queries.queue(reviewer, **wanted)
    regions = _regions(reviewer)
    return render_template(
        "ashar/moderation/index.html",
        lines=show.lines(cases, reviewer),
        page=Page(wanted["page"], total),
        filters=wanted,
        tab="closed" if wanted["closed"] else "mine" if wanted["mine"] else "open",
        counts=queries.counts(reviewer),
        kinds=[(kind.name, t(kind.label)) for kind in KINDS.values()],
        regions=[(code, short_name(code, i18n.language())) for code in regions],
    )


def _regions(reviewer: Reviewer) -> list[str]:
    near = reviewer.regions | reviewer.neighbours
    return [code for code in REGIONS if reviewer.administers or code in near]


def _filters() -> dict[str, Any]:
    """Read the address leniently: what does not exist filters nothing out."""
    args = request.args
    number = args.get("page", "1")
    return {
        "region": args.get("region", "") if args.get("region") in REGIONS else "",
        "kind": args.get("kind", "") if args.get("kind") in KINDS else "",
        "mine": args.get("show") == "mine",
        "closed": args.get("show") == "closed",
        "page": max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
    }


def _find(asked: str) -> Response:
    """Lead to the history of a project, by its address or the last part of it."""
    slug = asked.strip().rstrip("/").rpartition("/")[2].partition("?")[0]
    if not slug:
        return redirect(links.url("moderation.index"), 303)
    return redirect(links.url("moderated.show_history", slug=slug), 303)


def show_case(token: str) -> Any:
    """Show a case: what it is about, what was asked and decided, and the form to decide."""
    return _page(_case(token))


def _case(token: str) -> Case:
    """Return a case that who is signed in may see; answer with 403 for any other."""
    reviewer = access.needed()
    found = queries.by_token(token, reviewer) or abort(403)
    if found.kind in SECRET and conflicts.conflict(found, reviewer) is not None:
        abort(403)
    return found


def _page(found: Case, status: int = 200, **more: Any) -> Any:
    reviewer = access.needed()
    view = show.case(found, reviewer, request.args.get("beside", "")[:8])
    given: dict[str, Any] = {
        "form": None,
        "told": "",
        "ask": AskForm(formdata=None),
        "note": NoteForm(formdata=None),
        "declare": DeclareForm(formdata=None),
    }
    if not view.obstacle and view.open and more.get("form") is None:
        more["form"] = _decide_form(found, reviewer, formdata=None)
    if more.get("form") is not None:
        # Whoever was told that the case has changed sees it as it is now.
        more["form"].revision.data = str(found.revision)
    shown = view.facts | given | more
    return render_template("ashar/moderation/case.html", case=view, **shown), status


def _decide_form(found: Case, reviewer: Reviewer, **more: Any) -> DecideForm:
    known = contents.languages(queries.version_of(found).content) if _has_texts(found) else []
    languages = [code for code in known if not reviewer.reads or code in reviewer.reads]
    asked = any(one.answered_at is None for one in services.questions(found))
    return DecideForm(KINDS[found.kind], languages, asked, **more)


def _has_texts(found: Case) -> bool:
    return found.kind in queries.OF_VERSIONS


def decide(token: str) -> Any:
    """Take a decision, or say what keeps it from being taken; nothing that was typed is lost."""
    found, reviewer = _case(token), access.needed()
    form = _decide_form(found, reviewer)
    valid = form.validate()
    if form.forged:
        return _page(found, 400, form=form)
    if (words := _why_not(found, reviewer)) and found.state == "open":
        return _page(found, 403, form=form, told=words)
    if not valid and found.state == "open" and form.revision.data == str(found.revision):
        return _page(found, 422, form=form)
    verdict = form.verdict()
    close = verdict.kinship != "no"
    return _do(
        token,
        lambda case: services.decide(case, reviewer, verdict),
        N_("Noted: others decide on it.") if close else N_("Your decision is noted."),
        back="moderation.index",
        form=form,
    )


def _why_not(found: Case, reviewer: Reviewer) -> str:
    words = services.obstacle(found, reviewer)
    return t(words) if words else ""


def _do(token: str, act: Callable[[Case], object], done: str, back: str = "", **shown: Any) -> Any:
    """Do something to a case; a refusal is told on its page, with what was typed."""
    number, reviewer = _case(token).id, access.needed()
    try:
        with db.transaction():
            act(services.lock(number))
    except Refused as error:
        found = _case(token)
        status = 403 if found.state == "open" and _why_not(found, reviewer) else 409
        return _page(found, status, told=t(str(error), **error.values), **shown)
    flash(t(done))
    target = links.url(back) if back else links.url("moderation.show", token=token)
    return redirect(target + shown.get("anchor", ""), 303)


def ask(token: str) -> Any:
    """Ask the leader about a field."""
    found, reviewer, form = _case(token), access.needed(), AskForm()
    if not form.validate():
        return _page(found, 400 if form.forged else 422, ask=form)
    key, words = form.field.data or "", form.words.data or ""
    if key and not _is_field(found, key):
        return _page(found, 422, ask=form, told=t(N_("There is no such field.")))
    if not words:
        form.words.errors = [t(N_("Please write something."))]
        return _page(found, 422, ask=form)
    return _do(
        token,
        lambda case: services.question(case, reviewer, key, words),
        N_("The question is noted. It is sent when you ask for changes."),
        ask=form,
        anchor=f"#about-{key}" if key else "#questions",
    )


def _is_field(found: Case, key: str) -> bool:
    if not _has_texts(found):
        return False
    version = queries.version_of(found)
    known = (version.content, version.base)
    return any(labels.is_field(key, contents.whole(content)) for content in known)


def take_back(token: str) -> Any:
    """Take back one's own question before it was sent."""
    reviewer, form = access.needed(), AskForm()
    if not form.validate():
        return _page(_case(token), 400)

    def act(case: Case) -> None:
        for remark in [one for one in case.remarks if one.token == form.field.data]:
            services.take_back(remark, reviewer)

    return _do(token, act, N_("The question is taken back."), anchor="#questions")


def note(token: str) -> Any:
    """Leave a note for the other moderators."""
    reviewer, form = access.needed(), NoteForm()
    if not form.validate():
        return _page(_case(token), 400 if form.forged else 422, note=form)
    words = form.note.data or ""
    return _do(
        token,
        lambda case: services.note(case, reviewer, words),
        N_("The note is kept."),
        note=form,
        anchor="#notes",
    )


def claim(token: str) -> Any:
    """Take a case in hand."""
    return _press(token, services.claim, N_("You have taken this case, for two days."))


def release(token: str) -> Any:
    """Put a case back for others."""
    return _press(token, services.release, N_("The case is free for others."))


def _press(token: str, act: Callable[[Case, Reviewer], object], done: str) -> Any:
    reviewer = access.needed()
    if not PlainForm().validate():
        return _page(_case(token), 400)
    return _do(token, lambda case: act(case, reviewer), done)


def declare(token: str) -> Any:
    """Say that one is too close to the people of a project: others decide then."""
    reviewer, form = access.needed(), DeclareForm()
    if not form.validate():
        return _page(_case(token), 400 if form.forged else 422, declare=form)
    kinship, words = form.closeness.data, form.why.data or ""
    return _do(
        token,
        lambda case: services.declare(case, reviewer, kinship, words),
        N_("Noted: others decide on it."),
        back="moderation.index",
        declare=form,
    )
