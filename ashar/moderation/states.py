"""The life of a case, and the words that decisions are made in."""

from datetime import timedelta

from ashar.kernel.i18n import N_
from ashar.kernel.states import Machine, table

CASE = Machine(
    "case",
    "open",
    table("""
        open      > asked decided withdrawn
        asked     > open decided withdrawn
        decided   >
        withdrawn >
    """),
)

#: How long a case waits for its own region, and then for a neighbouring one.
FIRST_STEP = timedelta(days=7)
SECOND_STEP = timedelta(days=14)
#: Who is asked: moderators of the region, of a neighbouring one too, administrators too.
OWN_REGION, NEIGHBOURS, ADMINISTRATORS = 0, 1, 2
#: How long one person may hold a project up alone.
HOLD = timedelta(hours=72)
#: A case that somebody took but did not decide is free again after this long.
CLAIM = timedelta(days=2)

#: What a reviewer has to have an answer to; each is answered with one of ANSWERS.
CHECKLIST = {
    "identity": N_("The leader's identity was seen in person"),
    "consent": N_("The ayil kenesh, or the owner of the land, agrees"),
    "agreement": N_("The partner's agreement covers this project"),
    "quotes": N_("There are quotes for the biggest lines of the budget"),
    "duplicate": N_("The project is not collected for elsewhere"),
}
ANSWERS = {"yes": N_("Yes"), "no": N_("No"), "seen": N_("Seen, does not apply")}

#: "Relative, partner in business, same clan fund?", asked at every decision.
KINSHIP = {
    "no": N_("No, none of these"),
    "relative": N_("Yes, we are related"),
    "business": N_("Yes, we do business together"),
    "fund": N_("Yes, we share a clan's or family's fund"),
    "other": N_("Yes, in another way"),
}

#: Why a project is turned down, held or changed back.
REASONS = {
    "incomplete": N_("It cannot be judged from what is written"),
    "purpose": N_("It does not serve the climate or the community"),
    "consent": N_("The community or the owner of the land does not agree"),
    "money": N_("The sums are not plausible"),
    "duplicate": N_("It is collected for elsewhere"),
    "untrue": N_("Something in it is not true"),
    "unsafe": N_("It endangers people or nature"),
    "other": N_("Something else"),
}

#: How often one person alone may hold the same project up: once in so long.
HOLD_AGAIN = timedelta(days=30)
#: Which decisions there are, as buttons say them; kinds of cases have words of their own.
CHOICES = {
    "approve": N_("Approve"),
    "ask": N_("Ask for changes"),
    "reject": N_("Reject"),
}

#: What they are called once they were taken.
DONE = {
    "approve": N_("Approved"),
    "ask": N_("Asked for changes"),
    "reject": N_("Rejected"),
    "conflict": N_("Declared to be too close"),
}

#: Why the system keeps somebody from deciding.
CONFLICTS = {
    "owner": N_("You are the leader of this project."),
    "author": N_("You wrote what is to be decided."),
    "helper": N_("You help the leader of this project."),
    "payee": N_("You receive this project's money."),
    "committee": N_("You sit on this project's committee."),
    "declared": N_("You have said that you are too close to the people of this project."),
    "named": N_("Somebody with your name is named in this project."),
    "reporter": N_("You reported this yourself."),
}
