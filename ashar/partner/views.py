"""What a partner's clerk does: record what came. They never approve it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from ashar.kernel import clock, db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.ledger import queries as book
from ashar.partner.forms import RecordForm
from ashar.people import access
from ashar.pledges import partners, remittances
from ashar.pledges.models import Partner, Remittance
from ashar.projects import show
from ashar.projects.models import Project

RECORDED = N_("It is recorded. A treasurer confirms it on your statement.")


def index() -> Any:
    """Show what donors told of and what was recorded."""
    mine = _mine()
    if not mine:
        return render_template("ashar/partner/nobody.html")
    desks = [
        (
            one,
            book.balance(one.account, one.currency),
            remittances.of_partner(one.id, "told"),
            remittances.of_partner(one.id, "recorded", "confirmed", "refused"),
        )
        for one in mine
    ]
    return render_template("ashar/partner/index.html", desks=desks, title=show.title)


def begin() -> Any:
    """Show the form to record what came."""
    partner, row = _asked()
    return _page(partner, row, _form(partner, row, day=clock.today()))


def record() -> Any:
    """Record what came; the same form twice is one."""
    partner, row = _asked()
    form = _form(partner, row)
    if not form.validate():
        return _page(partner, row, form, 400 if form.forged else 422)
    if row is None and not form.code.data:
        assert form.amount.money and form.day.data  # noqa: S101, PT018 - valid
        form.offer(remittances.candidates(partner, form.amount.money, form.day.data))
        if form.asks:
            return _page(partner, row, form, 422)
    got, token, slug, me = form.got(), row.token if row else "", partner.slug, _actor()
    try:
        with db.transaction():
            found = partners.by_slug(slug) or abort(404)
            remittances.record(found, got, token, actor=me)
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(*_asked(), form, 422)
    return _done()


def _done() -> Response:
    flash(t(RECORDED), "success")
    return redirect(links.url("partner.index"), 303)


def _mine() -> list[Partner]:
    """Return the partners whose clerk is signed in."""
    scopes = sorted(access.scopes("partner"))
    return [found for scope in scopes if (found := partners.by_slug(scope)) is not None]


def _asked() -> tuple[Partner, Remittance | None]:
    """Return the partner that a page is about, and the transfer that a donor told of."""
    mine = {one.id: one for one in _mine()} or abort(409)
    token, slug = request.args.get("told", ""), request.args.get("for", "")
    if token:
        row = remittances.by_token(token)
        if row is None or row.partner_id not in mine:
            abort(404)
        return mine[row.partner_id], row
    return next((one for one in mine.values() if not slug or one.slug == slug), None) or abort(
        404
    ), None


def _actor() -> int:
    person = access.person() or abort(403)
    return person.id


def _form(partner: Partner, row: Remittance | None, **more: Any) -> RecordForm:
    rows = db.session.scalars(
        select(Project)
        .where(Project.id.in_(partners.projects(partner.id)))
        .options(selectinload(Project.texts))
        .order_by(Project.slug)
    )
    known = {one.slug: (one.id, show.title(one)) for one in rows}
    return RecordForm(partner.currency, known, told=row is not None, **more)


def _page(partner: Partner, row: Remittance | None, form: RecordForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/partner/record.html",
        partner=partner,
        told=row,
        title=show.title(row.project) if row else "",
        form=form,
    )
    return page, status
