"""What pages call a project's states, needs and orders."""

from ashar.kernel.i18n import N_

STATE_WORDS = {
    "published": N_("Collecting"),
    "funded": N_("Funded"),
    "closed": N_("Closed"),
    "in_progress": N_("In progress"),
    "completed": N_("Completed"),
}
NEED_WORDS = {
    "labour": N_("Labour days"),
    "materials": N_("Materials"),
    "skills": N_("Skills"),
    "transport": N_("Transport"),
}
EVIDENCE_WORDS = {
    "photos": N_("Photographs"),
    "receipts": N_("Receipts"),
    "confirmation": N_("The recipient's confirmation"),
    "report": N_("A report"),
}
SORT_WORDS = {
    "new": N_("Newest first"),
    "ending": N_("Ending soon"),
    "progress": N_("Closest to the goal"),
    "goal": N_("Smallest goal"),
}
