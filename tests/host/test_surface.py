"""What a host's developer touches: names, signals, gateways, and what is not loaded."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import ashar
from ashar import Ashar, Gateway, Instructions, Money, Notice, Order, Received, Redirect, Way
from ashar.kernel import db
from ashar.kernel.errors import ConfigError
from ashar.pledges import tasks, transfers
from ashar.pledges.models import Payment, Pledge
from tests.host.conftest import PREFIX, Furnish, bare_settings, pledge_at, put_away
from tests.mailbox import Mailbox
from tests.pledges.test_stream import balances, only_pledge


def test_every_promised_name_is_there() -> None:
    for name in ashar.__all__:
        assert getattr(ashar, name) is not None
    with pytest.raises(AttributeError):
        _ = ashar.nothing


def test_the_extension_may_start_before_its_app(tmp_path: Path) -> None:
    extension = Ashar(url_prefix="/never", who=lambda: None)
    app = Flask("bare", instance_path=str(tmp_path))
    app.config.update(bare_settings(tmp_path, 0))
    SQLAlchemy(app)
    extension.init_app(app, url_prefix=PREFIX)
    assert f"{PREFIX}/projects" in {rule.rule for rule in app.url_map.iter_rules()}
    put_away(app)


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="prefix"):
        Ashar(prefix="/crowd")


def test_settings_may_be_texts_as_in_the_environment(furnish: Furnish) -> None:
    app = furnish(ASHAR_LANGUAGES="de, ky", ASHAR_STRIPE_WEBHOOK_SECRET="whsec_a,whsec_b")
    assert app.config["ASHAR_LANGUAGES"] == ("de", "ky")
    assert app.config["ASHAR_STRIPE_WEBHOOK_SECRET"] == ("whsec_a", "whsec_b")
    assert '<html lang="de"' in app.test_client().get(f"{PREFIX}/projects").text
    with pytest.raises(ConfigError, match="ASHAR_STRIPE_TIMEOUT"):
        furnish(ASHAR_STRIPE_TIMEOUT="soon")


BARE = """
import json, sys
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask("bare", instance_path=sys.argv[1])
app.config.update(
    SQLALCHEMY_DATABASE_URI="sqlite://",
    SQLALCHEMY_BINDS={"ashar": "sqlite:///" + sys.argv[1] + "/a.sqlite3"},
)
SQLAlchemy(app)
before = set(sys.modules)
from ashar import Ashar
Ashar(app, url_prefix="/crowd")
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_a_host_without_stripe_loads_neither_stripe_nor_accounts_nor_the_server(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BARE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout))
    assert "ashar" in loaded
    assert not loaded & {"stripe", "flask_security", "flask_login", "granian"}
    assert not loaded & {"pydantic", "alembic"}
    assert not loaded & {"ashar.cli", "ashar.checks", "ashar.serve", "ashar.demo"}
    assert not loaded & {"ashar.features", "ashar.people.models", "ashar.projects.models"}


def test_signals_reach_the_hosts_receiver_of_this_app_with_plain_facts(
    furnish: Furnish, mailbox: Mailbox
) -> None:
    heard: list[tuple[Flask, dict[str, Any]]] = []
    app, other = furnish(gateways=[Till()], ASHAR_STRIPE_SECRET_KEY=""), furnish()

    def listen(sender: Flask, **facts: Any) -> None:
        heard.append((sender, facts))

    ashar.pledge_made.connect(listen, sender=app)
    ashar.pledge_paid.connect(listen, sender=app)
    pledge_at(other.test_client())
    assert heard == []
    client = app.test_client()
    pay_at_the_till(app, pledge_at(client).location)
    with app.app_context():
        made = only_pledge()
        pledge, payment = made.id, made.payments[0].id
    assert [sender for sender, _ in heard] == [app, app]
    assert heard[0][1].items() >= {"pledge": pledge, "project": "dry-rice"}.items()
    paid = {"payment": payment, "amount": "50.00", "currency": "CHF"}
    assert heard[1][1].items() >= paid.items()
    for _, facts in heard:
        assert facts == json.loads(json.dumps(facts))


class Till:
    """A gateway of the host's own: takes cards at a page of its own, and tells by a message."""

    name = "till"
    methods: tuple[str, ...] = ("card",)
    origins = ("https://till.example",)

    def begin(self, order: Order) -> Redirect | Instructions:
        """Lead to the till's page."""
        ends = datetime.now(UTC) + timedelta(hours=1)
        return Redirect(f"https://till.example/{order.pledge}", f"till-{order.key}", ends)

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Received:
        """Believe who knows the word."""
        if headers.get("X-Word") != "tunduk":
            raise ashar.GatewayRefused("who are you?")
        return Received(json.loads(body)["id"], "paid", body)

    def read(self, body: bytes) -> list[Notice]:
        """Say what was paid."""
        found = json.loads(body)
        money = Money.from_decimal(found["amount"], found["currency"])
        ids = {"session": found["session"], "intent": found["id"], "charge": found["id"]}
        token, now = found["pledge"], datetime.now(UTC)
        return [Notice("till", found["id"], "paid", now, token, ids, money, "paid")]

    def refund(self, order: Any) -> Received:
        """Give nothing back."""
        raise ashar.GatewayRefused("sold is sold")

    def fetch(self, kind: str, id: str) -> Received:
        """Know nothing more."""
        raise ashar.GatewayUnreachable("closed")


def pay_at_the_till(app: Flask, address: str) -> None:
    token = address.rpartition("/")[2]
    with app.app_context():
        session_id = db.session.query(Pledge).filter_by(token=token).one().payments[0].session_id
    body = {"id": "1", "session": session_id, "pledge": token, "amount": "50.00", "currency": "CHF"}
    client, hook = app.test_client(), f"{PREFIX}/webhooks/till"
    assert client.post(hook, json=body).status_code == 400
    assert client.post(hook, json=body, headers={"X-Word": "tunduk"}).status_code == 200


def test_a_gateway_of_the_hosts_own_takes_a_pledge_its_own_way(
    furnish: Furnish, mailbox: Mailbox
) -> None:
    assert isinstance(Till(), Gateway)
    app = furnish(gateways=[Till()], ASHAR_STRIPE_SECRET_KEY="")
    client = app.test_client()
    answer = pledge_at(client)
    assert answer.location.startswith("https://till.example/")
    policy = client.get(f"{PREFIX}/projects").headers["Content-Security-Policy"]
    assert "form-action 'self' https://till.example" in policy
    pay_at_the_till(app, answer.location)
    with app.app_context():
        assert only_pledge().state == "paid"
        assert only_pledge().payments[0].gateway == "till"
        assert balances()["project:dry-rice", "CHF"] == -5000
    assert [letter.recipient for letter in mailbox.letters] == ["donor@example.org"]


def test_the_hosts_gateway_of_a_name_takes_the_place_of_ours(furnish: Furnish) -> None:
    till = Till()
    till.name = "stripe"
    app = furnish(gateways=[till])
    assert app.extensions["ashar"].gateways["stripe"] is till


def test_what_is_no_gateway_is_refused(furnish: Furnish) -> None:
    with pytest.raises(ConfigError, match="Gateway"):
        furnish(gateways=[object()])


class Jar(Till):
    """A way that has no page: the donor puts coins into a jar."""

    name = "jar"
    methods = ("jar",)
    origins = ()
    ways = (Way("jar", "A jar", "Coins and notes, on the counter."),)

    def begin(self, order: Order) -> Redirect | Instructions:
        """Say where the jar stands."""
        return Instructions({"Where": "On the counter", "Word": order.pledge[:6]})


def test_a_way_that_gives_instructions_leads_to_the_pledges_page(furnish: Furnish) -> None:
    jar = Jar()
    jar.methods = ("card",)
    app = furnish(gateways=[jar], ASHAR_STRIPE_SECRET_KEY="")
    answer = pledge_at(app.test_client())
    assert answer.status_code == 303
    assert answer.location.startswith(f"http://localhost{PREFIX}/pledges/")


def test_a_hosts_own_way_is_told_in_its_own_words_and_ends_when_it_says(
    furnish: Furnish, mailbox: Mailbox
) -> None:
    app = furnish(gateways=[Jar()])
    client = app.test_client()
    there = pledge_at(client, method="jar").location
    page = client.get(there, headers={"Accept-Language": "en"}).text
    assert "On the counter" in page and "transfer your gift" not in page
    with app.app_context():
        payment = only_pledge().payments[0]
        with db.transaction() as session:
            held = session.get_one(Payment, payment.id)
            held.started_at -= timedelta(days=11)
        assert transfers.remind() == transfers.expire() == tasks.drop_unbegun() == 0
        assert only_pledge().payments[0].state == "started"
    assert mailbox.letters == []


def test_a_way_that_only_the_hosts_gateway_knows_is_offered(furnish: Furnish) -> None:
    app = furnish(gateways=[Jar()])
    assert pledge_at(app.test_client(), method="jar").status_code == 303
