"""The collector's pages, each about their own slips alone, and the public page of a slip."""

from typing import Any

from flask import abort, flash, redirect, render_template, request
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ashar.collect import show
from ashar.collect.forms import HandInForm, SlipForm, VoidForm
from ashar.gateways import cash
from ashar.kernel import clock, db, links
from ashar.kernel.errors import AmountError, Refused
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import limited
from ashar.kernel.money import Money
from ashar.people import access
from ashar.pledges import collectors, hand_ins, slips
from ashar.pledges.hand_ins import Place
from ashar.pledges.models import Collector

WRITTEN = N_("Slip %(number)s is entered: %(sum)s. Please give the donor the paper.")
SPOILT = N_("Number %(number)s is entered as void.")
HANDED = N_("It is entered. Somebody else counts it now.")


def index() -> Any:
    """Show what a collector holds, their open slips and what they handed in."""
    me = _me()
    if me is None:
        return render_template("ashar/collect/nobody.html")
    names = {place.account: place.name for place in hand_ins.places(me.currency)}
    return render_template(
        "ashar/collect/index.html",
        desk=show.desk(me),
        lines=[show.line(slip) for slip in collectors.open_slips(me.id)],
        hand_ins=show.hand_ins(collectors.hand_ins(me.id), names),
    )


def begin() -> Any:
    """Show the form of a slip, its number filled in."""
    me = _collector()
    number = collectors.next_number(me.id)
    form = SlipForm(
        me,
        show.projects(),
        number=cash.grouped(number) if number else "",
        day=clock.today(),
        code=request.args.get("code", "")[:20],
    )
    return _slip_page(me, form)


def write() -> Any:
    """Write a slip; the same form twice is one."""
    me = _collector()
    form = SlipForm(me, show.projects())
    if not form.validate():
        return _slip_page(me, form, 400 if form.forged else 422)
    given, row, actor = form.given, me.id, _actor()
    try:
        with db.transaction():
            slips.write(row, given, actor=actor)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _slip_page(_collector(), form, 422)
    except IntegrityError:
        form.form_errors.append(t(slips.USED))
        return _slip_page(_collector(), form, 409)
    flash(t(WRITTEN, number=cash.grouped(given.number), sum=given.money), "success")
    return redirect(links.url("collect.index"), 303)


def _slip_page(me: Collector, form: SlipForm, status: int = 200) -> Any:
    page = render_template(
        "ashar/collect/slip.html", form=form, desk=show.desk(me), currency=me.currency
    )
    return page, status


def spoiling() -> Any:
    """Show the form of a void number."""
    return _void_page(VoidForm(_collector()))


def spoil() -> Any:
    """Enter a number as void."""
    me = _collector()
    form = VoidForm(me)
    if not form.validate():
        return _void_page(form, 400 if form.forged else 422)
    row, actor = me.id, _actor()
    try:
        with db.transaction():
            slips.spoil(row, form.slip, form.reason.data, actor=actor)
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _void_page(form, 422)
    flash(t(SPOILT, number=cash.grouped(form.slip)), "success")
    return redirect(links.url("collect.index"), 303)


def _void_page(form: VoidForm, status: int = 200) -> Any:
    return render_template("ashar/collect/void.html", form=form), status


def handing() -> Any:
    """Show the form to hand in, with all open slips chosen."""
    me = _collector()
    lines, places = _open(me)
    held = show.desk(me).held
    form = HandInForm(
        me,
        [(line.number, line.label) for line in lines],
        places,
        slips=[line.number for line in lines],
        amount=held.decimal,
        account=places[0].account if len(places) == 1 else None,
    )
    return _hand_in_page(me, form, lines, places)


def hand_in() -> Any:
    """Hand in the cash of some slips."""
    me = _collector()
    lines, places = _open(me)
    form = HandInForm(me, [(line.number, line.label) for line in lines], places)
    if not form.validate():
        return _hand_in_page(me, form, lines, places, 400 if form.forged else 422)
    assert form.amount.money is not None  # noqa: S101 - a valid form has read its amount
    proof, row, actor = form.proof.data, me.id, _actor()
    paper = (proof.read(), proof.filename) if proof and proof.filename else None
    try:
        with db.transaction():
            hand_ins.declare(
                row, form.slips.data, form.account.data, form.amount.money, paper, actor=actor
            )
    except Refused as error:
        form.form_errors.append(t(str(error), **error.values))
        return _hand_in_page(_collector(), form, *_open(_collector()), 422)
    flash(t(HANDED), "success")
    return redirect(links.url("collect.index"), 303)


def _open(me: Collector) -> tuple[list[show.SlipLine], list[Place]]:
    lines = [show.line(slip) for slip in collectors.open_slips(me.id)]
    return lines, hand_ins.places(me.currency)


def _hand_in_page(
    me: Collector,
    form: Form,
    lines: list[show.SlipLine],
    places: list[Place],
    status: int = 200,
) -> Any:
    page = render_template(
        "ashar/collect/hand_in.html",
        form=form,
        desk=show.desk(me),
        lines=lines,
        places=places,
    )
    return page, status


def _me() -> Collector | None:
    person = access.person() or abort(403)
    return collectors.of_person(person.id)


def _collector() -> Collector:
    return _me() or abort(409)


def _actor() -> int:
    person = access.person() or abort(403)
    return person.id


# Everybody's ---------------------------------------------------------------------------------


@limited("slip")
def show_slip(number: str) -> Any:
    """Show to whoever holds a slip how far its cash is."""
    known = cash.read_number(number)
    if known is None:
        return _no_slip(t(N_("One digit is wrong: please compare it with the paper.")))
    if known != number:
        return _to_slip(known)
    found = show.public(known, _asked())
    if found is None:
        return _no_slip(t(N_("No book with this number was issued. Please report it.")))
    return render_template(
        "ashar/collect/public.html",
        slip=found,
        number=known,
        asked=_typed(),
        currency=request.args.get("currency", "KGS"),
    )


def _to_slip(number: str) -> Response:
    return redirect(links.url("collect.slip", number=number))


def _typed() -> str:
    return request.args.get("sum", "")[:20]


def _asked() -> Money | None:
    """Return the sum that somebody asks about, in the currency that they name."""
    try:
        return Money.parse(_typed(), request.args.get("currency", "KGS")[:3]) if _typed() else None
    except (AmountError, ValueError):
        return None


def _no_slip(why: str) -> Any:
    page = render_template(
        "ashar/error.html", code=404, headline=t(N_("No such slip")), explanation=why
    )
    return page, 404
