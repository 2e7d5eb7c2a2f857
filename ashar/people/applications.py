"""Becoming a leader: applying, withdrawing, deciding; called inside a transaction."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import select

from ashar.kernel import clock, history, outbox
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.people import queries, services
from ashar.people.models import Application, Person
from ashar.people.states import APPLICATION

#: How long the answers of an application that led to nothing are kept.
KEPT = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Voucher:
    """Somebody who knows the applicant, and how to reach them."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What an applicant says."""

    region: str
    place: str
    phone: str
    about: str
    community: str
    vouchers: tuple[Voucher, ...]


def may_apply(person: Person | None) -> bool:
    """Tell whether somebody has neither the role nor an application that waits."""
    if person is None:
        return True
    if any(role.name == "leader" for role in person.roles):
        return False
    return not any(one.state == "open" for one in queries.applications_of(person.id))


def apply(person: Person, answers: Answers) -> Application:
    """Hand in an application; raise Refused where one waits already or the role is held."""
    queries.lock(person.id)
    if not may_apply(person):
        raise Refused(N_("You are a leader already, or your application waits for a decision."))
    given = asdict(answers)
    given["vouchers"] = [asdict(voucher) for voucher in answers.vouchers]
    region = given.pop("region")
    found = Application(
        person_id=person.id,
        region=region,
        answers=given,
        state=APPLICATION.start,
        made_at=clock.now(),
    )
    session.add(found)
    session.flush()
    history.record("application", found.id, "state", None, found.state, actor=person.id)
    outbox.emit("leader_applied", application=found.token, person=person.id)
    return found


def withdraw(application: Application, person: Person) -> None:
    """Take one's own application back; raise Refused once it is decided."""
    _still_open(application)
    _end(application, "withdrawn", "", person.id)


def grant(application: Application, actor: int, why: str) -> None:
    """Make the applicant a leader."""
    _may_decide(application, actor)
    _end(application, "granted", why, actor)
    person = queries.lock(application.person_id)
    services.give_role(person, "leader", actor=actor, why=why)
    outbox.emit("leader_granted", application=application.token, person=person.id)


def refuse(application: Application, actor: int, why: str) -> None:
    """Decline an application; the applicant reads why."""
    _may_decide(application, actor)
    if not why.strip():
        raise Refused(N_("Please say why: the applicant reads it."))
    _end(application, "refused", why, actor)
    outbox.emit("leader_refused", application=application.token, person=application.person_id)


def _may_decide(application: Application, actor: int) -> None:
    _still_open(application)
    if application.person_id == actor:
        raise Refused(N_("Nobody decides on their own application."))


def _still_open(application: Application) -> None:
    if application.state != "open":
        raise Refused(N_("This application was decided or withdrawn meanwhile."))


def _end(application: Application, state: str, why: str, actor: int) -> None:
    APPLICATION.move(application, state, why=why, actor=actor)
    application.decided_at, application.decided_by = clock.now(), actor
    application.why = why


def forget_answers() -> int:
    """Empty the answers of what was declined or withdrawn long ago; return of how many."""
    query = (
        select(Application)
        .where(Application.state.in_(("refused", "withdrawn")))
        .where(Application.decided_at <= clock.now() - KEPT)
    )
    due = [one for one in session.scalars(query) if one.answers]
    for one in due:
        one.answers = {}
    return len(due)
