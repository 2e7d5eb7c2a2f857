"""What our own signals call for: letters, searches filed anew; loaded when one is sent."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask

from ashar.kernel import jobs, signals


class Occasion(NamedTuple):
    """A kind of letter, the fact's id from the signal's facts, and to whom it goes.

    `to` is a name of ashar.mail.recipients.
    """

    kind: str
    fact: str
    to: str = "donor"


#: signal → the letters that it calls for
OCCASIONS: dict[str, tuple[Occasion, ...]] = {
    "transfer_told": (Occasion("transfer", "payment-{payment}-told"),),
    "transfer_due": (Occasion("transfer_due", "payment-{payment}-due-{number}"),),
    "cash_told": (Occasion("cash_told", "payment-{payment}-told"),),
    "cash_taken": (Occasion("cash_taken", "payment-{payment}-slip"),),
    "pledge_processing": (Occasion("processing", "payment-{payment}-processing"),),
    "pledge_failed": (
        Occasion("failed", "payment-{payment}-failed", "tried"),
        Occasion("monthly_failed", "payment-{payment}-failed", "renewed"),
    ),
    "subscription_started": (Occasion("monthly_started", "subscription-{subscription}-started"),),
    "subscription_ended": (Occasion("monthly_ended", "subscription-{subscription}-ended"),),
    "subscription_asked": (Occasion("monthly_asked", "subscription-{subscription}-asked-{day}"),),
    "card_expiring": (Occasion("card_expiring", "subscription-{subscription}-card-{day}"),),
    "debit_due": (Occasion("debit_due", "subscription-{subscription}-debit-{day}"),),
    "receipt_issued": (Occasion("receipt", "receipt-{receipt}"),),
    "statement_issued": (Occasion("statement", "receipt-{receipt}"),),
    "receipt_cancelled": (Occasion("receipt_cancelled", "receipt-{receipt}"),),
    "late_money": (Occasion("late", "payment-{payment}-late"),),
    "pledge_moved": (Occasion("moved", "payment-{payment}-moved-{project}"),),
    "campaign_short": (Occasion("campaign", "campaign-{campaign}-short", "treasurers"),),
    # What a bank sent back may arrive at the second try: that is told anew.
    "pledge_refunded": (Occasion("refunded", "{fact}"),),
    # Each asking is a fact of its own; one after a failure follows it at once.
    "refund_owed": (Occasion("refund_owed", "{fact}"),),
    "refund_withdrawn": (Occasion("refund_withdrawn", "refund-{refund}-withdrawn"),),
    "transfer_undone": (Occasion("transfer_undone", "payment-{payment}-undone"),),
    "pledge_paid": (
        Occasion("thanks", "payment-{payment}-settled"),
        Occasion("honour", "honour-{pledge}", "honoured"),
    ),
    "donor_link": (Occasion("donor_link", "{fact}", "asks for link"),),
    "pledge_key": (Occasion("key", "{fact}"),),
    "offer_made": (
        Occasion("offer_received", "offer-{offer}-made"),
        Occasion("offers", "offer-{offer}-made", "offered"),
    ),
    # Each is a fact of its own: accepted for one day, then for another; put right.
    "offer_accepted": (Occasion("offer_accepted", "{fact}"),),
    "offer_declined": (Occasion("offer_declined", "offer-{offer}-declined"),),
    "offer_withdrawn": (Occasion("offers", "offer-{offer}-withdrawn", "offered"),),
    "offer_delivered": (
        Occasion("offer_delivered", "{fact}"),
        Occasion("offers_came", "{fact}", "committee"),
    ),
    "offer_confirmed": (Occasion("offer_thanks", "offer-{offer}-confirmed"),),
    "offer_key": (Occasion("offer_key", "{fact}"),),
    "project_submitted": (Occasion("submitted", "version-{project}-{version}", "proposer"),),
    "changes_requested": (Occasion("asked", "case-{case}-{revision}", "owner"),),
    "project_rejected": (Occasion("rejected", "case-{case}-{revision}", "owner"),),
    "project_published": (Occasion("published", "published-{project}", "reviewed"),),
    "change_approved": (Occasion("change_approved", "case-{case}-{revision}", "owner"),),
    "change_rejected": (Occasion("change_rejected", "case-{case}-{revision}", "owner"),),
    "project_suspended": (Occasion("suspended", "hold-{hold}", "owner"),),
    "project_resumed": (Occasion("resumed", "hold-{hold}", "owner"),),
    "appeal_rejected": (Occasion("appeal_rejected", "hold-{hold}", "owner"),),
    "project_funded": (
        Occasion("funded", "funded-{project}", "owner"),
        Occasion("gift_funded", "funded-{project}", "those who gave"),
    ),
    "project_completed": (
        Occasion("completed", "completed-{project}", "owner"),
        Occasion("gift_completed", "completed-{project}", "those who gave"),
    ),
    "project_cancelled": (
        Occasion("cancelled", "cancelled-{project}", "owner"),
        Occasion("gift_cancelled", "cancelled-{project}", "those who give"),
        Occasion("offer_cancelled", "cancelled-{project}", "those who offer"),
    ),
    "helper_invited": (Occasion("helper_invited", "helper-{helper}", "helper"),),
    # Each is a fact of its own: opened, answered, half approved, brought to more people.
    "case_opened": (Occasion("queue", "{fact}", "moderators"),),
    "comment_posted": (Occasion("comment", "comment-{comment}", "commented"),),
    "comment_answered": (Occasion("answered", "comment-{answer}", "commenter"),),
    "report_opened": (Occasion("report_received", "report-{report}-received", "reporter"),),
    "report_decided": (Occasion("report_decided", "report-{report}-decided", "reporter"),),
    "leader_applied": (Occasion("leader_applied", "application-{application}", "administrators"),),
    "corridor_unchecked": (Occasion("corridor", "corridor-{country}-{due}", "administrators"),),
    "leader_granted": (Occasion("leader_granted", "application-{application}", "person"),),
    "leader_refused": (Occasion("leader_refused", "application-{application}", "person"),),
}


def listen(app: Flask) -> None:
    """Have done what this app's signals call for."""
    for signal, occasions in OCCASIONS.items():
        for occasion in occasions:
            signals.SIGNALS[signal].connect(_writer(occasion), sender=app, weak=False)
    signals.term_changed.connect(_file_anew, sender=app, weak=False)
    for back in (signals.pledge_refunded, signals.refund_failed):
        back.connect(_look_at_receipts, sender=app, weak=False)
    signals.pledge_paid.connect(_have_read, sender=app, weak=False)
    signals.pledge_changed.connect(_have_read, sender=app, weak=False)
    signals.person_erased.connect(_lock_vouchers, sender=app, weak=False)


def _writer(occasion: Occasion) -> Callable[..., None]:
    def write(_app: Flask, **facts: Any) -> None:
        from ashar import mail

        mail.write(occasion.kind, occasion.fact.format(**facts), facts, occasion.to)

    return write


def _file_anew(_app: Flask, *, kind: str, code: str, **_more: Any) -> None:
    """Let searches find a theme's projects by its new name."""
    if kind == "theme":
        from ashar.projects import tasks

        tasks.file_theme(code)


def _look_at_receipts(_app: Flask, *, payment: int, **_more: Any) -> None:
    """Let receipts that name a payment be cancelled where it went back."""
    from ashar.pledges import receipt_tasks

    jobs.enqueue(receipt_tasks.LOOK, payment)


def _have_read(_app: Flask, *, pledge: int, **_more: Any) -> None:
    """Bring the words of a gift to those who read them before they are shown."""
    from ashar.progress import messages

    messages.look_at(pledge)


def _lock_vouchers(_app: Flask, **_more: Any) -> None:
    """Lock away what law keeps of somebody who was erased."""
    jobs.enqueue("privacy.lock")
