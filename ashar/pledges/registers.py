"""What administrators write down: collectors and their books, partners and their agreements."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import func, select

from ashar.kernel import clock, history, papers
from ashar.kernel.db import session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.people import services as people
from ashar.people.models import Person
from ashar.pledges import collectors, partners
from ashar.pledges.models import Agreement, Collector, Partner, SlipBook
from ashar.projects.models import Project

NAMED = N_("There is one of that name already.")
#: Slips of one book at most.
BOOK = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What is said of a collector and may be changed later; country and currency may not."""

    place: str
    contact: str
    slip_limit_minor: int
    held_limit_minor: int
    days_held: int
    active: bool


@dataclass(frozen=True, slots=True)
class File:
    """What is said of a partner and may be changed later; short name and currency may not."""

    name: str
    legal_form: str
    number: str
    register: str
    bank: str
    account_number: str
    signatories: str
    sanctions_by: str
    sanctions_on: date | None
    sanctions_list: str
    active: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says."""

    from_day: date
    until_day: date
    ceiling: Money
    agency: bool
    projects: Sequence[int]


def register(
    slug: str, person: Person, country: str, currency: str, said: Place, *, actor: int | None
) -> Collector:
    """Make somebody a collector, with the role; raise Refused when they are one, or it is you."""
    if collectors.by_slug(slug) is not None:
        raise Refused(NAMED)
    if collectors.of_person(person.id) is not None:
        raise Refused(N_("They are a collector already."))
    people.give_roles(person, "collector", actor=actor, why=said.place)
    row = Collector(
        slug=slug,
        person_id=person.id,
        country=country,
        currency=currency,
        made_at=clock.now(),
        **asdict(said),
    )
    session.add(row)
    session.flush()
    history.record("collector", row.id, "collector", None, slug, actor=actor, data=asdict(said))
    return row


def change(row: Collector | Partner, said: Place | File, *, actor: int, why: str) -> bool:
    """Change what is said of a collector or partner, and tell whether anything is different."""
    kind, new = type(row).__name__.lower(), asdict(said)
    changed = [name for name in new if new[name] != getattr(row, name)]
    for name in changed:
        history.record(
            kind, row.id, name, str(getattr(row, name)), str(new[name]), why=why, actor=actor
        )
        setattr(row, name, new[name])
    return bool(changed)


def issue(row: Collector, slips: int, *, actor: int | None) -> SlipBook:
    """Issue a book of so many slips: its numbers follow on the last book's."""
    last = session.execute(select(func.max(SlipBook.last))).scalar_one() or 0
    book = SlipBook(
        collector_id=row.id,
        first=last + 1,
        last=last + slips,
        issued_at=clock.now(),
        issued_by=actor,
    )
    session.add(book)
    session.flush()
    told = f"{book.first}-{book.last}"
    history.record("collector", row.id, "book", None, told, actor=actor)
    return book


def open_file(slug: str, currency: str, said: File, *, actor: int | None) -> Partner:
    """Open a partner's file; raise Refused when there is one of that name."""
    if partners.by_slug(slug) is not None:
        raise Refused(NAMED)
    row = Partner(slug=slug, currency=currency, made_at=clock.now(), **asdict(said))
    session.add(row)
    session.flush()
    history.record("partner", row.id, "partner", None, said.name, actor=actor)
    return row


def agree(row: Partner, terms: Terms, paper: tuple[bytes, str], *, actor: int | None) -> Agreement:
    """Put an agreement into a partner's file, with its paper; raise Refused for what is none."""
    agreement = Agreement(
        partner_id=row.id,
        from_day=terms.from_day,
        until_day=terms.until_day,
        ceiling_minor=terms.ceiling.minor,
        currency=terms.ceiling.currency,
        agency=terms.agency,
        made_at=clock.now(),
        made_by=actor,
    )
    wanted = select(Project).where(Project.id.in_(terms.projects)).order_by(Project.id)
    agreement.projects = list(session.scalars(wanted))
    session.add(agreement)
    session.flush()
    papers.keep(*paper, owner=("agreement", agreement.id), person=actor)
    told = f"{terms.from_day} – {terms.until_day}"
    history.record("partner", row.id, "agreement", None, told, actor=actor)
    return agreement


def end(row: Agreement, on: date, *, actor: int, why: str) -> None:
    """Let an agreement end earlier than it says; raise Refused for a later day."""
    if not row.from_day <= on < row.until_day:
        raise Refused(N_("An agreement can only end earlier than it says."))
    history.record(
        "partner",
        row.partner_id,
        "agreement",
        row.until_day.isoformat(),
        on.isoformat(),
        why=why,
        actor=actor,
    )
    row.until_day = on
