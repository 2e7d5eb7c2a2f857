"""Comments: who may say something, what is held, what is shown, and nothing said twice."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from ashar.kernel import db
from ashar.moderation import queries as cases
from ashar.moderation import services as moderation
from ashar.progress import comments, queries
from ashar.progress.comments import Author, Said
from ashar.progress.models import Comment
from ashar.progress.states import holds_contact, without_emails
from ashar.projects.models import Project
from tests.factories import make_project, reviewer
from tests.faults.locks import together
from tests.live import read_form
from tests.progress.conftest import SLUG, Village
from tests.projects.test_listing import counted

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = f"/projects/{SLUG}?lang=en"


def shown(village: Village, path: str = PAGE) -> str:
    return village.as_(None).get(path).text


def say(village: Village, author: Author, text: str, **more: Any) -> str:
    """Say something without the pages; return its token."""
    with village.site.app_context(), db.transaction() as session:
        project = session.get_one(Project, village.project)
        attempt = more.pop("attempt", f"attempt-{session.query(Comment).count():020}")
        return comments.say(project, author, Said(attempt, text, **more)).token


def test_a_newcomers_comment_waits_for_a_moderator_and_the_next_one_does_not(
    village: Village, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    client = village.as_("aida")
    answer = village.say(client, "What a fine canal!", name="Айда")
    assert answer.status_code == 303 and "/comment" in answer.location
    assert "A moderator reads it first" in client.get(answer.location).text
    assert "fine canal" not in shown(village)
    village.decide("batken", "comment", "approve")
    page = shown(village)
    assert "What a fine canal!" in page and "Айда" in page
    again = village.say(village.as_("aida"), "And a long one.")
    assert again.status_code == 303 and "#comments" in again.location
    assert "And a long one." in shown(village)
    names = [name for name, _ in heard]
    assert names == ["case_opened", "comment_posted", "comment_posted"]


def test_a_rejected_comment_was_never_shown_and_its_author_reads_why(village: Village) -> None:
    village.say(village.as_("aida"), "Buy my tea")
    village.decide("batken", "comment", "reject", words="This is an advertisement.")
    assert "tea" not in shown(village) and "advertisement" not in shown(village)
    own = village.as_("aida").get(f"/projects/{SLUG}/comment").text
    assert "Hidden by a moderator: This is an advertisement." in own


@pytest.mark.parametrize(
    "text",
    ["Write to a@b.org", "see https://x.kg", "www.x.kg", "call 0700 12 34 56", "+996700123456",
     "look at example.com", "сайт.рф"],
)  # fmt: skip
def test_contacts_are_held_whoever_writes_them(village: Village, text: str) -> None:
    aida = Author(person=village.people["aida"])
    say(village, aida, "Hello")
    village.decide("batken", "comment", "approve")
    say(village, aida, text)
    with village.site.app_context():
        assert [row.state for row in village.comments()] == ["shown", "held"]


def test_plain_words_and_figures_are_no_contacts() -> None:
    for text in ("38 km, 12.5 days", "18 000 CHF", "2026-11-24", "Рахмат! Бүттү...", "Нарын, 2025"):
        assert not holds_contact(text), text


def test_no_comment_shows_an_e_mail(village: Village) -> None:
    say(village, Author(person=village.people["aida"]), "I am (aida@example.org), hello")
    village.decide("batken", "comment", "approve")
    page = shown(village)
    assert "aida" not in page.casefold() and "hello" in page
    assert without_emails("@ at a@b or @kg") == "@ at …@… or @kg"


def test_nobody_is_named_by_an_address(village: Village) -> None:
    client = village.as_("aida")
    answer = village.say(client, "Hello", name="aida@example.org")
    assert answer.status_code == 422 and "no address or number" in answer.text
    object.__setattr__(village.now["who"], "name", "aida@example.org")
    form = read_form(client.get(f"/projects/{SLUG}/comment"))
    assert form.fields["name"] == ""


@pytest.mark.parametrize("visibility", ["public", "anonymous", "hidden"])
def test_a_donor_is_named_only_as_they_type(village: Village, visibility: str) -> None:
    token = village.donor(name="Бекжан Төлөбаев", visibility=visibility)
    client = village.as_(None)
    form = client.get(f"/pledges/{token}/comment?lang=en")
    assert "Бекжан" not in form.text and "donor@example.org" not in form.text
    assert f"/pledges/{token}/comment" in client.get(f"/pledges/{token}").text
    assert village.say(client, "Good luck", f"/pledges/{token}/comment").status_code == 303
    village.decide("batken", "comment", "approve")
    page = shown(village)
    # Who gives with their name stands among the supporters, and not beside the words.
    assert page.count("Бекжан") == (visibility == "public")
    assert "A supporter" in page and token not in page
    village.say(village.as_(None), "Again", f"/pledges/{token}/comment", name="Б.")
    assert "<bdi>Б.</bdi>" in shown(village)


def test_a_pledge_that_was_not_paid_says_nothing(village: Village) -> None:
    from tests.factories import make_pledge, pledge_of

    with village.site.app_context():
        token = pledge_of(make_pledge(village.project)[0]).token
    assert village.as_(None).get(f"/pledges/{token}/comment").status_code == 404
    assert village.as_(None).post(f"/pledges/{token}/comment").status_code == 404


def test_a_stranger_is_told_how_and_says_nothing(village: Village) -> None:
    client = village.as_("aida")
    form = read_form(client.get(f"/projects/{SLUG}/comment"))
    village.as_(None)
    page = client.get(f"/projects/{SLUG}/comment?lang=en")
    assert page.status_code == 200 and "/sign-in?next=" in page.text
    assert "textarea" not in page.text and page.headers["Cache-Control"] == "no-store"
    answer = client.post(f"/projects/{SLUG}/comment", data=form.fields | {"text": "Hello"})
    assert answer.status_code == 403
    with village.site.app_context():
        assert village.comments() == []


def test_the_leaders_words_are_marked_and_shown_at_once(
    village: Village, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    say(village, Author(person=village.people["aida"]), "When is it done?")
    village.decide("batken", "comment", "approve")
    with village.site.app_context():
        asked = village.comments()[0].token
    client = village.as_("leader")
    path = f"/projects/{SLUG}/comment?answer={asked}"
    assert "When is it done?" in client.get(path).text
    village.say(client, "In May. Call 0700 123 456.", path)
    page = shown(village)
    assert page.index("When is it done?") < page.index("In May.")
    assert 'class="comment by-leader"' in page and '<span class="tag">Leader</span>' in page
    with village.site.app_context():
        first, second = village.comments()
        assert (second.parent_id, second.by_leader) == (first.id, True)
        facts = dict(heard)["comment_answered"]
        assert (facts["comment"], facts["answer"]) == (first.id, second.id)


def test_who_owns_the_project_without_a_second_factor_is_not_marked(village: Village) -> None:
    client = village.as_("leader")
    object.__setattr__(village.now["who"], "strong", False)
    village.say(client, "I am the leader")
    with village.site.app_context():
        assert [(row.by_leader, row.state) for row in village.comments()] == [(False, "held")]


def test_threads_are_one_level_deep_and_stay_with_what_they_are_about(village: Village) -> None:
    update = village.update()
    leader = Author(person=village.people["leader"], leads=True)
    with village.site.app_context():
        row = village.row(update)
    say(village, leader, "First", update=row)
    with village.site.app_context():
        say(village, leader, "Second", update=village.row(update), answers=village.comments()[0])
        db.session.rollback()
        say(village, leader, "Third", update=village.row(update), answers=village.comments()[1])
        db.session.rollback()
        first, second, third = village.comments()
        assert second.parent_id == third.parent_id == first.id
        token = first.token
    page = village.as_(None).get(f"/projects/{SLUG}/updates/{update}").text
    assert page.index("First") < page.index("Second") < page.index("Third")
    assert "First" not in shown(village)
    client = village.as_("aida")
    here = f"/projects/{SLUG}/comment"
    assert client.get(f"{here}?update={update}&answer={token}").status_code == 200
    for asked in (f"?answer={token}", "?answer=nothing", "?update=nothing"):
        assert client.get(here + asked).status_code == 404
    with village.site.app_context():
        make_project("other")
    assert client.get(f"/projects/other/comment?answer={token}").status_code == 404


def test_what_is_hidden_leaves_the_reason_in_its_place(village: Village) -> None:
    leader = Author(person=village.people["leader"], leads=True)
    say(village, Author(person=village.people["aida"]), "You are all thieves")
    village.decide("batken", "comment", "approve")
    with village.site.app_context():
        say(village, leader, "We are not.", answers=village.comments()[0])
        with db.transaction():
            comments.hide(village.comments()[0], "moderator", "An insult.", None)
    page = shown(village)
    assert "thieves" not in page and "Hidden by a moderator: An insult." in page
    assert "We are not." in page
    with village.site.app_context():
        token = village.comments()[0].token
    for path in (
        f"/projects/{SLUG}/comment?answer={token}",
        f"/report?project={SLUG}&comment={token}",
    ):
        assert village.as_("aida").get(path).status_code == 404


def test_an_author_takes_back_their_own_and_nobody_elses(village: Village) -> None:
    village.say(village.as_("aida"), "Hm")
    with village.site.app_context():
        token = village.comments()[0].token
    back = f"/projects/{SLUG}/comment/{token}/back"
    for who, status in (("bakyt", 404), ("leader", 404), ("aida", 303)):
        client = village.as_(who)
        fields = read_form(client.get(f"/projects/{SLUG}/comment")).fields
        assert client.post(back, data={"csrf_token": fields["csrf_token"]}).status_code == status
    assert client.post(back).status_code == 400
    with village.site.app_context():
        found = village.comments()[0]
        assert (found.state, found.hidden_by) == ("hidden", "author")
        assert village.case("comment").state == "withdrawn"


def test_what_was_shown_and_taken_back_says_so(village: Village) -> None:
    token = village.donor()
    village.say(village.as_(None), "Good luck", f"/pledges/{token}/comment")
    village.decide("batken", "comment", "approve")
    with village.site.app_context():
        comment = village.comments()[0].token
    client = village.as_(None)
    fields = read_form(client.get(f"/pledges/{token}/comment")).fields
    data = {"csrf_token": fields["csrf_token"]}
    other = village.donor()
    assert client.post(f"/pledges/{other}/comment/{comment}/back", data=data).status_code == 404
    assert client.post(f"/pledges/{token}/comment/{comment}/back", data=data).status_code == 303
    page = shown(village)
    assert "Good luck" not in page and "Taken back by its author." in page


def test_the_owner_and_the_author_do_not_decide_on_a_comment(village: Village) -> None:
    say(village, Author(person=village.people["second"]), "I moderate here myself")
    with village.site.app_context():
        case = village.case("comment")
        for name in ("leader", "second", "osh", "admin"):
            assert moderation.obstacle(case, reviewer(village.people[name])), name
        assert moderation.obstacle(case, reviewer(village.people["batken"])) is None
        assert cases.queue(reviewer(village.people["osh"]))[1] == 0


def test_the_same_form_twice_is_one_comment(village: Village) -> None:
    client = village.as_("aida")
    form = read_form(client.get(f"/projects/{SLUG}/comment"))
    data = form.fields | {"text": "Once"}
    places = {client.post(form.action, data=data).location for _ in range(3)}
    with village.site.app_context():
        assert (len(village.comments()), len(places)) == (1, 1)


def test_the_same_form_sent_at_once_is_one_comment(village: Village) -> None:
    client = village.as_("aida")
    form = read_form(client.get(f"/projects/{SLUG}/comment"))
    name = village.site.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    data, statuses = form.fields | {"text": "Once"}, []

    def send(_number: int) -> None:
        own = village.site.test_client()
        own.set_cookie(name, cookie.value)
        statuses.append(own.post(form.action, data=data).status_code)

    together(8, send)
    with village.site.app_context():
        assert (statuses, len(village.comments())) == ([303] * 8, 1)
        assert cases.counts(reviewer(village.people["batken"])) == {"comment": 1}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_unique_attempt_there_would_be_several(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nobody looks for the attempt, and no index holds it."""
    with village.site.app_context():
        with db.database().engine.begin() as connection:
            name = "uq_ashar_comment_attempt"
            connection.execute(sa.text(f"ALTER TABLE ashar_comment DROP CONSTRAINT {name}"))
    monkeypatch.setattr(queries, "by_attempt", lambda attempt: None)
    client = village.as_("aida")
    form = read_form(client.get(f"/projects/{SLUG}/comment"))
    for _ in range(2):
        client.post(form.action, data=form.fields | {"text": "Once"})
    with village.site.app_context():
        assert len(village.comments()) == 2


def test_what_is_too_long_empty_or_forged_comes_back(village: Village) -> None:
    client = village.as_("aida")
    for text, status in (("", 422), ("\u200b\u202e ", 422), ("x" * 2001, 422), ("x" * 2000, 303)):
        assert village.say(client, text).status_code == status
    assert client.post(f"/projects/{SLUG}/comment", data={"text": "Hello"}).status_code == 400
    form = read_form(client.get(f"/projects/{SLUG}/comment"))
    short = form.fields | {"text": "Hello", "attempt": "1"}
    assert client.post(form.action, data=short).status_code == 422


@one_engine
def test_a_page_with_five_hundred_comments_takes_as_many_queries_as_with_one(
    village: Village, site: Flask
) -> None:
    update = village.update()
    leader = Author(person=village.people["leader"], leads=True)
    numbers = []
    here = f"/projects/{SLUG}"
    paths = (here, f"{here}/updates/{update}", f"{here}/updates", f"{here}/updates.atom")
    assert village.as_(None).get(here).status_code == 200  # what is remembered for a while
    for more in (30, 470):
        with site.app_context(), db.transaction() as session:
            project = session.get_one(Project, village.project)
            about = village.row(update)
            for number in range(more):
                attempt = f"{more}-{number}-0123456789abcdef"
                first = comments.say(project, leader, Said(attempt, f"C{number}"))
                attempt = f"{more}-{number}-answer-0123456789"
                comments.say(project, leader, Said(attempt, "A", answers=first))
                attempt = f"{more}-{number}-update-0123456789"
                comments.say(project, leader, Said(attempt, "U", update=about))
        row = []
        client = village.as_(None)
        for path in paths:
            with counted(site) as seen:
                answer = client.get(path)
            assert answer.status_code == 200 and len(answer.data) < 120_000
            row.append(len(seen))
        numbers.append(row)
    assert numbers[0] == numbers[1]
    assert max(numbers[1]) <= 10
    page = shown(village, f"{PAGE}&comments=2")
    assert "Page 2 of 25" in page and 'href="/projects/dry-rice?lang=en#comments"' in page.replace(
        "&amp;", "&"
    )


@one_engine
def test_a_conversation_ends_somewhere(village: Village) -> None:
    leader = Author(person=village.people["leader"], leads=True)
    say(village, leader, "First")
    with village.site.app_context():
        for number in range(50):
            answers = village.comments()[0]
            say(village, leader, "More", attempt=f"{number:020}x", answers=answers)
        token = village.comments()[0].token
    answer = village.say(village.as_("leader"), "51", f"/projects/{SLUG}/comment?answer={token}")
    assert answer.status_code == 409 and "conversation is full" in answer.text
    assert "51" in read_text(answer.text)


def read_text(page: str) -> str:
    return page.split("<textarea", 1)[1].split("</textarea>", 1)[0]


@one_engine
def test_too_many_comments_are_refused(village: Village) -> None:
    village.site.config["ASHAR_RATELIMIT_ENABLED"] = True
    statuses = [village.say(village.as_("aida"), f"Hello {number}").status_code
                for number in range(14)]  # fmt: skip
    assert statuses[:12] == [303] * 12 and statuses[-1] == 429
