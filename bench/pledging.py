"""The pledge form, posted, beside a bare form.

By card both sides commit twice. By transfer the bare one inserts once, ours writes the pledge and
keeps the instructions; both then show the page that tells what to write on the transfer.
"""

import re
import secrets
from collections.abc import Callable, Iterator

from flask import Flask

from ashar.kernel import db
from ashar.treasury import services as accounts
from ashar.treasury.services import Said
from bench import wsgi
from bench.data import slug
from bench.measure import Cost, compare
from bench.results import Row, rows
from bench.run import Run
from bench.sites import signals_put_off
from bench.wsgi import Call

FIELDS = {
    "amount": "50.00",
    "currency": "CHF",
    "country": "CH",
    "method": "card",
    "name": "Aigul",
    "email": "donor@example.org",
    "visibility": "anonymous",
    "message": "Good work!",
}
OURS_ONLY = {"kind": "money", "frequency": "once", "group": "", "in_honour_of": ""}


#: An account number that banks print in examples.
IBAN = "CH9300762011623852957"


def measure(run: Run) -> Iterator[Row]:
    """Compare posting our form (Stripe left out) with posting the bare one, then transfers."""
    ours, bare = _ours(run.site, run.size.projects), _bare(run.bare, run.size.projects)
    card = compare(_posted(run.site, ours), _posted(run.bare, bare), run.rounds, run.steps(60))
    yield from rows("pledge form posted / bare insert", run.engine, card, least=0.5)
    _open_account(run.site)
    told = wsgi.led_on(run.site, _many(ours, method="bank"))
    twin = wsgi.led_on(run.bare, _many(bare, method="bank"))
    # The letter is written once the donor has the page.
    with signals_put_off():
        found = compare(told, twin, run.rounds, run.steps(60))
    yield from rows("transfer told / bare insert and page", run.engine, found, least=0.25)


def _open_account(app: Flask) -> None:
    said = Said("Ashar", "", "", "", "Gasse", "1", "3000", "Bern", "CH", open=True)
    with app.app_context(), db.transaction():
        accounts.add("bench", IBAN, "CHF", said, actor=0)


#: Makes the form of one step; what is given besides stands in its fields.
Form = Callable[..., Call]


def _ours(app: Flask, projects: int) -> Form:
    answer = wsgi.send(app, wsgi.environ(Call(f"/projects/{slug(1)}/pledge")))
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.body.decode())
    if found is None:
        raise RuntimeError("the form has no proof against forgery")
    return _form(projects, _cookie(answer), OURS_ONLY | {"csrf_token": found[1]})


def _bare(app: Flask, projects: int) -> Form:
    answer = wsgi.send(app, wsgi.environ(Call(f"/projects/{slug(1)}/pledge")))
    return _form(projects, _cookie(answer), {"csrf_token": answer.body.decode()})


def _cookie(answer: wsgi.Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def _form(projects: int, cookie: str, more: dict[str, str]) -> Form:
    def call(number: int, **fields: str) -> Call:
        given = FIELDS | more | {"attempt": secrets.token_hex(12)} | fields
        return wsgi.form(f"/projects/{slug(1 + number % projects)}/pledge", given, cookie)

    return call


def _many(form: Form, **fields: str) -> Callable[[int], list[Call]]:
    return lambda steps: [form(number, **fields) for number in range(steps)]


def _posted(app: Flask, form: Form) -> Callable[[int], Cost]:
    return wsgi.side(app, _many(form), "303")
