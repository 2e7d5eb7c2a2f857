"""The pages of a pledge's receipts: who sees what, by which key, and what a form refuses."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ashar.kernel import db
from ashar.pledges import receipt_tasks, receipts
from ashar.pledges.models import Payment
from tests.factories import PROJECT, make_pledge, make_project, make_rates, pledge_of, settle
from tests.live import read_form
from tests.mailbox import Mailbox
from tests.pledges.test_receipts import ADDRESS, give, say_issuer, say_tax
from tests.pledges.test_sheets import pages
from tests.pledges.test_stream import only_pledge


@pytest.fixture
def row(site: Flask) -> int:
    with site.app_context():
        make_rates()
        say_issuer()
        say_tax("de")
        return make_project()


def token_of(payment: int) -> str:
    return pledge_of(db.session.get_one(Payment, payment).pledge_id).token


def key_in(mailbox: Mailbox) -> str:
    found = re.findall(r"http://localhost(/pledges/\S+key=\S+)", mailbox.letters[-1].text)
    return str(found[-1])


def opened(client: FlaskClient, there: str) -> Any:
    """Press the button that a letter's link leads to."""
    page = client.get(there)
    form = read_form(page)
    return client.post(form.action, data=form.fields)


def test_the_link_alone_shows_no_name_and_a_key_of_the_letter_does(
    site: Flask, row: int, client: FlaskClient, mailbox: Mailbox
) -> None:
    with site.app_context():
        token = token_of(give(row))
        receipt_tasks.issue()
    here = f"/pledges/{token}"
    page = client.get(f"{here}?lang=en")
    assert f"{here}/receipt.pdf" in page.text
    bare = client.get(f"{here}/receipt.pdf")
    assert bare.content_type == "application/pdf" and bare.headers["Cache-Control"] == "no-store"
    assert bare.data == client.get(f"{here}/receipt.pdf").data
    [sheet] = pages(bare.data)
    assert "Өмүрбек" not in sheet and "400,00" in sheet
    page = client.get(f"{here}/receipt?lang=en")
    [number] = re.findall(r"DE-\d{4}-\d{6}", page.text)
    assert "Sonnenallee" not in page.text and "Өмүрбек" not in page.text
    assert client.get(f"{here}/receipts/{number}").status_code == 303

    link = key_in(mailbox)
    assert "Өмүрбек" not in client.get(link).text
    assert opened(client, link).status_code == 303
    page = client.get(f"{here}/receipt?lang=en")
    assert 'value="Sonnenallee 100"' in page.text
    paper = client.get(f"{here}/receipts/{number}")
    assert "Өмүрбек Жаңыбаев" in pages(paper.data)[0]
    assert "Өмүрбек" in pages(client.get(f"{here}/receipt.pdf").data)[0]
    # Used up: in another browser it opens nothing, and a fresh one is sent on asking.
    other, count = site.test_client(), len(mailbox.letters)
    assert "used before" in other.get(link.replace("lang=ky", "lang=en")).text
    opened(other, link)
    assert "Sonnenallee" not in other.get(f"{here}/receipt").text
    assert len(mailbox.letters) == count + 1
    opened(other, key_in(mailbox))
    assert "Sonnenallee" in other.get(f"{here}/receipt").text


def test_the_receipts_of_another_pledge_are_not_opened(
    site: Flask, row: int, client: FlaskClient, mailbox: Mailbox
) -> None:
    with site.app_context():
        mine, theirs = give(row), give(row, email="other@example.org")
        receipt_tasks.issue()
        found = receipts.live(theirs)
        assert found is not None
        number, here, there = found.number, token_of(mine), token_of(theirs)
    opened(client, key_in(mailbox))
    assert client.get(f"/pledges/{there}/receipts/{number}").status_code == 200
    assert client.get(f"/pledges/{here}/receipts/{number}").status_code == 303
    assert client.get(f"/pledges/{there}/receipts/DE-2000-000001").status_code == 404


def test_an_unpaid_pledge_has_nothing_to_confirm(
    site: Flask, row: int, client: FlaskClient
) -> None:
    with site.app_context():
        pledge, payment = make_pledge(row)
        token = pledge_of(pledge).token
    assert client.get(f"/pledges/{token}/receipt.pdf").status_code == 404
    assert client.get(f"/pledges/{token}/receipt").status_code == 200
    assert f"{token}/receipt.pdf" not in client.get(f"/pledges/{token}").text
    with site.app_context():
        settle(payment)
    assert client.get(f"/pledges/{token}/receipt.pdf").status_code == 200


def test_a_wish_is_noted_later_and_taken_back(
    site: Flask, row: int, client: FlaskClient, mailbox: Mailbox
) -> None:
    with site.app_context():
        payment = give(row, receipt_address=None)
        token = token_of(payment)
    here = f"/pledges/{token}/receipt"
    form = read_form(client.get(here))
    assert client.post(here, data=form.fields | ADDRESS | {"tax_receipt": "y"}).status_code == 303
    with site.app_context():
        assert receipt_tasks.issue() == 0
    client.post(f"{here}/open", data=form.fields)
    opened(client, key_in(mailbox))
    form = read_form(client.get(here))
    wrong = client.post(here, data=form.fields | ADDRESS | {"tax_receipt": "y", "street": " "})
    assert wrong.status_code == 422 and 'value="12045"' in wrong.text
    good = form.fields | ADDRESS | {"tax_receipt": "y"}
    assert client.post(here, data=good | {"street": "x" * 91}).status_code == 422
    assert client.post(here, data={**good, "csrf_token": "no"}).status_code == 400
    assert client.post(here, data=good).status_code == 303
    with site.app_context():
        assert receipt_tasks.issue() == 1
        pledge = pledge_of(db.session.get_one(Payment, payment).pledge_id)
        assert pledge.receipt_address == ADDRESS
    client.post(here, data=form.fields)
    with site.app_context():
        pledge = pledge_of(pledge.id)
        assert pledge.receipt_address is None and pledge.receipt_asked_at is None


@pytest.mark.usefixtures("row")
class TestPledgeForm:
    """The fields on the form of a pledge."""

    def send(self, client: FlaskClient, **fields: str) -> Any:
        there = f"/projects/{PROJECT}/pledge"
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        form = read_form(client.get(there))
        given = {"amount": "400", "currency": "EUR", "country": "DE", "method": "card"}
        given["email"] = "donor@example.org"
        return client.post(there, data=form.fields | given | fields)

    def test_an_address_is_kept_with_the_pledge(self, site: Flask, client: FlaskClient) -> None:
        self.send(client, tax_receipt="y", **ADDRESS)
        with site.app_context():
            made = only_pledge()
            assert made.receipt_address == ADDRESS and made.receipt_asked_at is not None

    def test_it_may_come_later_and_is_not_kept_unasked(
        self, site: Flask, client: FlaskClient
    ) -> None:
        self.send(client, tax_receipt="y")
        with site.app_context():
            assert only_pledge().receipt_address is None

    def test_half_an_address_is_refused_beside_what_lacks(
        self, site: Flask, client: FlaskClient
    ) -> None:
        answer = self.send(client, tax_receipt="y", **(ADDRESS | {"city": ""}))
        assert answer.status_code == 422 and 'value="Sonnenallee 100"' in answer.text
        answer = self.send(client, tax_receipt="y", country="FR", **ADDRESS)
        assert answer.status_code == 422
        assert "gives no receipt for the tax office" in answer.text


def test_without_any_form_nothing_is_asked(site: Flask, client: FlaskClient, project: str) -> None:
    assert "tax_receipt" not in client.get(f"/projects/{project}/pledge").text
