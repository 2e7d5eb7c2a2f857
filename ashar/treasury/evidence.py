"""What speaks against a dispute, as a provider asks for it.

It is in English whatever the reader's language: the bank that reads it is anywhere.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select

from ashar.kernel import clock, links
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.mail.models import Letter
from ashar.pledges.models import Dispute, Payment, Pledge
from ashar.projects import queries as projects

#: What letters are called here.
LETTERS = {
    "processing": "a letter that the debit was ordered",
    "thanks": "a thank-you letter that the gift had arrived",
    "refunded": "a letter that a refund was made",
    "refund_owed": "a letter that a refund was owed",
    "gift_completed": "a letter that the project was completed",
}
WORDS = {
    "card": "by card",
    "sepa": "by SEPA direct debit",
    "twint": "by TWINT",
    "ideal": "by iDEAL",
}


def collected(dispute: Dispute) -> dict[str, str]:
    """Return all that we know, by the provider's names for it; what is empty is left out."""
    payment = dispute.payment
    pledge = payment.pledge
    found = {
        "customer_name": pledge.name,
        "customer_email_address": pledge.email or "",
        "product_description": _about(pledge),
        "service_date": f"{clock.day_of(payment.settled_at or payment.started_at):%Y-%m-%d}",
        "refund_policy_disclosure": _policy(),
        "uncategorized_text": "\n".join(_told(payment)),
    }
    return {name: words for name, words in found.items() if words}


def bundle(dispute: Dispute) -> Mapping[str, object]:
    """Return a dispute with its evidence, to be kept or handed on."""
    due, payment = dispute.due_at, dispute.payment
    return {
        "dispute": dispute.gateway_id,
        "state": dispute.state,
        "reason": dispute.reason,
        "amount": Money(dispute.minor, dispute.currency).decimal,
        "currency": dispute.currency,
        "opened": _stamp(dispute.opened_at),
        "due": _stamp(due) if due else None,
        "charge": payment.charge_id,
        "intent": payment.intent_id,
        "evidence": collected(dispute),
    }


def _about(pledge: Pledge) -> str:
    title = projects.title(pledge.project, "en")
    page = links.absolute("projects.show", slug=pledge.project.slug, lang="en")
    return (
        f"A donation to the community project “{title}” in Kyrgyzstan ({page}). It is a gift: "
        "no goods are shipped. What it is used for is shown on the project's public page."
    )


def _policy() -> str:
    terms = links.absolute("pages.legal", page="terms", lang="en")
    return f"The terms for gifts are public and linked from every page: {terms}"


def _told(payment: Payment) -> Iterator[str]:
    """Tell what happened, a line each, oldest first."""
    pledge = payment.pledge
    way, where = WORDS.get(pledge.method, pledge.method), pledge.pays_from or pledge.country
    for at, words in sorted(
        [
            (
                pledge.made_at,
                f"a gift of {pledge.gift} was pledged on our form, to be paid {way} from {where}; "
                f"e-mail {pledge.email or 'not given'}, language {pledge.language}",
            ),
            *_paid(payment),
            *((sent, f"{words} was sent to that e-mail") for sent, words in _letters(pledge)),
            *((row.ordered_at, f"a refund of {row.money} was ordered") for row in payment.refunds),
        ],
        key=_minute,
    ):
        yield f"{_stamp(at)}: {words}."
    if pledge.message:
        yield f"With the gift came this message to the project: “{pledge.message}”"


def _minute(told: tuple[datetime, str]) -> datetime:
    """Order by the minute: within one, Stripe's clock may be behind ours."""
    return told[0].replace(second=0, microsecond=0)


def _paid(payment: Payment) -> Iterator[tuple[datetime, str]]:
    yield payment.started_at, "the donor was led to the payment page of Stripe"
    if payment.settled_at:
        yield payment.settled_at, f"{payment.charged} was paid there (charge {payment.charge_id})"


def _letters(pledge: Pledge) -> list[tuple[datetime, str]]:
    query = select(Letter.sent_at, Letter.kind).where(
        Letter.pledge_id == pledge.id, Letter.kind.in_(LETTERS), Letter.sent_at.is_not(None)
    )
    return [(at, LETTERS[kind]) for at, kind in session.execute(query) if at]


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
