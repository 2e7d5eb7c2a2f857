"""A village writes its project, moderators read it, everybody finds it: by phone, in Kyrgyz."""

import json

import pytest
from playwright.sync_api import expect

from ashar.kernel import db
from ashar.mail import sending
from ashar.moderation.models import Case
from ashar.moderation.states import CHECKLIST
from tests.conftest import Clock
from tests.journeys.conftest import Visit
from tests.journeys.stage import Stage
from tests.journeys.village import PASSWORD, Somebody
from tests.journeys.village_desk import ENGLISH, PICTURES, STORY, TITLE, Village, on, write
from tests.journeys.visitor import PHONE

pytestmark = pytest.mark.browser

APPLICATION = {
    "place": "Нарын, Ат-Башы, Ак-Моюн",
    "phone": "+996 700 123 456",
    "about": "Он эки жылдан бери мектепте физика окутам.",
    "community": "Эки жүз түтүн, мал багабыз. Жайлоого жарык тарткыбыз келет.",
    "voucher1_name": "Бакыт Асанов",
    "voucher1_contact": "+996 555 000 111",
}


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
        assert one.status("/sitemap.xml") == 404
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
    given |= {"revision": str(before[0]), "reason": "other", "reads": "ky"}
    for what in ("approve", "ask", "reject"):
        assert leader.post(village.case, **given, what=what) in {403, 409, 422}
    assert leader.post(f"{village.case}/claim") in {403, 409, 422}
    assert leader.post(f"{village.case}/ask", field="goal", words="Эмне?") in {403, 409, 422}
    for path in ("/api/v1/projects", f"/api/v1/projects/{village.slug}"):
        assert leader.post(path, state="published") == 405
    assert state(village) == before


def state(village: Village) -> tuple[int, str, str, int, int, int | None]:
    """Return how the case and its project stand, and what was said and decided."""
    with village.stage.site.app_context():
        token = village.case.rpartition("/")[2]
        case = db.session.query(Case).filter_by(token=token).one()
        assert case.project is not None
        said = len(case.remarks), len(case.decisions), case.claimed_by
        return case.revision, case.state, case.project.state, *said


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
