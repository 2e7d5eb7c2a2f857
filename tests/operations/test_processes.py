"""All processes of a site begin, end and come back together."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from ashar import serve
from tests.operations.house import ASHAR, environment, free_port, gone, started, until

PRODUCTION = {
    "ASHAR_ENV": "production",
    "ASHAR_SECRET_KEY": "6f1d0c4b7a0e4f0f9d2f3a8c5b6e7d10",
    "ASHAR_PASSWORD_SALT": "0b5a4c8f7e6d4a3b9c2d1e0f9a8b7c6d",
    "ASHAR_TOTP_SECRETS": "3c2b1a0f9e8d4c7b6a5f4e3d2c1b0a99",
    "ASHAR_BASE_URL": "https://ashar.example",
    "ASHAR_MAIL_URL": "smtp://127.0.0.1:9",
    "ASHAR_RATELIMIT_ENABLED": "1",
    "ASHAR_STRIPE_SECRET_KEY": "sk_live_0123456789abcdef",
    "ASHAR_STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef",
}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sandbox_options() -> tuple[str, ...]:
    return ("--sandbox", "--sandbox-port", str(free_port()), "--workers", "2")


@on_sqlite
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process(
    settings: dict[str, Any], tmp_path: Path, number: signal.Signals
) -> None:
    with started(environment(settings), tmp_path, *sandbox_options()) as house:
        family = house.wait().all()
        until(lambda: len(house.workers()) == 2, "two workers")
        assert house.named("jobs")
        assert house.named("stripe_sandbox")
        house.process.send_signal(number)
        assert house.process.wait(40) == 0
        assert gone(family) == []


@on_sqlite
def test_no_process_survives_a_supervisor_that_is_killed(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    with started(environment(settings), tmp_path, *sandbox_options()) as house:
        house.wait()
        until(lambda: len(house.workers()) == 2, "two workers")
        family = house.all()
        assert len(family) == 6  # supervisor, sandbox, jobs, granian, two workers
        house.process.kill()
        house.process.wait()
        assert gone(family) == []


@on_sqlite
def test_workers_do_not_outlive_granian(settings: dict[str, Any], tmp_path: Path) -> None:
    with started(environment(settings), tmp_path, "--no-jobs") as house:
        house.wait()
        workers = until(house.workers, "workers")
        [web] = house.named("web")
        web.kill()
        assert gone(workers) == []
        until(lambda: [one for one in house.named("web") if one.pid != web.pid], "another granian")
        house.wait()


@on_sqlite
def test_what_is_killed_comes_back(settings: dict[str, Any], tmp_path: Path) -> None:
    with started(environment(settings), tmp_path, *sandbox_options()) as house:
        house.wait()
        until(lambda: len(house.workers()) == 2, "two workers")
        victims = [house.workers()[0], *house.named("jobs"), *house.named("stripe_sandbox")]
        numbers = {one.pid for one in victims}
        for one in victims:
            one.kill()

        def back() -> bool:
            new = {one.pid for one in house.all()}
            kinds = (house.workers(), house.named("jobs"), house.named("stripe_sandbox"))
            return not new & numbers and [len(kind) for kind in kinds] == [2, 1, 1]

        until(back, "all are back")
        house.wait()


def test_only_workers_and_jobs_hold_the_database(settings: dict[str, Any], tmp_path: Path) -> None:
    with started(environment(settings), tmp_path, "--workers", "1") as house:
        house.wait()
        assert house.get("/readyz").ok
        [web] = house.named("web")
        for one in (psutil.Process(house.process.pid), web):
            assert [file.path for file in one.open_files() if "sqlite" in file.path] == []
            assert [link for link in one.net_connections() if link.status == "ESTABLISHED"] == []


@on_sqlite
def test_a_taken_port_is_told_in_a_sentence(settings: dict[str, Any], tmp_path: Path) -> None:
    with socket.socket() as other:
        # A server that shares its port, as granian does, is no invitation.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = refused(environment(settings), tmp_path, "--port", port)
    assert f"Ashar cannot listen on 127.0.0.1:{port}: Address already in use." in done


@on_sqlite
@pytest.mark.parametrize("missing", ["ASHAR_STRIPE_WEBHOOK_SECRET", "ASHAR_SECRET_KEY"])
def test_production_does_not_start_with_something_unsafe(
    settings: dict[str, Any], tmp_path: Path, missing: str
) -> None:
    environ = environment(settings, **PRODUCTION)
    del environ[missing]
    port = free_port()
    done = refused(environ, tmp_path, "--port", str(port))
    assert f"{missing} is missing" in done


@on_sqlite
def test_production_starts_when_all_is_safe(settings: dict[str, Any], tmp_path: Path) -> None:
    environ = environment(settings, **PRODUCTION)
    with started(environ, tmp_path, "--workers", "1") as house:
        house.wait()


@on_sqlite
def test_the_sandbox_is_not_for_production(settings: dict[str, Any], tmp_path: Path) -> None:
    safe = PRODUCTION | {"ASHAR_STRIPE_SECRET_KEY": "sk_test_0123456789abcdef"}
    port = ("--port", str(free_port()))
    done = refused(environment(settings, **safe), tmp_path, *port, *sandbox_options())
    assert "sandbox does not belong on a production site" in done


@on_sqlite
def test_the_sandbox_is_not_for_a_live_key(settings: dict[str, Any], tmp_path: Path) -> None:
    environ = environment(settings, ASHAR_STRIPE_SECRET_KEY="sk_live_0123456789abcdef")
    port = ("--port", str(free_port()))
    assert "not for a live key" in refused(environ, tmp_path, *port, *sandbox_options())


def test_a_sandbox_that_is_gone_is_not_believed_in(tmp_path: Path) -> None:
    told = {"ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox"}
    path, environ = tmp_path / "sandbox.json", {"ASHAR_INSTANCE_PATH": str(tmp_path)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        path.write_text(json.dumps({"port": port, "settings": told}))
        assert serve.beside_sandbox(environ) == environ | told
        live = environ | {"ASHAR_STRIPE_SECRET_KEY": "sk_live_0123456789abcdef"}
        assert serve.beside_sandbox(live) == live, "what is set stays"
    assert serve.beside_sandbox(environ) == environ


def refused(environ: dict[str, str], folder: Path, *options: str) -> str:
    """Run what must not start; return its words."""
    line = [*ASHAR, "run", *options]
    done = subprocess.run(
        line, env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
