"""Sample gifts: pledged and settled by the services that real gifts go through.

Their gateway, `sample`, exists in no app: nothing can be charged or given back through it. They
carry no e-mail address, so that loading them sends nobody a letter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ashar.demo import people
from ashar.gateways.base import Movement, Notice
from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.money import Money, convert, exponent
from ashar.ledger import rates
from ashar.pledges import changes, fees, queries, services, settlement
from ashar.pledges.models import Group, Payment, Pledge
from ashar.pledges.services import Wish
from ashar.pledges.states import GROUP
from ashar.progress.models import Message
from ashar.projects.models import Project

GATEWAY = "sample"
#: Why a part of a sample gift is given back.
RETURNED = "Үлгү: бир бөлүгү кайтарылат. Sample data: a part is given back."
#: Currencies in which the sample provider credits; it converts all others to the first.
CREDITED_IN = ("CHF", "EUR")
#: What is left of the rate after the provider's charge for converting.
CONVERTED = Decimal("0.98")


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift so many days ago; a debit that is still on its way has not `arrived`."""

    days: int
    amount: str
    currency: str
    country: str
    method: str = "card"
    language: str = "ky"
    visibility: str = "anonymous"
    name: str = ""
    message: str = ""
    group: str = ""
    in_honour_of: str = ""
    cover_fees: bool = False
    by_donor: bool = False
    arrived: bool = True


BATKEN = (
    Gift(
        98, "200.00", "EUR", "DE", "sepa", "ky", "public", "Айгүл",
        "Бала кезде ушул арыкты чогуу тазалачубуз. Эми алыстан болсо да кошулайын.",
    ),
    Gift(95, "50.00", "CHF", "CH", "twint", "de", message="Viel Erfolg beim Säen!"),
    Gift(
        91, "100.00", "USD", "US", "card", "en", "public", "Nurlan",
        "For the canal my grandfather helped to dig.", in_honour_of="чоң атам", cover_fees=True,
    ),
    Gift(
        88, "1500.00", "CHF", "CH", "card", "ky", "public", "Цюрихтеги ашар тобу",
        "Жыйырма үй-бүлөдөн. Жазгы сүрөттөрдү күтөбүз.", group="Цюрихтеги ашар тобу",
    ),
    Gift(84, "30.00", "EUR", "AT", "card", "de", cover_fees=True),
    Gift(80, "75.00", "GBP", "GB", "card", "en", "public", "Meerim", "Good luck with the weeds!"),
    Gift(77, "500.00", "CHF", "CH", "twint", "de", "hidden"),
    Gift(
        71, "250.00", "USD", "US", "card", "ru", "public", "Тимур",
        "Шесть лет не был дома. Пусть вода дойдёт и до последнего поля.",
    ),
    Gift(66, "50000", "KRW", "KR", "card", "ky", "public", "Бакыт", "Сеулдан салам!"),
    Gift(60, "500.00", "EUR", "DE", "sepa", "de", "anonymous", "Katharina"),
    Gift(55, "40.00", "CHF", "CH", "twint", "ky", by_donor=True),
    Gift(49, "300.00", "EUR", "IT", "card", "ru", "hidden", cover_fees=True),
    Gift(
        44, "100.00", "CHF", "CH", "card", "ky", "public", "Жылдыз",
        "Апам экөөбүздөн. Метанды өлчөгөнүңөр жакшы экен.",
    ),
    Gift(38, "20.00", "EUR", "PL", "card", "ru"),
    Gift(33, "600.00", "CHF", "CH", "card", "de", "public", "", group="Kirgisische Schule Bern"),
    Gift(27, "150.00", "USD", "US", "card", "en", "anonymous", "Aida", cover_fees=True),
    Gift(22, "80.00", "EUR", "FR", "card", "ru", message="Растите!"),
    Gift(
        16, "1200.00", "USD", "US", "card", "ky", "public", "Чикагодогу жердештер",
        "Отуз төрт кишиден чогулду. Сепкич келгенде сүрөтүн жибергиле.",
        group="Чикагодогу жердештер",
    ),
    Gift(11, "100000", "KRW", "KR", "card", "ky", by_donor=True),
    Gift(7, "60.00", "CHF", "CH", "twint", "de", cover_fees=True),
    Gift(4, "400.00", "EUR", "DE", "sepa", "ky", "public", "Нургүл", "Суу үнөмдөлсө, баарыга жетет."),
    Gift(2, "425.00", "CHF", "CH", "card", "de", "hidden"),
    Gift(1, "150.00", "EUR", "DE", "sepa", "de", arrived=False),
)  # fmt: skip

NARYN = (
    Gift(
        73, "300.00", "EUR", "DE", "sepa", "de", "public", "Martin",
        "Wir haben bei euch in der Jurte geschlafen. Der Weg verdient seine Zeichen.",
    ),
    Gift(69, "50.00", "USD", "US", "card", "en"),
    Gift(64, "120.00", "CHF", "CH", "twint", "de", cover_fees=True),
    Gift(
        58, "1000.00", "EUR", "DE", "card", "ky", "public", "Берлиндеги Нарын тобу",
        "Гид болом деген кыздарга айрыкча ийгилик!", group="Берлиндеги Нарын тобу",
    ),
    Gift(51, "25.00", "EUR", "NL", "ideal", "en", "public", "Els"),
    Gift(
        43, "200000", "KRW", "KR", "card", "ky", "public", "Азамат",
        "Биздин үй да муздак эле. Жылуу кыш болсун.",
    ),
    Gift(36, "80.00", "GBP", "GB", "card", "en", "hidden"),
    Gift(
        29, "400.00", "USD", "US", "card", "ru", "public", "Чолпон",
        "Для тропы к роднику, где мы пасли овец.", in_honour_of="таенем",
    ),
    Gift(21, "60.00", "EUR", "CZ", "card", "ru", cover_fees=True),
    Gift(15, "500.00", "CHF", "CH", "card", "de"),
    Gift(9, "90.00", "EUR", "DE", "sepa", "ky", by_donor=True),
    Gift(3, "150.00", "EUR", "IT", "card", "ru", "public", "Салтанат"),
)  # fmt: skip


def give(project: Project, number: int, gift: Gift) -> None:
    """Pledge a sample gift, dated back, and let its money come, in the current transaction."""
    key = _key(project, number)
    at = clock.now() - timedelta(days=gift.days, minutes=41 * number % 600)
    pledge, payment = services.pledge(project, _wish(gift, key), GATEWAY)
    pledge.made_at = payment.started_at = at - timedelta(minutes=3)
    if not gift.arrived:
        settlement.receive(_notice("processing", key, pledge, payment, at))
        return
    settlement.receive(_notice("paid", key, pledge, payment, at))
    settlement.receive(_credit(key, gift, payment, at))
    _have_been_read(pledge, gift, at)


def _have_been_read(pledge: Pledge, gift: Gift, at: datetime) -> None:
    """Show the words and the group of a sample gift: nobody's turn comes for them."""
    if gift.message and gift.visibility != "hidden":
        read = Message(pledge_id=pledge.id, state="shown", text=gift.message, made_at=at)
        session.add(read)
    if gift.group:
        group = changes.join_group(queries.lock_pledge(pledge.id))
        found = session.get_one(Group, group)
        if GROUP.move(found, "shown", why="sample data"):
            found.shown_at = at


def owe(project: Project, number: int) -> None:
    """Owe a part of a sample gift back, so that the treasurer's desk has something to do."""
    made = queries.by_attempt(_key(project, number))
    if made is not None:
        payment, part = made.payments[0], Money(made.gift_minor // 10, made.currency)
        services.order_refund(payment, part, reason=RETURNED, way="bank")


def _key(project: Project, number: int) -> str:
    return f"sample-{project.slug}-{number:02}"


def _wish(gift: Gift, key: str) -> Wish:
    return Wish(
        attempt=key,
        gift=Money.from_decimal(gift.amount, gift.currency),
        method=gift.method,
        country=gift.country,
        language=gift.language,
        cover_fees=gift.cover_fees,
        name=gift.name,
        visibility=gift.visibility,
        message=gift.message,
        in_honour_of=gift.in_honour_of,
        group=gift.group,
        person=people.person(people.DONOR) if gift.by_donor else None,
    )


def _notice(kind: str, key: str, pledge: Pledge, payment: Payment, at: datetime) -> Notice:
    return Notice(
        gateway=GATEWAY,
        id=f"{key}-{kind}",
        kind=kind,
        at=at,
        reference=pledge.token,
        ids={"charge": f"{key}-charge"},
        money=payment.charged,
    )


def _credit(key: str, gift: Gift, payment: Payment, at: datetime) -> Notice:
    """Return the provider's transaction: what it credited and what it kept."""
    credited = _credited(payment.charged, at)
    movement = Movement(f"{key}-transaction", credited, _fee(credited, gift.method))
    return Notice(
        gateway=GATEWAY,
        id=movement.id,
        kind="transaction",
        at=at,
        ids={"source": f"{key}-charge"},
        movements=(movement,),
        status="charge",
    )


def _credited(charged: Money, at: datetime) -> Money:
    quote = rates.quote(charged.currency, CREDITED_IN[0], clock.day_of(at))
    if charged.currency in CREDITED_IN or quote is None:
        return charged
    return convert(charged, CREDITED_IN[0], quote.rate * CONVERTED)


def _fee(credited: Money, method: str) -> Money:
    rate, fixed = fees.TARIFF[method]
    fixed_minor = fixed.scaleb(exponent(credited.currency))
    return Money(int(credited.minor * rate + fixed_minor), credited.currency)
