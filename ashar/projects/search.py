"""Finding projects by words: one document per project, of its words in all its languages.

Documents lie in `ashar_search`, beside the models: on SQLite a table of FTS5, on PostgreSQL a
`tsvector` with a GIN index. Both are given folded words and keep them as they are. Who may see
what is found, the query that asks decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from sqlalchemy import Connection, TextClause, literal, select, text

from ashar.kernel import db
from ashar.projects import lists
from ashar.projects.folding import asked, filed
from ashar.projects.models import Project, ProjectText
from ashar.projects.regions import REGIONS
from ashar.projects.states import PUBLIC
from ashar.projects.themes import THEMES, Theme

#: Words beyond these are not looked for, and letters beyond these not read.
MOST_WORDS, MOST_LETTERS = 8, 400
TOGETHER = 200

SCHEMA = {
    "sqlite": (
        "CREATE VIRTUAL TABLE ashar_search USING fts5("
        "words, tokenize = 'ascii', detail = none, columnsize = 0, prefix = '1 2 3')",
    ),
    "postgresql": (
        "CREATE TABLE ashar_search ("
        "project_id bigint PRIMARY KEY REFERENCES ashar_project (id) ON DELETE CASCADE, "
        "words tsvector NOT NULL)",
        # Projects are published seldom: no search has to read what was not yet sorted in.
        "CREATE INDEX ix_ashar_search_words ON ashar_search USING gin (words) "
        "WITH (fastupdate = off)",
        # The planner believes that reading every document costs little, but long ones lie
        # elsewhere, compressed: where many are found it took 80 ms instead of 3.
        "CREATE FUNCTION ashar_found(tsquery) RETURNS SETOF bigint LANGUAGE sql STABLE "
        "SET enable_seqscan = off "
        "AS 'SELECT project_id FROM ashar_search WHERE words @@ $1'",
    ),
}
# `IS TRUE` keeps both engines from beginning with what was found: they walk along the listing's
# order and stop after one page. So a word that all projects have costs as little as a rare one.
_FOUND = {
    "sqlite": text(
        "(ashar_project.id IN "
        "(SELECT rowid FROM ashar_search WHERE ashar_search MATCH :words)) IS TRUE"
    ),
    "postgresql": text(
        "(ashar_project.id IN (SELECT ashar_found(CAST(:words AS tsquery)))) IS TRUE"
    ),
}
_PUT = {
    "sqlite": text("INSERT OR REPLACE INTO ashar_search (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO ashar_search (project_id, words) "
        "VALUES (:id, array_to_tsvector(string_to_array(:words, ' '))) "
        "ON CONFLICT (project_id) DO UPDATE SET words = excluded.words"
    ),
}
_UNFILED = {
    "sqlite": text("ashar_project.id NOT IN (SELECT rowid FROM ashar_search)"),
    "postgresql": text("ashar_project.id NOT IN (SELECT project_id FROM ashar_search)"),
}


def wanted(q: str) -> str:
    """Return what the engine in use is asked for a typed text; nothing where it has no words.

    Every word has to stand in the document, or to begin one that does. Folded words are letters
    and digits: nothing of either engine's own language is left in them.
    """
    words = asked(q[:MOST_LETTERS])[:MOST_WORDS]
    if db.dialect() == "sqlite":
        return " ".join(f'"{word}"*' for word in words)
    return " & ".join(f"'{word}':*" for word in words)


def condition() -> TextClause:
    """Return the condition that a project is found; its parameter `words` is from `wanted`."""
    return _FOUND[db.dialect()]


def index(project: Project) -> None:
    """File a project, whose row is flushed, under its words as they are now."""
    texts = [(row.title, row.summary, row.story) for row in project.texts]
    place = f"{project.aymak} {project.village}"
    facts = project.region, project.district, place, project.theme
    named = lists.themes(all_of_them=True, now=True)
    values = {"id": project.id, "words": document(*facts, texts=texts, themes=named)}
    db.connection().execute(_PUT[db.dialect()], values)


def index_all(
    connection: Connection, themes: Mapping[str, Theme] = THEMES, *, early: bool = False
) -> int:
    """File all projects that the public may see; return how many.

    `early` is said by the migration that begins with it: there was no айыл аймагы yet.
    """
    ids = connection.scalars(select(Project.id).where(Project.state.in_(PUBLIC))).all()
    for start in range(0, len(ids), TOGETHER):
        found = list(_documents(connection, ids[start : start + TOGETHER], themes, early))
        connection.execute(_PUT[connection.dialect.name], found)
    return len(ids)


# By name: a migration calls this too, when later columns do not exist yet.
_FACTS = Project.id, Project.region, Project.district, Project.theme, Project.village
_TEXTS = ProjectText.title, ProjectText.summary, ProjectText.story


def _documents(
    connection: Connection, ids: Sequence[int], themes: Mapping[str, Theme], early: bool
) -> Iterator[dict[str, int | str]]:
    aymak = literal("") if early else Project.aymak
    rows = connection.execute(
        select(*_FACTS, aymak, *_TEXTS)
        .join(ProjectText, ProjectText.project_id == Project.id)
        .where(Project.id.in_(ids))
        .order_by(Project.id)
    )
    for (row, region, district, theme, *places), texts in groupby(rows, lambda row: row[:6]):
        facts = region, district, " ".join(places), theme
        written = [text[6:] for text in texts]
        yield {"id": row, "words": document(*facts, texts=written, themes=themes)}


def document(
    region: str,
    district: str,
    village: str,
    theme: str,
    *,
    texts: Iterable[Sequence[str]],
    themes: Mapping[str, Theme],
) -> str:
    """Return a project's words, folded: those of its texts, place and theme in all languages."""
    words = [district, village, *_names(region, district)]
    if theme in themes:
        words.extend(themes[theme].name)
    for written in texts:
        words.extend(written)
    return " ".join(sorted(filed("\n".join(words))))


def _names(region: str, district: str) -> Iterator[str]:
    """Yield the names of a region, and of its district where it is one that we know."""
    if region not in REGIONS:
        return
    yield from (*REGIONS[region].name, *REGIONS[region].short)
    for known in REGIONS[region].districts:
        if asked(district) in [asked(name) for name in known]:
            yield from known


def missing() -> Sequence[str]:
    """Return the addresses of listed projects that no search can find."""
    return db.session.scalars(
        select(Project.slug)
        .where(Project.listed.is_(True), _UNFILED[db.dialect()])
        .order_by(Project.slug)
    ).all()
