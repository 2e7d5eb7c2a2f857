"""Campaigns with a threshold: what a failure would cost, and gifts on their way back."""

from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.kernel import db, links
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.pledges import closing, dispositions
from ashar.treasury import campaign_queries as queries
from ashar.treasury import campaign_show as show
from ashar.treasury.campaign_forms import ActForm
from ashar.treasury.views import actor, page_number


def index() -> Any:
    """List campaigns, those that give back first."""
    number = page_number()
    found = queries.campaigns(number)
    return render_template(
        "ashar/treasury/campaigns.html",
        campaigns=[show.campaign(*row) for row in found[: queries.PER_PAGE]],
        number=number,
        more=len(found) > queries.PER_PAGE,
    )


def one(slug: str) -> Any:
    """Show a campaign and how far its gifts have gone back."""
    return _page(slug)


def _page(slug: str, status: int = 200) -> Any:
    row = queries.campaign(slug) or abort(404)
    page = render_template(
        "ashar/treasury/campaign.html",
        campaign=show.campaign(*row),
        stuck=[show.line(one) for one in queries.stuck(row[0])],
        form=ActForm(formdata=None),
        may_write=bool(access.roles() & access.PERMISSIONS["treasury.write"]),
    )
    return page, status


def act(slug: str) -> Any:
    """Begin although the balance is short, or try once more what was given up."""
    form, found = ActForm(), queries.campaign(slug) or abort(404)
    if not form.validate():
        return _page(slug, 400 if form.forged else 422)
    row, who = found[0].id, actor()
    if form.what.data == "start":
        with db.transaction():
            done = closing.start(closing.lock(row), why="begun by a treasurer", actor=who)
    else:
        done = _retry([one.id for one in queries.stuck(found[0])], who)
    flash(t(N_("Begun.") if done else N_("Nothing was left to do here.")), "success")
    return redirect(links.url("campaigns.one", slug=slug), 303)


def _retry(rows: list[int], who: int) -> bool:
    done = False
    for row in rows:
        with db.transaction():
            done = dispositions.retry(row, actor=who) or done
    return done
