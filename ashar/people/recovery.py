"""A way back in person, for who lost password or second factor; called inside a transaction.

Two different administrators say that they met the person; then one code, good once and for a day,
lets that person choose a new password, and their old second factors are gone.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from ashar.kernel import clock, history
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.people import queries
from ashar.people.accounts import accounts
from ashar.people.models import Person, Recovery, Role
from ashar.people.states import ACTIVE, RECOVERY

#: How long a first administrator's word waits for the second one's.
PATIENCE = timedelta(days=7)
LIFE = timedelta(hours=24)
#: Neither 0 and o nor 1, i and l: the code is written down by hand.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH, GROUP = 20, 5


def begin(person: Person, actor: int, reason: str) -> Recovery:
    """Open a recovery: the first of two administrators met the person, and says how."""
    queries.lock(person.id)
    _not_oneself(person.id, actor)
    if not reason.strip():
        raise Refused(N_("Please write how you made sure who they are."))
    if (before := queries.recovery_of(person.id, hold=True)) is not None:
        if not _has_lapsed(before):
            raise Refused(N_("A recovery of this person is under way."))
        RECOVERY.move(before, "ended")
        session.flush()
    now = clock.now()
    found = Recovery(
        person_id=person.id,
        state=RECOVERY.start,
        reason=reason,
        opened_by=actor,
        opened_at=now,
        ends_at=now + PATIENCE,
    )
    session.add(found)
    session.flush()
    history.record("recovery", found.id, "state", None, found.state, why=reason, actor=actor)
    return found


def confirm(person: Person, actor: int, why: str = "") -> str:
    """Confirm as the second administrator; return the code, which is shown once and not kept."""
    found = _under_way(person.id)
    _not_oneself(person.id, actor)
    if found.state != "open":
        raise Refused(N_("A second administrator has confirmed this already."))
    if found.opened_by == actor:
        raise Refused(N_("You opened this recovery: another administrator has to confirm it."))
    if not _is_administrator(found.opened_by):
        raise Refused(N_("Whoever opened this recovery is no administrator any more: withdraw it."))
    code = _code()
    found.confirmed_by, found.digest = actor, _digest(code)
    found.ends_at = clock.now() + LIFE
    RECOVERY.move(found, "confirmed", why=why, actor=actor)
    return _spaced(code)


def first(person: Person, actor: int, how: str) -> str:
    """Return a code for an account that was made in person and that nobody has used yet.

    One administrator is enough: there is nothing yet that it could take from anybody. Raises
    Refused once the account has a password; an earlier code opens nothing any more.
    """
    queries.lock(person.id)
    _not_oneself(person.id, actor)
    before, known = queries.recovery_of(person.id, hold=True), accounts()
    if known is None or not known.awaits_password(person.external_id):
        raise Refused(N_("This account has a password: two administrators can give it back."))
    if before is not None:
        RECOVERY.move(before, "withdrawn", why="a new code was made", actor=actor)
        session.flush()
    return _handed_over(person, actor, how)


def _handed_over(person: Person, actor: int, how: str) -> str:
    code, now = _code(), clock.now()
    found = Recovery(
        person_id=person.id,
        state="confirmed",
        reason=how,
        opened_by=actor,
        opened_at=now,
        digest=_digest(code),
        ends_at=now + LIFE,
    )
    session.add(found)
    session.flush()
    history.record("recovery", found.id, "first", None, found.state, why=how, actor=actor)
    return _spaced(code)


def withdraw(person: Person, actor: int, why: str = "") -> None:
    """Call a recovery off; its code opens nothing any more."""
    RECOVERY.move(_under_way(person.id), "withdrawn", why=why, actor=actor)


def redeem(code: str) -> Person:
    """Use a code up; return whose it is. Raises Refused for one that is not good (any more)."""
    query = select(Recovery).where(Recovery.digest == _digest(code)).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or found.state != "confirmed" or _has_lapsed(found):
        raise Refused(N_("This code is not good, or not any more. Codes are good for a day."))
    RECOVERY.move(found, "used", actor=found.person_id)
    return found.person


def _under_way(person: int) -> Recovery:
    found = queries.recovery_of(person, hold=True)
    if found is None or _has_lapsed(found):
        raise Refused(N_("No recovery of this person is under way any more."))
    return found


def _not_oneself(person: int, actor: int) -> None:
    if person == actor:
        raise Refused(N_("Nobody recovers their own account: two other administrators have to."))


def _is_administrator(person: int) -> bool:
    query = select(Role.id).where(Role.person_id == person, Role.name == "administrator")
    return session.execute(query).first() is not None


def _has_lapsed(recovery: Recovery) -> bool:
    return recovery.ends_at <= clock.now()


def _code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _spaced(code: str) -> str:
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def _digest(code: str) -> str:
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def end_lapsed() -> int:
    """End what ran out; return how many."""
    query = select(Recovery).where(Recovery.state.in_(ACTIVE), Recovery.ends_at <= clock.now())
    due = list(session.scalars(query.with_for_update()))
    for one in due:
        RECOVERY.move(one, "ended")
    return len(due)
