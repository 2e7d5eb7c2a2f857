"""A sample sponsor who adds to gifts for `naryn-community-tourism`; nobody real."""

from datetime import timedelta

from ashar.demo import people
from ashar.kernel import clock
from ashar.kernel.money import Money
from ashar.ledger import accounts
from ashar.pledges import pools, sponsoring
from ashar.pledges.sponsoring import Said, Terms

SLUG = "sample-alpine-fund"
TOTAL = Money.from_decimal("2000.00", "EUR")
CAP = Money.from_decimal("100.00", "EUR")
#: Days ago when the sponsor paid in.
PAID = 80


def load() -> None:
    """Put it in where it is missing, in the current transaction."""
    account = accounts.account("sample-eur")
    if pools.by_slug(SLUG) is not None or account is None:
        return
    said = Said(
        names={
            "ky": "Альпы фонду (үлгү)",
            "ru": "Альпийский фонд (образец)",
            "en": "Alpine Fund (sample)",
            "de": "Alpenfonds (Muster)",
        },
        total_minor=TOTAL.minor,
        cap_minor=CAP.minor,
        scopes=(("project", "naryn-community-tourism"),),
    )
    actor = people.person("administrator@example.org")
    pool = sponsoring.make(Terms(SLUG, "paid_in", TOTAL.currency), said, actor=actor)
    pool.made_at = clock.now() - timedelta(days=PAID)
    day = clock.today() - timedelta(days=PAID)
    sponsoring.pay_in(SLUG, SLUG, account, TOTAL, day, actor=actor)
