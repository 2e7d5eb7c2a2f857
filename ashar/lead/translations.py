"""The texts of a project in its other languages."""

import copy
from typing import Any, ClassVar, NamedTuple

from ashar.kernel.i18n import ENDONYMS, languages
from ashar.lead import words
from ashar.lead.steps import StepForm, said, text_field
from ashar.projects import content as contents
from ashar.projects.content import Content


class Text(NamedTuple):
    """A text to be translated: its key without the language, what it is called, the original."""

    key: str
    label: str
    original: str


def texts(content: Content) -> list[Text]:
    """Return the texts of a content in its own language."""
    end = f".{content['language']}"
    return [
        Text(key.removesuffix(end), words.label(key.removesuffix(end), content), original)
        for key, original in contents.flat(content).items()
        if key.endswith(end) and contents.texts_of(key)
    ]


def text_of(content: Content, key: str, code: str) -> str:
    """Return a text in a language, empty where it is not written yet."""
    found = _texts_at(content, key)
    return (found or {}).get(code, "")


def _texts_at(content: Content, key: str) -> dict[str, str] | None:
    found: Any = content
    for part in key.split("."):
        if isinstance(found, list):
            found = next((line for line in found if line["key"] == part), None)
        else:
            found = (found or {}).get(part)
    return found


class WordsForm(StepForm):
    """The texts of a content in another language."""

    code: ClassVar[str] = ""
    texts: ClassVar[list[Text]] = []

    def read(self, content: Content) -> dict[str, Any]:
        """Return what is translated already."""
        return {text.key: text_of(content, text.key, self.code) for text in self.texts}

    def values(self, content: Content) -> Content:
        """Return the texts with this language's put in; of lines that are gone, nothing."""
        found = copy.deepcopy(content)
        for text in self.texts:
            there = _texts_at(found, text.key)
            if there is not None:
                written = said(there, self.code, self[text.key].data)
                there.clear()
                there.update(written)
        changed = {text.key.partition(".")[0] for text in self.texts}
        return {name: found[name] for name in changed}


def words_form(content: Content, code: str, **more: Any) -> WordsForm:
    """Return the form for a language: a field per text."""
    found = texts(content)
    fields: dict[str, Any] = {
        text.key: text_field(text.key.rpartition(".")[2], text.label) for text in found
    }
    kind = type("WordsForm", (WordsForm,), fields | {"code": code, "texts": found})
    made: WordsForm = kind(content, **more)
    return made


def other_languages(content: Content) -> list[tuple[str, str]]:
    """Return the languages that a project may be translated into, by name."""
    return [(code, ENDONYMS[code]) for code in languages() if code != content["language"]]
