"""Receipts by their numbers: the list of a year, one of them, and the round over all donors."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, stream_with_context

from ashar.kernel import clock, db, jobs, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.pledges import receipts, statements
from ashar.pledges.models import Receipt
from ashar.treasury import receipt_queries as queries
from ashar.treasury import receipt_show as show
from ashar.treasury.forms import CancelReceiptForm, RoundForm
from ashar.treasury.views import actor, page_number


def index() -> Any:
    """List the receipts of a year, and the rounds over all donors."""
    return _index(RoundForm())


def _index(form: RoundForm, status: int = 200) -> Any:
    number, year = page_number(), _year()
    found = queries.listed(year, number)
    page = render_template(
        "ashar/treasury/receipts.html",
        year=year,
        years=sorted({*queries.years(), clock.today().year}, reverse=True),
        lines=[show.line(row) for row in found.rows],
        rounds=[show.round_line(row) for row in queries.rounds()],
        number=number,
        more=found.more,
        form=form,
        may_write=_may_write(),
    )
    return page, status


def listed() -> Any:
    """Send the receipts of a year as a table for a spreadsheet."""
    year = _year()
    answer = Response(
        stream_with_context(_written(show.csv_rows(queries.every(year)))), mimetype="text/csv"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="receipts-{year}.csv"'
    return answer


def _written(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow(row)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def begin() -> Any:
    """Begin the round over all donors of a year."""
    form = RoundForm()
    if not form.validate():
        return _index(form, 400 if form.forged else 422)
    try:
        with db.transaction():
            row = statements.begin(form.year.data, actor=actor()).id
    except Refused as error:
        form.year.errors = [t(str(error))]
        return _index(form, 422)
    jobs.enqueue("receipts.round", row)
    flash(t(N_("The statements are being made.")), "success")
    return redirect(links.url("receipts.index"), 303)


def one(number: str) -> Any:
    """Show a receipt."""
    return _page(_receipt(number), CancelReceiptForm())


def cancel(number: str) -> Any:
    """Take a receipt back; its donor is told, and may ask for another with another address."""
    found, form = _receipt(number), CancelReceiptForm()
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    try:
        with db.transaction():
            receipts.withdraw(_receipt(number), form.why.data, actor=actor())
    except Refused as error:
        form.form_errors.append(t(str(error)))
        return _page(_receipt(number), form, 409)
    flash(t(N_("It is cancelled.")), "success")
    return redirect(links.url("receipts.one", number=number), 303)


def _page(found: Receipt, form: CancelReceiptForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/treasury/receipt.html",
        receipt=show.view(found),
        form=form,
        may_write=_may_write(),
    )
    return page, status


def _receipt(number: str) -> Receipt:
    return queries.by_number(number) or abort(404)


def _year() -> int:
    asked = request.args.get("year", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 else clock.today().year


def _may_write() -> bool:
    return bool(access.roles() & access.PERMISSIONS["treasury.write"])
