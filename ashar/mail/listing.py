"""What waits for a moderator, as one letter lists it."""

from dataclasses import dataclass

from sqlalchemy import select

from ashar.kernel import i18n
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.mail import addresses
from ashar.mail.recipients import decides
from ashar.mail.says import Letters, Values, cut
from ashar.moderation.kinds import KINDS
from ashar.moderation.models import Case
from ashar.people.models import Person
from ashar.projects import show
from ashar.projects.regions import region_name

#: Cases that one letter lists.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in a letter to those who may decide on it."""

    label: str
    title: str
    region: str
    note: str
    url: str


LEVEL_NOTES = (
    "",
    N_("Nobody of the region has decided for seven days."),
    N_("Nobody has decided for fourteen days."),
)


def cases(letters: Letters) -> Values:
    """List what waits for a moderator; what was decided meanwhile is left out."""
    wanted = {letter.facts["case"] for letter in letters}
    reader = session.get(Person, letters[0].person_id)
    if reader is None:
        return {}
    query = select(Case).where(Case.id.in_(wanted), Case.state == "open").order_by(Case.since)
    found = [case for case in session.scalars(query) if decides(case, reader)]
    if not found:
        return {}
    return {
        "cases": [_line(case) for case in found[:LISTED]],
        "more": max(0, len(found) - LISTED),
        "count": len(found),
        "link": addresses.queue(),
    }


def _line(case: Case) -> Waiting:
    note = LEVEL_NOTES[min(case.level, len(LEVEL_NOTES) - 1)]
    if not note and case.revision > 1:
        note = N_("There is something new to decide on.")
    return Waiting(
        label=i18n.t(KINDS[case.kind].label) if case.kind in KINDS else "",
        title=cut(show.title(case.project), 120) if case.project else "",
        region=region_name(case.region, i18n.language()) if case.region else "",
        note=i18n.t(note) if note else "",
        url=addresses.case(case.token),
    )
