"""What the desk calls its steps, fields, states and versions."""

from ashar.kernel.i18n import ENDONYMS, N_, t
from ashar.projects.content import Content, whole

#: Each step: its name, and what it is for.
STEPS = {
    "story": (N_("Story"), N_("What is so today, what you will do, who does it.")),
    "place": (N_("Place and theme"), N_("Where it is, and what it serves.")),
    "goal": (N_("Goal"), N_("How much, until when, and what happens if less comes.")),
    "budget": (N_("Budget"), N_("What the money is for, line by line.")),
    "needs": (N_("Ashar"), N_("What hands, materials and skills you ask for beside money.")),
    "milestones": (N_("Milestones"), N_("The steps of the work, and what will prove each.")),
    "people": (N_("People"), N_("Who answers for it, who watches, who receives the money.")),
    "pictures": (N_("Pictures"), N_("A cover and up to eleven more.")),
}

FIELDS = {
    "language": N_("Language"),
    "title": N_("Title"),
    "summary": N_("Summary"),
    "story": N_("Story"),
    "region": N_("Region"),
    "district": N_("District"),
    "aymak": N_("Ayil aymak"),
    "village": N_("Village"),
    "theme": N_("Theme"),
    "sdg": N_("UN targets"),
    "currency": N_("Currency"),
    "goal": N_("Goal"),
    "minimum": N_("Least sum"),
    "funding": N_("Funding rule"),
    "deadline": N_("Collects until"),
    "takes_more": N_("Takes more than the goal"),
    "more_for": N_("What more is used for"),
    "budget": N_("Budget"),
    "needs": N_("Ashar"),
    "milestones": N_("Milestones"),
    "owner_name": N_("Responsible"),
    "committee": N_("Village committee"),
    "payee": N_("Receives the money"),
    "pictures": N_("Pictures"),
    "report": N_("Completion report"),
}
#: Fields of a line, and of the report.
PARTS = {
    "title": N_("Title"),
    "text": N_("Description"),
    "amount": N_("Sum"),
    "kind": N_("Kind"),
    "unit": N_("Unit"),
    "quantity": N_("Quantity"),
    "due": N_("Done by"),
    "share": N_("Share of the money"),
    "evidence": N_("Evidence"),
    "name": N_("Name"),
    "role": N_("Role"),
    "email": N_("E-mail"),
    "alt": N_("What is to be seen"),
    "caption": N_("Caption"),
    "done": N_("What was done"),
    "otherwise": N_("What went otherwise"),
    "maintenance": N_("Who looks after it now"),
    "lessons": N_("What others may learn"),
}
EVIDENCE = {
    "photos": N_("Photos"),
    "receipts": N_("Receipts"),
    "confirmation": N_("Confirmation by the committee"),
    "report": N_("A report"),
}
FUNDING = {
    "flexible": N_("Flexible: what is raised is used"),
    "threshold": N_("Threshold: below the least sum every gift goes back"),
}
KINDS = {
    "labour": N_("Labour"),
    "materials": N_("Materials"),
    "skills": N_("Skills"),
    "transport": N_("Transport"),
}

#: What a state means for the leader, and what comes next.
NEXT = {
    "draft": N_(
        "Only you and your helpers see this. Write it step by step: whatever you save stays. Send "
        "it in once nothing is missing."
    ),
    "submitted": N_(
        "Leaders of your region read it now. If nobody decides within 7 days, those of a "
        "neighbouring region are asked too, after 14 days an administrator."
    ),
    "changes_requested": N_(
        "The reviewers have questions. Answer each, change what you want to change, and send it "
        "in again."
    ),
    "published": N_(
        "Everybody sees it and can give. What you change here is read by another leader before it "
        "is shown; slips of the pen are shown at once."
    ),
    "funded": N_("The goal is reached. Say when the work begins."),
    "closed": N_("It takes no more gifts. Say when the work begins."),
    "in_progress": N_(
        "The work is on. Once it is done, write the completion report: another leader reads it."
    ),
    "completed": N_("It is done. Its page and its trace stay for everybody to see."),
    "rejected": N_("It was turned down, for the reason below. You may begin another one."),
    "suspended": N_("It is held up: nobody sees it, no gift is taken, no money leaves."),
    "cancelled": N_("It was cancelled."),
}

VERSION_KINDS = {
    "first": N_("Sent in"),
    "change": N_("Change"),
    "slight": N_("Slips of the pen"),
    "completion": N_("Completion report"),
}
VERSION_STATES = {
    "proposed": N_("Waits for a decision"),
    "approved": N_("Approved"),
    "refused": N_("Turned down"),
    "withdrawn": N_("Taken back"),
    "superseded": N_("Replaced by a later one"),
}
TONES = {"approved": "good", "refused": "bad", "proposed": "waits"}


def label(key: str, content: Content) -> str:
    """Return what a field is called, by its dotted key: `budget.b1.title.ky` and the like."""
    field, *path = key.split(".")
    names = [t(FIELDS.get(field, field))]
    for part in path:
        names.append(_part(part, whole(content).get(field)))
    return " · ".join(filter(None, names))


def _part(part: str, lines: object) -> str:
    if part in ENDONYMS:
        return ENDONYMS[part]
    if isinstance(lines, list):
        keys = [line["key"] for line in lines if isinstance(line, dict)]
        if part in keys:
            return str(keys.index(part) + 1)
    return t(PARTS[part]) if part in PARTS else ""
