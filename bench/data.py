"""The rows of a run: made from a seed, the same on both engines, written in bulk.

Projects with texts, needs, covers and totals; pledges with their payments; for one payment in
five also its history and its entry of the book, written in the sealed way: lines, then entries.
"""

import json
import random
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ashar.models import metadata
from ashar.projects.regions import REGIONS
from ashar.projects.themes import THEMES

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BOOKED_EVERY = 5
PAID_OF_TEN = 9
CURRENCY = "CHF"
WORDS = "суу жер бак мектеп жылуу күн арык кыштак тоо чабан күрүч алма".split()
SYLLABLES = [a + b for a in "бгджклмнпрстчш" for b in "аеиоуыөү"]
LONG = (1, 2, 2, 3)
STORY = "## Story\n\n" + "\n\n".join(
    f"In the {nth} year the village cleared the canal by hand, and the *water* came back."
    for nth in ("first", "second", "third", "fourth")
)

Row = tuple[Any, ...]
Table = tuple[str, Iterable[str], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Size:
    """How many projects and pledges."""

    projects: int
    pledges: int


@dataclass(frozen=True, slots=True)
class Gift:
    """One pledge with its payment."""

    id: int
    project: int
    minor: int
    paid: bool
    at: datetime


def slug(project: int) -> str:
    """Return the slug of a project's number."""
    return f"village-{project:05d}"


def gifts(size: Size) -> Iterator[Gift]:
    """Yield all pledges; some projects get many, most get few."""
    chance = random.Random(7)
    step = timedelta(days=200) / max(size.pledges, 1)
    for number in range(1, size.pledges + 1):
        project = 1 + int(size.projects * chance.random() ** 2)
        minor = chance.choice((1000, 2000, 2500, 5000, 10000))
        yield Gift(number, project, minor, number % 10 < PAID_OF_TEN, BEGIN + step * number)


def tables(size: Size) -> Iterator[Table]:
    """Yield (table, columns, rows) in the order in which they may be written."""
    yield "ashar_rate", "currency day rate source".split(), _rates()
    yield "ashar_media", _MEDIA, (_media(n) for n in _numbers(size))
    yield "ashar_project", _PROJECT, (_project(n) for n in _numbers(size))
    yield "ashar_project_text", _TEXT, (row for n in _numbers(size) for row in _texts(n))
    yield "ashar_need", _NEED, (_need(n) for n in _numbers(size))
    yield "ashar_totals", _TOTALS, _totals(size)
    yield "ashar_pledge", _PLEDGE, (_pledge(gift) for gift in gifts(size))
    yield "ashar_payment", _PAYMENT, (_payment(gift) for gift in gifts(size))
    yield "ashar_history", _HISTORY, (row for gift in booked(size) for row in _history(gift))
    yield "ashar_line", _LINE, (row for gift in booked(size) for row in _lines(gift))
    yield "ashar_entry", _ENTRY, (_entry(gift) for gift in booked(size))


def booked(size: Size) -> Iterator[Gift]:
    """Yield the gifts that have an entry in the book."""
    return (gift for gift in gifts(size) if gift.paid and gift.id % BOOKED_EVERY == 0)


def _numbers(size: Size) -> range:
    return range(1, size.projects + 1)


def _rates() -> list[Row]:
    day = BEGIN.date()
    return [(code, day, rate, "bench") for code, rate in (("CHF", "0.94"), ("USD", "1.10"))]


_MEDIA = "id token digest width height widths alt owner_kind owner_id public made_at".split()


def _media(n: int) -> Row:
    alt = {"ky": "Сүрөт", "en": "A picture"}
    widths = [480, 960, 1600]
    return n, f"picture-{n:08d}", f"{n:064x}", 1600, 900, widths, alt, "project", n, True, BEGIN


_PROJECT = (
    "id slug state language region district village theme sdg currency goal_minor funding "
    "takes_more cover_id aymak content sample made_at edited_at "
    "published_at deadline"
).split()


def _project(n: int) -> Row:
    regions, themes = list(REGIONS), list(THEMES)
    published = BEGIN + timedelta(minutes=(n * 7919) % 100_003)
    return (
        n, slug(n), "published", "ky", regions[n % len(regions)], "Кадамжай", f"Айыл {n}",
        themes[n % len(themes)], ["6.4", "13.1"], CURRENCY, 2_000_000 + n * 5_000, "flexible",
        True, n, "", _content(n), False, BEGIN, BEGIN,
        published, (BEGIN + timedelta(days=3650)).date(),
    )  # fmt: skip


def _content(n: int) -> dict[str, Any]:
    """Return what is shown of a project beside its row."""
    committee = [
        {"key": name, "name": name, "role": "", "email": ""} for name in ("Айгүл", "Бакыт")
    ]
    payee = {"name": "Айыл өкмөтү", "email": ""}
    return {"language": "ky", "owner_name": "Айыл кеңеши", "payee": payee, "committee": committee}


_TEXT = "project_id language original reviewed title summary story".split()


def _texts(n: int) -> Iterator[Row]:
    words = f"{WORDS[n % 12]} {WORDS[n // 12 % 12]} {n}"
    for language, title in (("ky", f"Айыл {words}"), ("en", f"Village {words}")):
        summary = f"{title}: built together, with our own hands."
        original = language == "ky"
        yield n, language, original, original, title, summary, _story(n) if original else STORY


def _story(n: int) -> str:
    """Return a story of three hundred words of many: what searches look through is as long."""
    chance = random.Random(n)
    return " ".join("".join(chance.choices(SYLLABLES, k=chance.choice(LONG))) for _ in range(300))


_NEED = "project_id key position kind unit needed titles".split()


def _need(n: int) -> Row:
    return n, "n1", 0, "labour", "day", 10 + n % 90, {"ky": "Арык тазалоо", "en": "Clearing canals"}


_TOTALS = "project_id currency raised_minor matched_minor awaiting_minor supporters".split()


def _totals(size: Size) -> Iterator[Row]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for gift in gifts(size):
        if gift.paid:
            sums[gift.project][0] += gift.minor
            sums[gift.project][1] += 1
    for n in _numbers(size):
        raised, supporters = sums[n]
        yield n, CURRENCY, raised, 0, 0, supporters


_PLEDGE = (
    "id token attempt project_id kind state gift_minor cover_minor currency method frequency name "
    "email country language visibility message in_honour_of group_name fallback counted made_at"
).split()


def _pledge(gift: Gift) -> Row:
    return (
        gift.id, f"token-{gift.id:018d}", f"attempt-{gift.id}", gift.project, "money",
        "paid" if gift.paid else "expired", gift.minor, 0, CURRENCY, "card", "once", "Donor",
        f"donor{gift.id % 100_000}@example.org", "CH", "en", "anonymous", "", "", "", "refund",
        gift.paid, gift.at,
    )  # fmt: skip


_PAYMENT = (
    "id pledge_id no gateway state gift_minor cover_minor currency session_id intent_id charge_id "
    "started_at settled_at account worth_minor worth_currency moved_minor awaiting_minor"
).split()


def _payment(gift: Gift) -> Row:
    paid, n = gift.paid, gift.id
    worth = (gift.at, f"project:{slug(gift.project)}", gift.minor, CURRENCY, gift.minor)
    return (
        n, n, 1, "stripe", "settled" if paid else "expired", gift.minor, 0, CURRENCY,
        f"cs_bench_{n}", f"pi_bench_{n}" if paid else None, f"ch_bench_{n}" if paid else None,
        gift.at, *(worth if paid else (None, None, None, None, 0)), 0,
    )  # fmt: skip


_HISTORY = "kind subject_id what old new why at".split()


def _history(gift: Gift) -> Iterator[Row]:
    yield "payment", gift.id, "state", "started", "settled", f"evt_bench_{gift.id}", gift.at
    yield "pledge", gift.id, "state", "open", "paid", f"evt_bench_{gift.id}", gift.at


_LINE = "entry_id no account currency minor book_minor".split()


def _entry_id(gift: Gift) -> uuid.UUID:
    """Return a version 7 UUID: ordered by time, like those of the site."""
    stamp = int(gift.at.timestamp() * 1000)
    return uuid.UUID(int=(stamp << 80) | (0x7 << 76) | (0x2 << 62) | gift.id)


def _lines(gift: Gift) -> Iterator[Row]:
    entry, account = _entry_id(gift), f"project:{slug(gift.project)}"
    yield entry, 1, account, CURRENCY, -gift.minor, -gift.minor
    yield entry, 2, "provider:stripe", CURRENCY, gift.minor, gift.minor


_ENTRY = "id kind day at posted_at source_kind source_id voucher".split()


def _entry(gift: Gift) -> Row:
    day, voucher = gift.at.date(), f"evt_bench_{gift.id}"
    return _entry_id(gift), "paid", day, gift.at, gift.at, "payment", gift.id, voucher


# Writing -----------------------------------------------------------------------------------


def fill_sqlite(path: Path, size: Size) -> None:
    """Write all rows into a migrated file, in one transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for table, columns, rows in tables(size):
        columns = list(columns)
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        connection.executemany(statement, (tuple(map(_for_sqlite, row)) for row in rows))
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return value.hex if isinstance(value, uuid.UUID) else value


def fill_postgres(url: str, size: Size) -> None:
    """Write all rows into a migrated database by COPY."""
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is used

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        # In one transaction: lines wait for their entries until the commit.
        with connection.transaction():
            for table, columns, rows in tables(size):
                _copy(connection, table, columns, rows)
                _count_on(connection, table)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _copy(connection: Any, table: str, columns: Iterable[str], rows: Iterable[Row]) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(map(_for_postgres, row)))


def _for_postgres(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def _count_on(connection: Any, table: str) -> None:
    """Let the table's numbers go on after those that were given."""
    key = metadata.tables[table].c.get("id")
    if key is not None and key.autoincrement and key.type.python_type is int:
        connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} "
            "HAVING max(id) IS NOT NULL"
        )
