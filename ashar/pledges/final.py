"""When money is final, so that a receipt may name it: a pure function of what is known of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from ashar.kernel.i18n import N_

#: Why money is not final yet, or never will be; in the order in which a donor should hear it.
REASONS = {
    "unpaid": N_("It has not arrived."),
    "back": N_("It went back."),
    "disputed": N_("Its bank has asked for it back; that is not decided yet."),
    "refund": N_("A refund is on its way."),
    "elsewhere": N_("It came when the project no longer took gifts, and is kept apart."),
    "cash": N_("It has not been handed in and counted yet."),
    "partner": N_("The partner received it, not the association itself."),
    "held": N_("The project is suspended or was cancelled."),
    "threshold": N_("The project has not reached its minimum yet."),
    "debit": N_("A direct debit can be called back for some weeks."),
}
#: Ways of paying that the donor's bank takes back without a question.
DEBITS = frozenset({"sepa"})
#: States of a project whose money may still go back, all of it.
HELD = frozenset({"suspended", "cancelled", "rejected"})
#: States of a project that uses its money already, whatever its minimum was.
USES = frozenset({"in_progress", "completed"})


#: States of a payment whose money is not there, or never was.
UNPAID = frozenset({"started", "processing", "failed", "expired", "mistaken"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a payment and its project.

    `settled` is the day on which it came; `left` what has not gone back, in minor units;
    `refunding` says that a refund was ordered and has not arrived; `reached` that the project has
    what it asked for at least, as a flexible one always has.
    """

    state: str
    method: str
    settled: date | None
    left: int
    account: str | None
    held_in: str | None
    refunding: bool
    project: str
    reached: bool


def why_not(known: Known, today: date, debit_days: int) -> list[str]:
    """Return why a payment is not final, as keys of REASONS; nothing where it is."""
    if known.settled is None or known.state in UNPAID:
        return ["unpaid"]
    if known.state in {"refunded", "lost"} or known.left <= 0:
        return ["back"]
    young = known.method in DEBITS and today < known.settled + timedelta(days=debit_days)
    held_in = known.held_in or ""
    found = {
        "disputed": known.state == "disputed",
        "refund": known.refunding,
        "elsewhere": known.account == "suspense",
        "cash": held_in.startswith("cash"),
        "partner": held_in.startswith("partner"),
        "held": known.project in HELD,
        "threshold": not known.reached and known.project not in USES,
        "debit": young,
    }
    return [reason for reason in REASONS if found.get(reason)]


def is_final(known: Known, today: date, debit_days: int) -> bool:
    """Tell whether a payment's money is final."""
    return not why_not(known, today, debit_days)
