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
    #: Where the view stands, unless it is in its feature's module.
    module: str | None = None


def _feature(name: str, module: str, *addresses: Address) -> Blueprint:
    blueprint = Blueprint(name, __name__)
    for method, rule, permission, view, endpoint, elsewhere in addresses:
        answer = allow(permission)(_view(elsewhere or module, view))
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


def _receipts() -> list[Address]:
    """Return the addresses of a pledge's receipts."""
    here, module = "/pledges/<token>/receipt", "ashar.pledges.receipt_views"
    return [
        Address("GET", f"{here}.pdf", "link", "receipt_pdf", module=module),
        Address("GET", here, "link", "confirm_receipt", module=module),
        Address("POST", here, "link", "ask_receipt", module=module),
        Address("POST", f"{here}/open", "link", "open_receipts", module=module),
        Address("GET", f"{here}s/<number>", "link", "receipt_paper", module=module),
    ]


WEBHOOKS = _feature(
    "webhooks",
    "ashar.pledges.webhooks",
    Address("POST", "/webhooks/<name>", "signature", "receive"),
)
FEEDS = "ashar.pages.feeds"
FEATURES = (
    _feature(
        "pages",
        "ashar.pages.views",
        Address("GET", "/", "public", "home"),
        Address("GET", "/legal/<page>", "public", "legal"),
        Address("GET", "/media/<token>", "public", "picture", "media"),
        Address("GET", "/projects.atom", "public", "projects", "projects_feed", FEEDS),
        Address(
            "GET",
            "/projects/<slug>/updates.atom",
            "public",
            "news",
            "updates_feed",
            FEEDS,
        ),
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
        "treasury",
        "ashar.treasury.views",
        Address("GET", "/treasury", "treasury.read", "overview"),
        Address("GET", "/treasury/papers/<token>", "treasury.read", "paper"),
    ),
    _feature(
        "transfers",
        "ashar.treasury.transfer_views",
        Address("GET", "/treasury/transfers", "treasury.read", "index"),
        Address("GET", "/treasury/transfers/<reference>", "treasury.read", "one"),
        Address("POST", "/treasury/transfers/<reference>", "treasury.write", "enter"),
    ),
    _feature(
        "receipts",
        "ashar.treasury.receipt_views",
        Address("GET", "/treasury/receipts", "treasury.read", "index"),
        Address("GET", "/treasury/receipts.csv", "treasury.read", "listed"),
        Address("POST", "/treasury/receipts/round", "treasury.write", "begin"),
        Address("GET", "/treasury/receipts/<number>", "treasury.read", "one"),
        Address("POST", "/treasury/receipts/<number>", "treasury.write", "cancel"),
    ),
    _feature(
        "accounts",
        "ashar.treasury.account_views",
        Address("GET", "/treasury/accounts", "treasury.read", "index"),
        Address("GET", "/treasury/accounts/new", "administer", "begin", "new"),
        Address("POST", "/treasury/accounts/new", "administer", "add"),
        Address("GET", "/treasury/accounts/<slug>", "treasury.read", "one"),
        Address("POST", "/treasury/accounts/<slug>", "administer", "change"),
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
        Address("GET", "/projects/<slug>", "public", "show_project", "show", "ashar.pages.project"),
    ),
    _feature(
        "pledges",
        "ashar.pledges.views",
        Address("GET", "/projects/<slug>/pledge", "form", "form"),
        Address("POST", "/projects/<slug>/pledge", "form", "pledge"),
        Address("GET", "/me", "signed-in", "mine"),
        Address("GET", "/pledges/<token>", "link", "show_pledge", "show"),
        Address("GET", "/pledges/<token>/back", "link", "back"),
        Address("GET", "/pledges/<token>/transfer.svg", "link", "transfer_code"),
        Address("GET", "/pledges/<token>/qr-bill.pdf", "link", "qr_bill"),
        Address("POST", "/pledges/<token>/again", "link", "again"),
        Address("GET", "/pledges/<token>/cancel", "link", "confirm_cancel"),
        Address("POST", "/pledges/<token>/cancel", "link", "cancel"),
        *_receipts(),
    ),
    _feature(
        "letters",
        "ashar.mail.views",
        Address("GET", "/unsubscribe/<token>", "link", "unsubscribe"),
        # The link is signed; a mail program that ends letters by one click has no form of ours.
        Address("POST", "/unsubscribe/<token>", "signature", "end"),
        Address("POST", "/unsubscribe/<token>/again", "link", "again"),
    ),
    _feature(
        "updates",
        "ashar.progress.views.updates",
        Address("GET", "/projects/<slug>/updates", "public", "index"),
        Address("GET", "/projects/<slug>/updates/<token>", "public", "show_update", "show"),
    ),
    _feature(
        "writing",
        "ashar.progress.views.desk",
        Address("GET", "/lead/projects/<slug>/updates", "desk", "index"),
        Address("GET", "/lead/projects/<slug>/updates/new", "desk", "new"),
        Address("POST", "/lead/projects/<slug>/updates/new", "desk", "create"),
        Address("GET", "/lead/projects/<slug>/updates/<token>", "desk", "edit"),
        Address("POST", "/lead/projects/<slug>/updates/<token>", "desk", "save"),
        Address("GET", "/lead/projects/<slug>/updates/<token>/publish", "desk", "preview"),
        Address("POST", "/lead/projects/<slug>/updates/<token>/publish", "desk.own", "publish"),
        Address("POST", "/lead/projects/<slug>/updates/<token>/hide", "desk.own", "hide"),
        Address("POST", "/lead/projects/<slug>/updates/<token>/pictures", "desk", "add_picture"),
        Address(
            "POST",
            "/lead/projects/<slug>/updates/<token>/pictures/<picture>/remove",
            "desk",
            "remove_picture",
        ),
    ),
    _feature(
        "comments",
        "ashar.progress.views.comments",
        Address("GET", "/projects/<slug>/comment", "form", "write"),
        Address("POST", "/projects/<slug>/comment", "form", "say"),
        Address("POST", "/projects/<slug>/comment/<comment>/back", "form", "take_back"),
        Address("GET", "/pledges/<token>/comment", "link", "by_pledge"),
        Address("POST", "/pledges/<token>/comment", "link", "say_by_pledge"),
        Address("POST", "/pledges/<token>/comment/<comment>/back", "link", "take_back_by_pledge"),
    ),
    _feature(
        "reports",
        "ashar.progress.views.reports",
        Address("GET", "/report", "form", "write"),
        Address("POST", "/report", "form", "report"),
        Address("GET", "/report/<token>", "link", "status"),
    ),
    _feature(
        "moderation",
        "ashar.moderation.views",
        Address("GET", "/moderation", "moderate", "index"),
        Address("GET", "/moderation/<token>", "moderate", "show_case", "show"),
        Address("POST", "/moderation/<token>", "moderate", "decide"),
        Address("POST", "/moderation/<token>/ask", "moderate", "ask"),
        Address("POST", "/moderation/<token>/take-back", "moderate", "take_back"),
        Address("POST", "/moderation/<token>/note", "moderate", "note"),
        Address("POST", "/moderation/<token>/claim", "moderate", "claim"),
        Address("POST", "/moderation/<token>/release", "moderate", "release"),
        Address("POST", "/moderation/<token>/conflict", "moderate", "declare"),
    ),
    _feature(
        "moderated",
        "ashar.moderation.project_views",
        Address("GET", "/moderation/projects/<slug>", "moderate", "show_history"),
        Address("GET", "/moderation/hold/<slug>", "moderate", "hold_form"),
        Address("POST", "/moderation/hold/<slug>", "moderate", "hold"),
        Address("POST", "/moderation/lift/<slug>", "moderate", "lift"),
        Address("GET", "/moderation/cancel/<slug>", "administer", "cancel_form"),
        Address("POST", "/moderation/cancel/<slug>", "administer", "cancel"),
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
        "ashar.lead.drafts",
        Address("GET", "/lead/projects/<slug>/<step>", "desk", "step"),
        Address("POST", "/lead/projects/<slug>/<step>", "desk", "save_step"),
        Address("GET", "/lead/projects/<slug>/words/<code>", "desk", "words"),
        Address("POST", "/lead/projects/<slug>/words/<code>", "desk", "save_words"),
        Address("POST", "/lead/projects/<slug>/confirm/<part>", "desk.own", "confirm"),
        Address("POST", "/lead/projects/<slug>/pictures/add", "desk", "add_pictures"),
    ),
    _feature(
        "helping",
        "ashar.lead.helping",
        Address("GET", "/lead/projects/<slug>/helpers", "desk.own", "helpers"),
        Address("POST", "/lead/projects/<slug>/helpers", "desk.own", "invite"),
        Address("POST", "/lead/projects/<slug>/helpers/<token>/end", "desk.own", "dismiss"),
        Address("GET", "/lead/help/<token>", "signed-in", "invitation"),
        Address("POST", "/lead/help/<token>", "signed-in", "accept"),
    ),
    _feature(
        "life",
        "ashar.lead.life",
        Address("GET", "/lead/projects/<slug>/submit", "desk.own", "sending"),
        Address("POST", "/lead/projects/<slug>/submit", "desk.own", "send"),
        Address("POST", "/lead/projects/<slug>/answers/<token>", "desk.own", "answer"),
        Address("POST", "/lead/projects/<slug>/appeal", "desk.own", "appeal"),
        Address("GET", "/lead/projects/<slug>/turn/<turn>", "desk.own", "turning"),
        Address("POST", "/lead/projects/<slug>/turn/<turn>", "desk.own", "take_turn"),
        Address("GET", "/lead/projects/<slug>/extend", "desk.own", "later"),
        Address("POST", "/lead/projects/<slug>/extend", "desk.own", "extend"),
        Address("GET", "/lead/projects/<slug>/complete", "desk.own", "reporting"),
        Address("POST", "/lead/projects/<slug>/complete", "desk.own", "report"),
    ),
    WEBHOOKS,
)
