"""Finding the payment that a fact is about, and locking it."""

from ashar.gateways.base import Notice
from ashar.kernel.errors import Parked, Waits
from ashar.pledges import held, queries
from ashar.pledges.held import HeldPayment
from ashar.pledges.states import MONEY_CAME


def named(notice: Notice) -> HeldPayment:
    """Return the payment that a fact of a session or intent is about, locked.

    Whatever the fact names (session, pledge's token, intent) must lead to one payment.
    """
    payment = _looked_up(notice)
    if payment is None:
        raise Parked("unknown pledge: nothing of ours is named")
    for name in ("session", "intent", "charge", "invoice"):
        told, known = notice.ids.get(name), getattr(payment, f"{name}_id")
        if told and known and told != known:
            raise Parked(f"another {name} than the payment's: {told}")
    _agree_on_token(notice, payment)
    return payment


def _looked_up(notice: Notice) -> HeldPayment | None:
    """Look a payment up by what names it best; `named` holds the rest against it."""
    ids, gateway = notice.ids, notice.gateway
    token = notice.reference or ids.get("token")
    found = held.of_session(gateway, ids["session"]) if "session" in ids else None
    if found is None and token:
        found = held.of_attempt(gateway, token, int(ids.get("attempt") or 1))
    return found or held.of_ids(gateway, ids.get("intent"), ids.get("charge"))


def _agree_on_token(notice: Notice, payment: HeldPayment) -> None:
    for word in (notice.reference, notice.ids.get("token")):
        if word and word != payment.pledge.token:
            raise Parked("the ids name different pledges: " + ", ".join(sorted(_words(notice))))


def _words(notice: Notice) -> list[str]:
    """Say what a fact names, without the private links."""
    named = [f"{key} {value}" for key, value in notice.ids.items() if key != "token"]
    return named + (["a pledge's token"] if notice.reference or "token" in notice.ids else [])


def charged(notice: Notice) -> HeldPayment:
    """Return the payment of a charge or intent whose money came, locked, or wait for it."""
    intent, charge = notice.ids.get("intent"), notice.ids.get("charge")
    payment = held.of_ids(notice.gateway, intent, charge)
    if payment is None or payment.state not in MONEY_CAME:
        raise Waits(intent or charge or notice.id)
    return payment


def source(notice: Notice) -> HeldPayment:
    """Return the payment that a balance transaction's refund, dispute or charge belongs to."""
    id = notice.ids["source"]
    row = queries.refund_of(id) or queries.dispute_of(id)
    if row is not None:
        return held.lock(row.payment_id)
    payment = held.of_ids(notice.gateway, None, id)
    if payment is None or payment.state not in MONEY_CAME:
        raise Waits(id)
    return payment
