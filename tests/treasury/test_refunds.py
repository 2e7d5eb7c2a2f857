"""Payments, refunds and disputes on the treasurer's desk, and the donor's word where to."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.kernel import db
from ashar.kernel.money import Money
from ashar.pledges import tasks
from ashar.pledges.models import Dispute, FraudWarning, Payment, Refund
from stripe_sandbox import Sandbox
from tests.conftest import WEBHOOK_SECRET
from tests.factories import (
    make_account,
    make_pledge,
    make_project,
    make_rates,
    make_transfer,
    pledge_of,
    settle,
)
from tests.live import listening, pledge, read_form, session_of
from tests.mailbox import Mailbox
from tests.people.conftest import Come, Guest, come
from tests.pledges.test_refunds import IBAN, OTHER, came, failed_card, named, order, row_of
from tests.pledges.test_stream import balances, calm, only_pledge, raised

__all__ = ["come"]

PDF = b"%PDF-1.7 signed"


@pytest.fixture
def office(site: Flask) -> int:
    """Return a project on a site with an account in francs."""
    with site.app_context():
        make_account("CHF")
        make_rates()
        return make_project()


def form_of(page: str, action: str) -> dict[str, str]:
    """Return the fields of the form that is sent to an address ending so."""
    for found in re.finditer(r"<form(.*?)>(.*?)</form>", page, re.S):
        if re.search(rf'action="[^"]*{re.escape(action)}"', found[1]):
            names = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', found[2])
            return dict(names)
    raise AssertionError(f"no form for {action}")


def send(who: Guest, page: str, action: str, proof: bytes | None = None, **fields: Any) -> Any:
    """Fill in a page's form and send it."""
    given = form_of(who.get(page).text, action)
    prefix = next((key[: -len("csrf_token")] for key in given if key.endswith("csrf_token")), "")
    sent = given | {prefix + name: value for name, value in fields.items()}
    if proof is not None:
        sent[prefix + "proof"] = (io.BytesIO(proof), "paper.pdf")  # type: ignore[assignment]
    return who.post(action, sent)


def payment_page(payment: Payment) -> str:
    return f"/treasury/payments/{payment.pledge.token}/{payment.no}"


def test_the_slip_of_a_refund_in_cash_is_in_the_donors_language_and_printed_once_agreed(
    site: Flask, come: Come, office: int
) -> None:
    with site.app_context():
        made = named(make_transfer(office), "Өмүрбек Төлөнов")
        with db.transaction():
            pledge_of(made.id).language = "ky"
        payment = came(pledge_of(made.id))
        cash, bank = order(payment.id, "10.00", way="cash"), order(payment.id, "5.00", way="bank")
    kassa, other = come("kassa", "treasurer"), come("other", "treasurer")
    page, slip = f"/treasury/refunds/{cash}", f"/treasury/refunds/{cash}/slip.pdf"
    assert kassa.get(slip).status_code == 404 and slip not in kassa.get(page).text
    send(other, page, f"{page}/approve")
    assert slip in kassa.get(page).text
    answer = kassa.get(slip)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    with pypdfium2.PdfDocument(answer.data) as pdf:
        [sheet] = pdf
        words = " ".join(sheet.get_textpage().get_text_range().split())
    for said in ("Өмүрбек Төлөнов", "10,00 CHF", "Баткенде күрүч", "накталай", str(cash)):
        assert said in words, words
    assert kassa.get(f"/treasury/refunds/{bank}/slip.pdf").status_code == 404
    assert come("visitor").get(slip).status_code == 403


@pytest.mark.parametrize("how", ["reference", "link", "token", "mail", "name", "line", "digits"])
def test_a_payment_is_found_by_whatever_names_it(
    site: Flask, come: Come, office: int, how: str
) -> None:
    with site.app_context():
        made = named(make_transfer(office), "Kanykei")
        payment = came(made)
        named(make_transfer(office), "Somebody else")
        page, asked = payment_page(payment), {
            "reference": str(made.reference).lower(),
            "link": f"http://localhost/pledges/{made.token}?lang=de",
            "token": made.token,
            "mail": "DONOR@example.org",
            "name": "kanyk",
            "line": str(payment.charge_id),
            "digits": str(made.reference)[4:],
        }[how]  # fmt: skip
    kassa = come("kassa", "treasurer")

    def found(words: str) -> bool:
        return page in kassa.get("/treasury/payments", query_string={"q": words}).text

    assert found(asked) and found("")
    assert not found("nobody") and not found("%") and not found("_")


def test_a_list_takes_the_same_number_of_queries_however_long(
    site: Flask, come: Come, office: int
) -> None:
    kassa = come("kassa", "treasurer")
    paths = ("/treasury", "/treasury/payments", "/treasury/refunds", "/treasury/disputes")
    counts = []
    for _ in range(2):
        with site.app_context():
            for _ in range(4):
                order(came(named(make_transfer(office)), sender=IBAN).id, "10.00")
        counts.append([queries(site, kassa, path) for path in paths])
    assert counts[0] == counts[1]


def queries(site: Flask, who: Guest, path: str) -> int:
    seen: list[str] = []
    with site.app_context():
        engine = db.database().engine

    def note(_c: Any, _u: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert who.get(path).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_a_refund_ordered_twice_by_one_form_is_one_and_never_more_than_was_paid(
    site: Flask, come: Come, office: int
) -> None:
    with site.app_context():
        page = payment_page(came(named(make_transfer(office)), sender=IBAN))
    kassa = come("kassa", "treasurer")
    fields = {"amount": "20", "way": "bank", "reason": "asked", "attempt": "the-same"}
    for _ in range(2):
        assert send(kassa, page, page, **fields).status_code == 303
    answer = send(kassa, page, page, **fields | {"amount": "21"})
    assert answer.status_code == 422 and "with other figures" in answer.text
    with site.app_context():
        assert db.session.query(Refund).count() == 1
    for wrong in ({"amount": "30.01"}, {"amount": "0"}, {"reason": ""}, {"way": "provider"}):
        answer = send(kassa, page, page, **fields | {"attempt": "new", "reason": "why"} | wrong)
        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in answer.text or "Not a valid choice" in answer.text
    with site.app_context():
        assert db.session.query(Refund).count() == 1
    assert send(kassa, page, page, amount="30", way="bank", reason="rest").status_code == 303
    assert "Order the refund" not in kassa.get(page).text


def test_auditors_read_and_see_no_whole_account_number(
    site: Flask, come: Come, office: int
) -> None:
    with site.app_context():
        payment = came(named(make_transfer(office)), sender=IBAN)
        page, row = payment_page(payment), order(payment.id)
    esep, kassa = come("esep", "auditor"), come("kassa", "treasurer")
    paths = (page, f"/treasury/refunds/{row}", "/treasury/refunds", "/treasury/disputes")
    for path in paths:
        answer = esep.get(path)
        assert answer.status_code == 200 and '<form method="post"' not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert IBAN[4:18] not in answer.text.replace(" ", "")
    assert IBAN in kassa.get(f"/treasury/refunds/{row}").text.replace(" ", "")
    assert come("aida").get(page).status_code == 403
    assert kassa.get("/treasury/refunds/999999").status_code == 404
    assert kassa.get("/treasury/refunds/x").status_code == 404
    assert kassa.get(f"{page}9").status_code == 404


def test_from_the_order_to_the_debit_by_two_people(
    site: Flask, come: Come, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        made = make_transfer(office)
        page = payment_page(came(made))
    kassa, boss = come("kassa", "treasurer"), come("boss", "administrator")
    answer = send(kassa, page, page, amount="50", way="bank", reason="asked")
    there = answer.location
    number = there.rsplit("/", 1)[-1]
    assert "A letter with a link" in kassa.get(there).text
    [link] = re.findall(r"http://localhost(/pledges/\S+/refunds/\S+)", mailbox.letters[-1].text)
    donor = site.test_client()
    for _ in range(2):
        asked = donor.get(link)
        assert asked.status_code == 200 and asked.headers["Cache-Control"] == "no-store"
    form = read_form(asked)
    wrong = donor.post(form.action, data=form.fields | {"iban": "DE00", "holder": "Aida <b>"})
    assert wrong.status_code == 422 and "Aida &lt;b&gt;" in wrong.text
    form = read_form(wrong)
    said = {"iban": "gb82 west 1234 5698 7654 32", "holder": "Aida"}
    assert donor.post(form.action, data=form.fields | said).status_code == 303
    # The key is used up; the page says no more than that.
    again = donor.get(link)
    assert "<input" not in again.text and OTHER not in again.text
    assert donor.post(form.action, data=form.fields | said).status_code == 409
    assert OTHER[-6:] not in donor.get(f"/pledges/{made.token}").text.replace(" ", "")

    assert "somebody else has to look at it" in kassa.get(there).text
    refused = send(boss, there, f"{there}/approve")
    assert refused.status_code == 303
    assert "Somebody" not in boss.get(there).text
    listed = "/treasury/refunds"
    made_file = send(kassa, listed, "/treasury/refund-files", account="chf")
    assert made_file.status_code == 303
    file = made_file.location
    [paper] = re.findall(r'href="(/treasury/papers/[^"?]+)', kassa.get(file).text)
    downloaded = kassa.get(paper)
    assert downloaded.content_type.startswith("application/xml")
    assert OTHER.encode() in downloaded.data and downloaded.data == kassa.get(paper).data
    assert "attachment" in downloaded.headers["Content-Disposition"]
    assert send(kassa, file, file, day="2999-01-01", proof=PDF).status_code == 422
    assert send(kassa, file, file, day="2026-01-01", proof=None).status_code == 422
    today = kassa.get(file).text
    day = re.search(r'name="day"[^>]*value="([^"]+)"', today)
    assert day is not None
    assert send(kassa, file, file, day=day[1], proof=PDF).status_code == 303
    with site.app_context():
        assert row_of(int(number)).state == "succeeded"
        assert balances() == {}
    assert mailbox.subjects()[-1].startswith("Refunded")
    back = send(kassa, there, f"{there}/send-back", day=day[1], why="account closed")
    assert back.status_code == 303
    with site.app_context():
        assert row_of(int(number)).state == "owed"
    assert "We owe you" in donor.get(f"/pledges/{made.token}?lang=en").text


def test_whoever_has_the_link_alone_is_asked_for_nothing_and_may_have_a_letter_sent(
    site: Flask, come: Come, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        payment_id, owed = failed_card(office)
        token, row = owed.payment.pledge.token, owed.id
        other = pledge_of(make_pledge(office)[0]).token
    count, donor = len(mailbox.letters), site.test_client()
    there = f"/pledges/{token}/refunds/{row}"
    page = donor.get(f"{there}?lang=en")
    assert 'name="iban"' not in page.text
    assert donor.get(f"{there}?key=forged.key&lang=en").text.count('name="iban"') == 0
    assert donor.get(f"/pledges/{other}/refunds/{row}").status_code == 404
    form = read_form(page)
    said = {"iban": IBAN, "holder": "A thief", "key": "forged.key"}
    assert donor.post(there, data=form.fields | said).status_code == 409
    assert donor.post(f"{there}/ask", data=form.fields).status_code == 200
    assert [one.recipient for one in mailbox.letters[count:]] == ["donor@example.org"]
    with site.app_context():
        assert row_of(row).state == "owed"


def test_a_donor_without_an_e_mail_signs_a_paper(
    site: Flask, come: Come, office: int, mailbox: Mailbox
) -> None:
    with site.app_context():
        made = make_transfer(office)
        with db.transaction():
            found = pledge_of(made.id)
            found.email, found.phone = None, "+41446681800"
        row = order(came(found).id)
    assert [one.subject for one in mailbox.letters if "owe" in one.subject] == []
    kassa, there = come("kassa", "treasurer"), f"/treasury/refunds/{row}"
    step = f"{there}/account"
    assert send(kassa, there, step, iban=IBAN, holder="Aida").status_code == 422
    assert send(kassa, there, step, PDF, iban="no", holder="Aida").status_code == 422
    assert send(kassa, there, step, PDF, iban=IBAN, holder="Aida").status_code == 303
    # Who entered it is not offered to agree, and is refused who tries.
    token = form_of(kassa.get(there).text, f"{there}/withdraw")["withdraw-csrf_token"]
    assert kassa.post(f"{there}/approve", {"csrf_token": token}).status_code == 422
    with site.app_context():
        assert row_of(row).state == "to_approve"
    boss = come("boss", "administrator")
    assert send(boss, there, f"{there}/decline", why="whose paper is it?").status_code == 303
    with site.app_context():
        assert row_of(row).state == "owed"
    assert "whose paper is it?" in kassa.get(there).text


def test_a_mistake_and_a_recall_are_entered_on_the_payments_page(
    site: Flask, come: Come, office: int
) -> None:
    with site.app_context():
        wrong, called = (payment_page(came(make_transfer(office))) for _ in range(2))
    kassa, boss = come("kassa", "treasurer"), come("boss", "administrator")
    assert send(kassa, wrong, f"{wrong}/doubt", why="").status_code == 422
    assert send(kassa, wrong, f"{wrong}/doubt", why="another's").status_code == 303
    [step] = re.findall(r'href="(/treasury/refunds/\d+)"', kassa.get(wrong).text)
    assert send(boss, step, f"{step}/approve").status_code == 303
    about = {"amount": "50", "day": "2026-01-01", "why": "recall"}
    assert (
        send(kassa, called, f"{called}/recall", PDF, **about | {"amount": "51"}).status_code == 422
    )
    with site.app_context():
        assert balances()["bank:chf", "CHF"] == 5000
    today = re.search(r'datetime="([^"]+)"', kassa.get(called).text)
    assert today is not None
    about["day"] = today[1][:10]
    assert send(kassa, called, f"{called}/recall", PDF, **about).status_code == 303
    with site.app_context():
        assert balances() == {}


# Through the sandbox -----------------------------------------------------------------------


@pytest.fixture
def live(sandbox: Sandbox, site: Flask, project: str) -> Iterator[Sandbox]:
    """Let the sandbox's webhooks reach the site."""
    with site.app_context():
        make_rates()
        make_account("CHF")
    with listening(site) as url:
        sandbox.add_endpoint(f"{url}/webhooks/stripe", WEBHOOK_SECRET)
        yield sandbox
        sandbox.stop()


def paid(live: Sandbox, site: Flask, come: Come, project: str, **more: str) -> tuple[Guest, str]:
    """Let a gift be paid at the sandbox; return a treasurer and the payment's page."""
    kassa = come("kassa", "treasurer")
    live.pay(session_of(live, pledge(site.test_client(), project, **more)))
    calm(live, site)
    with site.app_context():
        return kassa, payment_page(only_pledge().payments[0])


def charge(site: Flask) -> str:
    with site.app_context():
        return str(only_pledge().payments[0].charge_id)


def test_a_card_refund_goes_by_the_provider_and_one_that_fails_is_owed(
    live: Sandbox, site: Flask, come: Come, project: str
) -> None:
    kassa, page = paid(live, site, come, project)
    assert send(kassa, page, page, amount="20", way="provider", reason="part").status_code == 303
    calm(live, site)
    with site.app_context():
        first = only_pledge().payments[0].refunds[0]
        assert first.state == "succeeded"
        gateway_id = str(first.gateway_id)
    live.fail_refund(gateway_id)
    calm(live, site)
    with site.app_context():
        assert [row.state for row in only_pledge().payments[0].refunds] == ["failed", "owed"]
        assert raised(project) == Money(3000, "CHF")
    assert "Refunds that are owed" in kassa.get("/treasury").text


def test_a_dispute_is_answered_once_through_the_provider(
    live: Sandbox, site: Flask, come: Come, project: str
) -> None:
    kassa, page = paid(live, site, come, project)
    opened = live.dispute(charge(site))
    calm(live, site)
    there = f"/treasury/disputes/{opened['id']}"
    assert "Disputes that wait for evidence" in kassa.get("/treasury").text
    assert there in kassa.get("/treasury/disputes").text and there in kassa.get(page).text
    shown = kassa.get(there)
    assert "was pledged on our form" in shown.text and "a thank-you letter" in shown.text
    bundle = kassa.get(f"{there}/evidence.json")
    known = json.loads(bundle.text)
    assert known["dispute"] == opened["id"] and known["charge"] == charge(site)
    assert known["evidence"]["customer_email_address"] == "donor@example.org"
    assert come("esep", "auditor").get(there).text.count('<form method="post"') == 0
    assert send(kassa, there, there, told="", about="").status_code == 422
    given = {"told": "She wrote to us that she gave it.", "about": "A gift."}
    assert send(kassa, there, there, **given).status_code == 303
    calm(live, site)
    kept = live.account.store.get("dispute", opened["id"], "dispute")
    assert kept["evidence"]["uncategorized_text"] == given["told"]
    assert kept["evidence_details"]["submission_count"] == 1
    assert '<form method="post"' not in kassa.get(there).text
    with site.app_context():
        row = db.session.query(Dispute).one()
        assert row.answered_at is not None and row.due_at is not None
    live.close_dispute(opened["id"], won=True)
    calm(live, site)
    with site.app_context():
        assert raised(project) == Money(5000, "CHF")


@pytest.mark.parametrize("answer", ["refund", "leave"])
def test_an_early_fraud_warning_is_decided_by_a_treasurer(
    live: Sandbox, site: Flask, come: Come, project: str, answer: str
) -> None:
    kassa, page = paid(live, site, come, project)
    live.fraud_warning(charge(site))
    calm(live, site)
    assert "Early fraud warnings" in kassa.get("/treasury").text
    step = f"{page}/warning/{answer}"
    assert send(kassa, page, step, why="she called us").status_code == 303
    calm(live, site)
    with site.app_context():
        warning = db.session.query(FraudWarning).one()
        refunds = only_pledge().payments[0].refunds
        if answer == "refund":
            assert (warning.state, [row.state for row in refunds]) == ("refunded", ["succeeded"])
        else:
            assert (warning.state, list(refunds)) == ("dismissed", [])
    assert "/warning/" not in kassa.get(page).text


def test_where_the_site_says_so_a_warned_payment_is_refunded_at_once(
    live: Sandbox, site: Flask, come: Come, project: str
) -> None:
    site.config["ASHAR_REFUND_WARNED"] = True
    paid(live, site, come, project)
    live.fraud_warning(charge(site))
    calm(live, site)
    site.extensions["ashar"].clock.forward(minutes=1)
    with site.app_context():
        assert tasks.send_refunds() == 1
    calm(live, site)
    with site.app_context():
        assert only_pledge().state == "refunded"
        assert raised(project) == Money(0, "CHF")


def test_a_debit_that_is_returned_after_its_refund_is_a_loss(
    live: Sandbox, site: Flask, come: Come, project: str
) -> None:
    kassa = come("kassa", "treasurer")
    answer = pledge(site.test_client(), project, currency="EUR", country="DE", method="sepa")
    session_id = session_of(live, answer)
    live.pay(session_id, method="sepa_debit", outcome="pending")
    live.settle_async(session_id, ok=True)
    calm(live, site)
    with site.app_context():
        page = payment_page(only_pledge().payments[0])
    assert send(kassa, page, page, amount="50", way="provider", reason="asked").status_code == 303
    calm(live, site)
    live.succeed_refund(live.events("refund.created")[0]["data"]["object"]["id"])
    live.dispute(charge(site))
    calm(live, site)
    with site.app_context():
        assert balances()["losses", "CHF"] > 0
        assert ("project:dry-rice", "CHF") not in balances()
    assert "the association" in kassa.get("/treasury").text


def test_settled_payments_of_a_gateway_that_is_gone_go_back_by_bank(
    site: Flask, come: Come, office: int
) -> None:
    with site.app_context():
        _, payment_id = make_pledge(office)
        settle(payment_id)
        del site.extensions["ashar"].gateways["stripe"]
        page = payment_page(db.session.get_one(Payment, payment_id))
    text = come("kassa", "treasurer").get(page).text
    assert 'value="bank"' in text and 'value="provider"' not in text
