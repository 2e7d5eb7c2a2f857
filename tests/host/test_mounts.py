"""One installation under two prefixes, and two installations in one process."""

import re
import threading

import pytest
from flask import Flask

from ashar import Ashar
from ashar.kernel.errors import ConfigError
from stripe_sandbox import Sandbox
from tests.factories import PROJECT
from tests.host.conftest import PREFIX, WEBHOOK_SECRET, Furnish, pledge_at
from tests.live import listening, session_of
from tests.mailbox import Mailbox
from tests.pledges.test_stream import balances, calm, only_pledge


def again(app: Flask) -> None:
    Ashar(app, name="crowd2", url_prefix="/jardam")


@pytest.mark.parametrize("prefix", [PREFIX, "/jardam"])
def test_either_mount_leads_through_the_whole_story_in_its_own_prefix(
    furnish: Furnish, sandbox: Sandbox, prefix: str
) -> None:
    app = furnish(after=again, ASHAR_STRIPE_API_BASE=sandbox.url)
    client = app.test_client()
    other = {PREFIX, "/jardam"} - {prefix}
    page = client.get(f"{prefix}/projects/{PROJECT}").text
    assert f'"{prefix}/' in page and not re.search(rf'"{other.pop()}/', page)
    with listening(app) as url:
        sandbox.add_endpoint(f"{url}{prefix}/webhooks/stripe", WEBHOOK_SECRET)
        session_id = session_of(sandbox, pledge_at(client, prefix))
        found = sandbox.account.store.get("checkout.session", session_id)
        assert f"http://localhost{prefix}/pledges/" in found["success_url"]
        sandbox.pay(session_id)
        calm(sandbox, app)
    with app.app_context():
        assert only_pledge().state == "paid"


@pytest.mark.parametrize("prefix", [PREFIX, "/jardam"])
def test_each_mount_answers_wrong_addresses_with_its_own_links(
    furnish: Furnish, prefix: str
) -> None:
    answer = furnish(after=again).test_client().get(f"{prefix}/nope")
    assert answer.status_code == 404
    assert f'href="{prefix}/projects"' in answer.text


def test_one_name_is_mounted_once(furnish: Furnish) -> None:
    with pytest.raises(ConfigError, match="name="):
        furnish(after=lambda app: Ashar(app, url_prefix="/twice") and None)


def test_two_apps_in_one_process_keep_books_keys_and_letters_apart(
    furnish: Furnish, mailbox: Mailbox
) -> None:
    with (
        Sandbox(settlement="CHF", seed=1, key="sk_test_one") as one,
        Sandbox(settlement="CHF", seed=2, key="sk_test_two") as two,
    ):
        apps = [
            furnish(ASHAR_STRIPE_SECRET_KEY=key, ASHAR_STRIPE_API_BASE=stripe.url)
            for key, stripe in (("sk_test_one", one), ("sk_test_two", two))
        ]
        with listening(apps[0]) as first, listening(apps[1]) as second:
            one.add_endpoint(f"{first}{PREFIX}/webhooks/stripe", WEBHOOK_SECRET)
            two.add_endpoint(f"{second}{PREFIX}/webhooks/stripe", WEBHOOK_SECRET)
            sessions = [
                session_of(stripe, pledge_at(app.test_client(), amount=amount))
                for app, stripe, amount in zip(apps, (one, two), ("30", "70"), strict=True)
            ]
            two.pay(sessions[1])
            one.pay(sessions[0])
            for stripe, app in ((one, apps[0]), (two, apps[1])):
                calm(stripe, app)
            one.stop()
            two.stop()
    for app, minor in zip(apps, (3000, 7000), strict=True):
        with app.app_context():
            assert only_pledge().state == "paid"
            assert balances()["project:dry-rice", "CHF"] == -minor
    assert len(mailbox.letters) == 2


def test_two_apps_write_at_the_same_time_each_into_its_own_database(furnish: Furnish) -> None:
    apps = [furnish(), furnish()]
    errors: list[BaseException] = []

    def give(app: Flask) -> None:
        try:
            for _ in range(5):
                assert pledge_at(app.test_client()).status_code == 303
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=give, args=(app,)) for app in apps * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    for app in apps:
        with app.app_context():
            from ashar.kernel import db
            from ashar.pledges.models import Pledge

            assert db.session.query(Pledge).count() == 10
