"""Render the sandbox's own pages and serve their two files."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from babel.numbers import format_currency
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Response

from .currencies import exponent, major

STATIC = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


def money(amount: int, currency: str, locale: str = "en") -> str:
    """Format minor units, with the decimals Stripe gives the currency."""
    pattern = "¤¤ #,##0" + ("." + "0" * exponent(currency) if exponent(currency) else "")
    value, code = major(amount, currency), currency.upper()
    return format_currency(value, code, pattern, locale, currency_digits=False)


TEMPLATES = Environment(
    loader=PackageLoader(__package__ or "stripe_sandbox"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["money"] = money


def page(name: str, status: int = 200, targets: str = "", **values: Any) -> Response:
    """Render a page under a strict policy; forms may lead to `targets` besides ourselves."""
    body = TEMPLATES.get_template(name).render(**values)
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {targets}".strip()
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def static(name: str) -> Response:
    """Serve a file of the pages."""
    if name not in STATIC:
        return Response("Not found", 404)
    data = files(__package__ or "stripe_sandbox").joinpath("static", name).read_bytes()
    return Response(data, content_type=STATIC[name])
