"""The treasurer's desk: where money lies, and transfers that came."""

from typing import Any

from flask import abort, make_response, render_template, request

from ashar.kernel import papers
from ashar.ledger import accounts
from ashar.people import access
from ashar.treasury import campaign_show, queries, show


def overview() -> Any:
    """Show the accounts and the transfers that are waited for."""
    return render_template(
        "ashar/treasury/overview.html",
        accounts=show.accounts(accounts.accounts()),
        decisions=campaign_show.decisions(),
        waiting=[show.line(row) for row in queries.awaited("", 1).payments[:5]],
    )


def paper(token: str) -> Any:
    """Send a proof as it was brought, to be saved, never to be opened in our name."""
    found = queries.paper(token) or abort(404)
    answer = make_response(papers.read(found) or abort(404))
    answer.headers["Content-Type"] = found.kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{papers.file_name(found)}"'
    return answer


def actor() -> int:
    """Return the row of who is signed in."""
    found = access.person() or abort(403)
    return found.id


def page_number() -> int:
    """Return which page of a list is asked for."""
    asked = request.args.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
