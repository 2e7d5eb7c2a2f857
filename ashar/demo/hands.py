"""Sample offers of hands and things: made and answered by the services that real ones go through.

They carry no e-mail address, so that nobody gets a letter, and no real person's name.
"""

from dataclasses import dataclass
from datetime import timedelta

from ashar.kernel import clock
from ashar.pledges import offered, offers, witnesses
from ashar.pledges.offers import Wish
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class Hand:
    """An offer so many days ago to a need, and how much of it was accepted, came, is confirmed."""

    days: int
    need: str
    quantity: int
    name: str
    accepted: int = 0
    delivered: int = 0
    confirmed: int = 0
    people: int = 1
    group: str = ""
    message: str = ""
    visibility: str = "anonymous"


BATKEN = (
    Hand(90, "n1", 12, "Кошуна көчө", 12, 10, 10, people=6, message="Алты үйдөн келебиз."),
    Hand(74, "n1", 8, "Мектептин агалары", 8, 8, people=4, group="Мектептин агалары"),
    Hand(30, "n1", 6, "Аида", 6, people=2, visibility="public", message="Июлда айылда болобуз."),
    Hand(5, "n1", 5, "Нурбек", message="Качан керек экенин айтсаңыздар, келем."),
    Hand(61, "n3", 8, "Агроном", 8, 4, 4),
    Hand(40, "n4", 3, "Шофёр", 2),
)
NARYN = (
    Hand(50, "n1", 10, "Чабандар", 10, 10, 10, people=5),
    Hand(20, "n1", 4, "Студенттер", 4, people=4, group="Нарындын студенттери"),
    Hand(6, "n2", 2, "Бакыт"),
)
#: Days after today on which those who have not come yet are expected.
NEXT = 24


def lend(project: Project, number: int, hand: Hand) -> None:
    """Offer something, dated back, and let it go its way, in the current transaction."""
    need = offered.need(project, hand.need)
    if need is None:
        raise LookupError(f"{project.slug} has no need {hand.need}")
    offer = offers.make(project, need, _wish(project, number, hand))
    at = clock.now() - timedelta(days=hand.days)
    offer.pledge.made_at = at
    if not hand.accepted:
        return
    away = timedelta(days=-hand.days // 2 if hand.delivered else NEXT)
    offers.accept(offer, hand.accepted, day=clock.today() + away, actor=None)
    offer.accepted_at = at + timedelta(days=1)
    if hand.delivered:
        offers.deliver([(offer, hand.delivered)], photo=None, actor=None)
        offer.delivered_at = clock.now() + away
    if hand.confirmed:
        offers.confirm(offer, hand.confirmed, role=witnesses.GIVER, person=None)
        offer.confirmed_at = clock.now() + away + timedelta(days=1)


def _wish(project: Project, number: int, hand: Hand) -> Wish:
    return Wish(
        attempt=f"sample-{project.slug}-hand-{number:02}",
        quantity=hand.quantity,
        name=hand.name,
        people=hand.people,
        language="ky",
        visibility=hand.visibility,
        message=hand.message,
        group=hand.group,
    )
