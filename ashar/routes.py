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
#: One address for pledges of every kind; what is money goes on to the views of money.
OFFERS = "ashar.pledges.offer_views"
MONTHLY = "ashar.pledges.monthly_views"
LATE = "ashar.pledges.late_views"
ME = "ashar.pages.me"
CHANGES = "ashar.pledges.change_views"
BY_HAND = "ashar.pledges.by_hand"
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
        "pools",
        "ashar.admin.pool_views",
        Address("GET", "/admin/pools", "administer", "index"),
        Address("GET", "/admin/pools/new", "administer", "begin", "new"),
        Address("POST", "/admin/pools/new", "administer", "add"),
        Address("GET", "/admin/pools/<slug>", "administer", "one"),
        Address("POST", "/admin/pools/<slug>", "administer", "change"),
    ),
    _feature(
        "paying_in",
        "ashar.treasury.pool_views",
        Address("GET", "/treasury/pools", "treasury.read", "index"),
        Address("GET", "/treasury/pools/<slug>", "treasury.read", "one"),
        Address("POST", "/treasury/pools/<slug>", "treasury.write", "enter"),
    ),
    _feature(
        "treasury",
        "ashar.treasury.views",
        Address("GET", "/treasury", "treasury.read", "overview"),
        Address("GET", "/treasury/papers/<token>", "treasury.read", "paper"),
        Address("GET", "/treasury/retained", "audit", "locked", "retained"),
    ),
    _feature(
        "payments",
        "ashar.treasury.payment_views",
        Address("GET", "/treasury/payments", "treasury.read", "index"),
        Address("GET", "/treasury/payments/<token>/<no>", "treasury.read", "one"),
        Address("POST", "/treasury/payments/<token>/<no>", "treasury.write", "order"),
        Address("POST", "/treasury/payments/<token>/<no>/doubt", "treasury.write", "doubt"),
        Address("POST", "/treasury/payments/<token>/<no>/recall", "treasury.write", "recall"),
        Address(
            "POST", "/treasury/payments/<token>/<no>/warning/<answer>", "treasury.write", "warning"
        ),
    ),
    _feature(
        "refund_desk",
        "ashar.treasury.refund_views",
        Address("GET", "/treasury/refunds", "treasury.read", "index"),
        Address("GET", "/treasury/refunds/<number>", "treasury.read", "one"),
        Address("GET", "/treasury/refunds/<number>/slip.pdf", "treasury.write", "slip"),
        Address("POST", "/treasury/refunds/<number>/<step>", "treasury.write", "take"),
        Address("POST", "/treasury/refund-files", "treasury.write", "make_file"),
        Address("GET", "/treasury/refund-files/<token>", "treasury.read", "file"),
        Address("POST", "/treasury/refund-files/<token>", "treasury.write", "debit"),
    ),
    _feature(
        "disputes",
        "ashar.treasury.dispute_views",
        Address("GET", "/treasury/disputes", "treasury.read", "index"),
        Address("GET", "/treasury/disputes/<dispute>", "treasury.read", "one"),
        Address("POST", "/treasury/disputes/<dispute>", "treasury.write", "answer"),
        Address("GET", "/treasury/disputes/<dispute>/evidence.json", "treasury.read", "bundle"),
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
        "campaigns",
        "ashar.treasury.campaign_views",
        Address("GET", "/treasury/campaigns", "treasury.read", "index"),
        Address("GET", "/treasury/campaigns/<slug>", "treasury.read", "one"),
        Address("POST", "/treasury/campaigns/<slug>", "treasury.write", "act"),
    ),
    _feature(
        "late",
        "ashar.treasury.late_views",
        Address("GET", "/treasury/late", "treasury.read", "index"),
        Address("GET", "/treasury/late/<token>", "treasury.read", "one"),
        Address("POST", "/treasury/late/<token>", "treasury.write", "decide"),
    ),
    _feature(
        "rates",
        "ashar.treasury.rate_views",
        Address("GET", "/treasury/rates", "treasury.read", "index"),
        Address("POST", "/treasury/rates", "treasury.write", "enter"),
        Address("POST", "/treasury/rates/file", "treasury.write", "bring"),
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
        "collect",
        "ashar.collect.views",
        Address("GET", "/collect", "collect", "index"),
        Address("GET", "/collect/new", "collect", "begin", "new"),
        Address("POST", "/collect/new", "collect", "write"),
        Address("GET", "/collect/void", "collect", "spoiling", "void"),
        Address("POST", "/collect/void", "collect", "spoil"),
        Address("GET", "/collect/hand-in", "collect", "handing", "handing"),
        Address("POST", "/collect/hand-in", "collect", "hand_in"),
        Address("GET", "/slips/<number>", "link", "show_slip", "slip"),
    ),
    _feature(
        "partner",
        "ashar.partner.views",
        Address("GET", "/partner", "partner", "index"),
        Address("GET", "/partner/record", "partner", "begin", "recording"),
        Address("POST", "/partner/record", "partner", "record"),
    ),
    _feature(
        "counting",
        "ashar.treasury.cash_views",
        Address("GET", "/treasury/cash", "treasury.read", "index"),
        Address("GET", "/treasury/cash/<token>", "treasury.read", "one"),
        Address("POST", "/treasury/cash/<token>", "treasury.write", "count"),
        Address("POST", "/treasury/cash/<token>/back", "treasury.write", "give_back"),
        Address("GET", "/treasury/slips/<number>", "treasury.read", "slip"),
        Address("POST", "/treasury/slips/<number>", "treasury.write", "void"),
    ),
    _feature(
        "remittances",
        "ashar.treasury.remittance_views",
        Address("GET", "/treasury/remittances", "treasury.read", "index"),
        Address("GET", "/treasury/remittances/<token>", "treasury.read", "one"),
        Address("POST", "/treasury/remittances/<token>", "treasury.write", "decide"),
    ),
    _feature(
        "collectors",
        "ashar.admin.collector_views",
        Address("GET", "/admin/collectors", "administer", "index"),
        Address("GET", "/admin/collectors/new", "administer", "begin", "new"),
        Address("POST", "/admin/collectors/new", "administer", "add"),
        Address("GET", "/admin/collectors/<slug>", "administer", "one"),
        Address("POST", "/admin/collectors/<slug>", "administer", "change"),
        Address("POST", "/admin/collectors/<slug>/books", "administer", "issue"),
        Address("GET", "/admin/collectors/<slug>/books/<no>.pdf", "administer", "book"),
    ),
    _feature(
        "partners",
        "ashar.admin.partner_views",
        Address("GET", "/admin/partners", "administer", "index"),
        Address("GET", "/admin/partners/new", "administer", "begin", "new"),
        Address("POST", "/admin/partners/new", "administer", "add"),
        Address("GET", "/admin/partners/<slug>", "administer", "one"),
        Address("POST", "/admin/partners/<slug>", "administer", "change"),
        Address("GET", "/admin/partners/<slug>/agreement", "administer", "agreeing"),
        Address("POST", "/admin/partners/<slug>/agreement", "administer", "agree"),
        Address("POST", "/admin/partners/<slug>/agreement/<no>/end", "administer", "end"),
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
        Address("GET", "/projects/<slug>/pledge", "form", "form", "form", OFFERS),
        Address("POST", "/projects/<slug>/pledge", "form", "pledge", "pledge", OFFERS),
        Address("GET", "/me", "signed-in", "mine", None, ME),
        Address("GET", "/pledges/<token>", "link", "show_pledge", "show", OFFERS),
        Address("GET", "/pledges/<token>/back", "link", "back"),
        Address("GET", "/pledges/<token>/transfer.svg", "link", "transfer_code"),
        Address("GET", "/pledges/<token>/qr-bill.pdf", "link", "qr_bill"),
        Address("GET", "/pledges/<token>/cash.svg", "link", "code", "cash_code", BY_HAND),
        Address("GET", "/pledges/<token>/sent", "link", "begin", "sending", BY_HAND),
        Address("POST", "/pledges/<token>/sent", "link", "tell", "tell_sent", BY_HAND),
        Address("POST", "/pledges/<token>/again", "link", "again"),
        Address(
            "GET", "/pledges/<token>/cancel", "link", "confirm_cancel", "confirm_cancel", OFFERS
        ),
        Address("POST", "/pledges/<token>/cancel", "link", "cancel", "cancel", OFFERS),
        Address(
            "GET", "/pledges/<token>/confirm", "link", "confirm_offer", "confirm_offer", OFFERS
        ),
        Address("POST", "/pledges/<token>/confirm", "link", "confirm", "confirm", OFFERS),
        Address("GET", "/pledges/<token>/day.ics", "link", "day_file", "day_file", OFFERS),
        *_receipts(),
        Address("GET", "/pledges/<token>/monthly", "link", "confirm_monthly", module=MONTHLY),
        Address("POST", "/pledges/<token>/monthly/key", "link", "send", "monthly_key", MONTHLY),
        Address("POST", "/pledges/<token>/monthly/sum", "link", "amount", "monthly_sum", MONTHLY),
        Address(
            "POST", "/pledges/<token>/monthly/pause", "link", "pause", "monthly_pause", MONTHLY
        ),
        Address(
            "POST", "/pledges/<token>/monthly/resume", "link", "resume", "monthly_resume", MONTHLY
        ),
        Address("POST", "/pledges/<token>/monthly/stop", "link", "stop", "monthly_stop", MONTHLY),
        Address("POST", "/pledges/<token>/monthly/mend", "link", "mend", "monthly_mend", MONTHLY),
        Address("GET", "/pledges/<token>/stop", "link", "confirm_stop", module=MONTHLY),
        Address("GET", "/pledges/<token>/mend", "link", "go_mend", module=MONTHLY),
        Address("GET", "/pledges/<token>/late", "link", "confirm_late", None, LATE),
        Address("POST", "/pledges/<token>/late", "link", "answer_late", None, LATE),
        Address("GET", "/pledges/<token>/change", "link", "confirm_change", None, CHANGES),
        Address("POST", "/pledges/<token>/change", "link", "change", None, CHANGES),
    ),
    _feature(
        "refunds",
        "ashar.pledges.refund_views",
        Address("GET", "/pledges/<token>/refunds/<refund>", "link", "where"),
        Address("POST", "/pledges/<token>/refunds/<refund>", "link", "tell"),
        Address("POST", "/pledges/<token>/refunds/<refund>/ask", "link", "ask"),
    ),
    _feature(
        "me",
        ME,
        Address("GET", "/me/gifts", "form", "gifts"),
        Address("GET", "/me/link", "form", "ask"),
        Address("POST", "/me/link", "form", "send"),
        Address("GET", "/me/by-letter/<key>", "link", "open_link"),
        Address("POST", "/me/by-letter/<key>", "link", "open_gifts"),
        Address("GET", "/me/data", "form", "data"),
        Address("GET", "/me/data.zip", "form", "take"),
        Address("GET", "/me/erase", "form", "leaving"),
        Address("POST", "/me/erase", "form", "erase"),
    ),
    _feature(
        "groups",
        "ashar.pages.group",
        Address("GET", "/groups/<slug>", "public", "show_group", "show"),
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
        Address(
            "GET",
            "/lead/projects/<slug>/supporters",
            "desk.own",
            "supporters",
            None,
            "ashar.lead.supporters",
        ),
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
        "offers",
        "ashar.lead.offer_views",
        Address("GET", "/lead/projects/<slug>/offers", "desk", "index"),
        Address("GET", "/lead/projects/<slug>/offers/paper", "desk", "listing"),
        Address("POST", "/lead/projects/<slug>/offers/paper", "desk", "enter"),
        Address("GET", "/lead/projects/<slug>/offers/<token>", "desk", "one"),
        Address("POST", "/lead/projects/<slug>/offers/<token>/accept", "desk.own", "accept"),
        Address("POST", "/lead/projects/<slug>/offers/<token>/decline", "desk.own", "decline"),
        Address("POST", "/lead/projects/<slug>/offers/<token>/came", "desk.own", "deliver"),
        Address("GET", "/lead/projects/<slug>/offers/<token>/photo", "desk", "photo"),
        Address("GET", "/lead/projects/<slug>/days/<day>", "desk", "day"),
        Address("POST", "/lead/projects/<slug>/days/<day>", "desk.own", "came"),
        Address("GET", "/lead/projects/<slug>/days/<day>/ashar.ics", "desk", "day_file"),
    ),
    _feature(
        "committee",
        "ashar.lead.committee_views",
        Address("GET", "/projects/<slug>/confirm", "committee", "index"),
        Address("POST", "/projects/<slug>/confirm/<token>", "committee", "confirm"),
        Address("GET", "/projects/<slug>/confirm/<token>/photo", "committee", "photo"),
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
