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
        "apply",
        "ashar.pages.apply",
        Address("GET", "/lead/apply", "signed-in", "form"),
        Address("POST", "/lead/apply", "signed-in", "apply"),
        Address("POST", "/lead/apply/withdraw", "signed-in", "withdraw"),
    ),
    _feature(
        "admin",
        "ashar.admin.views",
        Address("GET", "/admin", "administer", "overview"),
        Address("GET", "/admin/people", "administer", "people"),
        Address("GET", "/admin/people/<token>", "administer", "person"),
        Address("POST", "/admin/people/<token>/roles", "administer", "give_role"),
        Address("POST", "/admin/people/<token>/roles/take", "administer", "take_role"),
        Address("GET", "/admin/applications", "administer", "applications"),
        Address("GET", "/admin/applications/<token>", "administer", "application"),
        Address("POST", "/admin/applications/<token>", "administer", "decide"),
    ),
    _feature(
        "lists",
        "ashar.admin.list_views",
        Address("GET", "/admin/lists", "administer", "overview"),
        Address("GET", "/admin/lists/<kind>", "administer", "one_list", "show"),
        Address("GET", "/admin/lists/<kind>/new", "administer", "begin", "new"),
        Address("POST", "/admin/lists/<kind>/new", "administer", "add"),
        Address("GET", "/admin/lists/<kind>/<code>", "administer", "entry"),
        Address("POST", "/admin/lists/<kind>/<code>", "administer", "change"),
    ),
    _feature(
        "newcomers",
        "ashar.admin.account_views",
        Address("GET", "/admin/people/new", "administer", "form"),
        Address("POST", "/admin/people/new", "administer", "make"),
        Address("POST", "/admin/people/<token>/code", "administer", "code"),
    ),
    _feature(
        "recovery",
        "ashar.admin.recovery_views",
        Address("POST", "/admin/people/<token>/recovery", "administer", "begin"),
        Address("POST", "/admin/people/<token>/recovery/confirm", "administer", "confirm"),
        Address("POST", "/admin/people/<token>/recovery/withdraw", "administer", "withdraw"),
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
    WEBHOOKS,
)
