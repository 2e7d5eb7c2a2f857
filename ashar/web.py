"""The blueprint that a host mounts: every feature's nested in it, and what holds for all pages."""

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException

from ashar import routes
from ashar.api import views as api
from ashar.kernel import addresses, i18n, limits, links, paths
from ashar.kernel.i18n import N_, t
from ashar.kernel.limits import TooMany
from ashar.people import access
from ashar.people.accounts import accounts
from ashar.people.words import APPLICATION_WORDS, RECOVERY_WORDS, ROLE_WORDS
from ashar.projects.regions import region_name
from ashar.projects.words import STATE_WORDS

log = logging.getLogger(__name__)

FEATURES = (*routes.FEATURES, api.blueprint)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action "
)
#: What every answer carries beside the policy.
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    # Other sites learn nothing of a private link; a form on its page still tells us its origin.
    ("Referrer-Policy", "same-origin"),
)
#: Pages that hold somebody's own things, by what the route declares; they are never stored.
PRIVATE = frozenset(access.PERMISSIONS) - {"public", "signature", "token"}

STATES = {
    "project": STATE_WORDS
    | {
        "suspended": N_("Suspended"),
        "cancelled": N_("Cancelled"),
        "draft": N_("Draft"),
        "submitted": N_("In review"),
        "changes_requested": N_("Changes requested"),
        "rejected": N_("Rejected"),
    },
    "pledge": {
        "open": N_("Not paid yet"),
        "processing": N_("On its way"),
        "paid": N_("Paid"),
        "expired": N_("Ran out"),
        "cancelled": N_("Cancelled"),
        "refunded": N_("Refunded"),
        "disputed": N_("Disputed"),
        "lost": N_("Taken back"),
    },
    "subscription": {
        "active": N_("Each month"),
        "past_due": N_("Payment is open"),
        "paused": N_("Paused"),
        "ended": N_("Ended"),
    },
    "application": APPLICATION_WORDS,
    "recovery": RECOVERY_WORDS,
    "payment": {
        "started": N_("Begun"),
        "processing": N_("On its way"),
        "settled": N_("Arrived"),
        "partly_refunded": N_("Partly refunded"),
        "refunded": N_("Refunded"),
        "failed": N_("Failed"),
        "expired": N_("Ran out"),
        "disputed": N_("Disputed"),
        "lost": N_("Taken back"),
        "mistaken": N_("Entered by mistake"),
    },
    "slip": {
        "written": N_("With the collector"),
        "handed_in": N_("Handed in, being counted"),
        "counted": N_("Counted"),
        "void": N_("Void"),
    },
    "hand-in": {
        "declared": N_("To be counted"),
        "counted": N_("Counted"),
        "returned": N_("Given back"),
    },
    "remittance": {
        "told": N_("Told by the donor"),
        "recorded": N_("Recorded by the partner"),
        "confirmed": N_("Confirmed"),
        "refused": N_("Declined"),
    },
    "update": {
        "draft": N_("Draft"),
        "published": N_("Published"),
        "hidden": N_("Hidden"),
    },
    "comment": {
        "held": N_("Read by a moderator first"),
        "shown": N_("Shown"),
        "hidden": N_("Hidden"),
    },
    "report": {
        "received": N_("Received"),
        "seen": N_("Being looked at"),
        "founded": N_("Founded"),
        "unfounded": N_("Unfounded"),
    },
    "offer": {
        "offered": N_("Offered"),
        "accepted": N_("Accepted"),
        "delivered": N_("Delivered"),
        "confirmed": N_("Confirmed"),
        "missed": N_("Did not come"),
        "declined": N_("Not accepted"),
        "withdrawn": N_("Withdrawn"),
    },
    "refund": {
        "ordered": N_("On its way"),
        "pending": N_("On its way"),
        "succeeded": N_("Refunded"),
        "failed": N_("Failed"),
        "owed": N_("Owed: where to?"),
        "to_approve": N_("A second person looks at it"),
        "ready": N_("To be paid"),
        "in_file": N_("The bank has the order"),
        "cancelled": N_("Withdrawn"),
    },
    "dispute": {
        "warning": N_("The bank asks"),
        "open": N_("Disputed"),
        "won": N_("Won"),
        "lost": N_("Lost"),
        "closed": N_("Closed"),
    },
    "fraud-warning": {
        "open": N_("To decide"),
        "refunded": N_("Refunded"),
        "dismissed": N_("Left as it is"),
    },
}


def mount(app: Flask, name: str, url_prefix: str | None) -> None:
    """Register all features under one blueprint of that name."""
    root = Blueprint(
        name,
        __name__,
        template_folder=str(paths.TEMPLATES),
        static_folder=str(paths.STATIC),
        static_url_path="/static/ashar",
    )
    for feature in FEATURES:
        root.register_blueprint(feature)
    root.before_request(recognise)
    root.before_request(refuse_unreadable)
    root.before_request(refuse_foreign_posts)
    root.after_request(finish)
    root.register_error_handler(HTTPException, show_error)
    for code in ERRORS:
        # A host's handler of a code would win over ours of the class.
        root.register_error_handler(code, show_error)
    root.register_error_handler(TooMany, show_too_many)
    with addresses.built_late(app):
        app.register_blueprint(root, url_prefix=url_prefix)


def set_up_templates(app: Flask) -> None:
    """Give every template our own names; context processors would not reach macros."""
    app.jinja_env.globals.update(
        ashar_t=t,
        ashar_nt=i18n.nt,
        ashar_money=i18n.money,
        ashar_number=i18n.number,
        ashar_date=i18n.day,
        ashar_moment=i18n.moment,
        ashar_url=links.url,
        ashar_static=links.static,
        ashar_lang=i18n.language,
        ashar_languages=lambda: [(code, i18n.ENDONYMS[code]) for code in i18n.languages()],
        ashar_lang_url=links.in_language,
        ashar_region=lambda code: region_name(code, i18n.language()),
        ashar_theme=theme_name,
        ashar_role=role_name,
        ashar_state=lambda machine, state: t(STATES[machine][state]),
        ashar_account_links=account_links,
        ashar_notice=notice,
    )


def theme_name(code: str) -> str:
    """Return a theme's name in the reader's language."""
    # Its table is loaded with the first page that names a theme.
    from ashar.projects import lists

    return lists.theme_name(code, i18n.language())


def role_name(name: str, scope: str = "") -> str:
    """Return what a role is called, with its region or partner."""
    about = region_name(scope, i18n.language()) if name == "moderator" else scope
    return t(ROLE_WORDS.get(name, name)) + (f" · {about}" if about else "")


def notice() -> str:
    """Return the sentence that stands on every page, translated where the catalogue has it."""
    words: str = current_app.config["ASHAR_NOTICE"] or ""
    return t(words)


def account_links() -> list[tuple[str, str]]:
    """Return plain links to the account's pages: the same for everybody, so pages can be kept."""
    address = current_app.config["ASHAR_SIGN_IN_URL"]
    if asked := i18n.chosen():
        address += f"?lang={asked}"
    return [(t(N_("Sign in")), address)]


def refuse_unreadable() -> None:
    """Refuse a NUL wherever it may hide: PostgreSQL holds none, and no person types one."""
    hidden = b"%00" in request.query_string or "\0" in request.path
    if hidden or (_is_typed() and any("\0" in text for text in _typed())):
        abort(400)


def _is_typed() -> bool:
    """Tell whether the request is a form; a signed message is read as bytes, and only once."""
    return request.method == "POST" and _access() != "signature"


def _typed() -> Iterator[str]:
    return (text for texts in request.form.listvalues() for text in texts)


def recognise() -> None:
    """Speak the language of who is signed in; a visitor without a session is not asked for.

    After the host's own hooks: it may load its user in one of them.
    """
    known = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if not known or "ashar_person_language" in g or _is_static():
        return
    identity = access.who()
    if identity is not None and identity.locale:
        g.ashar_person_language = identity.locale.replace("_", "-").partition("-")[0]


def _is_static() -> bool:
    return (request.endpoint or "").endswith(".static")


def refuse_foreign_posts() -> Any:
    """Refuse a form that another site sends; browsers say where a POST comes from."""
    if request.method in SAFE or _access() == "signature":
        return None
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return _error_page(403, N_("This form was sent from another site."), "")
    return None


def finish(response: Response) -> Response:
    """Set what every answer carries: policy, caching, and an ETag on pages for all."""
    headers, access = response.headers, _access()
    known = {name.lower() for name, _ in headers}
    for name, value in (("Content-Security-Policy", _policy()), *ALWAYS):
        if name.lower() not in known:
            headers.add(name, value)
    if _is_static():
        headers["Cache-Control"] = links.FOREVER if "v" in request.args else "public, max-age=3600"
        return response
    if access in PRIVATE or request.method not in SAFE:
        headers["Cache-Control"] = "no-store"
    elif access == "public" and response.status_code == 200:
        return _cacheable(response)
    return response


def _cacheable(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "public, max-age=0, must-revalidate")
    response.vary.add("Accept-Language")
    if not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
    return response


def _access() -> str | None:
    view = current_app.view_functions.get(request.endpoint or "")
    found: str | None = getattr(view, "ashar_access", None)
    return found


def _policy() -> str:
    """Return the policy; a POST that is answered with a redirect counts by its target."""
    gateways = current_app.extensions["ashar"].gateways.values()
    origins = sorted({origin for gateway in gateways for origin in gateway.origins})
    policy = POLICY + " ".join(["'self'", *origins])
    captcha = current_app.extensions["ashar"].captcha
    if captcha is None or not g.get("ashar_captcha"):
        return policy
    # The host's question, on the pages that ask it alone.
    asked = " ".join(captcha.origins)
    return policy.replace("script-src 'self'", f"script-src 'self' {asked}; frame-src {asked}")


ERRORS = {
    400: (N_("This could not be read"), N_("Please go back and try again.")),
    401: (N_("Please sign in"), N_("This page is for people with an account.")),
    403: (N_("This page is not for you"), N_("If it should be, ask an administrator.")),
    404: (
        N_("There is no such page"),
        N_("The address may be mistyped, or what stood here was taken down."),
    ),
    405: (N_("This could not be read"), N_("Please go back and try again.")),
    413: (N_("This is too large"), N_("Please send something smaller.")),
    429: (N_("Too many tries"), N_("Please wait a little and try again. Nothing was charged.")),
    500: (N_("Something went wrong here"), N_("It was noted. Please try again in a moment.")),
}


def show_error(error: HTTPException) -> Any:
    """Show an error as a page that says what is so and what to do."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    headline, explanation = ERRORS.get(code, ERRORS[500 if code >= 500 else 400])
    # Some errors know more than their code says.
    headline = getattr(error, "headline", headline)
    explanation = getattr(error, "explanation", explanation)
    known = accounts() if isinstance(error, access.Weak) else None
    return _error_page(code, headline, explanation, known.way_to_two_factors() if known else None)


def show_too_many(error: TooMany) -> Any:
    """Tell somebody to wait, and for how long."""
    headline, explanation = ERRORS[429]
    words = f"{t(error.words or explanation)} {limits.again(error)}"
    page, status = _error_page(429, headline, words)
    answer = current_app.make_response((page, status))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _error_page(
    code: int, headline: str, explanation: str, way: tuple[str, str] | None = None
) -> tuple[str, int]:
    g.ashar_error = code
    page = render_template(
        "ashar/error.html",
        code=code,
        headline=t(headline),
        explanation=t(explanation),
        way=way,
    )
    return page, code
