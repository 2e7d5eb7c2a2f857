"""What a project says, as one JSON value: drafts, versions and what donors see are copies of it.

Texts stand per language, `{"ky": …, "en": …}`; amounts are minor units of `currency`; days are
ISO dates. The lines of budget, needs and milestones carry keys, by which two versions compare.
"""

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Content = dict[str, Any]

#: The steps of the leader's desk, in order, and what each holds.
STEPS: dict[str, tuple[str, ...]] = {
    "story": ("title", "summary", "story"),
    "place": ("region", "district", "aymak", "village", "theme", "sdg"),
    "goal": ("currency", "goal", "minimum", "funding", "deadline", "takes_more", "more_for"),
    "budget": ("budget",),
    "needs": ("needs",),
    "milestones": ("milestones",),
    "people": ("owner_name", "committee", "payee"),
    "pictures": ("pictures",),
}
#: Once everybody sees a project, these change only by another leader's yes.
GRAVE = frozenset({"currency", "goal", "minimum", "funding", "deadline", "payee"})
#: Fields, of a project or of a line, that are texts per language.
TEXTS = frozenset({"title", "summary", "story", "text", "more_for", "alt", "caption"})
#: Lists whose lines have keys.
LISTS = ("budget", "needs", "milestones", "committee", "pictures")
#: What nobody but those concerned may see.
PRIVATE = frozenset({"email"})

KINDS = ("labour", "materials", "skills", "transport")
UNITS = ("day", "hour", "piece", "kg", "m3", "trip")
EVIDENCE = ("photos", "receipts", "confirmation", "report")
FUNDING = ("flexible", "threshold")

BLANK: Content = {
    "language": "ky",
    "title": {},
    "summary": {},
    "story": {},
    "region": "",
    "district": "",
    "aymak": "",
    "village": "",
    "theme": "",
    "sdg": [],
    "currency": "CHF",
    "goal": 0,
    "minimum": None,
    "funding": "flexible",
    "deadline": None,
    "takes_more": True,
    "more_for": {},
    "budget": [],
    "needs": [],
    "milestones": [],
    "owner_name": "",
    "committee": [],
    "payee": {"name": "", "email": ""},
    "pictures": [],
}


class Change(NamedTuple):
    """One field that differs: its dotted key, such as `goal` or `budget.b1.title.ky`."""

    key: str
    old: Any
    new: Any

    @property
    def field(self) -> str:
        """Return the first part of the key: the field of the project."""
        return self.key.partition(".")[0]


def whole(content: Content) -> Content:
    """Return a content with every field, those that it lacks blank."""
    return BLANK | content


def step_of(field: str) -> str:
    """Return the step of the desk that holds a field, by its dotted key."""
    name = field.partition(".")[0]
    return next((step for step, names in STEPS.items() if name in names), "story")


def languages(content: Content) -> list[str]:
    """Return the languages that a project has a title in, the original first."""
    found = [code for code, words in whole(content)["title"].items() if words]
    return sorted(found, key=lambda code: (code != content["language"], code))


def flat(content: Content) -> dict[str, Any]:
    """Return all fields by dotted key; empty ones are left out."""
    return dict(_flat("", whole(content)))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "key":
                yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for line in value:
            yield from _flat(f"{prefix}.{line['key']}", line)
    elif value not in (None, "", []):
        yield prefix, value


def changes(old: Content, new: Content) -> list[Change]:
    """Return the fields that differ, in the order of the desk."""
    before, after = flat(old), flat(new)
    keys = [*after, *(key for key in before if key not in after)]
    order = [*BLANK, "report"]
    keys.sort(key=lambda key: order.index(key.partition(".")[0]))
    found = [
        Change(key, before.get(key), after.get(key))
        for key in keys
        if before.get(key) != after.get(key)
    ]
    return found + _moved(old, new)


def _moved(old: Content, new: Content) -> list[Change]:
    """Return the lists whose lines are the same ones in another order."""
    found = []
    for name in LISTS:
        before, after = ([line["key"] for line in whole(one)[name]] for one in (old, new))
        if before != after and sorted(before) == sorted(after):
            found.append(Change(name, before, after))
    return found


def texts_of(key: str) -> bool:
    """Tell whether a dotted key names a text in some language."""
    parts = key.split(".")
    return len(parts) > 1 and parts[-2] in TEXTS


#: More words than this, and more than a fiftieth of the text, are no slip of the pen.
SLIGHT_WORDS = 3
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_LEADS_AWAY = re.compile(r"https?:|www\.|@", re.IGNORECASE)


def is_slight(change: Change) -> bool:
    """Tell whether a change is on the level of a slip of the pen: a few words of a text.

    Figures and links are never slight: "90 families" is another promise than "9 families".
    """
    if not texts_of(change.key) or not change.old or not change.new:
        return False
    old, new = str(change.old), str(change.new)
    if _FIGURES.findall(old) != _FIGURES.findall(new):
        return False
    if sorted(_LEADS_AWAY.findall(old)) != sorted(_LEADS_AWAY.findall(new)):
        return False
    before, after = old.split(), new.split()
    return _words_changed(before, after) <= max(SLIGHT_WORDS, len(before) // 50)


def _words_changed(before: list[str], after: list[str]) -> int:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return sum(
        max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"
    )


#: Beyond so many pairs of words two texts are not compared word by word: it would take too long.
_COMPARED = 4_000_000
_WORDS = re.compile(r"\S+\s*|\s+")
Segment = tuple[str, str]


def segments(old: str, new: str) -> list[Segment]:
    """Return how one text became another: runs of words that are "same", "gone" or "new".

    What is same and gone makes the old text, what is same and new the new one. Of long texts that
    share little, the middle is gone and new as a whole.
    """
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    middle = _compared(before[start : len(before) - end], after[start : len(after) - end])
    return _runs(
        [
            *(("same", word) for word in before[:start]),
            *middle,
            *(("same", word) for word in before[len(before) - end :]),
        ]
    )


def _shared(one: list[str], other: list[str]) -> int:
    """Return how many words two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((no for no, (a, b) in pairs if a != b), min(len(one), len(other)))


def _compared(before: list[str], after: list[str]) -> Iterator[Segment]:
    if len(before) * len(after) > _COMPARED:
        yield from (("gone", word) for word in before)
        yield from (("new", word) for word in after)
        return
    # Leaves out as anchors the words that are everywhere: they alone make it slow.
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=True)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield from (("same", word) for word in before[i1:i2])
        else:
            yield from (("gone", word) for word in before[i1:i2])
            yield from (("new", word) for word in after[j1:j2])


def _runs(words: Iterable[Segment]) -> list[Segment]:
    found: list[Segment] = []
    for kind, group in itertools.groupby(words, key=lambda word: word[0]):
        found.append((kind, "".join(text for _, text in group)))
    return found


def with_only(old: Content, new: Content, kept: list[Change]) -> Content:
    """Return the old content with only some changed texts of the new one."""
    result: Content = _copied(whole(old))
    for change in kept:
        *path, last = change.key.split(".")
        _inner(result, path)[last] = change.new
    return result


def merged(base: Content, mine: Content, theirs: Content) -> Content:
    """Return my content with what they changed since the base and I did not touch.

    Compared field by field, texts language by language; where both changed one, mine counts.
    """
    one, other, before = whole(mine), whole(theirs), whole(base)
    return {
        name: _merged(before[name], one[name], other.get(name)) if name in before else value
        for name, value in one.items()
    } | {name: value for name, value in other.items() if name not in one}


def _merged(base: Any, mine: Any, theirs: Any) -> Any:
    if all(isinstance(value, dict) for value in (base, mine, theirs)):
        found = {
            name: _merged(base.get(name), mine.get(name), theirs.get(name))
            for name in {**theirs, **mine}
        }
        return {name: value for name, value in found.items() if value is not None}
    return theirs if mine == base else mine


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    return value


def _inner(value: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(value, list):
            value = next(line for line in value if line["key"] == part)
        else:
            value = value[part]
    return value


def public(content: Content) -> Content:
    """Return a content without what only those concerned may see."""
    return {name: _without_private(value) for name, value in whole(content).items()}


def _without_private(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if name not in PRIVATE}
        return {name: _without_private(inner) for name, inner in kept.items()}
    if isinstance(value, list):
        return [_without_private(inner) for inner in value]
    return value
