"""Searches: in every language and spelling, on both engines, of what everybody may see."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashar import checks
from ashar.kernel import db, migrate
from ashar.projects import queries, search, services, versions
from ashar.projects.models import Project
from ashar.projects.queries import PER_PAGE, Filters
from ashar.projects.services import Words
from ashar.projects.states import PROJECT
from tests.factories import make_project
from tests.projects.test_listing import counted


@pytest.fixture
def village(site: Flask) -> Flask:
    """Put in some projects that differ, and one that is not public."""
    with site.app_context():
        make_project(
            "red",
            region="KG-N",
            district="Ат-Башы",
            village="Кызыл-Туу",
            theme="tourism",
            words={
                "ky": Words("Жаңы конок үйү", "Тоодогу жылуу үй.", "Чабандардын окуясы"),
                "ru": Words("Гостевой дом", "Тёплый дом в горах.", "История чабанов"),
                "de": Words("Ein Gästehaus", "Wärme in den Bergen", "Geschichte der Hirten"),
            },
        )
        make_project(
            "lake",
            region="KG-Y",
            district="Иссык-Кульский",
            theme="water",
            words={"ky": Words("Таза суу", "Көлдүн жээги", "**Балыктар** кайтты")},
        )
        make_project(
            "jalal",
            region="KG-J",
            district="",
            words={"ky": Words("Жаңгак токою", "Арстанбап", "Токой")},
        )
        make_project("hidden", region="KG-N", publish=False)
    return site


def found(site: Flask, q: str, **more: str) -> set[str]:
    queries.counts.clear()
    with site.app_context():
        filters = Filters(q=q, **more)  # type: ignore[arg-type]
        slugs = {row.slug for row in queries.cards(filters)}
        assert queries.total(filters) == len(slugs)
    return slugs


@pytest.mark.parametrize(
    ("q", "slugs"),
    [
        ("нар", {"red"}),
        ("Нарын", {"red"}),
        ("naryn", {"red"}),
        ("n", {"red"}),
        ("kyzyl", {"red"}),
        ("КЫЗЫЛ-ТУУ", {"red"}),
        ("kızıl tuu", {"red"}),
        ("кызылтуу", {"red"}),
        ("gast", {"red"}),
        ("Gaestehaus", {"red"}),
        ("теплый", {"red"}),
        ("чабан", {"red"}),
        ("туризм горах hirten", {"red"}),
        ("Wasser", {"lake"}),
        ("issyk kul", {"lake"}),
        ("Иссык-Куль", {"lake"}),
        ("Ысык-Көл", {"lake"}),
        ("Yssykköl", {"lake"}),
        ("балык", {"lake"}),
        ("бал\u200bык\u200f", {"lake"}),
        ("жаң", {"red", "jalal"}),
        ("zhang", {"red", "jalal"}),
        ("Джалал-Абад", {"jalal"}),
        ("jalalabad", {"jalal"}),
        ("нарын суу", set()),
        ("алык", set()),
        ("область", {"red", "lake", "jalal"}),
        ("   ", {"red", "lake", "jalal"}),
        ("*", set()),
        ("ь", set()),
    ],
)
def test_words_are_found_by_their_beginnings(village: Flask, q: str, slugs: set[str]) -> None:
    assert found(village, q) == slugs


def test_filters_hold_beside_the_words(village: Flask) -> None:
    assert found(village, "жаң", region="KG-N") == {"red"}
    assert found(village, "жаң", theme="water") == set()


HOSTILE = (
    '"', "'", '""', '"*"', "*", "a*", "^a", "-a", "a -b", "NEAR(a b)", "NEAR", "a AND", "OR OR",
    "NOT a", "(a", ")", "words:a", "{words}:a", "a+b", "a:*", "a & | !", "'a' <-> 'b'", "\\", "\\'",
    "\0", "a\0b", "%", "_", "?", ":words", ":id", "%(words)s", "$1",
    "'; DROP TABLE ashar_search; --", "\ud800", "\U0010ffff", "\u202e\u200f", "ﷺ", "İ",
    "ß" * 500, "а" * 10_000, '"' * 10_000, "а " * 5_000, " ".join(map(str, range(3_000))),
    "🙂🙂", "\r\n\t", "ⅷ ½ ㈱",
)  # fmt: skip


def test_nothing_that_is_typed_is_an_order(village: Flask) -> None:
    client = village.test_client()
    for q in HOSTILE:
        found(village, q)
        typed = q.encode("utf-8", "replace").decode()
        # A NUL in an address is refused before anybody reads it; the API takes plain short texts.
        page = client.get("/projects", query_string={"q": typed})
        assert page.status_code == (400 if "\0" in q else 200)
        answer = client.get("/api/v1/projects", query_string={"q": typed})
        assert answer.status_code in {200, 400, 422}
    assert found(village, "нар") == {"red"}


def test_no_text_at_all_is_an_order(village: Flask) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(st.text(st.characters(), max_size=40))
    def looked_for(q: str) -> None:
        with village.app_context():
            queries.cards(Filters(q=q))

    looked_for()


def test_the_page_and_the_api_find_the_same(village: Flask) -> None:
    client = village.test_client()
    for q in ("нар", "kyzyl", "жаң", "балык", "hidden", "күрүч"):
        page = client.get("/projects", query_string={"q": q, "lang": "ky"}).text
        api = client.get("/api/v1/projects", query_string={"q": q}).get_json()
        slugs = {card["slug"] for card in api["items"]}
        assert slugs == {slug for slug in ("red", "lake", "jalal", "hidden") if f"/{slug}?" in page}
        assert slugs == found(village, q)


def test_what_is_not_public_is_never_found(village: Flask) -> None:
    with village.app_context(), db.transaction() as session:
        project = session.query(Project).filter_by(slug="red").one()
        # Filed or not: the listing decides.
        search.index(session.query(Project).filter_by(slug="hidden").one())
        PROJECT.move(project, "suspended", why="a question")
    assert found(village, "нар") == set()
    assert found(village, "күрүч") == set()


def test_changed_words_are_found_and_the_old_ones_no_longer(village: Flask) -> None:
    with village.app_context(), db.transaction() as session:
        project = session.query(Project).filter_by(slug="red").one()
        project.texts[0].title, project.village = "Мейманкана", ""
        search.index(project)
    assert found(village, "meyman") == {"red"}
    assert found(village, "кызыл") == set()


def test_what_is_rolled_back_is_not_filed(village: Flask) -> None:
    with village.app_context():
        with pytest.raises(RuntimeError), db.transaction() as session:
            project = session.query(Project).filter_by(slug="hidden").one()
            services.publish(project)
            raise RuntimeError
        assert search.missing() == []
    assert found(village, "күрүч") == set()


def test_a_search_takes_as_many_queries_however_much_it_finds(
    site: Flask, client: FlaskClient
) -> None:
    numbers = []
    for more in (1, PER_PAGE + 5):
        with site.app_context():
            for number in range(more):
                make_project(f"p-{more}-{number}", region="KG-N")
        row = []
        for path in ("/projects?q=нар", "/projects?q=ба+күр&page=2", "/api/v1/projects?q=нар"):
            queries.counts.clear()
            site.extensions["ashar"].pages._kept.clear()
            with counted(site) as seen:
                assert client.get(path).status_code == 200
            row.append(len([one for one in seen if not one.startswith("BEGIN")]))
        numbers.append(row)
    assert numbers[0] == numbers[1]
    assert max(numbers[0]) <= 7


def test_one_statement_serves_all_searches(village: Flask) -> None:
    found(village, "нар")
    before = queries._listing.cache_info().misses
    for q in ("суу", "жаң", "two words", "нар"):
        found(village, q)
    assert queries._listing.cache_info().misses == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_search_walks_along_the_order_instead_of_sorting(site: Flask, project: str) -> None:
    with site.app_context(), counted(site) as seen:
        assert found(site, "бат") == {project}
        listing = next(one for one in seen if "ORDER BY" in one)
        values = (*['"bat"*'] * listing.count("MATCH"), 20, 0)
        given = [
            row for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {listing}", values)
        ]
    plan = " ".join(str(row) for row in given)
    assert "ix_ashar_project_listing" in plan and "TEMP B-TREE" not in plan


def test_a_listed_project_that_is_not_filed_is_named_and_filed_anew(village: Flask) -> None:
    with village.app_context():
        with db.transaction() as session:
            session.execute(sa.text("DELETE FROM ashar_search"))
        named = checks.run()["searches find every listed project"]
        assert [words.split()[1] for words in named] == ["jalal", "lake", "red"]
        assert checks.fix_search() == 3
    assert found(village, "нар") == {"red"}


def test_the_migration_files_the_projects_that_there_are(village: Flask) -> None:
    """Go back by hand to where 0001 left a database, and come on again."""
    with village.app_context():
        engine = db.database().engine
        with engine.connect() as connection:
            rows = [
                "ALTER TABLE ashar_project_text ADD COLUMN search TEXT NOT NULL DEFAULT ''",
                "DROP TABLE ashar_search",
                "UPDATE ashar_version SET version_num = '0001'",
            ]
            if db.dialect() == "postgresql":
                rows.append("DROP FUNCTION ashar_found")
            for row in rows:
                connection.exec_driver_sql(row)
            connection.commit()
        migrate.upgrade(engine, "0002")
        columns = {one["name"] for one in sa.inspect(engine).get_columns("ashar_project_text")}
        assert "search" not in columns
    assert found(village, "kyzyl") == {"red"}


def test_filing_all_anew_forgets_no_part_of_a_place(site: Flask) -> None:
    with site.app_context():
        row = make_project("in-the-aymak")
        with db.transaction() as session:
            project = session.get_one(Project, row)
            versions.show(project, project.content | {"aymak": "Кызыл-Булак"})
        assert [one.slug for one in queries.cards(Filters(q="kyzyl bulak"))] == ["in-the-aymak"]
        with db.transaction():
            search.index_all(db.connection())
        assert [one.slug for one in queries.cards(Filters(q="kyzyl bulak"))] == ["in-the-aymak"]
