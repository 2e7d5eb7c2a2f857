"""The life of a project: its states, its steps, and what each state means for money.

`ashar states` prints all of it as docs/states.md.
"""

from typing import NamedTuple

from ashar.kernel.states import Machine, table


class Step(NamedTuple):
    """A step of a project's life: who takes it, and what must be so before."""

    old: str
    new: str
    who: str
    needs: str = ""


_TOLD = "a reason in words"
_MISSED = "a reason in words, or a threshold that was missed"
STEPS = (
    Step("draft", "submitted", "its leader", "everything on the list of what is missing"),
    Step("draft", "cancelled", "its leader"),
    Step("submitted", "changes_requested", "a moderator without a conflict", "a question"),
    Step("submitted", "published", "moderators without a conflict", "the checklist; two people for "
         "a goal above the limit; payee, deadline and texts as reviewed"),
    Step("submitted", "rejected", "a moderator without a conflict", _TOLD),
    Step("submitted", "cancelled", "its leader"),
    Step("changes_requested", "submitted", "its leader", "an answer to every question"),
    Step("changes_requested", "cancelled", "its leader"),
    Step("published", "funded", "the last franc", "the goal is reached"),
    Step("published", "closed", "its leader, or its deadline"),
    Step("published", "suspended", "a moderator, for 72 hours", _TOLD),
    Step("published", "cancelled", "an administrator, or its deadline", _MISSED),
    Step("funded", "closed", "its leader, or its deadline"),
    Step("funded", "in_progress", "its leader"),
    Step("funded", "suspended", "a moderator, for 72 hours", _TOLD),
    Step("funded", "cancelled", "an administrator, or its deadline", _MISSED),
    Step("closed", "in_progress", "its leader"),
    Step("closed", "suspended", "a moderator, for 72 hours", _TOLD),
    Step("closed", "cancelled", "an administrator", _TOLD),
    Step("in_progress", "completed", "a moderator without a conflict", "a completion report"),
    Step("in_progress", "suspended", "a moderator, for 72 hours", _TOLD),
    Step("in_progress", "cancelled", "an administrator", _TOLD),
    Step("suspended", "published", "time, or a second person", "the state before it"),
    Step("suspended", "funded", "time, or a second person", "the state before it"),
    Step("suspended", "closed", "time, or a second person", "the state before it"),
    Step("suspended", "in_progress", "time, or a second person", "the state before it"),
    Step("suspended", "cancelled", "an administrator", _TOLD),
)  # fmt: skip

PROJECT = Machine(
    "project",
    "draft",
    table("""
        draft             > submitted cancelled
        submitted         > changes_requested published rejected cancelled
        changes_requested > submitted cancelled
        published         > funded closed suspended cancelled
        funded            > in_progress closed suspended cancelled
        closed            > in_progress suspended cancelled
        in_progress       > completed suspended cancelled
        completed         >
        rejected          >
        suspended         > published funded closed in_progress cancelled
        cancelled         >
    """),
)

#: What was approved and what is proposed, each version of a project's content.
VERSION = Machine(
    "version",
    "proposed",
    table("""
        proposed   > approved refused withdrawn superseded
        approved   >
        refused    >
        withdrawn  >
        superseded >
    """),
)


class Money(NamedTuple):
    """What a state means for money."""

    gifts: str
    sessions: str
    monthly: str
    late: str
    tranches: str


YES, NO = "yes", "no"
_OVER = Money(NO, "expired", "asked 14 days before: another project or stop; no answer = stop",
              "asks the donor", "as approved")  # fmt: skip
MONEY: dict[str, Money] = {
    "published": Money(YES, "go on", YES, "counts", NO),
    "funded": Money("the leader's choice, shown", "expired where it takes no more",
                    "until the date shown", "counts, or asks the donor", YES),
    "suspended": Money(NO, "expired at once", "paused before the next charge", "parked", "frozen"),
    "closed": _OVER,
    "in_progress": _OVER,
    "completed": _OVER._replace(tranches=NO),
    "cancelled": Money(NO, "expired", "stopped", "refund or fallback", "frozen; unspent money by "
                       "the stated rule, each donor told"),
    "rejected": Money(NO, "expired", "stopped", "refund or fallback", NO),
}  # fmt: skip

#: States in which everybody sees a project.
PUBLIC = ("published", "funded", "closed", "in_progress", "completed", "cancelled")
#: States that the listing shows when it is asked for none.
LISTED = ("published", "funded", "closed", "in_progress", "completed")
#: States in which a project was never shown, so that its leader still writes freely.
UNSEEN = ("draft", "submitted", "changes_requested", "rejected")
#: States in which a project's leader may write.
WRITABLE = ("draft", "changes_requested", "published", "funded", "closed", "in_progress")


def takes_gifts(state: str, takes_more: bool) -> bool:
    """Tell whether a project in a state takes new gifts."""
    return state == "published" or (state == "funded" and takes_more)


#: States in which hands are wanted: the work begins where the collecting ends.
HANDS = ("published", "funded", "closed", "in_progress")


def printed() -> str:
    """Return states, steps and their meaning for money as Markdown."""
    lines = ["# The life of a project", "", "Printed by `ashar states --out docs/states.md`.", ""]
    lines += ["## Steps", "", "| from | to | who | needs |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(step)} |" for step in STEPS]
    lines += ["", "## What a state means for money", ""]
    lines += ["| state | new gifts | open Checkout sessions | monthly | late transfer | tranches |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [f"| {state} | {' | '.join(means)} |" for state, means in MONEY.items()]
    return "\n".join(lines) + "\n"
