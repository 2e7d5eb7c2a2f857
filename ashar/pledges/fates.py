"""What became of money that a project could not use, in words for its donor."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ashar.kernel import i18n
from ashar.kernel.db import session
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.pledges.models import Campaign, Disposition, Payment, Pledge
from ashar.projects import show
from ashar.projects.models import Project

MISSED = N_("“%(project)s” did not reach its minimum.")
ASKED = N_("Please tell us what should become of it.")
#: (choice, whether it is done) → what is told
WORDS = {
    ("refund", False): N_(
        "Your gift goes back the way it came. We write to you as soon as it has gone."
    ),
    ("project", False): N_("Your gift goes to “%(other)s”, as was chosen."),
    ("project", True): N_("Your gift went to “%(other)s”, as was chosen."),
    ("general", False): N_("Your gift goes to the association's general fund."),
    ("general", True): N_("Your gift is in the association's general fund."),
}
STUCK = N_("It could not go back the way it came. The association finds another way.")


@dataclass(frozen=True, slots=True)
class Fate:
    """What a pledge's page says of it, and whether its donor is asked."""

    words: tuple[str, ...] = ()
    asks: bool = False


def of(pledge: Pledge) -> Fate:
    """Return what became of a pledge's money that its project could not use; one query at most."""
    if not any(payment.settled_at for payment in pledge.payments):
        return Fate()
    rows = session.scalars(
        select(Disposition)
        .join(Disposition.payment)
        .where(Payment.pledge_id == pledge.id)
        .options(
            joinedload(Disposition.project).selectinload(Project.texts),
            joinedload(Disposition.campaign)
            .joinedload(Campaign.project)
            .selectinload(Project.texts),
        )
        .order_by(Disposition.id)
    ).all()
    words = [sentence for row in rows for sentence in _told(row)]
    return Fate(tuple(dict.fromkeys(words)), any(row.state == "asked" for row in rows))


def _told(row: Disposition) -> list[str]:
    if row.state == "asked":
        return [t(ASKED)]
    found = []
    if row.campaign is not None:
        found.append(t(MISSED, project=show.title(row.campaign.project)))
    if row.state == "stuck":
        return [*found, t(STUCK)]
    words = WORDS.get((row.choice or "", row.state == "done"))
    if words is not None:
        other = show.title(row.project) if row.project else ""
        found.append(t(words, other=other))
    return found


def asked(pledge: Pledge) -> list[Disposition]:
    """Return the late money of a pledge about which its donor is asked."""
    return list(
        session.scalars(
            select(Disposition)
            .join(Disposition.payment)
            .where(Payment.pledge_id == pledge.id, Disposition.state == "asked")
            .options(selectinload(Disposition.payment))
            .order_by(Disposition.id)
        )
    )


def sums(rows: list[Disposition]) -> list[str]:
    """Return the sums of some late money, as people read them."""
    return [i18n.money(Money(row.payment.gift_minor, row.payment.currency)) for row in rows]
