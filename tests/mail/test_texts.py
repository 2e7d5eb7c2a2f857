"""Every kind of letter in every language: short, safe, the same in text and HTML."""

import html as markup
import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from flask import Flask

from ashar import occasions
from ashar.kernel import clock, i18n
from ashar.kernel.money import Money
from ashar.mail import kinds, sending, topics
from ashar.mail.listing import Waiting
from ashar.mail.offer_says import Offered
from ashar.mail.recipients import FEW, MANY
from ashar.mail.says import SUBJECT, About, cut

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LANGUAGES = ("ky", "ru", "en", "de")
NOTICES = sorted(kind for kind, found in kinds.KINDS.items() if found.short)
LONG = "Ысык-Көлдүн жээгиндеги кичинекей айылдын мектебине күн панелдерин орнотуу " * 4
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "[x](javascript:alert(1))",
    "rice\r\nBcc: all@example.org",
    "50 % %(name)s %s & Co",
    "a\u2028b\u202ec\u200bd\x0be",
)


def values(title: str = "Batken dry rice", words: str = "Why so much?", **more: Any) -> Any:
    """Return all that any kind's templates may say."""
    about = About(
        cut(title, 120),
        cut(title, SUBJECT),
        "http://localhost/projects/" + "a" * 60,
        "http://localhost/lead/projects/" + "a" * 60,
    )
    case = Waiting(words, title, "Naryn", words, "http://localhost/moderation/" + "t" * 24)
    given = {
        "name": title,
        "why": "",
        "unsubscribe": "",
        "project": about,
        "what": "change",
        "questions": [("Story", words), ("", words)],
        "reason": "Something else",
        "words": words,
        "raised": Money(1_234_567, "CHF"),
        "goal": Money(1_800_000, "CHF"),
        "minimum": Money(900_000, "CHF"),
        "reached": False,
        "missed": False,
        "missing": [Money(123_456, "CHF"), Money(9_900, "EUR")],
        "days": 14,
        "day": clock.today(),
        "until": clock.now(),
        "leader": words,
        "giver": words,
        "country": words,
        "desks": "http://localhost/lead",
        "apply": "http://localhost/lead/apply",
        "link": "http://localhost/l/" + "t" * 24,
        "cases": [case, case],
        "offers": [Offered(words, title, words, "http://localhost/lead/projects/rice/offers")] * 2,
        "more": 3,
        "count": 5,
        "gifts": [(Money(5_000, "CHF"), "http://localhost/pledges/" + "t" * 24)],
        "terms": "http://localhost/legal/terms",
    }
    return given | more


def rendered(kind: str, lang: str, **more: Any) -> tuple[str, str, str, str]:
    """Return subject, text, HTML and short text as they would go out."""
    found = kinds.KINDS[kind]
    ends = "http://localhost/unsubscribe/" + "s" * 60 if found.topic else ""
    given = values(**more) | {"why": found.why, "unsubscribe": ends}
    with i18n.speaking(lang):
        return *sending.render(kind, given), sending.short(kind, given)


@pytest.mark.parametrize("kind", NOTICES)
def test_every_notice_is_short_and_says_the_same_twice(site: Flask, kind: str) -> None:
    with site.app_context():
        for lang in LANGUAGES:
            for more in ({}, {"what": "first"}, {"what": "completion"}, {"what": "slight"}):
                check(kind, lang, *rendered(kind, lang, **more))
            others = {"reached": True, "until": None, "leader": "", "words": "", "days": 1}
            check(kind, lang, *rendered(kind, lang, **others))
            check(kind, lang, *rendered(kind, lang, minimum=None, title=LONG))


def check(kind: str, lang: str, subject: str, text: str, html: str, short: str) -> None:
    """Hold one letter against what all letters keep to."""
    found = kinds.KINDS[kind]
    assert 0 < len(subject) <= 70, (kind, lang, subject)
    assert 0 < len(short) <= 300, (kind, lang, len(short), short)
    assert short.count("http://") == 1 and short.split()[-1].startswith("http://")
    assert f'<html lang="{lang}">' in html
    assert "src=" not in html and "<img" not in html and "url(" not in html
    assert "\n\n\n" not in text and "&amp;" not in text
    assert ("https://wa.me/?text=" in text) is ("https://wa.me/?text=" in html) is not found.private
    assert ("/unsubscribe/" in text) is ("/unsubscribe/" in html) is bool(found.topic)
    flat = " ".join(markup.unescape(re.sub(r"<[^>]*>", " ", html)).split())
    for line in said(text):
        assert line in flat, (kind, lang, line)
    for link in re.findall(r"^https?://\S+", text, re.MULTILINE):
        assert link in markup.unescape(html), (kind, lang, link)


def said(text: str) -> list[str]:
    """Return the sentences of a plain text: no links, no marks of quoting, no colon before one."""
    lines = [" ".join(line.removeprefix("> ").split()) for line in text.splitlines()]
    return [line.removesuffix(":") for line in lines if line and "://" not in line and line != "--"]


@pytest.mark.parametrize("kind", NOTICES)
@pytest.mark.parametrize("words", HOSTILE)
def test_what_somebody_wrote_breaks_neither_headers_nor_html(
    site: Flask, kind: str, words: str
) -> None:
    with site.app_context():
        for lang in LANGUAGES:
            subject, text, html, short = rendered(kind, lang, title=words, words=words)
            assert "<script" not in html and "<img" not in html
            assert "49" not in subject + short
            for link in re.findall(r'href="([^"]*)"', html):
                assert link.startswith(("http://localhost/", "https://wa.me/?text="))
            assert [subject, short] == [one.replace("\n", " ").strip() for one in (subject, short)]
            message = EmailMessage()
            message["Subject"] = subject
            message.set_content(text)
            parsed = BytesParser(policy=policy.default).parsebytes(bytes(message))
            assert parsed["Bcc"] is None and parsed["Subject"] is not None


def test_every_occasion_has_a_kind_and_somebody_to_write_to(database_url: str) -> None:
    for found in occasions.OCCASIONS.values():
        for occasion in found:
            assert occasion.kind in kinds.KINDS
            assert occasion.to in {**FEW, **MANY}
            assert not (FEW.keys() & MANY.keys())
    assert {kind.topic for kind in kinds.KINDS.values() if kind.topic} == set(topics.TOPICS)


def test_a_long_title_is_cut_at_a_word(database_url: str) -> None:
    assert cut("a  b\nc", 60) == "a b c"
    assert cut("one two three", 9) == "one two…"
    assert cut("x" * 70, 60) == "x" * 59 + "…"
    assert len(cut(LONG, 60)) <= 60
