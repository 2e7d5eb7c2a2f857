"""Sample news of the published projects, what was said to them, and what waits for a moderator.

All of it goes through the services that real news goes through, and nobody gets a letter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ashar.demo import people
from ashar.kernel import clock
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.moderation.queries import Reviewer
from ashar.moderation.services import Verdict
from ashar.people.models import Person
from ashar.progress import comments
from ashar.progress import services as updates
from ashar.progress.access import Writer
from ashar.progress.comments import Author, Said
from ashar.progress.models import Comment, Update
from ashar.progress.services import Draft
from ashar.projects.models import Project


@dataclass(frozen=True, slots=True)
class News:
    """An update so many days ago, in several languages; perhaps a question and its answer."""

    days: int
    title: Mapping[str, str]
    text: Mapping[str, str]
    question: str = ""
    answer: str = ""


NARYN = (
    News(
        40,
        {
            "ky": "Чабандар менен жолду басып чыктык (үлгү)",
            "ru": "Прошли тропу вместе с чабанами (образец)",
            "en": "We walked the trail with the herders (sample)",
            "de": "Mit den Hirten den Weg abgegangen (Beispiel)",
        },
        {
            "ky": "Эки күндө 38 километрдин биринчи 14 километрин бастык. Бир жерде жолду жогору "
            "жылдырдык: төмөндө булактын башы бар экен. Каражат чогулганда белги коёбуз.",
            "ru": "За два дня прошли первые 14 из 38 километров. В одном месте увели тропу выше: "
            "внизу оказался исток родника. Знаки поставим, когда соберём средства.",
            "en": "In two days we walked the first 14 of 38 kilometres. In one place we moved the "
            "trail uphill: below it lies the head of a spring. The marks come once the money is "
            "there.",
            "de": "In zwei Tagen sind wir die ersten 14 von 38 Kilometern gegangen. An einer Stelle "
            "führt der Weg jetzt weiter oben: Darunter liegt ein Quellkopf. Die Markierungen "
            "kommen, sobald das Geld da ist.",
        },
        "Белгилер кышында өчүп калбайбы?",
        "Ташка сырдайбыз, жыл сайын жазында өзүбүз карап чыгабыз.",
    ),
)
BATKEN = (
    News(
        60,
        {
            "ky": "31 үй-бүлө макул болду (үлгү)",
            "ru": "31 семья согласилась (образец)",
            "en": "31 families have agreed (sample)",
            "de": "31 Familien sind dabei (Beispiel)",
        },
        {
            "ky": "Чогулушта ар бир үй-бүлө эски жол менен кала турган талаасын атады. Суунун "
            "деңгээлин жазып турууга эки кишини шайладык.",
            "ru": "На собрании каждая семья назвала участок, который останется по старинке. "
            "Выбрали двух человек, которые будут записывать уровень воды.",
            "en": "At a meeting each family named the piece of field that stays as it was. Two "
            "people were chosen to write down the water level.",
            "de": "Bei einer Versammlung hat jede Familie das Stück Feld genannt, das bleibt, wie "
            "es war. Zwei Leute wurden gewählt, die den Wasserstand aufschreiben.",
        },
        "Арык тазалаганга бир күн барсам болобу?",
        "Болот, сизди күтөбүз! Күнүн ушул жерге жазабыз.",
    ),
    News(
        21,
        {
            "ky": "Агроном талааларды көрүп чыкты (үлгү)",
            "ru": "Агроном осмотрел поля (образец)",
            "en": "The agronomist has looked at the fields (sample)",
            "de": "Die Felder sind begutachtet (Beispiel)",
        },
        {
            "ky": "24 гектардын картасы түзүлдү. Үч талаага суу өлчөгүч коюлат: эски жол менен "
            "жаңысын ошолордо салыштырабыз.",
            "ru": "Составлена карта 24 гектаров. На трёх полях поставим водомеры: там и сравним "
            "старый способ с новым.",
            "en": "There is a map of the 24 hectares. Three fields will get water meters: there we "
            "compare the old way with the new one.",
            "de": "Von den 24 Hektar gibt es jetzt eine Karte. Drei Felder bekommen Wasserzähler: "
            "Dort vergleichen wir den alten Weg mit dem neuen.",
        },
    ),
)
#: Said to a project of the sample moderator's region; since it names a number, it waits.
WAITS = "Балдар менен келгим келет. Мага чалып койгулачы: +996 700 000 000"


def tell(project: Project, found: tuple[News, ...]) -> None:
    """Put in a project's news, in the current transaction; in a host there are no people for it."""
    leader = people.known(people.LEADER)
    donor, moderator = people.known(people.DONOR), people.known(people.MODERATOR)
    if leader is None or donor is None or moderator is None:
        return
    for number, one in enumerate(found):
        update = _update(Writer(project, leader, leads=True), one)
        if one.question:
            _talk(project, update, one, f"sample-{project.slug}-{number}", (donor, moderator))


def wait(project: Project) -> None:
    """Put in a comment that a moderator has to read."""
    donor = people.known(people.DONOR)
    if donor is not None:
        comments.say(
            project,
            Author(person=donor.id),
            Said(f"sample-{project.slug}-waits", WAITS, "Үлгү"),
        )


def _update(writer: Writer, one: News) -> Update:
    made = updates.write(writer, Draft("ky", one.title, one.text))
    updates.publish(made, writer)
    at = clock.now() - timedelta(days=one.days)
    made.made_at = made.edited_at = made.published_at = at
    return made


def _talk(
    project: Project, update: Update, one: News, key: str, who: tuple[Person, Person]
) -> None:
    donor, moderator = who
    asked = comments.say(
        project, Author(person=donor.id), Said(f"{key}-asked", one.question, "Үлгү", update)
    )
    _approve(asked, moderator)
    leader = Author(person=project.owner_id, leads=True)
    answer = comments.say(
        project, leader, Said(f"{key}-answered", one.answer, update=update, answers=asked)
    )
    for hours, said in ((20, asked), (26, answer)):
        at = clock.now() - timedelta(days=one.days, hours=-hours)
        said.made_at = said.shown_at = at


def _approve(comment: Comment, moderator: Person) -> None:
    """Say yes as a moderator of the region would, where the comment waits for one."""
    case = cases.of_subject("comment", comment.id)
    if case is None:
        return
    reviewer = Reviewer(
        id=moderator.id,
        email=moderator.email or "",
        regions=frozenset({case.region}),
        administers=False,
        name=moderator.name,
    )
    moderation.decide(case, reviewer, Verdict("approve", case.revision, "no", words="sample data"))
