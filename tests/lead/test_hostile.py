"""Hostile texts in every field come back as texts."""

from html.parser import HTMLParser

import pytest
from flask import Flask
from markupsafe import escape

from ashar.projects import versions
from tests.lead.browser import Desk
from tests.lead.conftest import project_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "[x](javascript:alert(1))",
    "%(name)s %s %%",
    "\u202ealert\u200b(1)",
    "]]><!--",
)
TEXTS = {
    "story": ("title", "summary", "story"),
    "place": ("district", "aymak", "village"),
    "goal": ("more_for",),
    "budget": ("lines-0-title",),
    "needs": ("lines-0-title",),
    "milestones": ("lines-0-title", "lines-0-text"),
    "people": ("owner_name", "lines-0-name", "lines-0-role", "payee_name"),
    "pictures": ("lines-0-alt", "lines-0-caption"),
    "words/en": ("title", "summary", "story", "milestones.m1.title"),
}
PAGES = ("", "/preview", "/preview?lang=en", "/submit", "/versions", "/helpers")


class Watch(HTMLParser):
    """Notes what would run, were the page opened."""

    def __init__(self) -> None:
        super().__init__()
        self.wild: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.wild.append("script")
        self.wild += [name for name in given if name.startswith("on") or name == "style"]
        self.wild += [value for value in given.values() if value.startswith("javascript:")]
        if tag in {"img", "use"} and not (given.get("src") or given["href"]).startswith("/"):
            self.wild.append(tag)


def is_tame(page: str) -> bool:
    watch = Watch()
    watch.feed(page)
    return not watch.wild and "\u202e" not in page and "\u200b" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_come_back_as_texts(
    site: Flask, leader: Desk, helper: Desk, draft: str, text: str
) -> None:
    for step, names in TEXTS.items():
        answer = leader.save(draft, step, **dict.fromkeys(names, text))
        assert answer.status_code == 303, step
        page = leader.get(f"/lead/projects/{draft}/{step}").text
        assert is_tame(page), (step, text)
    helper.save(draft, "words/ru", title=text)
    for step in TEXTS:
        assert "Traceback" not in helper.get(f"/lead/projects/{draft}/{step}").text
    for path in PAGES:
        answer = leader.get(f"/lead/projects/{draft}{path}")
        assert answer.status_code == 200 and is_tame(answer.text), (path, text)
    assert is_tame(leader.get("/lead").text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_the_small_forms_come_back_as_texts(
    site: Flask, leader: Desk, draft: str, text: str
) -> None:
    leader.send(f"/lead/projects/{draft}/helpers", "invite", name=text, email="a@example.org")
    assert is_tame(leader.get(f"/lead/projects/{draft}/helpers").text)
    leader.send(f"/lead/projects/{draft}/submit", "send", words=text)
    for path in ("/versions", "/versions/1"):
        page = leader.get(f"/lead/projects/{draft}{path}").text
        assert is_tame(page)
    with site.app_context():
        kept = versions.all_of(project_of(draft))[0].words
    assert kept and str(escape(kept)) in page
