"""Rows that tests begin with; each is made by the services that production uses."""

import io
import secrets
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from PIL import Image

from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock, db, media
from ashar.kernel.money import Money
from ashar.ledger import accounts, rates
from ashar.moderation.models import Case
from ashar.moderation.queries import Reviewer
from ashar.moderation.services import Verdict
from ashar.moderation.states import CHECKLIST
from ashar.people import services as people
from ashar.people.access import Identity
from ashar.people.models import Person
from ashar.pledges import (
    checkout,
    collectors,
    offered,
    offers,
    registers,
    services,
    settlement,
    sponsoring,
)
from ashar.pledges.models import Payment, Pledge
from ashar.projects import content as contents
from ashar.projects import services as projects
from ashar.projects import versions
from ashar.projects.models import Project
from ashar.projects.services import Draft, Wanted, Words
from ashar.treasury import services as treasury
from ashar.treasury.services import Said

PROJECT = "dry-rice"


def make_project(slug: str = PROJECT, *, publish: bool = True, **more: Any) -> int:
    """Write a project; return its row."""
    given: dict[str, Any] = {
        "language": "ky",
        "region": "KG-B",
        "district": "Кадамжай",
        "theme": "agriculture",
        "goal": Money(1_800_000, "CHF"),
        "sdg": ("6.4",),
        "words": {
            "ky": Words("Баткенде күрүч", "Суусуз өстүрөбүз.", "## Окуя\n\nБиз башташты."),
            "en": Words("Batken dry rice", "Rice without flooding.", "## Story\n\nWe begin."),
        },
        "needs": (Wanted("labour", 60, "day", {"ky": "Арык тазалоо", "en": "Clearing canals"}),),
        "owner_name": "Айыл кеңеши",
    }
    with db.transaction():
        project = projects.create(Draft(slug=slug, **(given | more)))
        if publish:
            projects.publish(project)
        return project.id


def make_person(name: str, *roles: str, region: str = "", email: str = "") -> int:
    """Write a person with roles, a moderator's for a region; return their row."""
    with db.transaction():
        email = email or f"{name}@example.org"
        person = people.know(Identity(f"test-{name}", email, name.title(), "en", strong=True))
        for role in roles:
            people.give_role(person, role, region if role == "moderator" else "")
        return person.id


def reviewer(person: int) -> Reviewer:
    """Return a person as a reviewer whose roles count."""
    found = db.session.get_one(Person, person, populate_existing=True)
    held = [role for role in found.roles if role.name == "moderator"]
    return Reviewer(
        id=person,
        email=found.email or "",
        regions=frozenset(role.scope for role in held),
        administers=any(role.name == "administrator" for role in found.roles),
        reads=("ky", "ru", "en", "de"),
        name=found.name,
    )


def complete_content(**more: Any) -> dict[str, Any]:
    """Return a content that lacks nothing; its one picture is written with it."""
    deadline = (clock.today() + timedelta(days=60)).isoformat()
    due = (clock.today() + timedelta(days=120)).isoformat()
    title = {"ky": "Нарындагы жол", "en": "A trail in Naryn"}
    return contents.whole(
        {
            "title": title,
            "summary": {"ky": "Белги коёбуз.", "en": "We put up signs."},
            "story": {"ky": "Тоодогу жолго белги коёбуз.", "en": "Signs on the trail."},
            "region": "KG-N",
            "district": "Кочкор",
            "village": "Ак-Жайлоо",
            "theme": "tourism",
            "sdg": ["8.9"],
            "goal": 500_000,
            "deadline": deadline,
            "budget": [{"key": "b1", "amount": 500_000, "title": {"ky": "Белгилер"}}],
            "needs": [
                {
                    "key": "n1",
                    "kind": "labour",
                    "unit": "day",
                    "quantity": 20,
                    "title": {"ky": "Жол белгилөө", "en": "Marking the trail"},
                }
            ],
            "milestones": [
                {
                    "key": "m1",
                    "due": due,
                    "share": 100,
                    "title": {"ky": "Жол белгиленди"},
                    "text": {"ky": "38 километр"},
                    "evidence": ["photos", "receipts"],
                }
            ],
            "owner_name": "Айгүл (үлгү)",
            "committee": [
                {"key": "p1", "name": "Бакыт", "role": "чабан", "email": "bakyt@example.org"},
                {"key": "p2", "name": "Нургүл", "role": "мугалим", "email": ""},
            ],
            "payee": {"name": "Жергилик өнөктөш", "email": "payee@example.org"},
        }
        | more
    )


def make_draft(owner: int, **more: Any) -> int:
    """Write a draft that lacks nothing, with a picture; return its row."""
    with db.transaction() as session:
        given = complete_content(**more)
        person = session.get_one(Person, owner)
        project = projects.begin(given, owner=person)
        picture = media.add_image(_picture(), {"ky": "Жол"})
        projects.keep_picture(project, picture)
        shown = {"key": picture.token, "alt": {"ky": "Жол"}, "caption": {}}
        versions.save(project, "pictures", given | {"pictures": [shown]}, base=0, by=person)
        return project.id


def _picture() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "PNG")
    return out.getvalue()


def verdict(what: str, case: Case, **more: Any) -> Verdict:
    """Return a decision on a case as it is now, nothing left out."""
    given = {
        "kinship": "no",
        "words": "as I see it",
        "reason": "incomplete" if what == "reject" else "",
        "checklist": dict.fromkeys(CHECKLIST, "yes"),
        "reads": ("ky", "en"),
    }
    return Verdict(what=what, revision=case.revision, **(given | more))


def make_rates(**per_euro: str) -> None:
    """Put in rates that hold for the last year; CHF 0.94 and the like when none are given."""
    found = per_euro or {"CHF": "0.94", "USD": "1.10", "KGS": "96.5", "KRW": "1500"}
    with db.transaction():
        for currency, rate in found.items():
            day = clock.today() - timedelta(days=370)
            rates.add(currency, day, Decimal(rate), "test")


def make_pledge(
    project: int, amount: str = "50.00", currency: str = "CHF", **more: Any
) -> tuple[int, int]:
    """Write a pledge; return its row and its payment's."""
    given: dict[str, Any] = {
        "attempt": secrets.token_hex(8),
        "gift": Money.from_decimal(amount, currency),
        "method": "card",
        "country": "CH",
        "language": "en",
        "email": "donor@example.org",
    }
    with db.transaction() as session:
        wish = services.Wish(**(given | more))
        pledge, payment = services.pledge(session.get_one(Project, project), wish, "stripe")
        number = secrets.token_hex(6)
        payment.session_id, payment.session_url = f"cs_{number}", "https://example.org/pay"
        return pledge.id, payment.id


IBANS = {"CHF": "CH9300762011623852957", "EUR": "DE89370400440532013000"}


def make_account(currency: str) -> None:
    """Enter an account of the association's, named after its currency."""
    iban = IBANS[currency]
    said = Said("Ashar", "", "", "", "Gasse", "1", "3000", "Bern", iban[:2], open=True)
    with db.transaction():
        treasury.add(currency.lower(), iban, currency, said, actor=0)


def make_transfer(project: int, amount: str = "50.00", currency: str = "CHF") -> Pledge:
    """Write a pledge by transfer whose donor was told how to make it."""
    wish = services.Wish(
        attempt=secrets.token_hex(8),
        gift=Money.from_decimal(amount, currency),
        method="bank",
        country="CH",
        language="en",
        email="donor@example.org",
    )
    with db.transaction() as session:
        _, payment = services.pledge(session.get_one(Project, project), wish, "bank")
        ready = checkout.prepare(payment)
    checkout.begin(ready)
    return pledge_of(db.session.get_one(Payment, ready.payment).pledge_id)


def make_offer(project: int, quantity: int = 5, key: str = "n1", **more: Any) -> int:
    """Offer something to a project's need; return the offer's row."""
    given: dict[str, Any] = {
        "attempt": secrets.token_hex(8),
        "quantity": quantity,
        "name": "Айбек",
        "email": "aibek@example.org",
        "language": "en",
    }
    with db.transaction() as session:
        found = session.get_one(Project, project)
        need = offered.need(found, key)
        assert need is not None
        return offers.make(found, need, offers.Wish(**(given | more))).id


def make_monthly(project: int, amount: str = "20.00", currency: str = "CHF", **more: Any) -> Pledge:
    """Write a monthly gift by card that runs, its first month settled."""
    row, _ = make_pledge(project, amount, currency, frequency="monthly", **more)
    token = pledge_of(row).token
    ids = {"subscription": f"sub_{row}", "token": token}
    gift = Money.from_decimal(amount, currency)
    first = {"invoice": f"in_{row}", "attempt": "1", "intent": f"pi_m{row}"}
    with db.transaction():
        for kind, more_ids, facts in (
            ("paid", first, {}),
            ("subscription", {}, {"status": "active", "next_at": clock.now() + timedelta(days=30)}),
        ):
            told: dict[str, Any] = {"ids": ids | more_ids, "money": gift, **facts}
            settlement.receive(Notice("stripe", f"monthly-{row}-{kind}", kind, clock.now(), **told))
    return pledge_of(row)


def make_collector(slug: str, person: int, *, slips: int = 0, currency: str = "KGS") -> int:
    """Register somebody as a collector in Batken, with a book of slips; return their row."""
    most = (
        collectors.limit("ASHAR_CASH_SLIP", currency),
        collectors.limit("ASHAR_CASH_HELD", currency),
    )
    place = registers.Place("Базар", "Айбек", most[0].minor, most[1].minor, 30, True)
    with db.transaction() as session:
        row = registers.register(
            slug, session.get_one(Person, person), "KG", currency, place, actor=0
        )
        if slips:
            registers.issue(row, slips, actor=person)
        return row.id


def make_partner(slug: str, projects: Sequence[int], *, agency: bool = True) -> int:
    """Open a partner's file, with an agreement in force for some projects; return its row."""
    said = registers.File(
        name="Обществен. фонд «Үлгү»",
        legal_form="общественный фонд",
        number="123456",
        register="",
        bank="Мыкты Банк",
        account_number="1090000000000001",
        signatories="",
        sanctions_by="",
        sanctions_on=None,
        sanctions_list="",
        active=True,
    )
    today = clock.today()
    terms = registers.Terms(
        today - timedelta(days=100),
        today + timedelta(days=900),
        Money.from_decimal("9000000", "KGS"),
        agency,
        projects,
    )
    with db.transaction():
        row = registers.open_file(slug, "KGS", said, actor=None)
        registers.agree(row, terms, (b"%PDF-1.7 agreed", "agreement.pdf"), actor=None)
        return row.id


def notice(payment: Payment, kind: str, **more: Any) -> Notice:
    """Return a fact about a payment as it is now, as Stripe's gateway would tell it."""
    db.session.refresh(payment)
    number = str(payment.session_id).removeprefix("cs_")
    given: dict[str, Any] = {
        "gateway": "stripe",
        "id": f"evt_{secrets.token_hex(6)}",
        "kind": kind,
        "at": clock.now(),
        "ids": {"session": payment.session_id, "intent": f"pi_{number}", "charge": f"ch_{number}"},
        "reference": payment.pledge.token,
        "money": payment.charged,
    }
    return Notice(**(given | more))


def settle(payment_id: int, *, credited: Money | None = None, fee: int = 0) -> None:
    """Let a payment's money come, and its balance transaction where it is given."""
    with db.transaction() as session:
        payment = session.get_one(Payment, payment_id)
        settlement.receive(notice(payment, "paid"))
        if credited is not None:
            settlement.receive(credit(payment, credited, fee))


def credit(payment: Payment, amount: Money, fee: int = 0) -> Notice:
    """Return the provider's balance transaction of a payment's charge."""
    db.session.refresh(payment)
    movement = Movement(f"txn_{payment.id}", amount, Money(fee, amount.currency))
    ids = {"source": str(payment.charge_id)}
    return notice(
        payment, "transaction", ids=ids, reference=None, money=None, movements=(movement,)
    )


def pledge_of(row: int) -> Pledge:
    """Read a pledge as it is now."""
    return db.session.get_one(Pledge, row, populate_existing=True)


def make_pool(slug: str = "sponsor", total: str = "100.00", **more: Any) -> int:
    """Make a pool for the project, paid in wholly unless it is only promised; return its row."""
    given: dict[str, Any] = {
        "kind": "paid_in",
        "currency": "CHF",
        "names": {"en": "Alpine Fund", "ky": "Альпы фонду"},
        "scopes": (("project", PROJECT),),
        "paid": total,
    }
    given |= more
    currency, paid = given["currency"], given.pop("paid")
    terms = {name: given.pop(name) for name in sponsoring.Terms.__slots__ if name in given}
    cap = given.pop("cap", None)
    said = sponsoring.Said(
        total_minor=Money.from_decimal(total, currency).minor,
        cap_minor=Money.from_decimal(cap, currency).minor if cap else None,
        **given,
    )
    if terms["kind"] == "paid_in" and accounts.account(currency.lower()) is None:
        make_account(currency)
    actor = make_person("pool-maker", "administrator")
    with db.transaction():
        pool = sponsoring.make(sponsoring.Terms(slug, **terms), said, actor=actor)
        row = pool.id
        if terms["kind"] == "paid_in" and paid:
            account = accounts.account(currency.lower())
            assert account is not None
            money = Money.from_decimal(paid, currency)
            sponsoring.pay_in(slug, f"{slug}-paid", account, money, clock.today(), actor=actor)
    return row
