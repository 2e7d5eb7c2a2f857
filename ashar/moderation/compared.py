"""A version as its reviewer reads it: what changed word by word, and all of it part by part."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from ashar.kernel import i18n, text
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import Money
from ashar.projects import content as contents
from ashar.projects.content import Change, Content
from ashar.projects.labels import FIELDS, LINES, label, masked, value
from ashar.projects.show import Picture, pictures

#: What each step of the leader's desk is called above its fields.
STEPS = {
    "story": N_("The story"),
    "place": N_("Place and theme"),
    "goal": N_("Goal and rule"),
    "budget": N_("What the money is for"),
    "needs": N_("Ashar: with our own hands"),
    "milestones": N_("Step by step"),
    "people": N_("Who stands behind it"),
    "pictures": N_("Pictures"),
    "report": N_("Completion report"),
}
#: Texts that are Markdown.
_MARKDOWN = frozenset({"story"})
_REPORT = ("done", "otherwise", "maintenance", "lessons")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: both values as people read them, texts also word by word."""

    key: str
    label: str
    lang: str
    old: str
    new: str
    segments: list[tuple[str, str]]
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A text in one language."""

    lang: str
    text: str
    html: Markup | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A field or a line: its texts, the original first, and what else there is to know of it."""

    key: str
    label: str
    texts: list[Said] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A step of the leader's desk with its parts."""

    step: str
    label: str
    parts: list[Part]


def differences(old: Content, new: Content) -> list[Difference]:
    """Return what differs between two contents, in the order of the leader's desk."""
    old, new = contents.whole(old), contents.whole(new)
    known = pictures(old["pictures"]) | pictures(new["pictures"])
    return [_difference(change, old, new, known) for change in contents.changes(old, new)]


def _difference(
    change: Change, old: Content, new: Content, known: dict[str, Picture]
) -> Difference:
    key, lang = change.key, language_of(change.key)
    if change.key in LINES:
        return Difference(
            key, label(key, new, old), "", "", t(N_("The lines stand in another order.")), []
        )
    before, after = value(key, change.old, old), value(key, change.new, new)
    if before == after and before:
        # Only so much of an e-mail is shown that two of them may look the same.
        after = t(N_("%(value)s (another one)"), value=after)
    return Difference(
        key,
        label(key, new, old),
        lang,
        before,
        after,
        contents.segments(before, after) if lang else [],
        known.get(key.split(".")[1]) if key.startswith("pictures.") else None,
    )


def language_of(key: str) -> str:
    """Return the language of the text that a dotted key names, or nothing."""
    return next((part for part in key.split(".")[1:] if part in i18n.ENDONYMS), "")


def sections(content: Content, beside: str = "") -> list[Section]:
    """Return a whole content part by part, its texts in the original and in one more language."""
    content = contents.whole(content)
    reader = _Reader(content, [content["language"], *([beside] if beside else [])])
    found = [
        Section(step, t(STEPS[step]), [part for name in names for part in reader.parts(name)])
        for step, names in (*contents.STEPS.items(), ("report", ("report",)))
    ]
    return [section for section in found if section.parts]


class _Reader:
    """Reads a content in some languages."""

    def __init__(self, content: Content, languages: list[str]) -> None:
        self.content = content
        self.languages = languages
        self.pictures = pictures(content["pictures"], content["language"])

    def parts(self, name: str) -> Iterator[Part]:
        """Yield the parts of one field: its lines, or itself."""
        found: Any = self.content.get(name)
        if name in LINES:
            for line in found or []:
                yield self._line(name, line)
        elif name == "report":
            yield from self._report(found or {})
        elif name == "payee":
            yield Part(name, t(FIELDS[name]), details=_person(found))
        elif name in contents.TEXTS:
            if texts := self._texts(found, name in _MARKDOWN):
                yield Part(name, t(FIELDS[name]), texts)
        elif words := value(name, found, self.content):
            yield Part(name, t(FIELDS[name]), details=[words])

    def _texts(self, words: dict[str, str], markdown: bool = False) -> list[Said]:
        return [
            Said(code, found, text.html(found) if markdown else None)
            for code in self.languages
            if (found := words.get(code) or ("" if code == self.languages[0] else "—"))
        ]

    def _line(self, name: str, line: dict[str, Any]) -> Part:
        key = f"{name}.{line['key']}"
        texts = self._texts(line.get("title") or line.get("alt") or {})
        texts += self._texts(line.get("text") or line.get("caption") or {})
        return Part(
            key,
            label(key, self.content),
            texts,
            _person(line) if name == "committee" else list(self._details(name, line)),
            self.pictures.get(line["key"]) if name == "pictures" else None,
        )

    def _details(self, name: str, line: dict[str, Any]) -> Iterator[str]:
        if name == "budget":
            yield i18n.money(Money(line["amount"], self.content["currency"]))
        elif name == "needs":
            yield f"{i18n.number(line['quantity'])} {value('unit', line['unit'], self.content)}"
            yield value("kind", line["kind"], self.content)
        elif name == "milestones":
            for part in ("due", "share", "evidence"):
                if words := value(part, line[part], self.content):
                    yield words

    def _report(self, report: dict[str, dict[str, str]]) -> Iterator[Part]:
        for name in _REPORT:
            words = {code: said.get(name, "") for code, said in report.items()}
            if texts := self._texts(words):
                code = self.languages[0]
                yield Part(f"report.{code}.{name}", label(f"report.{name}", {}), texts)


def _person(one: dict[str, Any]) -> list[str]:
    """Return who somebody is, as far as a reviewer has to know."""
    found = [one.get("name") or "", one.get("role") or ""]
    if email := one.get("email"):
        found.append(masked(email))
    return [words for words in found if words]
