"""Who may confirm that something came: never who speaks for the project's leader."""

from sqlalchemy import func, select

from ashar.kernel.db import session
from ashar.kernel.mailboxes import mailbox
from ashar.people.models import Person
from ashar.pledges.models import Offer
from ashar.projects.models import Helper, Project

GIVER, COMMITTEE = "giver", "committee"


def may_confirm(offer: Offer, role: str, person: Person | None) -> bool:
    """Tell whether an offer's giver, or one of the committee, may confirm it."""
    if role == COMMITTEE:
        return person is not None and sits_on_committee(offer.project, person)
    # Who stands on a paper list has no link of their own.
    if offer.entered_by is not None:
        return False
    emails = [offer.pledge.email, person.email if person else None]
    return not _speaks_for_leader(offer.project, person, emails)


def sits_on_committee(project: Project, person: Person) -> bool:
    """Tell whether somebody is on a project's committee, and neither leads nor helps it."""
    mine = mailbox(person.email or "")
    if not mine or mine not in committee(project):
        return False
    return not _speaks_for_leader(project, person, [person.email])


def committee(project: Project) -> frozenset[str]:
    """Return the mailboxes of a project's committee."""
    named = project.content.get("committee") or []
    return frozenset(filter(None, (mailbox(one.get("email") or "") for one in named)))


def members(project: Project) -> list[Person]:
    """Return those of a project's committee who have an account and may confirm."""
    wanted = {
        str(one["email"]).strip().casefold()
        for one in project.content.get("committee") or []
        if one.get("email")
    }
    if not wanted:
        return []
    query = select(Person).where(func.lower(Person.email).in_(wanted)).order_by(Person.id)
    return [one for one in session.scalars(query) if sits_on_committee(project, one)]


def _speaks_for_leader(project: Project, person: Person | None, emails: list[str | None]) -> bool:
    """Tell whether somebody leads or helps a project, by their row or any spelling of an e-mail."""
    mine = {mailbox(email or "") for email in emails} - {""}
    helpers = session.execute(
        select(Helper.person_id, Helper.email).where(
            Helper.project_id == project.id, Helper.ended_at.is_(None)
        )
    )
    theirs = [(row.person_id, row.email) for row in helpers]
    if project.owner_id is not None:
        owner = session.get_one(Person, project.owner_id)
        theirs.append((owner.id, owner.email or ""))
    return any(
        (person is not None and row == person.id) or mailbox(email) in mine for row, email in theirs
    )
