"""To whom a letter goes, from a signal's facts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from ashar.kernel import i18n
from ashar.kernel.db import session
from ashar.kernel.forms import looks_like_email
from ashar.moderation import services as moderation
from ashar.moderation.models import Case
from ashar.moderation.queries import Reviewer
from ashar.people.models import Person, Role
from ashar.pledges import donors, witnesses
from ashar.pledges.models import DonorLink, Offer, Pledge
from ashar.progress.models import Comment, Report
from ashar.projects.models import Helper, Project, Version

Facts = Mapping[str, Any]


class Recipient(NamedTuple):
    """An address, its language, and whose it is; `key` orders those of a batch."""

    email: str
    language: str
    pledge: int | None = None
    person: int | None = None
    key: str = ""


def _person(found: Person | None) -> list[Recipient]:
    if found is None or not found.email:
        return []
    return [Recipient(found.email, found.language or i18n.languages()[0], person=found.id)]


def _persons(found: Iterable[Person]) -> list[Recipient]:
    return [recipient for one in found for recipient in _person(one)]


def project_of(facts: Facts) -> Project | None:
    """Return the project that facts are about."""
    return session.scalars(select(Project).where(Project.slug == facts["project"])).one_or_none()


def donor(facts: Facts) -> list[Recipient]:
    """Return who made a pledge."""
    pledge = session.get(Pledge, facts["pledge"])
    if pledge is None or not pledge.email:
        return []
    return [Recipient(pledge.email, pledge.language, pledge=pledge.id)]


def tried(facts: Facts) -> list[Recipient]:
    """Return the donor whose try to pay failed; a monthly gift's provider tries by itself."""
    return [] if facts.get("renewal") else donor(facts)


def renewed(facts: Facts) -> list[Recipient]:
    """Return the donor whose monthly gift could not be charged."""
    return donor(facts) if facts.get("renewal") else []


def honoured(facts: Facts) -> list[Recipient]:
    """Return whom a gift honours, where its donor left their address."""
    pledge = session.get(Pledge, facts["pledge"])
    if pledge is None or not pledge.honour_email:
        return []
    return [Recipient(pledge.honour_email, pledge.language, pledge=pledge.id)]


def asks_for_link(facts: Facts) -> list[Recipient]:
    """Return who asked for a link to their gifts; nobody where nothing was given from there."""
    found = session.get(DonorLink, facts["nonce"])
    if found is None or not donors.gave(found.email):
        return []
    return [Recipient(found.email, found.language)]


def owner(facts: Facts) -> list[Recipient]:
    """Return the leader of a project."""
    project = project_of(facts)
    return _person(session.get(Person, project.owner_id)) if project and project.owner_id else []


def offered(facts: Facts) -> list[Recipient]:
    """Return the leader of a project that was offered something, unless they entered it."""
    offer, found = session.get(Offer, facts["offer"]), project_of(facts)
    if offer is None or found is None or offer.entered_by == found.owner_id:
        return []
    return owner(facts)


def committee(facts: Facts) -> list[Recipient]:
    """Return who may confirm what came where its giver has no letter to do it from."""
    offer, found = session.get(Offer, facts["offer"]), project_of(facts)
    if offer is None or found is None or offer.pledge.email:
        return []
    return _persons(witnesses.members(found))


def proposer(facts: Facts) -> list[Recipient]:
    """Return the leader of a project that was sent to review; slips of the pen need no receipt."""
    kind = session.scalars(
        select(Version.kind)
        .join(Project, Project.id == Version.project_id)
        .where(Project.slug == facts["project"], Version.no == facts["version"])
    ).one_or_none()
    return [] if kind in {None, "slight"} else owner(facts)


def reviewed(facts: Facts) -> list[Recipient]:
    """Return the leader of a project that went through review; samples are put in without."""
    version = (
        select(Version.id)
        .join(Project, Project.id == Version.project_id)
        .where(Project.slug == facts["project"], Version.state == "approved")
    )
    return owner(facts) if session.execute(version.limit(1)).first() else []


def person(facts: Facts) -> list[Recipient]:
    """Return a person that facts name."""
    return _person(session.get(Person, facts["person"]))


def helper(facts: Facts) -> list[Recipient]:
    """Return who is invited to help a leader, perhaps without an account."""
    found = session.get(Helper, facts["helper"])
    if found is None or not found.email:
        return []
    known = session.scalars(
        select(Person).where(func.lower(Person.email) == found.email.lower()).limit(1)
    ).one_or_none()
    project = session.get_one(Project, found.project_id)
    return [Recipient(found.email, (known and known.language) or project.language)]


def commented(facts: Facts) -> list[Recipient]:
    """Return the leader of a project, unless the comment is their own."""
    comment = session.get(Comment, facts["comment"])
    return [] if comment is None or comment.by_leader else owner(facts)


def commenter(facts: Facts) -> list[Recipient]:
    """Return who wrote a comment that was answered, unless they answered it themselves."""
    said, answer = (session.get(Comment, facts[name]) for name in ("comment", "answer"))
    if said is None or answer is None or _same_hand(said, answer):
        return []
    if said.person_id is not None:
        return _person(session.get(Person, said.person_id))
    return donor({"pledge": said.pledge_id}) if said.pledge_id is not None else []


def _same_hand(one: Comment, other: Comment) -> bool:
    return (one.person_id, one.pledge_id) == (other.person_id, other.pledge_id)


def reporter(facts: Facts) -> list[Recipient]:
    """Return who reported something, where what they left is an e-mail address."""
    report = session.get(Report, facts["report"])
    if report is None or not looks_like_email(report.contact):
        return []
    return [Recipient(report.contact, report.language)]


def administrators(_facts: Facts) -> list[Recipient]:
    """Return all administrators."""
    query = select(Person).where(Person.roles.any(Role.name == "administrator"))
    return _persons(session.scalars(query.order_by(Person.id)))


def treasurers(_facts: Facts) -> list[Recipient]:
    """Return all treasurers; administrators where there is none."""
    query = select(Person).where(Person.roles.any(Role.name == "treasurer")).order_by(Person.id)
    return _persons(session.scalars(query)) or administrators(_facts)


def moderators(facts: Facts) -> list[Recipient]:
    """Return who may decide on a case now: nobody with a conflict, nobody who has approved it."""
    case = session.get(Case, facts["case"])
    if case is None or case.state != "open":
        return []
    query = select(Person).where(Person.roles.any(Role.name.in_(("moderator", "administrator"))))
    return _persons(one for one in session.scalars(query.order_by(Person.id)) if decides(case, one))


def decides(case: Case, found: Person) -> bool:
    """Tell whether somebody may decide on a case now."""
    if moderation.obstacle(case, _reviewer(found)) is not None:
        return False
    return not any(
        one.what == "approve" and one.person_id == found.id and one.at >= case.since
        for one in case.decisions
    )


def _reviewer(found: Person) -> Reviewer:
    return Reviewer(
        id=found.id,
        email=found.email or "",
        regions=frozenset(role.scope for role in found.roles if role.name == "moderator"),
        administers=any(role.name == "administrator" for role in found.roles),
    )


# Many, in batches --------------------------------------------------------------------------

#: States of a pledge whose donor is concerned by what becomes of a project.
GAVE = ("paid", "disputed")
GIVES = (*GAVE, "processing")


def _givers(*which: ColumnElement[bool]) -> "Batch":
    def batch(facts: Facts, after: str, limit: int) -> list[Recipient]:
        address = func.lower(Pledge.email)
        last = (
            select(address.label("address"), func.max(Pledge.id).label("id"))
            .join(Project, Project.id == Pledge.project_id)
            .where(Project.slug == facts["project"], *which)
            .where(Pledge.email.is_not(None), address > after)
            .group_by(address)
            .order_by(address)
            .limit(limit)
            .subquery()
        )
        rows = session.execute(
            select(Pledge.email, Pledge.language, Pledge.id, last.c.address)
            .join(last, last.c.id == Pledge.id)
            .order_by(last.c.address)
        )
        return [
            Recipient(str(row.email), row.language, pledge=row.id, key=row.address) for row in rows
        ]

    return batch


Find = Callable[[Facts], list[Recipient]]
#: Facts, the last address so far and a limit → the next of them, one each address.
Batch = Callable[[Facts, str, int], list[Recipient]]

FEW: dict[str, Find] = {
    "donor": donor,
    "tried": tried,
    "renewed": renewed,
    "honoured": honoured,
    "asks for link": asks_for_link,
    "owner": owner,
    "offered": offered,
    "committee": committee,
    "proposer": proposer,
    "reviewed": reviewed,
    "person": person,
    "helper": helper,
    "commented": commented,
    "commenter": commenter,
    "reporter": reporter,
    "administrators": administrators,
    "moderators": moderators,
    "treasurers": treasurers,
}
MANY: dict[str, Batch] = {
    "those who gave": _givers(Pledge.state.in_(GAVE)),
    "those who give": _givers(Pledge.state.in_(GIVES), Pledge.kind == "money"),
    "those who offer": _givers(Pledge.offer.has(Offer.state.in_(("offered", "accepted")))),
}
