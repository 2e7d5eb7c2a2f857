"""What reviewers and leaders read instead of dotted keys."""

from typing import Any

import pytest
from flask import Flask

from ashar.kernel import i18n
from ashar.projects import labels
from ashar.projects.content import segments, whole

CONTENT: dict[str, Any] = whole(
    {
        "budget": [
            {"key": "x", "amount": 1, "title": {"ky": "A"}},
            {"key": "b2", "amount": 2, "title": {"ky": "B"}},
        ],
        "milestones": [{"key": "m1", "due": None, "share": 40, "evidence": ["photos"]}],
        "committee": [{"key": "p1", "name": "A"}, {"key": "p2", "name": "B"}],
        "story": {"ky": "Окуя", "en": "Story"},
    }
)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("goal", "Goal"),
        ("budget.b2.amount", "Budget, line 2: amount"),
        ("budget.x.title.ky", "Budget, line 1: title (Кыргызча)"),
        ("milestones.m1", "Milestone 1"),
        ("committee.p2.email", "Committee, person 2: e-mail"),
        ("payee.name", "Receives the money in Kyrgyzstan: name"),
        ("story.en", "Story (English)"),
        ("report.ru.done", "Completion report: what was done (Русский)"),
        ("budget.gone.amount", "Budget, line ?: amount"),
        ("odd", "odd"),
    ],
)
def test_a_field_is_called_what_people_call_it(site: Flask, key: str, words: str) -> None:
    with site.app_context(), i18n.speaking("en"):
        assert labels.label(key, CONTENT) == words


def test_a_line_that_was_taken_out_is_counted_as_it_stood(site: Flask) -> None:
    with site.app_context(), i18n.speaking("en"):
        after = CONTENT | {"budget": CONTENT["budget"][:1]}
        assert labels.label("budget.b2.amount", after, CONTENT) == "Budget, line 2: amount"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("goal", 500_000, "CHF\u00a05,000"),
        ("deadline", "2027-01-23", "January 23, 2027"),
        ("region", "KG-N", "Naryn Region"),
        ("takes_more", True, "Yes"),
        ("milestones.m1.evidence", ["photos", "receipts"], "photos, receipts"),
        ("milestones.m1.share", 40, "40\u00a0%"),
        ("needs.n1.kind", "labour", "Labour days"),
        ("payee.email", "payee@example.org", "p…@example.org"),
        ("payee.email", "", ""),
        ("sdg", ["8.9"], "8.9"),
    ],
)
def test_a_value_reads_as_people_write_it(site: Flask, key: str, value: Any, words: str) -> None:
    with site.app_context(), i18n.speaking("en"):
        assert labels.value(key, value, CONTENT) == words


def test_only_what_a_content_holds_is_a_field() -> None:
    known = ("goal", "budget.b2", "budget.b2.amount", "story", "story.en", "pictures", "more_for")
    assert all(labels.is_field(key, CONTENT) for key in known)
    for key in ("", "budget.b9", "payee.iban", "goal.x", "__class__"):
        assert not labels.is_field(key, CONTENT)


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("a b c", "a x c"), ("a\n\nb", "a\nb"), ("a " * 9000, "b " * 9000), ("", "new")],
)
def test_what_stayed_went_and_came_makes_both_texts(old: str, new: str) -> None:
    found = segments(old, new)
    assert "".join(text for op, text in found if op != "new") == old
    assert "".join(text for op, text in found if op != "gone") == new
