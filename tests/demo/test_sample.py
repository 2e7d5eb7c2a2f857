"""The sample data: real enough to look at, honest in the book, and put in only once."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from ashar import checks
from ashar.demo import batken, naryn, people, rates, sample, talas, windbreak
from ashar.kernel import db, i18n, media
from ashar.kernel.clock import now, today
from ashar.kernel.db import session
from ashar.kernel.i18n import speaking
from ashar.kernel.money import Money
from ashar.ledger import queries as ledger
from ashar.ledger.models import Rate
from ashar.ledger.rates import add, quote
from ashar.models import metadata
from ashar.moderation import queries as cases
from ashar.moderation import services
from ashar.moderation.queries import Reviewer
from ashar.people.access import ROLES
from ashar.people.models import Person
from ashar.pledges.models import Offer, Payment, Pledge
from ashar.progress.models import Comment, Update
from ashar.projects import queries, show
from ashar.projects.models import Project
from ashar.projects.themes import SDG_TARGETS
from ashar.site import create_app
from tests.conftest import Clock
from tests.conftest import _dispose as dispose
from tests.factories import verdict
from tests.live import read_form
from tests.mailbox import Mailbox

SAMPLES = (batken.SAMPLE, naryn.SAMPLE, talas.SAMPLE, windbreak.SAMPLE)
LANGUAGES = ("ky", "ru", "en", "de")


@pytest.fixture(scope="module")
def loaded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Yield a site with the sample data, for tests that only look."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "ashar.sqlite3").write_bytes(sqlite_template.read_bytes())
    settings = {
        "ASHAR_DATABASE_URL": f"sqlite:///{folder / 'ashar.sqlite3'}",
        "ASHAR_INSTANCE_PATH": str(folder),
        "ASHAR_JOBS": "off",
        "TESTING": True,
    }
    app = create_app(settings, environ={}, mailer=Mailbox())
    with app.app_context():
        sample.load()
    yield app
    dispose(app)


def rows() -> dict[str, int]:
    """Count the rows of every table."""
    return {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def test_loading_twice_changes_nothing(site: Flask) -> None:
    with site.app_context():
        made = sample.load()
        before, balances = rows(), ledger.balances()
        assert sample.load() == made
        assert rows() == before
        assert ledger.balances() == balances


def test_loading_again_some_days_later_leaves_the_projects_as_they_are(
    site: Flask, clock: Clock
) -> None:
    with site.app_context():
        sample.load()
        deadline = queries.by_slug("batken-dry-rice").deadline  # type: ignore[union-attr]
        count = rows()["ashar_pledge"]
        clock.forward(days=9)
        sample.load()
        assert queries.by_slug("batken-dry-rice").deadline == deadline  # type: ignore[union-attr]
        assert rows()["ashar_pledge"] == count


def test_the_book_holds_after_loading(site: Flask) -> None:
    with site.app_context():
        sample.load()
        assert not any(checks.run().values())
        accounts = ledger.balances()
    assert accounts["provider:sample", "CHF"] > 0
    assert accounts["project:batken-dry-rice", "CHF"] < 0
    assert accounts["project:batken-dry-rice", "EUR"] < 0


def test_what_the_projects_raised_is_a_third_and_stands_in_one_currency(loaded: Flask) -> None:
    with loaded.app_context():
        shown = show.view(queries.by_slug("batken-dry-rice"))  # type: ignore[arg-type]
        assert Money(10_000, "CHF") < shown.raised
        assert 30 <= shown.percent <= 40
        assert shown.others == ()
        assert shown.awaiting
        assert shown.supporters == 22
        assert shown.open
        assert shown.sample
        other = show.view(queries.by_slug("naryn-community-tourism"))  # type: ignore[arg-type]
        assert other.raised.minor > 0
        assert other.open


def test_every_gift_that_arrived_has_its_fee_and_its_worth(loaded: Flask) -> None:
    with loaded.app_context():
        for payment in session.scalars(select(Payment)):
            assert payment.gateway == "sample"
            if payment.state != "processing":
                assert payment.settled_minor is not None
                assert payment.settled_fee is not None and payment.settled_fee > 0
                assert payment.worth_day is not None
                assert payment.settled_at is not None
                assert payment.settled_at < now()


def test_loading_sends_no_letter(loaded: Flask) -> None:
    with loaded.app_context():
        assert rows()["ashar_letter"] == 0
        assert session.scalars(select(Pledge.email).distinct()).all() == [None]


def test_there_is_one_person_for_each_role_and_the_leader_owns_the_projects(loaded: Flask) -> None:
    with loaded.app_context():
        held = {
            person.email: [(role.name, role.scope) for role in person.roles]
            for person in session.scalars(select(Person))
        }
        owners = set(session.scalars(select(Project.owner_id)))
        assert owners == {people.person(people.LEADER)}
    assert held.pop(people.DONOR) == []
    assert held["moderator@example.org"] == [("moderator", "KG-N")]
    assert {name for roles in held.values() for name, _ in roles} == set(ROLES) - {"partner"}
    assert {one.email for one in people.PEOPLE} == {*held, people.DONOR}


def test_the_sample_donor_has_gifts_of_her_own(loaded: Flask) -> None:
    with loaded.app_context():
        donor = people.person(people.DONOR)
        assert len(session.scalars(select(Pledge).where(Pledge.person_id == donor)).all()) == 3


def test_the_samples_have_offers_in_every_state_that_a_page_shows(loaded: Flask) -> None:
    with loaded.app_context():
        states = {one.state for one in session.scalars(select(Offer))}
        assert states == {"offered", "accepted", "delivered", "confirmed"}
        shown = show.view(queries.by_slug("batken-dry-rice"))  # type: ignore[arg-type]
        [labour] = [need for need in shown.needs if need.kind == "labour"]
        assert 0 < labour.confirmed < labour.delivered < labour.accepted < labour.offered
        assert labour.left > 10 and shown.hands


def test_a_draft_is_not_there_for_strangers(loaded: Flask) -> None:
    with loaded.app_context():
        assert queries.by_slug("sample-draft") is None
    assert loaded.test_client().get("/projects/sample-draft").status_code == 404


def moderator() -> Reviewer:
    """Return the sample moderator as somebody who reviews."""
    found = session.get_one(Person, people.person(people.MODERATOR))
    return Reviewer(
        id=found.id,
        email=found.email or "",
        regions=frozenset(role.scope for role in found.roles),
        administers=False,
        reads=tuple(found.reads),
        name=found.name,
    )


def test_the_sample_moderator_finds_a_project_and_a_comment_to_decide_on(loaded: Flask) -> None:
    with loaded.app_context():
        found = {case.kind: case for case in cases.queue(moderator())[0]}
        assert set(found) == {"project", "comment"}
        assert {services.obstacle(case, moderator()) for case in found.values()} == {None}
        assert found["project"].project.slug == "naryn-windbreak"
        assert found["project"].project.sample
        assert found["comment"].project.slug == "naryn-community-tourism"


def test_the_sample_in_review_can_be_approved(site: Flask) -> None:
    with site.app_context():
        sample.load()
        [case] = [one for one in cases.queue(moderator())[0] if one.kind == "project"]
        with db.transaction():
            services.decide(case, moderator(), verdict("approve", case))
        assert queries.by_slug("naryn-windbreak") is not None


def test_strangers_find_nothing_of_the_sample_in_review(loaded: Flask) -> None:
    client = loaded.test_client()
    with loaded.app_context():
        query = select(Project).where(Project.slug == "naryn-windbreak")
        project = session.scalars(query).one()
        assert project.state == "submitted" and project.cover is not None
        media_url = f"/media/{project.cover.token}"
    page = "/projects/naryn-windbreak"
    for path in (page, f"/api/v1{page}", f"{page}/updates.atom", f"{page}/pledge", media_url):
        assert client.get(path).status_code == 404
    for path in (
        "/projects?region=KG-N",
        "/projects?q=токой",
        "/api/v1/projects",
        "/projects.atom",
    ):
        assert "naryn-windbreak" not in client.get(path).text


def test_the_samples_have_news_with_a_question_and_the_leaders_answer(loaded: Flask) -> None:
    with loaded.app_context():
        told = list(session.scalars(select(Update)))
        assert all(set(one.title) == set(one.text) == set(LANGUAGES) for one in told)
        assert all(one.published_at and one.published_at < now() for one in told)
        said = {(one.state, one.by_leader) for one in session.scalars(select(Comment))}
        assert said == {("shown", False), ("shown", True), ("held", False)}
    page = loaded.test_client().get("/projects/batken-dry-rice?lang=en").text
    assert "31 families have agreed" in page and "The agronomist has looked" in page


def test_where_a_host_has_the_accounts_the_projects_come_without_people(site: Flask) -> None:
    accounts = site.extensions.pop("ashar_accounts")
    with site.app_context():
        assert sample.load() == []
        states = dict(session.execute(select(Project.slug, Project.state)).all())
        assert session.execute(select(func.count(Update.id))).scalar_one() == 0
    site.extensions["ashar_accounts"] = accounts
    assert states["naryn-windbreak"] == states["sample-draft"] == "draft"
    assert states["batken-dry-rice"] == "published"


def test_the_pages_show_the_project_in_every_language(loaded: Flask) -> None:
    for lang, words in batken.SAMPLE.words.items():
        page = loaded.test_client().get(f"/projects/batken-dry-rice?lang={lang}")
        assert page.status_code == 200
        assert words.title in page.text
        assert words.details["budget"][0] in page.text


def test_milestones_and_budget_are_whole_in_every_language(loaded: Flask) -> None:
    with loaded.app_context():
        for one in SAMPLES:
            draft = one.draft(today())
            steps, budget = draft.details["milestones"], draft.details["budget"]
            assert sum(step["share"] for step in steps) == 100
            assert sum(budget) == draft.goal.minor
            assert set(one.words) == set(one.cover_alt) == set(LANGUAGES)
            for words in one.words.values():
                assert len(words.details["milestones"]) == len(steps)
                assert len(words.details["budget"]) == len(budget)
            assert all(set(need.titles) == set(LANGUAGES) for need in one.needs)
            assert all(need.unit in show.UNITS for need in one.needs)
            assert set(one.sdg) <= set(SDG_TARGETS)


@pytest.mark.parametrize("day", [date(2026, 2, 1), date(2026, 8, 31), date(2027, 12, 31)])
def test_milestones_follow_the_deadline_in_order(day: date) -> None:
    for one in SAMPLES:
        draft = one.draft(day)
        assert draft.deadline is not None
        days = [date.fromisoformat(step["due"]) for step in draft.details["milestones"]]
        assert days == sorted(days)
        assert draft.deadline < days[0]


def test_covers_are_kept_with_words_in_every_language(loaded: Flask) -> None:
    with loaded.app_context():
        for project in session.scalars(select(Project)):
            assert project.cover is not None
            assert set(project.cover.alt) == set(LANGUAGES)
            name = media.file_name(project.cover.token, 960)
            assert media.store().get(name)


def test_rates_are_known_for_a_year_and_leave_real_ones_alone(site: Flask) -> None:
    with site.app_context():
        day = today()
        with db.transaction():
            add("USD", day, Decimal("1.2345"), "ECB")
            rates.load()
        old = day.replace(year=day.year - 1) if day.month != 2 else day
        for currency in rates.PER_EURO.keys() - {"USD"}:
            assert quote(currency, "CHF", old) is not None
        found = session.scalars(select(Rate.source).where(Rate.currency == "USD")).all()
        assert found == ["ECB"]


def test_stories_speak_every_language_of_the_site(loaded: Flask) -> None:
    with loaded.app_context():
        for lang in LANGUAGES:
            with speaking(lang):
                assert i18n.language() == lang
                shown = show.view(queries.by_slug("naryn-community-tourism"))  # type: ignore[arg-type]
                assert shown.title == naryn.SAMPLE.words[lang].title
                assert shown.is_translation == (lang != "ky")
                assert "<h3>" in shown.story_html


def test_batken_takes_som_in_cash_and_by_the_partner(loaded: Flask) -> None:
    client = loaded.test_client()
    page = "/projects/batken-dry-rice/pledge"
    for method, country in (("cash", "KG"), ("partner", "RU"), ("partner", "KG")):
        form = read_form(client.get(page, buffered=True)).fields
        given = {"amount": "1000", "currency": "KGS", "country": country, "method": method}
        answer = client.post(page, data=form | given | {"phone": "+996700123456"}, buffered=True)
        assert answer.status_code == 303, (method, country)
