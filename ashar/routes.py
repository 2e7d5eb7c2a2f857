"""The addresses of all pages, at a glance: who may call each, and which view answers.

A site that starts learns the addresses alone. The views, the tables behind them and the templates'
views of them are loaded with the first request that reaches one: all at once, never in parts.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint

from ashar.people.access import allow


class Address(NamedTuple):
    """One address, for whom it is, and the function that answers; its endpoint bears that name."""

    method: str
    rule: str
    permission: str
    view: str
    endpoint: str | None = None


def _feature(name: str, module: str, *addresses: Address) -> Blueprint:
    blueprint = Blueprint(name, __name__)
    for method, rule, permission, view, endpoint in addresses:
        answer = allow(permission)(_view(module, view))
        blueprint.add_url_rule(rule, endpoint or view, answer, methods=[method])
    return blueprint


def _view(module: str, name: str) -> Callable[..., Any]:
    """Return what calls a view of a module that need not be loaded yet."""

    def view(**parts: Any) -> Any:
        from ashar import features

        return getattr(features.VIEWS[module], name)(**parts)

    # A host names views so, to exempt them from what it runs for all its pages.
    view.__module__, view.__name__ = module, name
    return view


WEBHOOKS = _feature(
    "webhooks",
    "ashar.pledges.webhooks",
    Address("POST", "/webhooks/<name>", "signature", "receive"),
)
FEATURES = (
    _feature(
        "pages",
        "ashar.pages.views",
        Address("GET", "/", "public", "home"),
        Address("GET", "/legal/<page>", "public", "legal"),
        Address("GET", "/media/<token>", "public", "picture", "media"),
    ),
    _feature(
        "operations",
        "ashar.pages.operations",
        Address("GET", "/healthz", "public", "healthz"),
        Address("GET", "/readyz", "public", "readyz"),
        Address("GET", "/metrics", "token", "metrics"),
    ),
    _feature(
        "projects",
        "ashar.projects.views",
        Address("GET", "/projects", "public", "index"),
        Address("GET", "/projects/<slug>", "public", "show_project", "show"),
    ),
    _feature(
        "pledges",
        "ashar.pledges.views",
        Address("GET", "/projects/<slug>/pledge", "form", "form"),
        Address("POST", "/projects/<slug>/pledge", "form", "pledge"),
        Address("GET", "/me", "signed-in", "mine"),
        Address("GET", "/pledges/<token>", "link", "show_pledge", "show"),
        Address("GET", "/pledges/<token>/back", "link", "back"),
        Address("POST", "/pledges/<token>/again", "link", "again"),
        Address("GET", "/pledges/<token>/cancel", "link", "confirm_cancel"),
        Address("POST", "/pledges/<token>/cancel", "link", "cancel"),
    ),
    _feature(
        "lead",
        "ashar.lead.views",
        Address("GET", "/lead", "desk", "overview"),
        Address("GET", "/lead/projects/new", "lead", "new"),
        Address("POST", "/lead/projects/new", "lead", "begin"),
        Address("GET", "/lead/projects/<slug>", "desk", "desk"),
        Address("GET", "/lead/projects/<slug>/preview", "desk", "preview"),
        Address("GET", "/lead/projects/<slug>/versions", "desk", "list_versions"),
        Address("GET", "/lead/projects/<slug>/versions/<no>", "desk", "show_version"),
    ),
    _feature(
        "drafts",
        "ashar.lead.writing",
        Address("GET", "/lead/projects/<slug>/<step>", "desk", "step"),
        Address("POST", "/lead/projects/<slug>/<step>", "desk", "save_step"),
        Address("GET", "/lead/projects/<slug>/words/<code>", "desk", "words"),
        Address("POST", "/lead/projects/<slug>/words/<code>", "desk", "save_words"),
        Address("POST", "/lead/projects/<slug>/confirm/<part>", "desk", "confirm"),
        Address("POST", "/lead/projects/<slug>/pictures/add", "desk", "add_pictures"),
    ),
    _feature(
        "helping",
        "ashar.lead.helping",
        Address("GET", "/lead/projects/<slug>/helpers", "desk", "helpers"),
        Address("POST", "/lead/projects/<slug>/helpers", "desk", "invite"),
        Address("POST", "/lead/projects/<slug>/helpers/<token>/end", "desk", "dismiss"),
        Address("GET", "/lead/help/<token>", "signed-in", "invitation"),
        Address("POST", "/lead/help/<token>", "signed-in", "accept"),
    ),
    _feature(
        "life",
        "ashar.lead.life",
        Address("GET", "/lead/projects/<slug>/submit", "desk", "sending"),
        Address("POST", "/lead/projects/<slug>/submit", "desk", "send"),
        Address("POST", "/lead/projects/<slug>/answers/<token>", "desk", "answer"),
        Address("POST", "/lead/projects/<slug>/appeal", "desk", "appeal"),
        Address("GET", "/lead/projects/<slug>/turn/<turn>", "desk", "turning"),
        Address("POST", "/lead/projects/<slug>/turn/<turn>", "desk", "take_turn"),
        Address("GET", "/lead/projects/<slug>/extend", "desk", "later"),
        Address("POST", "/lead/projects/<slug>/extend", "desk", "extend"),
        Address("GET", "/lead/projects/<slug>/complete", "desk", "reporting"),
        Address("POST", "/lead/projects/<slug>/complete", "desk", "report"),
    ),
    WEBHOOKS,
)
