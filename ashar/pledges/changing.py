"""Who may change a pledge: the browser that made it, its owner signed in, or a fresh link."""

from flask import abort
from flask import session as cookie

from ashar.kernel import clock, db, limits, outbox
from ashar.people import access
from ashar.pledges import queries, services
from ashar.pledges.models import Pledge

#: Seconds for which the browser that made a pledge may change it without a fresh link.
MADE_HERE_LIFE = 30 * 60
MADE_HERE = "ashar_made"


def pledge_of(token: str) -> Pledge:
    """Return a pledge of money; those of hands and things have views of their own."""
    found = queries.by_link(token)
    return found if found is not None and found.kind == "money" else abort(404)


def remember(token: str) -> None:
    """Note in the browser that it made this pledge, for half an hour."""
    made = dict(cookie.get(MADE_HERE, {}))
    made[token] = int(clock.now().timestamp())
    cookie[MADE_HERE] = dict(list(made.items())[-5:])


def made_here(made: Pledge) -> bool:
    """Tell whether this browser has made a pledge, half an hour ago at most."""
    at = dict(cookie.get(MADE_HERE, {})).get(made.token, 0)
    return bool(clock.now().timestamp() - at < MADE_HERE_LIFE)


def is_owner(made: Pledge) -> bool:
    """Tell whether who is signed in has made a pledge."""
    person = access.person()
    return person is not None and made.person_id == person.id


def is_known(made: Pledge) -> bool:
    """Tell whether who asks needs no fresh link."""
    return made_here(made) or is_owner(made)


def may_change_now(made: Pledge, purpose: str, key: str) -> bool:
    """Tell whether who asks may change a pledge; a key is not used up by it."""
    return is_known(made) or services.key_opens(made, purpose, key)


def may_change(made: Pledge, purpose: str, key: str) -> bool:
    """Tell whether who asks may change a pledge; a key is used up."""
    if is_known(made):
        return True
    token = made.token
    with db.transaction():
        return services.use_key(_fresh(token), purpose, key)


def send_key(made: Pledge, purpose: str) -> None:
    """Send a fresh one-use link for a change to the pledge's own address."""
    token = made.token
    limits.hit("pledge-key", token)
    with db.transaction():
        made = _fresh(token)
        nonce = services.make_key(made, purpose)
        outbox.emit("pledge_key", pledge=made.id, purpose=purpose, nonce=nonce)


def _fresh(token: str) -> Pledge:
    return queries.by_link(token) or abort(404)
