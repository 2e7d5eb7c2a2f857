"""The pledge form, posted: two commits, beside a bare form with two commits."""

import re
import secrets
from collections.abc import Callable, Iterator

from flask import Flask

from bench import wsgi
from bench.data import slug
from bench.measure import Cost, compare
from bench.results import Row, rows
from bench.run import Run
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


def measure(run: Run) -> Iterator[Row]:
    """Compare posting our form (Stripe left out) with posting the bare one."""
    ours, bare = _ours(run.site, run.size.projects), _bare(run.bare, run.size.projects)
    found = compare(ours, bare, run.rounds, run.steps(60))
    yield from rows("pledge form posted / bare insert", run.engine, found, least=0.5)


def _ours(app: Flask, projects: int) -> Callable[[int], Cost]:
    answer = wsgi.send(app, wsgi.environ(Call(f"/projects/{slug(1)}/pledge")))
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.body.decode())
    if found is None:
        raise RuntimeError("the form has no proof against forgery")
    return _posted(app, projects, found[1], _cookie(answer), OURS_ONLY)


def _bare(app: Flask, projects: int) -> Callable[[int], Cost]:
    answer = wsgi.send(app, wsgi.environ(Call(f"/projects/{slug(1)}/pledge")))
    return _posted(app, projects, answer.body.decode(), _cookie(answer), {})


def _cookie(answer: wsgi.Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


def _posted(
    app: Flask, projects: int, proof: str, cookie: str, more: dict[str, str]
) -> Callable[[int], Cost]:
    def call(number: int) -> Call:
        fields = FIELDS | more | {"csrf_token": proof, "attempt": secrets.token_hex(12)}
        return wsgi.form(f"/projects/{slug(1 + number % projects)}/pledge", fields, cookie)

    return wsgi.side(app, lambda steps: [call(number) for number in range(steps)], "303")
