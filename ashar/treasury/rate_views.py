"""Exchange rates: what is known, what gifts wait for, and how to enter more."""

from typing import Any

from flask import flash, redirect, render_template

from ashar.kernel import clock, db, history, jobs, links
from ashar.kernel.i18n import N_, nt, t
from ashar.ledger import rates
from ashar.ledger.rates import RatesError
from ashar.people import access
from ashar.pledges import conversions
from ashar.treasury.rate_forms import RateForm, RatesFileForm
from ashar.treasury.views import actor


def index() -> Any:
    """Show the latest rates and the gifts that wait for one."""
    return _page()


def _page(
    form: RateForm | None = None, file_form: RatesFileForm | None = None, status: int = 200
) -> Any:
    page = render_template(
        "ashar/treasury/rates.html",
        latest=rates.latest(),
        unrated=conversions.unrated(),
        form=form or RateForm(formdata=None, data={"day": clock.today()}),
        file_form=file_form or RatesFileForm(formdata=None),
        may_write=bool(access.roles() & access.PERMISSIONS["treasury.write"]),
    )
    return page, status


def enter() -> Any:
    """Enter a rate by hand; a later word for the same day replaces it."""
    form = RateForm()
    if not form.validate() or form.value is None or form.day.data is None:
        return _page(form, status=400 if form.forged else 422)
    with db.transaction():
        currency, day, source = form.currency.data, form.day.data, form.source.data
        row = rates.add(currency, day, form.value, source)
        said = f"{currency} {form.value} {day} {source}"
        history.record("rate", row, "entered", None, said, actor=actor())
    return _done(t(N_("Saved.")))


def bring() -> Any:
    """Take in a file of rates, wholly or not at all."""
    form = RatesFileForm()
    if not form.validate():
        return _page(file_form=form, status=400 if form.forged else 422)
    try:
        with db.transaction():
            count = rates.import_csv(form.text)
            history.record("rate", 0, "file", None, form.file.data.filename, actor=actor())
    except RatesError as error:
        form.file.errors = [t(error.words, **error.values)]
        return _page(file_form=form, status=422)
    return _done(nt("%(num)s rate taken in.", "%(num)s rates taken in.", count))


def _done(words: str) -> Any:
    jobs.enqueue("rates.convert")
    flash(words, "success")
    return redirect(links.url("rates.index"), 303)
