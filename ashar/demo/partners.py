"""A sample partner with an agreement in force, and a sample collector in Batken; none is real."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from ashar.demo import people
from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.pledges import collectors, partners, registers
from ashar.projects.models import Project

PARTNER, COLLECTOR = "sample-partner", "sample-batken"
CURRENCY = "KGS"
CEILING = Money(500_000_000, CURRENCY)
#: Slips of the sample collector's book.
SLIPS = 20
#: An empty page: no agreement stands behind it.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def load(projects: Sequence[str]) -> None:
    """Put in what is missing, in the current transaction."""
    if partners.by_slug(PARTNER) is None:
        _partner(projects)
    collector = people.known(people.COLLECTOR)
    if collector is not None and collectors.by_slug(COLLECTOR) is None:
        row = registers.register(COLLECTOR, collector, "KG", CURRENCY, _place(), actor=None)
        registers.issue(row, SLIPS, actor=None)


def _place() -> registers.Place:
    most, held = (
        collectors.limit(name, CURRENCY).minor for name in ("ASHAR_CASH_SLIP", "ASHAR_CASH_HELD")
    )
    return registers.Place("Баткен, борбордук базар (үлгү)", "", most, held, 30, active=True)


def _partner(projects: Sequence[str]) -> None:
    today = clock.today()
    said = registers.File(
        name="Общественный фонд «Үлгү»",
        legal_form="коомдук фонд (үлгү)",
        number="000000-0000",
        register="үлгү / sample",
        bank="Үлгү Банк",
        account_number="1090000000000000",
        signatories="үлгү / sample",
        sanctions_by="үлгү / sample",
        sanctions_on=today,
        sanctions_list="UN, EU, SECO (sample)",
        active=True,
    )
    rows = select(Project.id).where(Project.slug.in_(projects)).order_by(Project.id)
    terms = registers.Terms(
        from_day=today - timedelta(days=120),
        until_day=today + timedelta(days=610),
        ceiling=CEILING,
        agency=True,
        projects=session.scalars(rows).all(),
    )
    row = registers.open_file(PARTNER, CURRENCY, said, actor=None)
    registers.agree(row, terms, (PAPER, "agreement.pdf"), actor=None)
