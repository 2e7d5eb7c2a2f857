"""Matching pools: what sponsors have paid into them."""

from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.kernel import clock, db, links, papers
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.ledger import accounts
from ashar.people import access
from ashar.pledges import pools, sponsoring, sponsors
from ashar.pledges.models import Pool
from ashar.treasury.pool_forms import PaidInForm
from ashar.treasury.views import actor


def index() -> Any:
    """List the pools."""
    return render_template("ashar/treasury/pools.html", pools=sponsors.desk_lines(pools.pools()))


def one(slug: str) -> Any:
    """Show a pool with what was paid in, and the form to enter more."""
    found = _pool(slug)
    return _page(found, _form(found))


def enter(slug: str) -> Any:
    """Enter what a sponsor has paid in; the same form twice is one."""
    found = _pool(slug)
    form = _form(found)
    if form is None:
        abort(409)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    try:
        _enter(slug, form)
    except Refused as error:
        if str(error) == sponsoring.KNOWN:
            form.form_errors.append(t(str(error)))
        else:
            form.proof.errors = [t(str(error))]
        return _page(_pool(slug), form, 422)
    flash(t(N_("It is entered: the pool gives from it now.")), "success")
    return redirect(links.url("paying_in.one", slug=slug), 303)


def _enter(slug: str, form: PaidInForm) -> None:
    """Write the payment with its proof, both or none."""
    money, day = form.amount.money, form.day.data
    assert money is not None and day is not None  # noqa: S101, PT018 - a valid form has both
    proof = form.proof.data
    with db.transaction():
        account = accounts.account(form.account.data) or abort(404)
        row = sponsoring.pay_in(slug, form.attempt.data, account, money, day, actor=actor())
        if row is not None:
            owner = (pools.PAPERS, row.id)
            papers.keep(proof.read(), proof.filename, owner=owner, person=actor())


def _pool(slug: str) -> Pool:
    return pools.by_slug(slug) or abort(404)


def _form(found: Pool) -> PaidInForm | None:
    """Return the form; none for a promise, or without an account in the pool's currency."""
    known = [row for row in accounts.accounts() if row.currency == found.currency]
    if found.kind != "paid_in" or not known:
        return None
    return PaidInForm(known, day=clock.today())


def _page(found: Pool, form: PaidInForm | None, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/pool.html",
        pool=sponsors.desk_lines([found])[0],
        payments=pools.paid_in(found.id),
        form=form,
        may_write=bool(access.roles() & access.PERMISSIONS["treasury.write"]),
    )
    return page, status
