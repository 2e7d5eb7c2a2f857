"""The kinds of letters: what each may say, why somebody gets it, and by what it can be ended."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ashar.kernel.i18n import N_
from ashar.mail import campaign_says, listing, monthly_says, offer_says, says
from ashar.mail.models import Letter

#: Why somebody gets a letter.
LEADS = N_("You get this letter because you lead a project at Ashar.")
MODERATES = N_("You get this letter because you review projects at Ashar.")
ADMINISTERS = N_("You get this letter because you are an administrator at Ashar.")
SITS = N_("You get this letter because you are on the village committee of a project at Ashar.")
TREASURES = N_("You get this letter because you are a treasurer at Ashar.")
GAVE = N_("You get this letter because this e-mail address stands on a pledge to “%(project)s”.")
INVITED = N_("You get this letter because the leader of “%(project)s” gave us this e-mail address.")
APPLIED = N_("You get this letter because you applied to lead projects at Ashar.")
WROTE = N_("You get this letter because you wrote a comment at Ashar.")
HONOURED = N_(
    "You get this letter because whoever gave named you, and left us this e-mail address."
)
ASKED = N_(
    "You get this letter because somebody asked for it on our site with this e-mail address."
)
REPORTED = N_(
    "You get this letter because you reported something at Ashar and gave us this e-mail address."
)


class Kind(NamedTuple):
    """A kind of letter.

    `topic` ends it by one click; without one it is essential. `gathers` says that one letter tells
    a person of several facts, at most every half an hour; `private` that its short text leads
    where only its reader may go, and is not offered to be forwarded. Letters about a pledge have
    no short text.
    """

    says: Callable[[Sequence[Letter]], dict[str, Any]]
    why: str = LEADS
    topic: str = ""
    gathers: bool = False
    private: bool = False
    short: bool = True


_PLEDGE = Kind(says.pledge, GAVE, short=False)
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("thanks", "processing", "failed", "refunded"), _PLEDGE),
    "key": _PLEDGE,
    "refund_owed": Kind(says.owed, GAVE, short=False),
    **dict.fromkeys(("refund_withdrawn", "transfer_undone"), _PLEDGE),
    **dict.fromkeys(("transfer", "transfer_due"), Kind(says.transfer, GAVE, short=False)),
    **dict.fromkeys(
        (
            "offer_received",
            "offer_accepted",
            "offer_declined",
            "offer_delivered",
            "offer_thanks",
            "offer_cancelled",
        ),
        Kind(offer_says.offer, GAVE, short=False),
    ),
    "offer_key": Kind(offer_says.offer, GAVE, short=False),
    "offers_came": Kind(offer_says.came, SITS, topic="ashar", gathers=True, private=True),
    **dict.fromkeys(
        ("receipt", "statement", "receipt_cancelled"), Kind(says.receipt, GAVE, short=False)
    ),
    # To the donor of a monthly gift.
    "monthly_started": Kind(monthly_says.started, GAVE, short=False),
    "monthly_failed": Kind(monthly_says.failed, GAVE, short=False),
    "monthly_ended": Kind(monthly_says.ended, GAVE, short=False),
    "monthly_asked": Kind(monthly_says.asked, GAVE, short=False),
    **dict.fromkeys(("card_expiring", "debit_due"), Kind(monthly_says.warned, GAVE, short=False)),
    "late": Kind(campaign_says.late, GAVE, short=False),
    "moved": Kind(says.pledge, GAVE, short=False),
    "cash_told": Kind(says.transfer, GAVE, short=False),
    "cash_taken": Kind(says.slip, GAVE, short=False),
    # To the leader of a project.
    "offers": Kind(offer_says.offers, topic="projects", gathers=True, private=True),
    "submitted": Kind(says.submitted, topic="projects"),
    "asked": Kind(says.asked),
    "published": Kind(says.project),
    "rejected": Kind(says.decided),
    "change_approved": Kind(says.decided),
    "change_rejected": Kind(says.decided),
    "funded": Kind(says.project, topic="projects"),
    "deadline": Kind(says.deadline, topic="projects"),
    "comment": Kind(says.project, topic="projects"),
    "suspended": Kind(says.held),
    "resumed": Kind(says.project),
    "appeal_rejected": Kind(says.appeal),
    "completed": Kind(says.project),
    "cancelled": Kind(says.cancelled),
    # To those who want to lead, or to help.
    "leader_granted": Kind(says.application, APPLIED),
    "leader_refused": Kind(says.application, APPLIED),
    "helper_invited": Kind(says.helper, INVITED, private=True),
    # To moderators and administrators.
    "queue": Kind(listing.cases, MODERATES, topic="queue", gathers=True),
    "leader_applied": Kind(says.application, ADMINISTERS, topic="queue"),
    "corridor": Kind(says.corridor, ADMINISTERS, topic="queue", private=True),
    # To treasurers.
    "campaign": Kind(campaign_says.campaign, TREASURES, topic="queue", private=True),
    # To those who gave.
    "gift_funded": Kind(says.gifts, GAVE, topic="gifts"),
    "gift_completed": Kind(says.gifts, GAVE, topic="gifts"),
    "gift_cancelled": Kind(says.gifts, GAVE),
    "honour": Kind(says.honour, HONOURED, topic="honour"),
    "donor_link": Kind(says.donor_link, ASKED, private=True),
    # To those who wrote a comment, or reported something.
    "answered": Kind(says.project, WROTE, topic="gifts"),
    "report_received": Kind(says.report, REPORTED, private=True),
    "report_decided": Kind(says.report, REPORTED, private=True),
}
