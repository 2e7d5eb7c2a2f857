"""What hangs on a donor's pledges goes with them: offers, receipts, accounts, control numbers."""

from typing import Any

from flask import Flask

from ashar import checks
from ashar.gateways import bank
from ashar.kernel import clock, db, retained
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.ledger import accounts
from ashar.people import privacy
from ashar.people.privacy import Subject
from ashar.pledges import (
    attached,
    duplicates,
    locking,
    queries,
    receipt_tasks,
    receipts,
    refunds,
    services,
    tasks,
)
from ashar.pledges.models import Offer, Payment, Refund
from tests.factories import (
    make_account,
    make_offer,
    make_pledge,
    make_project,
    make_rates,
    make_transfer,
    pledge_of,
    settle,
)
from tests.pledges.test_receipts import ADDRESS, say_issuer, say_tax

EMAIL, IBAN, SENDER = "donor@example.org", "GB82WEST12345698765432", "DE89370400440532013000"
SECRETS = ("Geheim", "Sonnenallee", IBAN, SENDER, EMAIL)


def everything() -> str:
    """Return every text of every table but what is locked away."""
    session.rollback()
    found = [
        str(tuple(row))
        for table in db.Base.metadata.sorted_tables
        if table.name != "ashar_retained"
        for row in session.execute(table.select())
    ]
    session.rollback()
    return "\n".join(found)


def furnish() -> tuple[int, int]:
    """Let a donor offer hands, get a receipt, and be owed a part; return receipt and refund."""
    make_rates()
    make_account("CHF")
    say_issuer()
    say_tax("de")
    project = make_project()
    address = ADDRESS | {"first_name": "Geheim"}
    given: dict[str, Any] = {"name": "Geheim Donor", "receipt_address": address, "country": "DE"}
    _, payment = make_pledge(project, "400.00", "EUR", **given)
    settle(payment)
    receipt_tasks.issue()
    receipt_tasks.draw()
    found = receipts.live(payment)
    assert found is not None
    receipt = found.id
    make_offer(project, 3, email=EMAIL, name="Geheim Donor")
    return receipt, owe(project)


def owe(project: int) -> int:
    """Let a transfer come from an account, and owe a part of it to another one."""
    transfer = make_transfer(project)
    came = bank.fact(
        reference=str(transfer.reference),
        account="chf",
        money=Money(5000, "CHF"),
        on=clock.now(),
        line="line-1",
        sender=SENDER,
    )
    assert tasks.take_in("bank", came) == "done"
    with db.transaction():
        locked = queries.lock_payment(pledge_of(transfer.id).payments[-1].id)
        refund = services.order_refund(locked, Money(1000, "CHF"), reason="asked", actor=1).id
        refunds.give_account(refund, IBAN, "Geheim Donor")
    return refund


def test_what_hangs_on_pledges_is_exported(site: Flask) -> None:
    with site.app_context():
        furnish()
        found = privacy.export(Subject(email=EMAIL))
        assert found["offers"][0]["offered"] == 3
        assert found["receipts"][0]["street"] == ADDRESS["street"]
        assert found["accounts_for_refunds"][0]["iban"] == IBAN


def test_it_is_erased_or_locked_away_and_an_open_refund_still_finds_its_way(site: Flask) -> None:
    with site.app_context():
        receipt, refund = furnish()
        assert all(secret in everything() for secret in SECRETS)
        with db.transaction():
            stays = privacy.erase(Subject(email=EMAIL))
        assert {"receipts", "refund"} <= {
            word for one in stays for word in ("receipts", "refund") if word in one.what
        }
        left = everything().replace(IBAN, "", 1)
        assert not [secret for secret in SECRETS if secret in left.replace("Geheim Donor", "", 1)]
        assert session.query(Offer).one().state == "withdrawn"
        row = session.get_one(receipts.Receipt, receipt)
        assert row.number.startswith("DE-")
        assert b"Geheim" not in duplicates.paper(row)
        kept = retained.of(attached.RECEIPT, receipt)
        assert kept is not None and "Geheim" in kept.data["donor"]["name"]
        assert row.paper_id is not None and retained.of(locking.PAPER, row.paper_id) is not None
        assert {name: rows for name, rows in checks.run().items() if rows} == {}
        session.rollback()
        pay(refund)
        assert attached.lock_accounts() == 1
        assert not [secret for secret in SECRETS if secret in everything()]
        assert retained.of(attached.REFUND, refund) is not None
        assert session.query(Payment).filter(Payment.sender_iban.is_not(None)).count() == 0
        session.rollback()


def pay(refund: int) -> None:
    """Approve a refund, and note that it was debited."""
    with db.transaction():
        refunds.approve(refund, actor=2)
    with db.transaction():
        account = accounts.account("chf")
        assert account is not None
        refunds.pay(refund, account, Money(1000, "CHF"), clock.now(), actor=3)
    assert session.get_one(Refund, refund).state == "succeeded"
    session.rollback()
