"""The lists that administrators edit: themes, targets, corridors of payment, limits."""

from typing import Any

from flask import abort, flash, redirect, render_template
from werkzeug.wrappers import Response

from ashar.admin import list_show, lists, views
from ashar.admin.list_forms import EntryForm
from ashar.admin.lists import KINDS, LIMITS, Item, Kind
from ashar.admin.receipts_form import FORMS
from ashar.kernel import db, links
from ashar.kernel.errors import Stale
from ashar.kernel.i18n import N_, t


def overview() -> Any:
    """Show the lists."""
    counts = {}
    for kind in KINDS:
        entries = lists.entries(kind).values()
        on = sum(entry.term.active for entry in entries)
        counts[kind] = on, len(entries) - on
    return render_template(
        "ashar/admin/lists.html",
        kinds=KINDS.values(),
        counts=counts,
        overdue=list_show.overdue(),
    )


def one_list(kind: str) -> Any:
    """Show one list: its entries, who uses them, what was changed."""
    known = _kind(kind)
    uses = lists.uses(kind)
    entries = lists.entries(kind).values()
    return render_template(
        "ashar/admin/list.html",
        kind=known,
        lines=[list_show.line(kind, entry, uses) for entry in entries],
        deeds=list_show.deeds(kind),
    )


def begin(kind: str) -> Any:
    """Show the form of a new entry."""
    known = _growing(kind)
    return _page(known, None, FORMS[kind](None))


def add(kind: str) -> Any:
    """Add an entry."""
    known = _growing(kind)
    form = FORMS[kind](None)
    if not form.validate():
        return _page(known, None, form, 400 if form.forged else 422)
    code = form.code.data
    if code in lists.entries(kind):
        form.code.errors = [*form.code.errors, t(N_("It is in the list already."))]
        return _page(known, None, form, 422)
    return _write(known, code, None, form)


def entry(kind: str, code: str) -> Any:
    """Show the form of an entry."""
    found = _entry(kind, code)
    return _page(KINDS[kind], found, FORMS[kind](found))


def change(kind: str, code: str) -> Any:
    """Change an entry."""
    found = _entry(kind, code)
    form = FORMS[kind](found)
    if not form.validate():
        return _page(KINDS[kind], found, form, 400 if form.forged else 422)
    return _write(KINDS[kind], code, found, form)


def _write(kind: Kind, code: str, found: Item | None, form: EntryForm) -> Any:
    """Write what a valid form says; a form of an older state is refused, and kept as typed."""
    try:
        with db.transaction():
            changed = lists.write(
                kind.code,
                code,
                form.values,
                seen=form.seen.data or "",
                actor=views.actor(),
                why=form.why.data,
            )
    except Stale as error:
        now = _entry(kind.code, code)
        form.form_errors.append(t(str(error)))
        form.seen.data = now.stamp
        return _page(kind, now if found else None, form, 409)
    flash(t(N_("Saved.")) if changed else t(N_("Nothing was different.")), "success")
    return _to(kind, code)


def _to(kind: Kind, code: str) -> Response:
    return redirect(links.url("lists.entry", kind=kind.code, code=code), 303)


def _kind(kind: str) -> Kind:
    return KINDS.get(kind) or abort(404)


def _growing(kind: str) -> Kind:
    known = _kind(kind)
    return known if known.grows else abort(404)


def _entry(kind: str, code: str) -> Item:
    return lists.entries(_kind(kind).code).get(code) or abort(404)


def _page(kind: Kind, found: Item | None, form: EntryForm, status: int = 200) -> Any:
    uses = lists.uses(kind.code) if found else None
    row = found.row.id if found and found.row else None
    page = render_template(
        "ashar/admin/entry.html",
        kind=kind,
        line=list_show.line(kind.code, found, uses) if found else None,
        note=t(LIMITS[found.term.code][1]) if found and kind.code == "limit" else "",
        form=form,
        deeds=list_show.deeds(kind.code, row) if row else [],
    )
    return page, status
