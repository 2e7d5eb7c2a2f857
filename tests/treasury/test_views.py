"""The treasurer's desk: accounts, and transfers entered by hand with their proof."""

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from ashar.gateways import bank
from ashar.kernel import db, papers, stores
from ashar.kernel.history import History
from ashar.kernel.papers import Paper
from ashar.ledger import accounts
from ashar.ledger.models import BankAccount
from ashar.projects import queries as projects
from tests.conftest import ClosingClient
from tests.factories import IBANS, make_account, make_rates, make_transfer
from tests.live import read_form
from tests.people.conftest import Come, Guest, come
from tests.pledges.test_stream import balances, only_pledge
from tests.pledges.test_transfers import states, totals

__all__ = ["come"]

NEW = "/treasury/accounts/new"
CHF = {
    "slug": "zkb-chf",
    "iban": "CH93 0076 2011 6238 5295 7",
    "currency": "CHF",
    "holder": "Verein Ashar",
    "postcode": "8004",
    "city": "Zürich",
    "country": "CH",
    "open": "y",
}
PDF = b"%PDF-1.7 the line of the statement"


@pytest.fixture
def transfer(site: Flask, project: str) -> str:
    """Return the reference of a transfer of 50 francs that is waited for."""
    site.test_client_class = ClosingClient
    with site.app_context():
        make_account("CHF")
        make_account("EUR")
        make_rates()
        found = projects.by_slug(project)
        assert found is not None
        return str(make_transfer(found.id).reference)


def enter(who: Guest, reference: str, proof: bytes | None = PDF, **fields: Any) -> Any:
    """Send the form of a transfer that came."""
    there = f"/treasury/transfers/{reference}"
    given = read_form(who.get(there)).fields | {"account": "chf", "amount": "50"} | fields
    files = {} if proof is None else {"proof": (io.BytesIO(proof), "../../line <1>.pdf")}
    return who.post(there, given | files)


def test_an_administrator_enters_an_account_and_donors_are_offered_it(
    site: Flask, come: Come, project: str
) -> None:
    boss = come("boss", "administrator")
    form = f"/projects/{project}/pledge"
    assert 'value="bank"' not in site.test_client().get(form).text
    assert boss.send(NEW, CHF).status_code == 303
    assert 'value="bank"' in site.test_client().get(form).text
    page = boss.get("/treasury/accounts/zkb-chf").text
    assert "CH93 0076 2011 6238 5295 7" in page and "CHF" in page
    change = {**CHF, "holder": "Ashar Schweiz", "why": "a new name"}
    assert boss.send("/treasury/accounts/zkb-chf", change).status_code == 303
    with site.app_context():
        found = accounts.account("zkb-chf")
        assert found is not None
        assert (found.holder, found.iban) == ("Ashar Schweiz", IBANS["CHF"])
        deeds = db.session.query(History).filter_by(kind="bank-account").order_by(History.id).all()
        assert [(one.what, one.new, one.why) for one in deeds] == [
            ("account", IBANS["CHF"], ""),
            ("holder", "Ashar Schweiz", "a new name"),
        ]
    closed = {key: value for key, value in CHF.items() if key != "open"}
    boss.post("/treasury/accounts/zkb-chf", read_token(boss, "zkb-chf") | closed)
    assert 'value="bank"' not in site.test_client().get(form).text


def read_token(who: Guest, slug: str) -> dict[str, str]:
    fields = read_form(who.get(f"/treasury/accounts/{slug}")).fields
    return {key: value for key, value in fields.items() if key != "open"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"iban": "CH93 0076 2011 6238 5295 8"},
        {"iban": "CH44 3199 9123 0008 8901 2"},
        {"iban": ""},
        {"qr_iban": IBANS["CHF"]},
        {"bic": "HELLO"},
        {"slug": "Zürich!"},
        {"slug": "-"},
        {"currency": "XXX"},
        {"country": "ZZ"},
        {"holder": ""},
        {"postcode": ""},
        {"holder": "x" * 71},
    ],
    ids=lambda wrong: " ".join(f"{key}={value[:20]}" for key, value in wrong.items()),
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(
    site: Flask, come: Come, wrong: dict[str, str]
) -> None:
    boss = come("boss", "administrator")
    answer = boss.send(NEW, CHF | {"street": "Langstrasse"} | wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text and 'value="Langstrasse"' in answer.text
    with site.app_context():
        assert not accounts.accounts()


def test_a_name_or_number_is_entered_once(site: Flask, come: Come) -> None:
    boss = come("boss", "administrator")
    boss.send(NEW, CHF)
    assert boss.send(NEW, CHF | {"iban": IBANS["EUR"]}).status_code == 422
    assert boss.send(NEW, CHF | {"slug": "other"}).status_code == 422
    with site.app_context():
        assert db.session.query(BankAccount).count() == 1


def test_treasurers_read_accounts_and_auditors_read_all(
    site: Flask, come: Come, transfer: str
) -> None:
    treasurer, auditor = come("kassa", "treasurer"), come("esep", "auditor")
    for who in (treasurer, auditor):
        for path in ("", "/accounts", "/accounts/chf", "/transfers", f"/transfers/{transfer}"):
            assert who.get(f"/treasury{path}").status_code == 200
        assert '<form method="post"' not in who.get("/treasury/accounts/chf").text
    assert 'enctype="multipart' in treasurer.get(f"/treasury/transfers/{transfer}").text
    assert 'enctype="multipart' not in auditor.get(f"/treasury/transfers/{transfer}").text


def test_a_transfer_is_entered_with_its_proof(site: Flask, come: Come, transfer: str) -> None:
    treasurer = come("kassa", "treasurer")
    yesterday = date.today() - timedelta(days=1)
    assert enter(treasurer, transfer, day=yesterday.isoformat()).status_code == 303
    with site.app_context():
        assert states() == ("paid", ["settled"])
        assert totals() == (5000, 0, 1)
        assert balances()["bank:chf", "CHF"] == 5000
        paper = db.session.query(Paper).one()
        assert papers.read(paper) == PDF
        settled = only_pledge().payments[0].settled_at
        assert settled is not None and settled.date() == yesterday
    page = treasurer.get(f"/treasury/transfers/{transfer}").text
    assert "line &lt;1&gt;.pdf" in page
    [link] = re.findall(r'href="(/treasury/papers/[^"?]+)', page)
    answer = treasurer.get(link)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="proof-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert come("aida").get(link).status_code == 403


def test_a_form_sent_twice_is_one_transfer_with_one_proof(
    site: Flask, come: Come, transfer: str
) -> None:
    treasurer = come("kassa", "treasurer")
    attempt = {"attempt": "the-very-same-form"}
    for _ in range(2):
        assert enter(treasurer, transfer, **attempt).status_code == 303
    with site.app_context():
        assert totals() == (5000, 0, 1)
        assert db.session.query(Paper).count() == 1
    answer = enter(treasurer, transfer, **attempt, amount="60")
    assert answer.status_code == 422 and "with other figures" in answer.text
    with site.app_context():
        assert totals() == (5000, 0, 1)
    assert enter(treasurer, transfer).status_code == 303
    with site.app_context():
        assert totals() == (10_000, 0, 1)


@pytest.mark.parametrize(
    ("proof", "fields"),
    [
        (None, {}),
        (b"", {}),
        (b"<html><script>alert(1)</script>", {}),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}),
        (b"%PDF-" + bytes(2000), {}),
        (PDF, {"amount": "0"}),
        (PDF, {"amount": "-5"}),
        (PDF, {"amount": "12.3456"}),
        (PDF, {"amount": "many"}),
        (PDF, {"account": "nobody"}),
        (PDF, {"day": "2999-01-01"}),
        (PDF, {"day": "1999-01-01"}),
        (PDF, {"day": "soon"}),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    site: Flask,
    come: Come,
    transfer: str,
    proof: bytes | None,
    fields: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Werkzeug's client leaves open what it spools of a really large file.
    monkeypatch.setattr(papers, "LARGEST", 1000)
    answer = enter(come("kassa", "treasurer"), transfer, proof, **fields)
    assert answer.status_code == 422
    with site.app_context():
        assert totals() == (0, 5000, 0)
        assert balances() == {}
        assert db.session.query(Paper).count() == 0


@pytest.mark.parametrize("how", [str, str.lower, bank.grouped, bank.digits_of])
def test_a_transfer_is_found_by_its_reference_however_written(
    come: Come, transfer: str, how: Any
) -> None:
    treasurer = come("kassa", "treasurer")

    def found(asked: str) -> bool:
        return transfer in treasurer.get("/treasury/transfers", query_string={"q": asked}).text

    assert found(how(transfer)) and found("DONOR@example") and found("")
    assert not found(bank.new_reference()) and not found("%")


def test_a_proof_that_was_tampered_with_is_not_handed_out(
    site: Flask, come: Come, transfer: str
) -> None:
    treasurer = come("kassa", "treasurer")
    enter(treasurer, transfer)
    with site.app_context():
        paper = db.session.query(Paper).one()
        store = site.extensions["ashar"].media
        assert isinstance(store, stores.FolderStore)
        store.put(f"{paper.token}.pdf", b"%PDF-1.7 another line")
        assert papers.read(paper) is None
        token = paper.token
    assert treasurer.get(f"/treasury/papers/{token}").status_code == 404
