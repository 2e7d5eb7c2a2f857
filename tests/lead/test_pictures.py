"""Pictures on the desk: taken in once, told of, moved, taken out; twelve at most."""

import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from ashar.kernel import limits
from ashar.kernel.db import session
from ashar.kernel.media import Media
from ashar.projects import versions
from tests.lead.browser import Desk
from tests.lead.conftest import project_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def photo(shade: int = 90, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480 + shade), (shade, 120, 60)).save(out, kind)
    return out.getvalue()


def add(desk: Desk, slug: str, *files: bytes, **fields: Any) -> TestResponse:
    given = [(io.BytesIO(data), f"photo-{number}.jpg") for number, data in enumerate(files)]
    token = dict(desk.sheet(f"/lead/projects/{slug}/pictures", "photos-form").pairs)["csrf_token"]
    pairs = [("csrf_token", token), *fields.items(), *(("photos", one) for one in given)]
    return desk.post(
        f"/lead/projects/{slug}/pictures/add", pairs, content_type="multipart/form-data"
    )


def pictures(site: Flask, slug: str) -> list[dict[str, Any]]:
    with site.app_context():
        return list(versions.written(project_of(slug)).content["pictures"])


def test_pictures_are_added_told_of_moved_and_taken_out(
    site: Flask, leader: Desk, draft: str
) -> None:
    assert add(leader, draft, photo(1), photo(2)).status_code == 303
    [old, first, second] = pictures(site, draft)
    leader.save(draft, "pictures", lines__2__place="1", lines__2__alt="Көпүрө", lines__1__gone="y")
    moved = pictures(site, draft)
    assert [one["key"] for one in moved] == [second["key"], old["key"]]
    assert moved[0]["alt"] == {"ky": "Көпүрө"} and old["alt"] == moved[1]["alt"]
    shown = leader.get(f"/media/{second['key']}?w=480")
    assert shown.status_code == 200 and leader.client.get(shown.request.path).status_code == 404


def test_the_same_picture_sent_twice_is_there_once(site: Flask, leader: Desk, draft: str) -> None:
    for _ in range(2):
        answer = add(leader, draft, photo(7), quietly="1")
        assert (answer.status_code, answer.data) == (204, b"")
    assert len(pictures(site, draft)) == 2
    with site.app_context():
        assert session.query(Media).count() == 2


def test_what_came_while_a_form_was_open_stays(site: Flask, leader: Desk, draft: str) -> None:
    form = leader.sheet(f"/lead/projects/{draft}/pictures", "step")
    add(leader, draft, photo(3), alt="Арык")
    assert leader.post(f"/lead/projects/{draft}/pictures", form.pairs).status_code == 303
    assert [one["alt"] for one in pictures(site, draft)] == [{"ky": "Жол"}, {"ky": "Арык"}]


def test_what_is_no_picture_is_refused_and_the_others_stay(
    site: Flask, leader: Desk, draft: str
) -> None:
    answer = add(leader, draft, b"<svg onload=alert(1)>", photo(4))
    assert answer.status_code == 422 and "photo-0.jpg: This file is not a picture" in answer.text
    assert len(pictures(site, draft)) == 2
    quiet = add(leader, draft, b"GIF89a", quietly="1")
    assert (quiet.status_code, quiet.mimetype) == (422, "text/plain")
    assert add(leader, draft).status_code == 422


def test_there_is_room_for_twelve(site: Flask, leader: Desk, draft: str) -> None:
    assert add(leader, draft, *(photo(shade) for shade in range(10, 21))).status_code == 303
    assert len(pictures(site, draft)) == 12
    assert "twelve pictures at most" in leader.get(f"/lead/projects/{draft}/pictures").text
    token = leader.token()
    data = {"csrf_token": token, "photos": (io.BytesIO(photo(99)), "one.jpg")}
    late = leader.client.post(
        f"/lead/projects/{draft}/pictures/add",
        data=data,
        headers={"X-Who": "leader", "X-Strong": "yes"},
    )
    assert late.status_code == 422 and len(pictures(site, draft)) == 12


def test_uploads_have_a_daily_measure(
    site: Flask, leader: Desk, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.RULES, "upload", "2/day")
    site.config["ASHAR_RATELIMIT_ENABLED"] = True
    answers = [add(leader, draft, photo(shade)).status_code for shade in (30, 31, 32)]
    site.config["ASHAR_RATELIMIT_ENABLED"] = False
    assert answers == [303, 303, 429]


def test_a_helpers_picture_waits_even_if_the_leader_adds_one(
    site: Flask, leader: Desk, helper: Desk, draft: str
) -> None:
    add(helper, draft, photo(40))
    add(leader, draft, photo(41))
    with site.app_context():
        copy = versions.written(project_of(draft))
        assert versions.entered_by_helpers(copy) == {"pictures": "Helper"}


def test_a_project_in_review_takes_no_pictures(site: Flask, leader: Desk, draft: str) -> None:
    token = leader.token()
    leader.send(f"/lead/projects/{draft}/submit", "send")
    data = {"csrf_token": token, "photos": (io.BytesIO(photo(5)), "one.jpg"), "quietly": "1"}
    late = leader.client.post(
        f"/lead/projects/{draft}/pictures/add",
        data=data,
        headers={"X-Who": "leader", "X-Strong": "yes"},
    )
    assert late.status_code == 422 and "cannot be changed now" in late.text
