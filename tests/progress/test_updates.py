"""Updates: written by the leader or a helper, published by the leader, gone with their project."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from ashar.kernel import clock, db, media
from ashar.kernel.errors import Refused, Stale
from ashar.kernel.history import History
from ashar.kernel.media import Media
from ashar.progress import services
from ashar.progress.services import Draft
from ashar.projects import services as projects
from ashar.projects.models import Helper
from tests.live import read_form
from tests.progress.conftest import SLUG, Village

DESK = f"/lead/projects/{SLUG}/updates"
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "PNG")
    out.seek(0)
    return out


def help_leader(village: Village, name: str) -> None:
    with village.site.app_context(), db.transaction() as session:
        invited = Helper(token=name, project_id=village.project, email=f"{name}@example.org",
                         person_id=village.people[name], invited_at=clock.now(),
                         accepted_at=clock.now())  # fmt: skip
        session.add(invited)


def write(client: FlaskClient, **fields: str) -> str:
    """Write an update through its pages; return the address of its form."""
    form = read_form(client.get(f"{DESK}/new"))
    given = {"language": "ky", "title_ky": "Арык казылды", "text_ky": "Бүт айыл казды."}
    answer = client.post(form.action, data=form.fields | given | fields)
    assert answer.status_code == 303, answer.text[:3000]
    return str(answer.location)


def press(client: FlaskClient, page: str, action: str) -> int:
    fields = {"csrf_token": read_form(client.get(page)).fields["csrf_token"]}
    return client.post(action, data=fields).status_code


def test_a_leader_writes_an_update_with_a_picture_and_everybody_reads_it(
    village: Village, heard: list[tuple[str, dict[str, object]]]
) -> None:
    client = village.as_("leader")
    page = write(client, title_en="The canal is dug", text_en="The **whole** village dug.")
    token = page.rsplit("/", 1)[-1]
    fields = {"csrf_token": read_form(client.get(page)).fields["csrf_token"]}
    told = fields | {"alt": "Айыл арыкта", "caption": "Дүйшөмбү", "picture": (picture(), "a.png")}
    assert client.post(f"{page}/pictures", data=told).status_code == 303
    stranger = village.as_(None)
    assert stranger.get(f"/projects/{SLUG}/updates/{token}").status_code == 404
    with village.site.app_context():
        shown = village.row(token).pictures[0]["key"]
    assert stranger.get(f"/media/{shown}?w=256").status_code == 404
    client = village.as_("leader")
    assert client.get(f"/media/{shown}?w=256").status_code == 200
    assert press(client, f"{page}/publish", f"{page}/publish") == 303
    stranger = village.as_(None)
    assert stranger.get(f"/media/{shown}?w=256").status_code == 200
    read = stranger.get(f"/projects/{SLUG}/updates/{token}?lang=en")
    assert "<strong>whole</strong>" in read.text and "Translation, not reviewed." in read.text
    assert 'alt="Айыл арыкта"' in read.text and "Дүйшөмбү" in read.text
    assert "Set-Cookie" not in read.headers and read.headers["ETag"]
    for path in (f"/projects/{SLUG}", f"/projects/{SLUG}/updates"):
        assert "Арык казылды" in stranger.get(f"{path}?lang=ky").text
    assert [name for name, _ in heard] == ["update_posted"]
    assert (heard[0][1]["project"], heard[0][1]["update"]) == (SLUG, token)


def test_what_is_typed_comes_back_with_what_is_wrong(village: Village) -> None:
    client = village.as_("leader")
    form = read_form(client.get(f"{DESK}/new"))
    given = {"language": "ky", "text_ky": "Ата-бабабыздан бери", "title_ky": ""}
    answer = client.post(form.action, data=form.fields | given)
    assert answer.status_code == 422 and "Ата-бабабыздан бери" in answer.text
    assert client.post(f"{DESK}/new", data=given).status_code == 400


def test_a_helper_writes_and_only_the_leader_publishes(village: Village) -> None:
    help_leader(village, "aida")
    client = village.as_("aida")
    page = write(client)
    assert "leader publishes it" in client.get(f"{page}/publish").text
    action = {"csrf_token": read_form(client.get(page)).fields["csrf_token"]}
    assert client.post(f"{page}/publish", data=action).status_code == 403
    client = village.as_("leader")
    assert "Entered by Aida" in client.get(page).text
    assert press(client, f"{page}/publish", f"{page}/publish") == 303
    client = village.as_("aida")
    form = read_form(client.get(page))
    answer = client.post(page, data=form.fields | {"language": "ky", "title_ky": "Another"})
    assert answer.status_code == 409 and "Only the leader" in answer.text
    assert press(client, page, f"{page}/hide") == 403


@pytest.mark.parametrize("who", ["bakyt", "batken", "osh", "admin"])
def test_nobody_elses_desk_opens_whether_the_project_exists_or_not(
    village: Village, who: str
) -> None:
    token = village.update()
    client = village.as_(who)
    for slug in (SLUG, "nothing-here"):
        desk = f"/lead/projects/{slug}/updates"
        for path in (desk, f"{desk}/new", f"{desk}/{token}", f"{desk}/{token}/publish"):
            assert client.get(path).status_code == 403
        for path in (f"{desk}/new", f"{desk}/{token}", f"{desk}/{token}/publish",
                     f"{desk}/{token}/hide", f"{desk}/{token}/pictures"):  # fmt: skip
            assert client.post(path).status_code == 403


def test_a_leader_without_a_second_factor_is_not_at_their_desk(village: Village) -> None:
    client = village.as_("leader")
    object.__setattr__(village.now["who"], "strong", False)
    assert client.get(DESK).status_code == 403


def test_another_leaders_update_is_not_found_at_ones_own_desk(village: Village) -> None:
    from tests.factories import make_project

    token = village.update()
    with village.site.app_context():
        other = make_project("other")
        with db.transaction() as session:
            row = session.get_one(projects.Project, other)
            row.owner_id = village.people["leader"]
    assert village.as_("leader").get(f"/lead/projects/other/updates/{token}").status_code == 404
    assert village.as_(None).get(f"/projects/other/updates/{token}").status_code == 404


def test_an_edit_shows_at_once_and_what_stood_before_is_kept(village: Village) -> None:
    token = village.update()
    page = f"/projects/{SLUG}/updates/{token}?lang=en"
    before = village.as_(None).get(page)
    with village.site.app_context():
        with db.transaction():
            draft = Draft("en", {"en": "The canal holds"}, {"en": "Water!"})
            services.save(village.row(token), village.writer(), draft, base=1)
        kept = db.session.query(History).filter_by(kind="update", what="texts").one()
        assert kept.data is not None and kept.data["title"] == {"en": "The canal is dug"}
        assert kept.actor_id == village.people["leader"]
    after = village.as_(None).get(page)
    assert "The canal holds" in after.text and before.headers["ETag"] != after.headers["ETag"]
    with village.site.app_context(), pytest.raises(Stale), db.transaction():
        services.save(village.row(token), village.writer(), draft, base=1)


def test_a_hidden_update_is_gone_with_its_pictures_and_a_moderators_word_stays(
    village: Village,
) -> None:
    token = village.update()
    with village.site.app_context():
        with db.transaction():
            data = picture().read()
            services.add_picture(
                village.row(token), village.writer(), media.encoded(data), "A canal", ""
            )
        key = village.row(token).pictures[0]["key"]
    client = village.as_(None)
    assert client.get(f"/media/{key}?w=256").status_code == 200
    with village.site.app_context(), db.transaction():
        services.hide(village.row(token), "leader", "", None)
        services.hide(village.row(token), "moderator", "Somebody's child", None)
        services.hide(village.row(token), "leader", "", None)
    for path in (f"/projects/{SLUG}/updates/{token}", f"/media/{key}?w=256"):
        assert client.get(path).status_code == 404
    assert "The canal is dug" not in client.get(f"/projects/{SLUG}").text
    with village.site.app_context(), pytest.raises(Refused), db.transaction():
        services.publish(village.row(token), village.writer())


@pytest.mark.parametrize("suspended", [True, False])
def test_of_a_project_that_is_not_public_nothing_is_reached(
    village: Village, suspended: bool
) -> None:
    token = village.update()
    with village.site.app_context():
        with db.transaction():
            data = picture().read()
            services.add_picture(
                village.row(token), village.writer(), media.encoded(data), "A canal", ""
            )
        key = village.row(token).pictures[0]["key"]
    village.say(village.as_("leader"), "Hello")
    with village.site.app_context():
        comment = village.comments()[0].token
    paths = [f"/projects/{SLUG}{part}" for part in (
        "", "/updates", f"/updates/{token}", "/updates.atom", "/comment")]  # fmt: skip
    paths += [f"/api/v1/projects/{SLUG}/updates", f"/media/{key}?w=256"]
    paths += [f"/report?project={SLUG}", f"/report?project={SLUG}&comment={comment}"]
    link = f"/pledges/{village.donor()}/comment"
    client = village.as_(None)
    for path in (*paths, link):
        assert client.get(path).status_code == 200, path
    if suspended:
        village.suspend()
    else:
        with village.site.app_context(), db.transaction() as session:
            session.execute(projects.Project.__table__.update().values(state="submitted"))
    for path in (*paths, link):
        assert client.get(path).status_code == 404, path
    assert SLUG not in client.get("/projects.atom").text
    assert village.as_("leader").get(f"/media/{key}?w=256").status_code == 200


def test_a_draft_of_a_suspended_project_waits(village: Village) -> None:
    token = village.update(publish=False)
    village.suspend()
    with village.site.app_context(), pytest.raises(Refused, match="public"), db.transaction():
        services.publish(village.row(token), village.writer())


@one_engine
def test_a_picture_taken_out_is_shown_to_nobody_and_ten_are_enough(
    village: Village, site: Flask
) -> None:
    token = village.update()
    with site.app_context():
        data = picture().read()
        for _ in range(10):
            with db.transaction():
                services.add_picture(
                    village.row(token), village.writer(), media.encoded(data), "A canal", ""
                )
        with pytest.raises(Refused, match="ten"), db.transaction():
            services.add_picture(
                village.row(token), village.writer(), media.encoded(data), "A canal", ""
            )
        key = village.row(token).pictures[0]["key"]
        with db.transaction():
            services.remove_picture(village.row(token), village.writer(), key)
        assert len(village.row(token).pictures) == 9
        found = db.session.query(Media).filter_by(token=key).populate_existing().one()
        assert (found.public, found.owner_kind) == (False, "update")
    assert village.as_(None).get(f"/media/{key}?w=256").status_code == 404


@one_engine
def test_a_new_version_of_the_project_leaves_its_updates_pictures_open(village: Village) -> None:
    from ashar.projects import versions

    token = village.update()
    with village.site.app_context():
        with db.transaction():
            data = picture().read()
            services.add_picture(
                village.row(token), village.writer(), media.encoded(data), "A canal", ""
            )
        key = village.row(token).pictures[0]["key"]
        with db.transaction():
            row = village.writer().project
            versions.show(row, row.content)
    assert village.as_(None).get(f"/media/{key}?w=256").status_code == 200
