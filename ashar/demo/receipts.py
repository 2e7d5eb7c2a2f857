"""A sample association, and what sample tax offices said of it; nothing of it is real."""

from datetime import timedelta
from typing import Any

from ashar.kernel import clock, terms
from ashar.pledges import issuer

ASSOCIATION = {
    "name": "Ashar (үлгү · sample)",
    "street": "Musterstrasse 1",
    "postcode": "3000",
    "city": "Bern",
    "country": "CH",
    "register": "CHE-000.000.000",
    "contact": "ashar@example.org",
    "signatory": "",
}
OFFICES: dict[str, dict[str, Any]] = {
    "ch": {"office": "Musterkanton", "purposes": "Umweltschutz, Entwicklungszusammenarbeit"},
    "de": {
        "office": "Musterstadt",
        "number": "00/000/00000",
        "notice": "exempt",
        "purposes": "des Umweltschutzes und der Entwicklungszusammenarbeit",
    },
    "us": {"office": "IRS", "number": "00-0000000", "purposes": "environmental protection"},
}
#: How long ago the sample offices spoke.
AGO = timedelta(days=300)


def load() -> None:
    """Put in what is missing, in the current transaction."""
    day = {"notice_day": (clock.today() - AGO).isoformat()}
    for code, said in {issuer.ASSOCIATION: ASSOCIATION, **OFFICES}.items():
        if terms.row_of(issuer.KIND, code) is None:
            more = said | (day if code in issuer.RULES else {})
            terms.change(issuer.KIND, code, {}, more=more, actor=None, why="sample data")
