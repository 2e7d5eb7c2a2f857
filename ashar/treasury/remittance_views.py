"""Money that donors sent to partners: confirmed once it is seen on the partner's statement."""

from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.people import access
from ashar.pledges import partners, remittances
from ashar.pledges.models import Remittance
from ashar.treasury import cash_show
from ashar.treasury.cash_forms import DecideForm
from ashar.treasury.views import actor

DONE = {
    "confirmed": N_("It is confirmed and counted."),
    "local": N_("It is confirmed as given locally: it stands beside the bar."),
    "refused": N_("It is declined."),
}


def index() -> Any:
    """List what partners recorded, what donors told, and what was decided."""
    return render_template(
        "ashar/treasury/remittances.html",
        recorded=cash_show.remittances(remittances.waiting("recorded")),
        told=cash_show.remittances(remittances.waiting("told")),
        decided=cash_show.remittances(remittances.waiting("confirmed", "refused")),
    )


def one(token: str) -> Any:
    """Show one, and the form to decide."""
    found = _remittance(token)
    return _page(found, DecideForm(recorded=found.state == "recorded"))


def decide(token: str) -> Any:
    """Confirm or decline one."""
    found = _remittance(token)
    form = DecideForm(recorded=found.state == "recorded")
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    me = actor()
    try:
        with db.transaction():
            if form.decision.data == "confirm":
                row = remittances.confirm(token, actor=me)
            else:
                row = remittances.refuse(token, form.why.data, actor=me)
            done = "local" if row.local else row.state
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _page(_remittance(token), form, 422)
    flash(t(DONE[done]), "success")
    return redirect(links.url("remittances.one", token=token), 303)


def _remittance(token: str) -> Remittance:
    return remittances.by_token(token) or abort(404)


def _page(found: Remittance, form: DecideForm, status: int = 200) -> Any:
    agency = found.got_on is not None and partners.is_agent(
        found.partner_id, found.project_id, found.got_on
    )
    page = render_template(
        "ashar/treasury/remittance.html",
        one=cash_show.remittance(found, agency=agency and found.pledge_id is not None),
        form=form,
        may_write=bool(access.roles() & access.PERMISSIONS["treasury.write"])
        and found.recorded_by != actor(),
    )
    return page, status
