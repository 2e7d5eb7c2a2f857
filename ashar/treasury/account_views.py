"""The association's accounts at banks: treasurers read, administrators enter and change them."""

from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.ledger import accounts
from ashar.ledger.models import BankAccount
from ashar.people import access
from ashar.treasury import services, show
from ashar.treasury.forms import AccountForm
from ashar.treasury.services import Said
from ashar.treasury.views import actor


def index() -> Any:
    """List the accounts."""
    return render_template(
        "ashar/treasury/accounts.html",
        accounts=show.accounts(accounts.accounts()),
        may_change=_may_change(),
    )


def begin() -> Any:
    """Show the form of a new account."""
    return _page(None, AccountForm(None))


def add() -> Any:
    """Enter an account."""
    form = AccountForm(None)
    if not form.validate():
        return _page(None, form, 400 if form.forged else 422)
    try:
        with db.transaction():
            slug, iban, currency = form.slug.data, form.iban.data, form.currency.data
            services.add(slug, iban, currency, _said(form), actor=actor())
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(None, form, 422)
    return _to(form.slug.data)


def one(slug: str) -> Any:
    """Show an account, and to administrators the form to change it."""
    found = _account(slug)
    return _page(found, AccountForm(found))


def change(slug: str) -> Any:
    """Change what is said of an account."""
    found = _account(slug)
    form = AccountForm(found)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    with db.transaction():
        row = _account(slug)
        services.change(row, _said(form), actor=actor(), why=form.why.data)
    return _to(slug)


def _said(form: AccountForm) -> Said:
    return Said(**{name: form[name].data for name in Said.__slots__})


def _to(slug: str) -> Any:
    flash(t(N_("Saved.")), "success")
    return redirect(links.url("accounts.one", slug=slug), 303)


def _account(slug: str) -> BankAccount:
    return accounts.account(slug) or abort(404)


def _may_change() -> bool:
    return bool(access.roles() & access.PERMISSIONS["administer"])


def _page(found: BankAccount | None, form: AccountForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/account.html",
        account=show.accounts([found])[0] if found else None,
        currency=found.currency if found else "",
        form=form,
        may_change=_may_change(),
    )
    return page, status
