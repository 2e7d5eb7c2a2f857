"""Hostile texts, each sent through the forms: folded, kept or refused, and never a fault."""

import random
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from markupsafe import escape
from werkzeug.test import TestResponse

from ashar.kernel import db
from ashar.kernel.forms import clean_text
from ashar.moderation import reviews
from ashar.moderation.models import Case
from ashar.people.models import Application, Person
from ashar.progress.models import Comment, Report
from ashar.projects.models import Project
from tests.factories import PROJECT, make_draft, make_person, make_project
from tests.faults.story import FULL
from tests.hostile import TEXTS
from tests.lead.browser import Desk, read
from tests.lead.conftest import Sit
from tests.lead.conftest import draft as draft
from tests.lead.conftest import leader as leader
from tests.lead.conftest import people as people
from tests.lead.conftest import sit as sit

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: Every text under `make faults`; always the same few else.
CHOSEN = TEXTS if FULL else tuple(random.Random(4).sample(TEXTS, 8))
each = pytest.mark.parametrize("text", CHOSEN, ids=[f"text {TEXTS.index(one)}" for one in CHOSEN])

STEPS = {
    "story": ("title", "summary", "story"),
    "place": ("district", "aymak", "village"),
    "goal": ("more_for", "goal", "deadline"),
    "budget": ("lines-0-title", "lines-0-amount"),
    "needs": ("lines-0-title", "lines-0-quantity"),
    "milestones": ("lines-0-title", "lines-0-text", "lines-0-due", "lines-0-share"),
    "people": ("owner_name", "lines-0-name", "lines-0-role", "lines-0-email", "payee_name"),
    "pictures": ("lines-0-alt", "lines-0-caption"),
    "words/en": ("title", "summary", "story", "milestones.m1.title", "budget.b1.title"),
}
#: Fields that hold no words: they may refuse them.
EXACT = ("amount", "goal", "deadline", "quantity", "due", "share", "email")
APPLY = ("place", "about", "community", "voucher1_name", "voucher1_contact", "voucher2_name")
PLEDGE = ("amount", "name", "email", "group", "in_honour_of", "message")


class Wild(HTMLParser):
    """Notes what would act in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append(tag)
        if tag in {"iframe", "object", "embed", "base", "style", "math", "xmp", "video", "audio"}:
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        self.found += [value for value in given.values() if value.startswith("javascript:")]


def folded(text: str) -> str:
    """Return what is left of a text that was typed, without its spaces."""
    return "".join(clean_text(text).split())


def comes_back(answer: TestResponse, names: Iterable[str], text: str) -> None:
    """Check that a page's fields hold a text, and that the page holds nothing else of it."""
    assert Wild(answer.text).found == []
    fields = {name: value for form in read(answer) for name, value in form.pairs}
    for name in names:
        # What was refused stands there as it was typed, all else as it is kept.
        assert "".join(clean_text(fields[name]).split()) == folded(text), name


def sent(answer: TestResponse) -> bool:
    """Tell whether a form was taken; whatever else, it was answered."""
    assert answer.status_code in {200, 303, 422}, answer.status_code
    return answer.status_code == 303


@pytest.mark.faults
@one_engine
@each
def test_the_steps_of_a_leader_keep_or_refuse_it(leader: Desk, draft: str, text: str) -> None:
    for step, names in STEPS.items():
        path = f"/lead/projects/{draft}/{step}"
        worded = [name for name in names if not name.endswith(EXACT)]
        answer = leader.save(draft, step, **dict.fromkeys(worded, text))
        assert sent(answer), step
        comes_back(leader.get(path), worded, text)
        if len(worded) < len(names):
            answer = leader.save(draft, step, **dict.fromkeys(names, text))
            if not sent(answer):
                comes_back(answer, names, text)


@pytest.mark.faults
@one_engine
@each
def test_the_small_forms_of_a_leader_keep_or_refuse_it(leader: Desk, draft: str, text: str) -> None:
    home = f"/lead/projects/{draft}"
    answer = leader.send(f"{home}/helpers", "invite", name=text, email=text)
    assert not sent(answer)
    comes_back(answer, ["name", "email"], text)
    assert sent(leader.send(f"{home}/helpers", "invite", name=text, email="a@example.org"))
    answer = leader.send(f"{home}/updates/new", title_en=text, text_en=text, language="en")
    assert sent(answer)
    comes_back(leader.get(answer.location), ["title_en", "text_en"], text)
    assert sent(leader.send(f"{home}/submit", "send", words=text))
    page = leader.get(f"{home}/versions/1").text
    assert Wild(page).found == [] and folded(text) in "".join(_words(page).split())


def _words(page: str) -> str:
    found: list[str] = []
    reader = HTMLParser()
    reader.handle_data = found.append  # type: ignore[method-assign]
    reader.feed(page)
    return "".join(found)


@pytest.mark.faults
@one_engine
@each
def test_whoever_applies_says_it(site: Flask, sit: Sit, text: str) -> None:
    with site.app_context():
        make_person("applicant")
    desk = sit("applicant")
    given: dict[str, Any] = dict.fromkeys(APPLY, text) | {"region": "KG-N", "consent": "y"}
    answer = desk.send("/lead/apply", phone=text, **given, voucher2_contact=text)
    assert not sent(answer) or text == "٠١٢٣٤٥"
    if answer.status_code == 422:
        comes_back(answer, [*APPLY, "phone"], text)
        given |= {"phone": "+996 700 123 456", "voucher2_contact": text}
        assert sent(desk.send("/lead/apply", **given))
    with site.app_context():
        told = db.session.query(Application).one().answers
        assert folded(told["about"]) == folded(told["vouchers"][0]["name"]) == folded(text)
    page = desk.get("/lead/apply")
    assert Wild(page.text).found == []


@pytest.mark.faults
@one_engine
@each
def test_a_comment_a_report_and_a_pledge_say_it(site: Flask, sit: Sit, text: str) -> None:
    with site.app_context():
        make_project()
        make_person("aida")
    home, stranger = f"/projects/{PROJECT}", sit("")
    answer = sit("aida").send(f"{home}/comment", text=text, name=text)
    if not sent(answer):
        comes_back(answer, ["text", "name"], text)
        assert sent(sit("aida").send(f"{home}/comment", text=text, name="Айда"))
    answer = stranger.send(f"/report?project={PROJECT}", words=text, contact=text, reason="misuse")
    assert sent(answer)
    assert Wild(stranger.get(answer.location).text).found == []
    with site.app_context():
        said, told = db.session.query(Comment).one().text, db.session.query(Report).one()
        assert folded(said) == folded(told.words) == folded(told.contact) == folded(text)
    given = dict.fromkeys(PLEDGE, text) | {"country": text, "currency": text, "method": text}
    answer = stranger.send(f"{home}/pledge", **given)
    assert not sent(answer)
    comes_back(answer, PLEDGE, text)


@pytest.mark.faults
@one_engine
@each
def test_moderators_ask_and_decide_in_it(
    site: Flask, sit: Sit, people: dict[str, int], text: str
) -> None:
    with site.app_context():
        row = make_draft(people["leader"])
        with db.transaction() as session:
            owner = session.get_one(Person, people["leader"])
            token = reviews.submit(session.get_one(Project, row), owner).token
        slug = db.session.get_one(Project, row).slug
    desk, path = sit("naryn"), f"/moderation/{token}"
    assert desk.send(path, "form-whole", field=text, words=text).status_code == 422
    for form, field in (("form-whole", "words"), ("form-story", "words"), ("form-note", "note")):
        assert sent(desk.send(path, form, **{field: text})), form
    answer = desk.send(path, "form-decision", kinship=text, what=text, words=text)
    assert not sent(answer) and Wild(answer.text).found == []
    assert sent(desk.send(path, "form-decision", kinship="no", what="ask", words=text))
    for page in (desk.get(path), sit("leader").get(f"/lead/projects/{slug}")):
        assert Wild(page.text).found == []
        assert folded(str(escape(clean_text(text)))) in folded(page.text)
    with site.app_context():
        case = db.session.query(Case).filter_by(token=token).one()
        assert {folded(one.words) for one in case.remarks} == {folded(text)}


@one_engine
@pytest.mark.parametrize("field", ["currency", "country", "method", "visibility"])
def test_a_choice_that_the_pledge_form_never_offered_is_a_mistake_and_no_fault(
    site: Flask, sit: Sit, field: str
) -> None:
    with site.app_context():
        make_project()
    given = {"amount": "50", "currency": "CHF", "country": "CH", "method": "card"}
    for value in ("XXX", "", "<script>", "chf", "KWD"):
        answer = sit("").send(
            f"/projects/{PROJECT}/pledge", **(given | {"email": "a@example.org", field: value})
        )
        assert answer.status_code == 422
        assert 'class="error' in answer.text


#: What is no text at all, as bytes of a form: halves of pairs, cut and overlong sequences.
BROKEN = (
    "%ED%A0%80",
    "%ED%B0%80",
    "%FF%FE",
    "%C0%80",
    "%E2%82",
    "%EF%BF%BE%EF%BF%BF",
    "%F4%90%80%80",
)
#: Characters that stand for nothing to see.
STRANGE = (
    "\x01\x08\x1b[31m",
    "\x7f\x85\x9f",
    "\ufffe\uffff",
    "\U0010ffff",
    "\ue000",
    "\u2028\u2029",
)


def test_a_nul_is_refused_wherever_it_is_typed(site: Flask, leader: Desk, draft: str) -> None:
    with site.app_context():
        make_project()
    home = f"/lead/projects/{draft}"
    for path, name, field in (
        (f"{home}/story", "step", "title"),
        (f"{home}/helpers", "invite", "name"),
        (f"/projects/{PROJECT}/comment", "", "text"),
        (f"/report?project={PROJECT}", "", "words"),
        (f"/projects/{PROJECT}/pledge", "", "message"),
    ):
        assert leader.send(path, name, **{field: "a\0b"}).status_code == 400, path
    assert leader.get("/projects?q=%00").status_code == 400
    assert leader.get("/projects/%00").status_code in {400, 404}


def test_what_is_no_text_is_no_fault(site: Flask, sit: Sit, leader: Desk, draft: str) -> None:
    with site.app_context():
        make_project()
    typed = [*BROKEN, *(quote(text) for text in STRANGE)]
    for text in typed:
        assert leader.get(f"/projects?q={text}&region={text}&page={text}").status_code == 200
        assert leader.get(f"/projects/{text}").status_code == 404
        for path, name, field in (
            (f"/lead/projects/{draft}/story", "step", "title"),
            (f"/report?project={PROJECT}", "", "words"),
            (f"/projects/{PROJECT}/pledge", "", "message"),
        ):
            form = leader.sheet(path, name)
            fields = dict(form.pairs) | {field: "", "reason": "misuse"}
            body = "&".join(f"{quote(key)}={quote(value)}" for key, value in fields.items())
            answer = leader.client.post(
                form.action or path,
                data=f"{body}&{field}={text}".replace(f"&{field}=&", "&"),
                headers=leader._headers(),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code in {200, 303, 422}, (text, path)
