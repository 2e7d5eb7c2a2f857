"""What pages call a project's states, needs and orders."""

from ashar.kernel.i18n import N_, NN_

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
#: A number of each unit that needs are counted in.
UNIT_COUNTS = {
    "day": NN_("%(num)s labour day", "%(num)s labour days"),
    "hour": NN_("%(num)s hour", "%(num)s hours"),
    "piece": NN_("%(num)s piece", "%(num)s pieces"),
    "kg": NN_("%(num)s kg", "%(num)s kg"),
    "m3": NN_("%(num)s m³", "%(num)s m³"),
    "trip": NN_("%(num)s trip", "%(num)s trips"),
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
