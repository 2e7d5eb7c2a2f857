"""A donor without an account: a one-use link by letter opens all that was given from an address.

Called inside a transaction. A link is made for every address that is asked for, known or not; only
whoever writes the letter looks whether anything was given from it.
"""

from datetime import timedelta

from flask import current_app
from itsdangerous import BadSignature, Signer
from sqlalchemy import delete, select, update

from ashar.kernel import clock, db, ids, jobs, outbox
from ashar.kernel.db import session
from ashar.pledges.models import DonorLink, Pledge

#: How long a link may be used, and how long it then opens.
LINK_LIFE = timedelta(minutes=30)
OPEN_LIFE = timedelta(minutes=30)


def fold(email: str) -> str:
    """Return the one spelling in which addresses are kept."""
    return email.strip().lower()


def ask(email: str, language: str) -> None:
    """Have a link sent to an address, if anything was given from it."""
    nonce = ids.token()
    session.add(DonorLink(nonce=nonce, email=fold(email), language=language, made_at=clock.now()))
    outbox.emit("donor_link", nonce=nonce)


def signed(nonce: str) -> str:
    """Return what the letter carries for a nonce."""
    return _signer().sign(nonce).decode()


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="ashar-donor-link")


def _nonce(key: str) -> str:
    try:
        return _signer().unsign(key).decode()
    except BadSignature:
        return ""


def opens(key: str) -> bool:
    """Tell whether a link is good, without using it up."""
    found = session.get(DonorLink, _nonce(key), populate_existing=True)
    return found is not None and found.used_at is None and not _is_over(found)


def _is_over(found: DonorLink) -> bool:
    return found.made_at + LINK_LIFE <= clock.now()


def use(key: str) -> str | None:
    """Use a link up; return what the browser keeps of it, None for one that is no good."""
    if not opens(key):
        return None
    nonce = _nonce(key)
    used = session.execute(
        update(DonorLink)
        .where(DonorLink.nonce == nonce, DonorLink.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return nonce if used.rowcount else None  # type: ignore[attr-defined]


def opened(nonce: str) -> str | None:
    """Return the address that a used link has opened, None once that is over."""
    found = session.get(DonorLink, nonce) if nonce else None
    if found is None or found.used_at is None or found.used_at + OPEN_LIFE <= clock.now():
        return None
    return found.email


def gave(email: str) -> bool:
    """Tell whether anything was pledged from an address."""
    query = select(Pledge.id).where(Pledge.email == fold(email))
    return session.execute(query.limit(1)).first() is not None


@jobs.job("donors.prune", every=1800)
def prune() -> None:
    """Forget links that open nothing any more."""
    over = clock.now() - LINK_LIFE - OPEN_LIFE
    with db.transaction() as writing:
        writing.execute(delete(DonorLink).where(DonorLink.made_at <= over))
