"""A village's project, written step by step at the leader's desk, in two languages."""

from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import expect

from ashar.kernel.clock import system_clock
from tests.conftest import Clock
from tests.journeys.stage import Stage
from tests.journeys.test_weak_line import photo
from tests.journeys.village import Somebody

TITLE = "Жайлоодогу үйлөргө күн жарыгы"
ENGLISH = "Solar light for homes on the summer pasture"
STORY = """\
Жайында Арпа жайлоосунда отуз үй-бүлө мал багат. Электр жок: кечинде керосин чырак жагабыз, \
телефонду түшүп келип кубаттайбыз.

## Эмне кылабыз

Ар бир үйгө бирден күн панелин, аккумулятор жана үчтөн лампа коёбуз. Чогуу орнотуп, чогуу \
карайбыз.
"""
BUDGET = {"Отуз панель жана аккумулятор": "3600", "Лампалар жана зымдар": "700", "Унаа": "500"}
NEEDS = (
    ("Панелдерди орнотуу", "labour", "45", "day"),
    ("Электриктин кеңеши", "skills", "20", "hour"),
    ("Жыгач мамылар", "materials", "30", "piece"),
    ("Жайлоого ташуу", "transport", "4", "trip"),
    ("Зым тартуу", "labour", "15", "day"),
)
STEPS = (
    ("Панелдер келди", "30", ("photos", "receipts")),
    ("Мамылар тургузулду", "20", ("photos",)),
    ("Отуз үйдө жарык күйдү", "30", ("photos", "confirmation")),
    ("Отчёт жазылды", "20", ("report",)),
)
COMMITTEE = (("Бакыт Асанов", "айыл башчысы"), ("Нургүл Токтосунова", "мугалим"))
PICTURES = ("Кечки жайлоо, боз үйлөр", "Күн панели жерде турат", "Аялдар панель көтөрүп барат")


@dataclass
class Village:
    """The people of the story and the project that they are about."""

    leader: Somebody
    boss: Somebody
    naryn: Somebody
    batken: Somebody
    stranger: Somebody
    stage: Stage
    clock: Clock
    slug: str = ""
    case: str = ""

    @property
    def desk(self) -> str:
        """Return the address of the project at its leader's desk."""
        return f"/lead/projects/{self.slug}"

    def all(self) -> tuple[Somebody, ...]:
        """Return everybody."""
        return self.leader, self.boss, self.naryn, self.batken, self.stranger


def write(village: Village) -> None:
    """Write all of the project, step by step, and its translation."""
    leader = village.leader
    leader.page.locator('main a.button[href$="/lead/projects/new"]').click()
    leader.fill(title=TITLE, goal="4800")
    leader.choose(language="ky", region="KG-N", theme="energy", currency="CHF")
    leader.keep("10-new")
    leader.send()
    leader.page.wait_for_url("**/story")
    village.slug = leader.page.url.split("/")[-2]
    leader.fill(summary="Отуз үйгө күн панели. Керосин жакпайбыз.", story=STORY)
    on(village, "story", "place")
    leader.fill(district="Ат-Башы", aymak="Ак-Моюн", village="Ак-Моюн")
    leader.tick("sdg", "7.2")
    on(village, "place", "goal")
    leader.fill(deadline=_day(90))
    on(village, "goal", "budget")
    write_lines(village)
    leader.fill(owner_name="Гүлнара Асанова", payee_name="«Ак-Моюн» айыл өкмөтү")
    for number, (name, role) in enumerate(COMMITTEE):
        leader.fill(**{f"lines__{number}__name": name, f"lines__{number}__role": role})
    on(village, "people", "pictures")
    add_pictures(village)
    translate(village)
    leader.go(village.desk)
    leader.keep("16-desk-complete")
    expect(leader.page.locator("#missing ~ .tone-good")).to_be_visible()


def on(village: Village, step: str, following: str) -> None:
    """Look at a step, save it and go on to the next."""
    leader = village.leader
    leader.look()
    leader.keep(f"11-{step}")
    leader.page.locator("#step button[value=next]").click()
    leader.page.wait_for_url(f"**{village.desk}/{following}")
    expect(leader.page.locator("#line")).to_be_hidden()


def write_lines(village: Village) -> None:
    """Write budget, needs and milestones; where there are no more lines, ask for more."""
    leader = village.leader
    for number, (title, amount) in enumerate(BUDGET.items()):
        line(village, number, title=title, amount=amount)
    on(village, "budget", "needs")
    for number, (title, kind, quantity, unit) in enumerate(NEEDS):
        line(village, number, title=title, quantity=quantity)
        leader.choose(**{f"lines__{number}__kind": kind, f"lines__{number}__unit": unit})
    on(village, "needs", "milestones")
    for number, (title, share, evidence) in enumerate(STEPS):
        line(village, number, title=title, share=share, due=_day(120 + 30 * number))
        leader.tick(f"lines-{number}-evidence", *evidence)
    on(village, "milestones", "people")


def line(village: Village, number: int, **fields: str) -> None:
    """Fill in a line."""
    page = village.leader.page
    if not page.locator(f"[name='lines-{number}-title']").count():
        page.locator("#step button[value=more]").click()
        page.locator(f"[name='lines-{number}-title']").wait_for()
    village.leader.fill(**{f"lines__{number}__{name}": text for name, text in fields.items()})


def add_pictures(village: Village) -> None:
    """Add three pictures and say what is to be seen."""
    leader = village.leader
    files = leader.page.locator("input[type=file]")
    files.set_input_files([photo(seed) for seed in range(1, len(PICTURES) + 1)])
    expect(leader.page.locator(".shown img")).to_have_count(len(PICTURES), timeout=60_000)
    for number, words in enumerate(PICTURES):
        leader.fill(**{f"lines__{number}__alt": words})
    leader.keep("12-pictures")
    leader.page.locator("#step button[value=next]").click()
    leader.page.wait_for_url(lambda url: not url.endswith("/pictures"))
    leader.keep("13-after-pictures")


def translate(village: Village) -> None:
    """Write the texts in English too, from the list of languages."""
    leader = village.leader
    leader.go(village.desk)
    leader.page.locator('main .rows a[href$="/words/en"]').click()
    leader.fill(
        title=ENGLISH,
        summary="A solar panel for each of thirty homes. No more paraffin lamps.",
        story="In summer thirty families herd on the Arpa pasture, without electricity.",
    )
    leader.keep("15-words")
    leader.page.locator("#step button[value=stay]").click()
    expect(leader.page.locator("main [role=status]:not(#line)")).to_be_visible()


def _day(days: int) -> str:
    return (system_clock() + timedelta(days=days)).date().isoformat()
