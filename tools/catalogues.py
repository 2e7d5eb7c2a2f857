"""Keep the catalogues: `update` gathers texts, `compile` writes the .mo files, `check` complains.

Texts are marked by t, nt, N_, NN_ in Python and by ashar_t, ashar_nt in templates.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HOME = Path(__file__).resolve().parent.parent
FOLDER = HOME / "translations"
LANGUAGES = ("ky", "ru", "de")
DATE = datetime(2026, 1, 1, tzinfo=UTC)
DOMAIN = "ashar"
KEYWORDS = {
    "t": None,
    "N_": None,
    "ashar_t": None,
    "nt": (1, 2),
    "NN_": (1, 2),
    "ashar_nt": (1, 2),
}
PLACES = [
    ("ashar/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("templates/**.xml", "jinja2"),
]
_VALUES = re.compile(r"%\((\w+)\)[sd]")


def gathered() -> Catalog:
    """Return all texts of the code and the templates."""
    found = Catalog(project="Ashar", charset="utf-8")
    rows = extract_from_dir(HOME, PLACES, keywords=KEYWORDS, comment_tags=["L10n:"])
    for place, line, text, comments, context in rows:
        found.add(text, None, [(place, line)], auto_comments=comments, context=context)
    return found


def path(lang: str, ending: str) -> Path:
    """Return a language's file."""
    return FOLDER / lang / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def load(lang: str) -> Catalog:
    """Read a language's texts; an empty catalogue where there are none yet."""
    file = path(lang, "po")
    if not file.exists():
        return Catalog(locale=lang, project="Ashar", charset="utf-8")
    return read_po(io.BytesIO(file.read_bytes()), locale=lang, domain=DOMAIN)


def update() -> None:
    """Bring the .po files to the texts of today; what is gone is dropped."""
    template = gathered()
    for lang in LANGUAGES:
        catalogue = load(lang)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        file = path(lang, "po")
        file.parent.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        write_po(
            out, catalogue, width=100, sort_output=True, omit_header=False, include_lineno=False
        )
        file.write_bytes(_without_dates(out.getvalue()))
    compile_all()


def _without_dates(text: bytes) -> bytes:
    """Drop the header's dates: they would change with every run."""
    return re.sub(rb'"(POT-Creation|PO-Revision)-Date:[^"]*"\n', b"", text)


def compiled(lang: str) -> bytes:
    """Return a language's .mo file."""
    catalogue = load(lang)
    # Without a date of its own the header would say today's.
    catalogue.creation_date = catalogue.revision_date = DATE
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def compile_all() -> None:
    """Write the .mo files."""
    for lang in LANGUAGES:
        path(lang, "mo").write_bytes(compiled(lang))


def troubles() -> Iterator[str]:
    """Name what is missing, fuzzy, wrong or stale."""
    wanted = {message.id for message in gathered() if message.id}
    for lang in LANGUAGES:
        catalogue = load(lang)
        known = {message.id: message for message in catalogue if message.id}
        for text in sorted(wanted - known.keys(), key=str):
            yield f"{lang}: not in the catalogue: {text!r}"
        for text in sorted(known.keys() - wanted, key=str):
            yield f"{lang}: no longer in the code: {text!r}"
        for message in known.values():
            yield from (f"{lang}: {words}" for words in _wrong(message))
        if not path(lang, "mo").exists() or path(lang, "mo").read_bytes() != compiled(lang):
            yield f"{lang}: the .mo file is stale; run tools/catalogues.py compile"


def _wrong(message: Message) -> Iterator[str]:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    if message.fuzzy or not all(texts):
        yield f"not translated: {message.id!r}"
        return
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    values = set(_VALUES.findall(ids[-1]))
    for text in texts:
        if set(_VALUES.findall(text)) - values or (
            len(ids) == 1 and values - set(_VALUES.findall(text))
        ):
            yield f"other values than in {message.id!r}: {text!r}"


def check() -> None:
    """End with 1 when anything is amiss."""
    found = list(troubles())
    for trouble in found:
        print(trouble)
    if found:
        sys.exit(1)


if __name__ == "__main__":
    {"update": update, "compile": compile_all, "check": check}[sys.argv[1]]()
