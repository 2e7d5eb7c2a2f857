"""The treasurer's desk: where money lies, and transfers that came."""

from typing import Any

from flask import abort, make_response, render_template, request

from ashar.kernel import papers, retained
from ashar.kernel.i18n import t
from ashar.ledger import accounts
from ashar.people import access
from ashar.pledges import locking
from ashar.treasury import campaign_show, queries, refund_show, show


def overview() -> Any:
    """Show the accounts and the transfers that are waited for."""
    return render_template(
        "ashar/treasury/overview.html",
        accounts=show.accounts(accounts.accounts()),
        decisions=campaign_show.decisions(),
        refunds=refund_show.tally(),
        waiting=[show.line(row) for row in queries.awaited("", 1).payments[:5]],
    )


def paper(token: str) -> Any:
    """Send a proof as it was brought, to be saved, never to be opened in our name."""
    found = queries.paper(token) or abort(404)
    if locking.is_locked(found) and "auditor" not in access.roles():
        # Whom it names had their data erased: it is kept for those who audit, and for nobody else.
        abort(403)
    answer = make_response(papers.read(found) or abort(404))
    answer.headers["Content-Type"] = found.kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{papers.file_name(found)}"'
    return answer


PER_PAGE = 50


def locked() -> Any:
    """List what law keeps of people who had their data erased; for auditors alone."""
    number = page_number()
    found = retained.page(number, PER_PAGE)
    return render_template(
        "ashar/treasury/retained.html",
        rows=[(row, t(row.why), show.opened(row)) for row in found[:PER_PAGE]],
        number=number,
        more=len(found) > PER_PAGE,
    )


def actor() -> int:
    """Return the row of who is signed in."""
    found = access.person() or abort(403)
    return found.id


def page_number() -> int:
    """Return which page of a list is asked for."""
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
