"""Changing a pledge afterwards: how its donor is named, its words, its group."""

from typing import Any

from flask import flash, redirect, render_template, request

from ashar.kernel import db, links
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.people import access
from ashar.pledges import changes, groups, queries
from ashar.pledges.changes import Wanted
from ashar.pledges.changing import may_change, may_change_now, pledge_of, send_key
from ashar.pledges.forms import ChangeForm
from ashar.pledges.models import Pledge

PURPOSE = "change"


@limited("pledge-page")
def confirm_change(token: str) -> Any:
    """Show the form to its donor, by a fresh key or signed in; others may have a key sent."""
    made, key = pledge_of(token), request.args.get("key", "")
    if not may_change_now(made, PURPOSE, key):
        return _asking(made, stale=bool(key))
    return _form(made, _begun(made, key))


def _begun(made: Pledge, key: str) -> ChangeForm:
    now = {
        "key": key,
        "visibility": made.visibility,
        "name": made.name,
        "group": made.group_name,
        "in_honour_of": made.in_honour_of,
        "honour_email": made.honour_email,
        "message": made.message,
        "language": made.language,
    }
    return ChangeForm(told=changes.told_already(made), data=now)


def _form(made: Pledge, form: ChangeForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/pledges/change.html",
        token=made.token,
        form=form,
        groups=groups.suggestions(),
    )
    return page, status


def _asking(made: Pledge, *, stale: bool = False, sent: bool = False, status: int = 200) -> Any:
    """Show nothing of the pledge but the way to a key: its link goes around in families."""
    page = render_template(
        "ashar/pledges/change.html",
        token=made.token,
        form=None,
        ask=ChangeForm(told=True, formdata=None),
        stale=stale,
        sent=sent,
        by_letter=bool(made.email),
    )
    return page, status


@limited("change")
def change(token: str) -> Any:
    """Change a pledge; a forwarded link alone only sends a fresh key."""
    made = pledge_of(token)
    form = ChangeForm(told=changes.told_already(made))
    valid, key = form.validate(), form.key.data or ""
    if form.forged:
        return _asking(made, status=400)
    if not may_change_now(made, PURPOSE, key):
        send_key(made, PURPOSE)
        return _asking(pledge_of(token), sent=True)
    if not valid:
        return _form(made, form, 422)
    if not _change(token, form, key):
        return _asking(pledge_of(token), stale=True, status=409)
    flash(t(N_("It is changed.")), "success")
    return redirect(links.url("pledges.show", token=token), 303)


def _change(token: str, form: ChangeForm, key: str) -> bool:
    """Change it in the transaction that uses the key up: of two with one key, one does."""
    person = access.person()
    actor = person.id if person else None
    with db.transaction():
        made = queries.lock_pledge(pledge_of(token).id)
        if not may_change(made, PURPOSE, key):
            return False
        changes.change(made, _wanted(made, form), actor=actor)
    return True


def _wanted(made: Pledge, form: ChangeForm) -> Wanted:
    told = "honour_email" not in form
    return Wanted(
        visibility=form.visibility.data,
        name=form.name.data or "",
        group=form.group.data or "",
        in_honour_of=form.in_honour_of.data or "",
        honour_email=made.honour_email if told else (form.honour_email.data or "").lower() or None,
        message=form.message.data or "",
        language=form.language.data,
    )
