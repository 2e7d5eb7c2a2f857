"""Hostile words in every field of updates, comments and reports come back as words."""

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, render_template_string

from ashar.kernel import db
from ashar.kernel.forms import clean_text
from ashar.people.access import Identity
from ashar.progress import comments as talk
from ashar.progress import reports, services
from ashar.progress.models import Update
from ashar.progress.services import Draft
from ashar.projects import versions
from tests.progress.conftest import SLUG, Village

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RTL, ZERO = "\u202e\u2066\u200f", "\u200b\u200d\ufeff\u2060"
HOSTILE = (
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\nscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:msgbox(1))",
    "![a](javascript:alert(1))",
    "![a](https://evil.example/pixel.png)",
    "<javascript:alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=javascript:alert(1)></iframe>",
    "<math><mi//xlink:href=javascript:alert(1)>",
    "<style>*{display:none}</style>",
    "<base href=https://evil.example>",
    "<form action=https://evil.example><input name=csrf_token>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<!--", "-->", "]]>", "<![CDATA[", "<?php",
    "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;",
    "{{ 7*7 }}", "{% for x in y %}", "{{ config }}", "{# x #}", "${7*7}", "#{7*7}", "%(name)s",
    "%s%n", "'; DROP TABLE ashar_comment; --",
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "</style><script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;",
    f"gnp.{RTL}exe", f"scr{ZERO}ipt", f"{RTL}{ZERO}", "\x0b\x0c\x1b[31m",
    "a" * 300, "х" * 300, "\U0001f469\u200d\U0001f33e", "\ufffe\uffff",
)  # fmt: skip
#: What may stand in our pages beside texts.
TAGS_THAT_ACT = {"script", "iframe", "object", "embed", "base", "math", "style"}


class Acting(HTMLParser):
    """Gather what would act in a page: scripts that are not ours, handlers, addresses."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        ours = tag == "script" and (known.get("src") or "").startswith("/static/ashar/")
        if tag in TAGS_THAT_ACT and not ours:
            self.found.append(f"<{tag}>")
        for name, value in known.items():
            scheme = re.sub(r"\s", "", (value or "")).casefold()
            if name.startswith("on") or name == "srcdoc" or name == "style":
                self.found.append(f"{name}={value}")
            if scheme.startswith(("javascript:", "data:", "vbscript:")):
                self.found.append(f"{name}={value}")
            if name in {"src", "action", "srcset"} and "evil" in scheme:
                self.found.append(f"{name}={value}")

    handle_startendtag = handle_starttag


def inert(page: str) -> None:
    """Fail over anything in a page that acts, or that hides what is written."""
    assert Acting(page).found == []
    assert not set(page) & set(RTL + ZERO.replace("\u200d", "")), "invisible characters"
    assert "49" not in re.findall(r">\s*(49)\s*<", page)


def test_the_parser_of_these_tests_finds_what_acts(database_url: str) -> None:
    for text in HOSTILE[:7]:
        page = f"<p>{text}</p><p title=\"{text}\" lang='{text}'>"
        assert Acting(page).found, text


@pytest.fixture
def full(village: Village) -> Village:
    """Put every hostile text into every field."""
    leader = talk.Author(person=village.people["leader"], leads=True)
    with village.site.app_context(), db.transaction() as session:
        row = versions.lock(village.project)
        first = None
        for number, text in enumerate(HOSTILE):
            attempt = f"hostile-{number:020}"
            said = talk.Said(attempt, text, text[:80], None, first)
            made = talk.say(row, leader, said)
            first = first if number % 5 else made
            title = {"en": text[:120], "ky": text[:120]}
            update = services.write(village.writer(), Draft("en", title, {"en": text, "ky": text}))
            services.publish(update, village.writer())
            about = talk.Said(f"about-{number:020}", text, text[:80], update)
            talk.say(row, leader, about)
        session.flush()
    return village


def test_comments_and_updates_are_inert_on_every_page(full: Village) -> None:
    client = full.as_(None)
    with full.site.app_context():
        tokens = list(db.session.scalars(sa.select(Update.token)))
    pages = [f"/projects/{SLUG}", f"/projects/{SLUG}?comments=2"]
    pages += [f"/projects/{SLUG}/updates?page={number}" for number in range(1, 7)]
    pages += [f"/projects/{SLUG}/updates/{token}" for token in tokens]
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200
        # What services are given without a form is not folded; the pages must bear it even so.
        assert Acting(answer.text).found == [], path


def test_feeds_hold_for_a_strict_parser_and_what_they_hold_is_inert(full: Village) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    answer = full.as_(None).get(f"/projects/{SLUG}/updates.atom?lang=en")
    feed = ET.fromstring(answer.data)  # noqa: S314 - our own feed
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 20
    for entry in entries:
        content = entry.find(f"{atom}content")
        assert content is not None and content.get("type") == "html"
        assert Acting(content.text or "").found == []
        assert [child.tag for child in content] == []
        assert entry.find(f"{atom}title") is not None


def test_the_api_tells_them_as_texts_and_as_clean_html(full: Village) -> None:
    client = full.as_(None)
    for page in range(1, 7):
        answer = client.get(f"/api/v1/projects/{SLUG}/updates?page={page}&lang=en")
        assert answer.mimetype == "application/json"
        for item in json.loads(answer.data)["items"]:
            assert Acting(item["html"]).found == []


def test_through_the_forms_invisible_characters_go_and_the_rest_stays_words(
    village: Village,
) -> None:
    client = village.as_("leader")
    for text in HOSTILE:
        answer = village.say(client, text, name="Нурлан")
        folded = text.strip(RTL + ZERO + "\x0b\x0c\ufffe\uffff")
        assert answer.status_code == (303 if folded else 422), repr(text)
    for number in range(1, 4):
        inert(village.as_(None).get(f"/projects/{SLUG}?comments={number}").text)


def test_reports_are_inert_on_the_reporters_page_and_in_the_case(village: Village) -> None:
    client = village.as_(None)
    for number, text in enumerate(HOSTILE[:45]):
        answer = village.report(client, words=text, contact=text[:120])
        if answer.status_code != 303:
            assert answer.status_code == 422
            assert Acting(answer.text).found == []
            continue
        # The moderators' form folds their words as ours folds the reporter's.
        village.decide("batken", "report", "reject", words=clean_text(text))
        inert(client.get(answer.location).text)
        if number % 9 == 0:
            show_case(village, Identity("test-batken", "batken@example.org", "B", "en", True))


def show_case(village: Village, who: Any) -> None:
    village.now["who"] = who
    with village.site.test_request_context():
        facts = reports.facts(village.case("report"))
        assert facts["report"] is not None
        inert(part("ashar/progress/_case_report.html", facts))
    village.now["who"] = None


def part(name: str, facts: dict[str, Any]) -> str:
    """Render a part as a case's page does."""
    return render_template_string("{% include name %}", name=name, **facts)


def test_a_held_comment_is_inert_where_it_is_decided(village: Village, site: Flask) -> None:
    for text in HOSTILE[:30]:
        village.say(village.as_("aida"), text)
        with site.test_request_context():
            inert(part("ashar/progress/_case_comment.html", talk.facts(village.case("comment"))))
