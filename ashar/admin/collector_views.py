"""Collectors of cash: registered, limited, issued books of numbered slips."""

from typing import Any

from flask import abort, current_app, flash, make_response, redirect, render_template
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.admin.cash_forms import BookForm, CollectorForm
from ashar.admin.views import actor
from ashar.gateways import cash
from ashar.kernel import db, i18n, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges import collectors, registers
from ashar.pledges.models import Collector, SlipBook

#: What is printed on a slip, in each of its languages.
LANGUAGES = ("ky", "ru", "en")
PRINTED = (
    N_("Cash receipt"),
    N_("Sum"),
    N_("First name"),
    N_("Phone"),
    N_("Project"),
    N_("Day"),
    N_("Signature of the collector"),
    N_("Follow your gift: scan the code. It is counted once somebody else has counted it."),
)
AGAIN = N_("Another book was issued at the same moment. Please try again.")


def index() -> Any:
    """List the collectors and what they hold."""
    held = collectors.held()
    lines = [
        (row, Money(held.get(row.id, collectors.Held()).minor, row.currency))
        for row in collectors.all_of_them()
    ]
    return render_template("ashar/admin/collectors.html", lines=lines)


def begin() -> Any:
    """Show the form of a new collector, with the site's limits."""
    limit = collectors.limit
    form = CollectorForm(
        None,
        slip_limit=limit("ASHAR_CASH_SLIP", "KGS").decimal,
        held_limit=limit("ASHAR_CASH_HELD", "KGS").decimal,
        days_held=current_app.config["ASHAR_CASH_DAYS"],
    )
    return _page(None, form)


def add() -> Any:
    """Register a collector."""
    form = CollectorForm(None)
    if not form.validate():
        return _page(None, form, 400 if form.forged else 422)
    assert form.person is not None  # noqa: S101 - a valid form has found them
    slug, me, person = form.slug.data, actor(), form.person.id
    try:
        with db.transaction() as session:
            registers.register(
                slug,
                session.get_one(type(form.person), person),
                form.country.data,
                form.currency.data,
                form.said,
                actor=me,
            )
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(None, form, 422)
    return _to(slug)


def one(slug: str) -> Any:
    """Show a collector, their books, and the form to change what is said of them."""
    found = _collector(slug)
    return _page(found, _form(found))


def _form(found: Collector, **more: Any) -> CollectorForm:
    return CollectorForm(
        found,
        slip_limit=Money(found.slip_limit_minor, found.currency).decimal,
        held_limit=Money(found.held_limit_minor, found.currency).decimal,
        **more,
    )


def change(slug: str) -> Any:
    """Change what is said of a collector."""
    found = _collector(slug)
    form = CollectorForm(found)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    me, said, why = actor(), form.said, form.why.data or ""
    with db.transaction():
        registers.change(_collector(slug), said, actor=me, why=why)
    return _to(slug)


def issue(slug: str) -> Any:
    """Issue a book of slips."""
    found, form = _collector(slug), BookForm()
    if not form.validate():
        return _page(found, _form(found, formdata=None), 400 if form.forged else 422, book=form)
    me = actor()
    try:
        with db.transaction():
            registers.issue(_collector(slug), form.slips.data, actor=me)
    except IntegrityError:
        form.form_errors.append(t(AGAIN))
        found = _collector(slug)
        return _page(found, _form(found, formdata=None), 409, book=form)
    return _to(slug)


def book(slug: str, no: str) -> Response:
    """Send a book of slips, to print."""
    found = _collector(slug)
    known = {str(row.id): row for row in collectors.books(found.id)}
    row = known.get(no) or abort(404)
    from ashar.gateways import slip_book

    answer = make_response(slip_book.pdf(_slips(row), _words(), found.currency))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="slips-{row.first}.pdf"'
    return answer


def _slips(row: SlipBook) -> list[tuple[str, str]]:
    """Return number and address of each slip of a book."""
    numbers = [cash.number_of(serial) for serial in range(row.first, row.last + 1)]
    return [
        (cash.grouped(number), links.absolute("collect.slip", number=number)) for number in numbers
    ]


def _words() -> list[str]:
    """Return what is printed, each text in all of its languages."""
    spoken = []
    for code in LANGUAGES:
        with i18n.speaking(code):
            spoken.append([t(text) for text in PRINTED])
    return [" / ".join(dict.fromkeys(same)) for same in zip(*spoken, strict=True)]


def _to(slug: str) -> Response:
    flash(t(N_("Saved.")), "success")
    return redirect(links.url("collectors.one", slug=slug), 303)


def _collector(slug: str) -> Collector:
    return collectors.by_slug(slug) or abort(404)


def _page(
    found: Collector | None, form: CollectorForm, status: int = 200, *, book: BookForm | None = None
) -> Any:
    has = collectors.held().get(found.id, collectors.Held()) if found else collectors.Held()
    page = render_template(
        "ashar/admin/collector.html",
        collector=found,
        held=Money(has.minor, found.currency) if found else None,
        slips=has.slips,
        books=[
            (row, cash.grouped(cash.number_of(row.first)), cash.grouped(cash.number_of(row.last)))
            for row in (collectors.books(found.id) if found else ())
        ],
        form=form,
        book_form=book or BookForm(formdata=None),
    )
    return page, status
