"""Partners in Kyrgyzstan: their files and agreements."""

from typing import Any

from flask import abort, flash, redirect, render_template
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from ashar.admin.cash_forms import AgreementForm, EndForm, PartnerForm
from ashar.admin.views import actor
from ashar.kernel import clock, db, links, papers
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.kernel.papers import Paper
from ashar.ledger import queries as book
from ashar.pledges import partners, registers
from ashar.pledges.models import Agreement, Partner
from ashar.pledges.registers import Terms
from ashar.projects import show
from ashar.projects.models import Project
from ashar.projects.states import LISTED


def index() -> Any:
    """List the partners and whether an agreement is in force."""
    today = clock.today()
    lines = [
        (row, [one for one in row.agreements if one.from_day <= today <= one.until_day])
        for row in partners.all_of_them()
    ]
    return render_template("ashar/admin/partners.html", lines=lines)


def begin() -> Any:
    """Show the form of a new file."""
    return _page(None, PartnerForm(None))


def add() -> Any:
    """Open a file."""
    form = PartnerForm(None)
    if not form.validate():
        return _page(None, form, 400 if form.forged else 422)
    slug, me = form.slug.data, actor()
    try:
        with db.transaction():
            registers.open_file(slug, form.currency.data, form.said, actor=me)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(None, form, 422)
    return _to(slug)


def one(slug: str) -> Any:
    """Show a partner's file, and the form to change it."""
    found = _partner(slug)
    return _page(found, PartnerForm(found))


def change(slug: str) -> Any:
    """Change what is said of a partner."""
    found = _partner(slug)
    form = PartnerForm(found)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    me, said, why = actor(), form.said, form.why.data or ""
    with db.transaction():
        registers.change(_partner(slug), said, actor=me, why=why)
    return _to(slug)


def agreeing(slug: str) -> Any:
    """Show the form of an agreement."""
    found = _partner(slug)
    return _agreement_page(found, AgreementForm(found.currency, _projects()))


def agree(slug: str) -> Any:
    """Put an agreement into the file."""
    found = _partner(slug)
    form = AgreementForm(found.currency, _projects())
    if not form.validate():
        return _agreement_page(found, form, 400 if form.forged else 422)
    me, paper = actor(), form.paper.data
    try:
        with db.transaction():
            registers.agree(_partner(slug), _terms(form), (paper.read(), paper.filename), actor=me)
    except Refused as error:
        form.paper.errors = [t(str(error))]
        return _agreement_page(_partner(slug), form, 422)
    return _to(slug)


def _terms(form: AgreementForm) -> Terms:
    assert form.from_day.data and form.until_day.data and form.ceiling.money  # noqa: S101, PT018 - valid
    return Terms(
        from_day=form.from_day.data,
        until_day=form.until_day.data,
        ceiling=form.ceiling.money,
        agency=bool(form.agency.data),
        projects=form.projects.data,
    )


def end(slug: str, no: str) -> Any:
    """Let an agreement end earlier than it says."""
    found, form = _partner(slug), EndForm()
    if not form.validate():
        return _page(found, PartnerForm(found, formdata=None), 400 if form.forged else 422, form)
    me = actor()
    try:
        with db.transaction():
            row = next((one for one in _partner(slug).agreements if str(one.id) == no), None)
            registers.end(row or abort(404), form.on.data, actor=me, why=form.why.data)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        found = _partner(slug)
        return _page(found, PartnerForm(found, formdata=None), 422, form)
    return _to(slug)


def _projects() -> list[tuple[int, str]]:
    rows = db.session.scalars(
        select(Project).where(Project.state.in_(LISTED)).options(selectinload(Project.texts))
    )
    return sorted(((row.id, show.title(row)) for row in rows), key=lambda pair: pair[1])


def _to(slug: str) -> Response:
    flash(t(N_("Saved.")), "success")
    return redirect(links.url("partners.one", slug=slug), 303)


def _partner(slug: str) -> Partner:
    return partners.by_slug(slug) or abort(404)


def _page(
    found: Partner | None, form: PartnerForm, status: int = 200, end_form: EndForm | None = None
) -> Any:
    page = render_template(
        "ashar/admin/partner.html",
        partner=found,
        agreements=_agreements(found) if found else [],
        held=[book.balance(found.account, found.currency)] if found else [],
        today=clock.today(),
        form=form,
        end_form=end_form or EndForm(formdata=None),
    )
    return page, status


def _agreements(found: Partner) -> list[tuple[Agreement, list[str], list[Paper]]]:
    """Return agreements with the titles of their projects and their papers."""
    rows = db.session.scalars(
        select(Agreement)
        .where(Agreement.partner_id == found.id)
        .options(selectinload(Agreement.projects).selectinload(Project.texts))
        .order_by(Agreement.id.desc())
    ).all()
    kept = papers.of("agreement", [row.id for row in rows])
    return [(row, [show.title(one) for one in row.projects], kept.get(row.id, [])) for row in rows]


def _agreement_page(found: Partner, form: AgreementForm, status: int = 200) -> Any:
    page = render_template("ashar/admin/agreement.html", partner=found, form=form)
    return page, status
