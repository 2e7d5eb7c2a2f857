"""A village writes its project, moderators read it, everybody finds it: by phone, in Kyrgyz."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ashar.kernel.clock import system_clock
from ashar.mail import sending
from ashar.moderation.states import CHECKLIST
from tests.conftest import Clock
from tests.journeys.conftest import Visit
from tests.journeys.stage import Stage
from tests.journeys.test_weak_line import photo
from tests.journeys.village import PASSWORD, Somebody
from tests.journeys.visitor import PHONE

pytestmark = pytest.mark.browser

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
APPLICATION = {
    "place": "Нарын, Ат-Башы, Ак-Моюн",
    "phone": "+996 700 123 456",
    "about": "Он эки жылдан бери мектепте физика окутам.",
    "community": "Эки жүз түтүн, мал багабыз. Жайлоого жарык тарткыбыз келет.",
    "voucher1_name": "Бакыт Асанов",
    "voucher1_contact": "+996 555 000 111",
}


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


@pytest.fixture
def village(stage: Stage, visit: Visit, clock: Clock) -> Village:
    """Make the accounts that commands make; the leader has none yet."""

    def come(email: str, *words: str) -> Somebody:
        if words:
            stage.command("user", "create", email, "--password", PASSWORD, *words)
        return Somebody(visit(locale="ky", **PHONE), stage, email)

    return Village(
        leader=come("gulnara@example.org"),
        boss=come("boss@example.org", "--role", "administrator"),
        naryn=come("asan@example.org", "--role", "moderator", "--region", "KG-N"),
        batken=come("samat@example.org", "--role", "moderator", "--region", "KG-B"),
        stranger=come("stranger@example.org"),
        stage=stage,
        clock=clock,
    )


def test_a_village_writes_a_project_and_its_region_publishes_it(village: Village) -> None:
    becomes_a_leader(village)
    arrive(village.naryn, reads=("ky", "en"))
    arrive(village.batken, reads=("ky",))
    write(village)
    is_unseen(village)
    submit(village)
    is_unseen(village)
    becomes_a_moderator(village)
    cannot_decide(village)
    ask(village)
    is_unseen(village)
    answer(village)
    cannot_decide(village)
    approve(village)
    is_public(village)
    for one in village.all():
        one.visitor.met_only(village.stage.url)
        assert one.unread() == []


# A leader -------------------------------------------------------------------------------------


def becomes_a_leader(village: Village) -> None:
    """Make an account, apply, be granted by an administrator, set up the second factor."""
    leader = village.leader
    leader.go("/register")
    leader.fill(email=leader.email, name="Гүлнара Асанова", password=PASSWORD)
    leader.keep("01-register")
    leader.send()
    leader.page.wait_for_url(lambda url: "/register" not in url)
    leader.look()
    leader.follow(leader.letter("ырастаңыз"), "/")
    leader.keep("02-confirmed")
    leader.go("/lead/apply")
    leader.page.wait_for_url("**/sign-in*")
    leader.sign_in()
    leader.page.wait_for_url("**/lead/apply")
    leader.choose(region="KG-N")
    leader.fill(**APPLICATION)
    leader.page.locator("[name=consent]").check()
    leader.keep("03-apply")
    leader.send()
    expect(leader.page.locator(".state")).to_be_visible()
    leader.keep("04-applied")
    arrive(village.boss)
    grant(village)
    leader.follow(leader.letter("жетектей аласыз"), "/lead", status=403)
    leader.keep("08-weak-desk")
    leader.page.locator("main a.button").click()
    leader.page.wait_for_url("**/account*")
    leader.set_up_app()
    leader.keep("09-account")
    leader.page.locator('main a.button[href$="/lead"]').click()
    leader.page.wait_for_url("**/lead")


def arrive(somebody: Somebody, reads: tuple[str, ...] = ()) -> None:
    """Sign in for the first time, set up the app, say which languages one reads."""
    somebody.go("/sign-in")
    somebody.sign_in()
    somebody.set_up_app()
    if reads:
        somebody.tick("reads", *reads)
        somebody.send('form[action$="/account/reads"]')
        expect(somebody.page.locator("[role=status]")).to_be_visible()


def grant(village: Village) -> None:
    """Follow the letter to the application, and make the applicant a leader."""
    boss = village.boss
    boss.follow(boss.letter("жетектегиси келет"), "/admin/applications/")
    expect(boss.page.locator("main")).to_contain_text("Бакыт Асанов")
    boss.tick("decision", "grant")
    boss.fill(words="Бакыт менен сүйлөштүм.")
    boss.keep("06-application")
    boss.send('form[action*="/admin/applications/"]')
    expect(boss.page.locator("main [role=status]")).to_be_visible()
    boss.keep("07-granted")


def becomes_a_moderator(village: Village) -> None:
    """Make the leader a moderator of her region too, from the list of people."""
    boss, leader = village.boss, village.leader
    boss.go("/admin/people")
    boss.page.locator("main [name=q]").fill("Гүлнара")
    boss.page.locator("main [name=q]").press("Enter")
    boss.page.locator("main").get_by_role("link", name="Гүлнара Асанова").click()
    boss.page.locator("#give ~ details > summary").click()
    boss.tick("role", "moderator")
    boss.tick("regions", "KG-N")
    boss.fill(why="Аймакта бир эле модератор бар.")
    boss.keep("20-role")
    boss.send('form[action$="/roles"]')
    expect(boss.page.locator("#roles ~ ul")).to_contain_text("Нарын")
    leader.go("/account")
    leader.keep("21-account-of-both")
    leader.page.locator('main a.button[href$="/moderation"]').click()
    leader.page.wait_for_url("**/moderation")


# Writing --------------------------------------------------------------------------------------


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


# Unseen ---------------------------------------------------------------------------------------


def is_unseen(village: Village) -> None:
    """Check that those who may not see the project find nothing of it, wherever they look."""
    images = images_of(village)
    assert len(images) == len(PICTURES)
    assert {village.leader.status(path) for path in images} == {200}
    page = f"/projects/{village.slug}"
    hidden = (page, f"/api/v1{page}", f"{page}/updates", f"{page}/updates.atom", f"{page}/widget",
              f"{page}/card.png", f"{page}/pledge", *images)  # fmt: skip
    for one in (village.stranger, village.batken):
        assert {path: one.status(path) for path in hidden} == dict.fromkeys(hidden, 404)
        for path in lists(village):
            assert village.slug not in text(one, path), path
    assert village.stranger.status(village.desk) in {302, 303, 401, 403}
    assert village.batken.status(village.desk) == 403
    outsider(village)


def outsider(village: Village) -> None:
    """Check that the moderator of another region has an empty queue, and no case by address."""
    batken = village.batken
    batken.go("/moderation")
    expect(batken.page.locator("table.rows")).to_have_count(0)
    assert batken.status(f"/moderation/projects/{village.slug}") == 403
    if village.case:
        batken.keep("30-queue-of-batken")
        assert batken.status(village.case) == 403
        assert batken.post(village.case, what="approve", kinship="no") == 403
    assert batken.unread() == []


def images_of(village: Village) -> list[str]:
    """Return the addresses of the project's pictures, from its leader's page."""
    village.leader.go(f"{village.desk}/pictures")
    found = village.leader.page.locator(".shown img")
    urls: list[str] = found.evaluate_all("all => all.map((one) => one.getAttribute('src'))")
    return urls


def lists(village: Village) -> tuple[str, ...]:
    """Return where a public project stands in a list."""
    found = ("жайлоодогу", "жайло", "панели", "pasture", "jailoodogu", "нар")
    searches = tuple(f"/projects?q={word}" for word in found)
    return ("/projects", "/projects?region=KG-N", *searches, "/api/v1/projects", "/projects.atom")


def text(somebody: Somebody, path: str) -> str:
    """Return what an address answers."""
    answer = somebody.page.request.get(somebody.stage.url + path)
    assert answer.ok, (path, answer.status)
    return answer.text()


# Review ---------------------------------------------------------------------------------------


def submit(village: Village) -> None:
    """Send the project in; the right people get letters."""
    leader = village.leader
    leader.go(village.desk)
    leader.page.locator('#missing ~ p a[href$="/submit"]').click()
    leader.fill(words="Комитет май айында чогулган.")
    leader.look()
    leader.keep("17-submit")
    leader.send("#send")
    leader.page.wait_for_url(f"**{village.desk}")
    leader.look()
    leader.keep("18-submitted")
    assert TITLE in leader.letter("Келип түштү")
    assert village.boss.unread() == village.batken.unread() == []


def ask(village: Village) -> None:
    """Follow the letter to the case, ask about two fields, and ask for changes."""
    naryn = village.naryn
    letter = naryn.letter("чечим күтүп турат")
    assert TITLE in letter
    naryn.follow(letter, village.case)
    naryn.keep("23-case")
    naryn.send('form[action$="/claim"]')
    expect(naryn.page.locator('form[action$="/release"]')).to_be_visible()
    question(naryn, "story", "Аккумуляторлорду кышында ким карайт?")
    budget = naryn.page.locator("[id^='about-budget.']").first.get_attribute("id")
    question(naryn, (budget or "").removeprefix("about-"), "Эки сатуучунун баасы барбы?")
    naryn.tick("kinship", "no")
    naryn.tick("what", "ask")
    naryn.keep("24-case-asked")
    naryn.send("#form-decision")
    naryn.page.wait_for_url("**/moderation")
    naryn.look()
    naryn.keep("25-queue-after")


def question(naryn: Somebody, key: str, words: str) -> None:
    """Open the question beside a field, and ask."""
    naryn.page.locator(f'[id="about-{key}"] summary').click()
    naryn.page.locator(f'[id="ask-{key}"]').fill(words)
    naryn.send(f'[id="about-{key}"]')
    expect(naryn.page.locator("[role=status]")).to_be_visible()


def answer(village: Village) -> None:
    """Follow the letter to the desk, answer both questions, change the story, send it again."""
    leader = village.leader
    letter = leader.letter("Суроолор бар")
    assert "ким карайт" in letter and "баасы барбы" in letter
    leader.follow(letter, village.desk)
    leader.keep("26-desk-asked")
    forms = leader.page.locator("form[id^=answer-]")
    ids = [str(forms.nth(number).get_attribute("id")) for number in range(forms.count())]
    assert len(ids) == 2
    for number, one in enumerate(ids):
        leader.page.locator(f"#{one} textarea").fill(f"Бакыт карайт. {number}")
        leader.send(f"#{one}")
        expect(leader.page.locator("main [role=status]:not(#line)")).to_be_visible()
    leader.page.locator('.parts a[href$="/story"]').click()
    leader.fill(story=f"{STORY}\nКышында аккумуляторлор Бакыттын үйүндө турат.")
    on(village, "story-again", "place")
    leader.go(village.desk)
    leader.keep("27-desk-answered")
    leader.page.locator('#missing ~ p a[href$="/submit"]').click()
    leader.send("#send")
    leader.page.wait_for_url(f"**{village.desk}")
    leader.letter("Келип түштү")


def approve(village: Village) -> None:
    """See what has changed since, answer all that is asked, approve."""
    naryn = village.naryn
    assert naryn.unread() == []
    # Moderators are told of cases twice an hour at most.
    village.clock.forward(minutes=31)
    with village.stage.site.app_context():
        sending.sweep()
    naryn.follow(naryn.letter("чечим күтүп турат"), village.case)
    expect(naryn.page.locator("[aria-labelledby=since] ins").first).to_contain_text("Кышында")
    expect(naryn.page.locator("[aria-labelledby=questions]")).to_contain_text("Бакыт карайт. 1")
    naryn.tick("kinship", "no")
    for name in CHECKLIST:
        naryn.tick(f"check_{name}", "yes")
    naryn.tick("reads", "ky", "en")
    naryn.tick("what", "approve")
    naryn.page.locator("#form-decision [name=words]").fill("Жакшы долбоор.")
    naryn.keep("28-case-again")
    naryn.send("#form-decision")
    naryn.page.wait_for_url("**/moderation")


def cannot_decide(village: Village) -> None:
    """Check that the leader, a moderator of the region herself, decides nothing of her own."""
    leader = village.leader
    leader.go("/moderation")
    row = leader.page.locator("table.rows tbody tr")
    expect(row).to_have_count(1)
    leader.keep("22-own-queue")
    row.locator("a").click()
    leader.page.wait_for_url("**/moderation/*")
    leader.look()
    leader.keep("22-own-case")
    village.case = leader.page.url.removeprefix(village.stage.url).partition("?")[0]
    expect(leader.page.locator("#form-decision")).to_have_count(0)
    before = state(village)
    given = {f"check_{name}": "yes" for name in CHECKLIST} | {"kinship": "no", "words": "Макул"}
    for what in ("approve", "ask", "reject"):
        for revision in map(str, range(6)):
            fields = given | {"what": what, "revision": revision, "reason": "other", "reads": "ky"}
            assert leader.post(village.case, **fields) in {403, 409, 422}
    for path, fields in (("claim", {}), ("ask", {"field": "goal", "words": "Эмне?"})):
        leader.post(f"{village.case}/{path}", **fields)
    for path in ("/api/v1/projects", f"/api/v1/projects/{village.slug}"):
        assert leader.post(path, state="published") == 405
    assert state(village) == before


def state(village: Village) -> str:
    """Return how the case stands, as its own page says to the moderator of the region."""
    answer = text(village.leader, village.case)
    return answer[answer.index("<main") :]


# Public ---------------------------------------------------------------------------------------


def is_public(village: Village) -> None:
    """Follow the letter to the page; then find the project as a stranger, in every way."""
    leader, stranger, page = village.leader, village.stranger, f"/projects/{village.slug}"
    letter = leader.letter("Жарыяланды")
    leader.follow(letter, page)
    leader.follow(letter, village.desk)
    leader.keep("31-desk-public")
    for path in lists(village):
        assert village.slug in text(stranger, path), path
    stranger.go("/projects?q=жайло")
    stranger.keep("32-search")
    expect(stranger.page.locator("main")).to_contain_text("1 долбоор")
    stranger.page.locator(f'.card a[href*="{page}"]').first.click()
    expect(stranger.page.locator("h1")).to_have_text(TITLE)
    stranger.look()
    stranger.keep("33-public")
    for words in PICTURES:
        image = stranger.page.locator(f'main img[alt="{words}"]').first
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("one => one.naturalWidth") > 0, words
    assert ENGLISH in text(stranger, f"{page}?lang=en")
    found = json.loads(text(stranger, f"/api/v1{page}"))
    assert found["slug"] == village.slug
    assert village.naryn.unread() == []
