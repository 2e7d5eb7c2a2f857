"""Matching pools: administrators make, change and close them."""

from typing import Any

from flask import abort, flash, redirect, render_template

from ashar.admin import pool_show
from ashar.admin.pool_forms import PoolForm
from ashar.admin.views import actor
from ashar.kernel import db, links
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_, t
from ashar.pledges import pools, sponsoring, sponsors
from ashar.pledges.models import Pool


def index() -> Any:
    """List the pools."""
    return render_template("ashar/admin/pools.html", pools=sponsors.desk_lines(pools.pools()))


def begin() -> Any:
    """Show the form of a new pool."""
    return _page(None, PoolForm(None))


def add() -> Any:
    """Make a pool."""
    form = PoolForm(None)
    if not form.validate():
        return _page(None, form, 400 if form.forged else 422)
    try:
        with db.transaction():
            sponsoring.make(form.terms, form.said, actor=actor())
    except Refused as error:
        form.slug.errors = [t(str(error))]
        return _page(None, form, 422)
    flash(t(N_("Saved.")), "success")
    return redirect(links.url("pools.one", slug=form.slug.data), 303)


def one(slug: str) -> Any:
    """Show a pool, what was changed, and the form to change it."""
    found = _pool(slug)
    return _page(found, PoolForm(found))


def change(slug: str) -> Any:
    """Change a pool, or close it."""
    found = _pool(slug)
    form = PoolForm(found)
    if not form.validate():
        return _page(found, form, 400 if form.forged else 422)
    try:
        with db.transaction():
            said, why = form.said, form.why.data
            changed = sponsoring.change(slug, said, actor=actor(), why=why)
    except Refused as error:
        form.total.errors = [t(str(error))]
        return _page(_pool(slug), form, 422)
    flash(t(N_("Saved.")) if changed else t(N_("Nothing was different.")), "success")
    return redirect(links.url("pools.one", slug=slug), 303)


def _pool(slug: str) -> Pool:
    return pools.by_slug(slug) or abort(404)


def _page(found: Pool | None, form: PoolForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/admin/pool.html",
        pool=sponsors.desk_lines([found])[0] if found else None,
        form=form,
        deeds=pool_show.deeds(found) if found else [],
    )
    return page, status
