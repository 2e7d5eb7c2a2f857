"""A donor's own pages: all that they gave and what came of it, their data, and their erasure.

Who signs in is known by their account; who gave without one, by a link in a letter that opens for
half an hour what was given from its address, and nothing else.
"""

from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from ashar.kernel import clock, db, i18n, limits, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import t
from ashar.pages import exported, show
from ashar.pages.forms import AskForm, EraseForm, OpenForm
from ashar.people import access, privacy
from ashar.people.privacy import Stays, Subject
from ashar.pledges import donors, queries

#: What the cookie calls a link that was used.
OPENED = "ashar_by_letter"
PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Donor:
    """Who looks at their own pages: signed in, by a letter to their address, or both."""

    subject: Subject
    by_letter: str

    @property
    def is_nobody(self) -> bool:
        """Tell whether it is a stranger."""
        return self.subject.person is None and not self.subject.email


def _donor() -> Donor:
    person = access.person()
    email = donors.opened(str(cookie.get(OPENED, ""))) if OPENED in cookie else None
    if person is None:
        return Donor(Subject(email=email), email or "")
    return Donor(privacy.of_person(person, email), email or "")


# Gifts --------------------------------------------------------------------------------------


def mine() -> Any:
    """Show who is signed in all their pledges."""
    person = access.person()
    subject = privacy.of_person(person) if person is not None else Subject()
    return _gifts(Donor(subject, ""), "pledges.mine")


def gifts() -> Any:
    """Show what was given from an address, to who came by its letter."""
    donor = _donor()
    if not donor.by_letter:
        return _asking()
    return _gifts(Donor(Subject(email=donor.by_letter), donor.by_letter), "me.gifts")


def _gifts(donor: Donor, here: str) -> Any:
    number = _number()
    subject = donor.subject
    found = queries.of_donor(subject.person, subject.email, number, PER_PAGE)
    return render_template(
        "ashar/pledges/mine.html",
        pledges=show.gifts(found[:PER_PAGE]),
        number=number,
        more=len(found) > PER_PAGE,
        here=here,
        email=donor.by_letter,
    )


def _number() -> int:
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


# The link by letter -------------------------------------------------------------------------


def ask() -> Any:
    """Show the form that asks for a link."""
    return _asking()


def _asking(form: AskForm | None = None, status: int = 200, **more: Any) -> Any:
    page = render_template("ashar/pledges/ask.html", form=form or AskForm(formdata=None), **more)
    return page, status


def send() -> Any:
    """Send a link to an address; the answer is the same whether anything was given from it."""
    form = AskForm()
    if not form.validate():
        return _asking(form, 400 if form.forged else 422)
    email = donors.fold(form.email.data or "")
    limits.hit_all({"donor-link": limits.address(), "donor-link-email": email})
    with db.transaction():
        donors.ask(email, i18n.language())
    return _asking(sent=True)


@limits.limited("pledge-page")
def open_link(key: str) -> Any:
    """Ask whether to open a link: programs that look at letters use no link up."""
    return _opening(key, OpenForm())


def _opening(key: str, form: OpenForm, status: int = 200) -> Any:
    page = render_template("ashar/pledges/open.html", key=key, form=form, good=donors.opens(key))
    return page, status


@limits.limited("change")
def open_gifts(key: str) -> Any:
    """Use a link up, and open what was given from its address for half an hour."""
    form = OpenForm()
    if not form.validate():
        return _opening(key, form, 400)
    with db.transaction():
        nonce = donors.use(key)
    if nonce is None:
        return _opening(key, form, 409)
    cookie[OPENED] = nonce
    return redirect(links.url("me.gifts"), 303)


# Data ---------------------------------------------------------------------------------------


def data() -> Any:
    """Say what is held of somebody, and lead to the archive and to the erasure."""
    donor = _donor()
    if donor.is_nobody:
        return _asking()
    return render_template(
        "ashar/pledges/data.html",
        email=donor.by_letter,
        signed_in=donor.subject.person is not None,
    )


@limits.limited("change")
def take() -> Response:
    """Send somebody the archive of all that is held of them."""
    donor = _donor()
    if donor.is_nobody:
        return redirect(links.url("me.ask"), 303)
    answer = make_response(exported.archive(donor.subject))
    answer.headers["Content-Type"] = "application/zip"
    name = f"ashar-{clock.today().isoformat()}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def leaving() -> Any:
    """Say what an erasure takes, what stays, why and until when; and ask."""
    donor = _donor()
    return _asking() if donor.is_nobody else _leaving(donor, EraseForm())


def _leaving(donor: Donor, form: EraseForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/pledges/erase.html",
        form=form,
        stays=_said(privacy.stays(donor.subject)),
        email=donor.by_letter,
        signed_in=donor.subject.person is not None,
    )
    return page, status


def _said(found: list[Stays]) -> list[tuple[str, str, Any]]:
    return [(t(one.what), t(one.why), one.until) for one in found]


@limits.limited("change")
def erase() -> Any:
    """Erase who asks for it; say what stays."""
    donor, form = _donor(), EraseForm()
    if donor.is_nobody:
        return _asking(status=400)
    if not form.validate():
        return _leaving(donor, form, 400 if form.forged else 422)
    try:
        with db.transaction():
            left = privacy.erase(_donor().subject)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _leaving(_donor(), form, 409)
    cookie.pop(OPENED, None)
    return render_template("ashar/pledges/erased.html", stays=_said(left))
