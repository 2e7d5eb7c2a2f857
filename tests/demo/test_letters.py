"""Letters, from the fact to what the mailer is given, in every language."""

from typing import Any

import pytest
from flask import Flask, render_template

from ashar import occasions
from ashar.kernel import clock, db, i18n, outbox
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.mail import kinds, monthly_says, offer_says
from ashar.pledges import services, settlement
from ashar.pledges.models import Payment, Pledge, Receipt
from ashar.pledges.services import order_refund
from ashar.projects import show
from tests import factories
from tests.mailbox import Mailbox

KINDS = ("thanks", "processing", "failed", "refunded", "key", "transfer", "transfer_due")
KINDS += ("refund_owed", "refund_withdrawn", "transfer_undone", "late", "moved")
KINDS += ("cash_told", "cash_taken", "receipt", "statement", "receipt_cancelled")
#: Those about hands and things, and about months, are held against the same where they are tested.
ELSEWHERE = {offer_says.__name__, monthly_says.__name__}
PLEDGES = {
    kind
    for kind, found in kinds.KINDS.items()
    if not found.short and found.says.__module__ not in ELSEWHERE
}
LANGUAGES = ("ky", "ru", "en", "de")
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def values(pledge: Pledge, payment: Payment) -> dict[str, object]:
    """Return what mail.py gives a letter's templates."""
    return {
        "pledge": pledge,
        "payment": payment,
        "refund": payment.refunds[-1],
        "project": show.view(pledge.project),
        "amount": pledge.gift,
        "link": f"http://localhost/pledges/{pledge.token}",
        "lines": [("IBAN", "CH93 0076 2011 6238 5295 7"), ("Reference", "RF03 1234 5678 9012")],
        "until": clock.today(),
        "where": f"http://localhost/pledges/{pledge.token}/refunds/1?key=k",
        "days": 14,
        "number": "0000 0015",
        "given": pledge.gift,
        "key_link": f"http://localhost/pledges/{pledge.token}/cancel?key=k",
        "receipt": Receipt(number="DE-2026-000123", period=2026, minor=40_000, currency="EUR"),
        "void": "DE-2026-000100",
        "reason": "<x>",
        "receipt_link": f"http://localhost/pledges/{pledge.token}/receipt.pdf",
        "papers_link": f"http://localhost/pledges/{pledge.token}/receipt?key=k",
    }


@one_engine
def test_every_letter_renders_in_every_language(site: Flask) -> None:
    with site.app_context():
        pledge_id, payment_id = factories.make_pledge(
            factories.make_project(), "12345.67", name="Ада & Со <x>", cover_fees=True
        )
        factories.settle(payment_id)
        with db.transaction():
            order_refund(session.get_one(Payment, payment_id), Money(100, "CHF"), reason="asked")
        pledge, payment = session.get_one(Pledge, pledge_id), session.get_one(Payment, payment_id)
        told = {one.kind for all_of in occasions.OCCASIONS.values() for one in all_of}
        assert told & PLEDGES == PLEDGES == set(KINDS)
        for kind in KINDS:
            for lang in LANGUAGES:
                with i18n.speaking(lang):
                    check_letter(kind, lang, values(pledge, payment))
                    if kind == "key":
                        check_letter(kind, lang, values(pledge, payment) | {"purpose": "receipt"})
        with db.transaction():
            settlement.receive(refund_notice(session.get_one(Payment, payment_id), "succeeded"))


def check_letter(kind: str, lang: str, given: dict[str, object]) -> None:
    """Hold one letter against what all letters keep to."""
    subject, text, html = (
        render_template(f"ashar/mail/{kind}/{name}", **given)
        for name in ("subject.txt", "body.txt", "body.html")
    )
    assert 0 < len(" ".join(subject.split())) <= 60, (kind, lang, subject)
    assert "&amp;" not in text
    assert "\n\n\n" not in text
    # The thanks lead to the payment's confirmation too.
    assert text.count("http://localhost/pledges/") == (2 if kind == "thanks" else 1)
    assert f'<html lang="{lang}">' in html
    assert "<x>" not in html
    assert "<img" not in html
    assert "src=" not in html
    assert "http://localhost/pledges/" in html


def refund_notice(payment: Payment, status: str) -> Any:
    """Return the provider's word on the payment's last refund."""
    refund = payment.refunds[-1]
    kind = "refunded" if status == "succeeded" else "refund_failed"
    ids = {"charge": str(payment.charge_id), "refund": f"re_{refund.id}", "order": str(refund.id)}
    return factories.notice(payment, kind, ids=ids, money=refund.money, status=status)


@one_engine
def test_the_thanks_letter_says_sum_project_and_that_it_is_no_tax_document(
    site: Flask, mailbox: Mailbox
) -> None:
    with site.app_context():
        pledge_id, payment_id = factories.make_pledge(factories.make_project())
        factories.settle(payment_id)
        token = session.get_one(Pledge, pledge_id).token
    letter = mailbox.letters[-1]
    assert "CHF 50.00" in letter.subject
    assert "CHF\u00a050.00" in letter.text
    assert "Batken dry rice" in letter.text
    assert f"http://localhost/pledges/{token}?lang=en\n" in letter.text
    assert "no tax document" in letter.text
    assert "This link is private" in letter.text
    assert "no tax document" in letter.html


@one_engine
def test_a_late_gift_is_not_said_to_be_counted(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        project = factories.make_project()
        _, payment_id = factories.make_pledge(project)
        with db.transaction():
            found = session.get_one(Payment, payment_id).pledge.project
            found.state = "closed"
        factories.settle(payment_id)
    assert "keep it apart" in mailbox.letters[-1].text
    assert "is counted" not in mailbox.letters[-1].text


@one_engine
def test_a_part_refund_says_that_the_rest_stays(site: Flask, mailbox: Mailbox) -> None:
    with site.app_context():
        _, payment_id = factories.make_pledge(factories.make_project())
        factories.settle(payment_id)
        with db.transaction():
            order_refund(session.get_one(Payment, payment_id), Money(1250, "CHF"), reason="asked")
        with db.transaction():
            settlement.receive(refund_notice(session.get_one(Payment, payment_id), "succeeded"))
    assert "CHF 12.50" in mailbox.letters[-1].subject
    assert "The rest stays with the project." in mailbox.letters[-1].text


@one_engine
def test_the_letter_with_a_key_repeats_no_words_of_whoever_made_the_pledge(
    site: Flask, mailbox: Mailbox
) -> None:
    with site.app_context():
        pledge_id, _ = factories.make_pledge(factories.make_project(), name="Buy at evil.example")
        with db.transaction():
            pledge = session.get_one(Pledge, pledge_id)
            nonce = services.make_key(pledge, "cancel")
            outbox.emit("pledge_key", pledge=pledge.id, purpose="cancel", nonce=nonce)
    letter = mailbox.letters[-1]
    assert "/cancel?key=" in letter.text
    assert "evil.example" not in letter.text + letter.html
