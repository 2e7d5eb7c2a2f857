"""The hosted page of a session: pay, decline, pay with a pending debit, cancel, let it expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from . import invoices
from .errors import ApiError
from .methods import METHODS
from .pages import page
from .store import Obj
from .texts import LANGUAGES, language
from .urls import origin

if TYPE_CHECKING:
    from .sandbox import Sandbox


def respond(sandbox: Sandbox, request: Request) -> Response:
    """Show the page, or do what was clicked."""
    id = request.path.removeprefix("/pay/")
    session = sandbox.account.store.find(id)
    if session is None or session["object"] != "checkout.session":
        return page("gone.html", 404, lang="en", text=LANGUAGES["en"])
    if request.method != "POST":
        return _show(sandbox, session)
    try:
        return _act(sandbox, session, request)
    except ApiError as error:
        # A second click, or a method that cannot do that: the page says how things are now.
        return _show(sandbox, session, str(error), 409)


def _act(sandbox: Sandbox, session: Obj, request: Request) -> Response:
    id, action = session["id"], request.form.get("action", "")
    method = request.form.get("method", "card")
    if action == "pay":
        sandbox.pay(id, method)
    elif action == "pay_later":
        sandbox.pay(id, method, "pending")
    elif action == "decline":
        sandbox.pay(id, method, "decline")
        return _show(sandbox, session, _text(session)["declined"])
    elif action == "cancel":
        return redirect(session["cancel_url"] or f"/pay/{id}", 303)
    elif action == "expire":
        sandbox.expire(id)
        return redirect(f"/pay/{id}", 303)
    elif action in ("debit_ok", "debit_fail"):
        sandbox.settle_async(id, action == "debit_ok")
        return redirect(f"/pay/{id}", 303)
    else:
        raise ApiError(f"no action {action!r}")
    return redirect(success(session), 303)


def success(session: Obj) -> str:
    """Return where a paid session leads."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def respond_invoice(sandbox: Sandbox, request: Request) -> Response:
    """Show an invoice with a way to pay it by another card, or do what was clicked."""
    id, notice, status = request.path.removeprefix("/invoice/"), "", 200
    text = LANGUAGES[language(request.accept_languages.best_match(list(LANGUAGES)))]
    found = sandbox.account.store.find(id)
    if found is None or found["object"] != "invoice":
        return page("gone.html", 404, lang="en", text=LANGUAGES["en"])
    if request.method == "POST":
        ok = request.form.get("action") == "pay"
        try:
            sandbox.pay_invoice(id, ok)
        except ApiError as error:
            notice, status = str(error), 409
        else:
            notice = "" if ok else text["declined"]
    lang = next(code for code, texts in LANGUAGES.items() if texts is text)
    return page("invoice.html", status, lang=lang, text=text, invoice=found, notice=notice)


def _text(session: Obj) -> dict[str, str]:
    return LANGUAGES[language(session["locale"])]


def _show(sandbox: Sandbox, session: Obj, notice: str = "", status: int = 200) -> Response:
    store = sandbox.account.store
    with sandbox.account.lock:
        items = [one for one in store.all("item") if one["_session"] == session["id"]]
        intent = store.find(session["payment_intent"]) or invoices.intent_of(
            sandbox.account, store.find(session["invoice"])
        )
    targets = {origin(session["success_url"]), origin(session["cancel_url"])}
    return page(
        "pay.html",
        status,
        " ".join(sorted(targets)).strip(),
        lang=language(session["locale"]),
        text=_text(session),
        session=session,
        items=items,
        methods=[(name, METHODS[name]) for name in session["payment_method_types"]],
        slow=any(METHODS[name].slow for name in session["payment_method_types"]),
        waiting=bool(intent and intent["status"] == "processing"),
        success=success(session),
        notice=notice,
    )
