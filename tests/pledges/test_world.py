"""Any order of whatever may happen to pledges leaves nothing amiss; a guard less, and it shows."""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ashar.kernel.money import Money
from ashar.pledges import services
from ashar.pledges.models import Payment
from ashar.site import create_app
from stripe_sandbox import Sandbox
from tests.conftest import Clock, _dispose, _execute, _of, copy_database
from tests.mailbox import Mailbox
from tests.pledges.world import World

FULL = os.environ.get("ASHAR_FAULTS") == "full"
#: Steps of one run; runs of each engine, in a full run and every day.
STEPS = 50
RUNS = {"sqlite": (400, 6), "postgresql": (100, 3)}


@pytest.fixture(params=list(RUNS))
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def provider() -> Iterator[str]:
    """Yield the address of a Stripe that holds nothing: all it is asked for is its balance."""
    with Sandbox(settlement="CHF", seed=1, key="sk_test_sandbox") as running:
        yield running.url


@pytest.fixture
def machine(
    engine: str, provider: str, request: pytest.FixtureRequest, tmp_path: Path
) -> type[World]:
    """Open sites one after the other, each on a fresh copy of the migrated database."""
    number = itertools.count()

    @contextmanager
    def opened() -> Iterator[tuple[Flask, Clock]]:
        folder, clock = tmp_path / str(next(number)), Clock()
        folder.mkdir()
        with _fresh(engine, request, folder) as url:
            given: dict[str, Any] = {
                "ASHAR_DATABASE_URL": url,
                "ASHAR_INSTANCE_PATH": str(folder / "instance"),
                "ASHAR_JOBS": "off",
                "ASHAR_RATELIMIT_ENABLED": False,
                "ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox",
                "ASHAR_STRIPE_WEBHOOK_SECRET": ("whsec_test_0123456789abcdef",),
                "ASHAR_STRIPE_API_BASE": provider,
                "ASHAR_BASE_URL": "http://localhost",
                "TESTING": True,
            }
            app = create_app(given, environ={}, clock=clock, mailer=Mailbox())
            yield app, clock
            _dispose(app)
        shutil.rmtree(folder, ignore_errors=True)

    return type("World", (World,), {"opens": staticmethod(opened)})


@contextmanager
def _fresh(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, folder / "ashar.sqlite3")
        yield f"sqlite:///{folder / 'ashar.sqlite3'}"
        return
    server: str = request.getfixturevalue("postgres")
    source: str = request.getfixturevalue("postgres_template")
    name = f"ashar_world_{folder.name}"
    copy_database(server, name, source)
    url: sa.URL = _of(server, name)
    yield url.render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def run(machine: type[World], runs: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FULL,
            database=None,
            # The steps that led to it are enough, and shrinking them takes longer than all else.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.faults
def test_any_order_of_steps_leaves_nothing_amiss(machine: type[World], engine: str) -> None:
    run(machine, RUNS[engine][0 if FULL else 1])


def test_without_the_guard_of_refunds_it_is_found(
    machine: type[World], engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(payment: Payment) -> Money:
        return Money(payment.charged.minor * 2, payment.currency)

    monkeypatch.setattr(services, "refundable", unguarded)
    with pytest.raises(AssertionError):
        run(machine, RUNS[engine][0])
    assert "refunds never exceed what was paid" in machine.amiss
