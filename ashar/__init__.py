"""Ashar: crowdfunding of community climate projects, as a Flask plugin and a stand-alone site.

Only the names listed here are promised to others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ashar.kernel.errors import GatewayRefused, GatewayUnreachable
from ashar.kernel.money import Money
from ashar.kernel.signals import (
    appeal_rejected,
    campaign_short,
    case_opened,
    change_approved,
    change_rejected,
    changes_requested,
    comment_answered,
    comment_posted,
    corridor_unchecked,
    helper_invited,
    leader_applied,
    leader_granted,
    leader_refused,
    offer_accepted,
    offer_confirmed,
    offer_declined,
    offer_delivered,
    offer_made,
    offer_withdrawn,
    person_erased,
    pledge_changed,
    pledge_disputed,
    pledge_expired,
    pledge_failed,
    pledge_made,
    pledge_moved,
    pledge_paid,
    pledge_processing,
    pledge_refunded,
    project_cancelled,
    project_completed,
    project_funded,
    project_moved,
    project_published,
    project_rejected,
    project_resumed,
    project_submitted,
    project_suspended,
    receipt_cancelled,
    receipt_issued,
    refund_failed,
    refund_withdrawn,
    report_decided,
    report_opened,
    statement_issued,
    subscription_ended,
    subscription_started,
    term_changed,
    update_posted,
)
from ashar.people.access import Identity

if TYPE_CHECKING:
    from ashar.extension import Ashar
    from ashar.gateways.base import (
        Gateway,
        Instructions,
        Movement,
        Notice,
        Order,
        Received,
        Redirect,
        RefundOrder,
        Way,
    )
    from ashar.site import create_app

__version__ = "0.1.0"

__all__ = [
    "Ashar",
    "Gateway",
    "GatewayRefused",
    "GatewayUnreachable",
    "Identity",
    "Instructions",
    "Money",
    "Movement",
    "Notice",
    "Order",
    "Received",
    "Redirect",
    "RefundOrder",
    "Way",
    "appeal_rejected",
    "campaign_short",
    "case_opened",
    "change_approved",
    "change_rejected",
    "changes_requested",
    "comment_answered",
    "comment_posted",
    "corridor_unchecked",
    "create_app",
    "helper_invited",
    "leader_applied",
    "leader_granted",
    "leader_refused",
    "offer_accepted",
    "offer_confirmed",
    "offer_declined",
    "offer_delivered",
    "offer_made",
    "offer_withdrawn",
    "person_erased",
    "pledge_changed",
    "pledge_disputed",
    "pledge_expired",
    "pledge_moved",
    "pledge_failed",
    "pledge_made",
    "pledge_paid",
    "pledge_processing",
    "pledge_refunded",
    "project_cancelled",
    "project_completed",
    "project_funded",
    "project_moved",
    "project_published",
    "project_rejected",
    "project_resumed",
    "project_submitted",
    "project_suspended",
    "receipt_cancelled",
    "receipt_issued",
    "refund_failed",
    "subscription_ended",
    "subscription_started",
    "refund_withdrawn",
    "report_decided",
    "report_opened",
    "statement_issued",
    "term_changed",
    "update_posted",
]

_GATEWAYS = "Gateway Instructions Movement Notice Order Received Redirect RefundOrder Way"
#: Names that are loaded on first use, and where they stand: a host needs few of them.
_LATER = {
    "Ashar": "ashar.extension",
    "create_app": "ashar.site",
    **dict.fromkeys(_GATEWAYS.split(), "ashar.gateways.base"),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
