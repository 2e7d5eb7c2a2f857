"""The wheel: holds what a site needs and nothing else, and serves far from the checkout."""

import configparser
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import requests

from tests.operations.house import environment, free_port, started, until

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "build", "dist", "instance", "*.egg-info", "__pycache__", "tests", "node_modules"
)
#: Folders that travel inside the package, by the name that they have there.
FOLDERS = {
    "templates": "ashar/templates",
    "static": "ashar/static",
    "migrations": "ashar/migrations",
    "stripe_sandbox/templates": "stripe_sandbox/templates",
    "stripe_sandbox/static": "stripe_sandbox/static",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=LEFT_OUT)
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder))
    _run(sys.executable, "-m", "pip", "wheel", *options, str(folder / "source"))
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Install the wheel alone in a new environment, which borrows what Ashar needs from ours."""
    home = tmp_path / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", str(home))
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
    _run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    [site] = home.glob("lib/python*/site-packages")
    # A path in a .pth brings its packages, but not the .pth of our own editable installation.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _settings() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read(ROOT / "setup.cfg", "utf-8")
    return found


def test_every_package_is_listed() -> None:
    listed = set(_settings()["options"]["packages"].split())
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("ashar", "stripe_sandbox")
        for path in (ROOT / top).rglob("__init__.py")
    }
    folders = {"ashar.templates", "ashar.static", "ashar.migrations", "ashar.translations"}
    assert listed == found | folders


def test_every_module_travels(names: set[str]) -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for top in ("ashar", "stripe_sandbox")
        for path in (ROOT / top).rglob("*.py")
    }
    assert modules <= names


@pytest.mark.parametrize(("here", "there"), FOLDERS.items())
def test_every_file_beside_the_code_travels(here: str, there: str, names: set[str]) -> None:
    files = {
        there + path.as_posix().removeprefix((ROOT / here).as_posix())
        for path in (ROOT / here).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files
    assert files <= names


def test_every_catalogue_travels_compiled(names: set[str]) -> None:
    for source in (ROOT / "translations").rglob("*.po"):
        compiled = source.relative_to(ROOT).with_suffix(".mo").as_posix()
        assert f"ashar/{compiled}" in names


def test_nothing_else_travels(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ashar", "stripe_sandbox"}
    assert not [name for name in names if name.endswith((".pyc", ".po", ".pot"))]
    assert not [name for name in names if "/tests/" in name]


def test_the_wheel_names_its_licence_and_its_command(wheel: Path, names: set[str]) -> None:
    [folder] = {name.split("/")[0] for name in names if ".dist-info/" in name}
    assert f"{folder}/licenses/LICENSE" in names
    with zipfile.ZipFile(wheel) as file:
        metadata = file.read(f"{folder}/METADATA").decode()
        commands = file.read(f"{folder}/entry_points.txt").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "ashar = ashar.cli:main" in commands


def test_requirements_have_lower_bounds_only() -> None:
    settings = _settings()
    lists = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]
    lines = [line for text in lists for line in text.split("\n") if line]
    wrong = [
        line
        for line in lines
        if not line.startswith("ashar[") and (">=" not in line or "<" in line or "==" in line)
    ]
    assert wrong == []


def test_an_installed_wheel_serves_far_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    settings = {"ASHAR_DATABASE_URL": "", "ASHAR_INSTANCE_PATH": str(tmp_path / "site")}
    environ = environment(settings)
    del environ["PYTHONPATH"]
    far = tmp_path / "far"
    far.mkdir()
    where = subprocess.run(
        [installed / "python", "-c", "import ashar, stripe_sandbox; print(ashar.__file__)"],
        env=environ, cwd=far, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert where.startswith(str(installed.parent))
    subprocess.run([installed / "ashar", "upgrade"], env=environ, cwd=far, check=True)
    port = free_port()
    options = ("--workers", "1", "--no-jobs", "--sandbox", "--sandbox-port", str(port))
    with started(environ, far, *options, command=[str(installed / "ashar")]) as house:
        house.wait()
        for path in ("/", "/projects", "/static/ashar/ashar.css", "/readyz"):
            assert house.get(path).ok, path
        until(lambda: _ok(f"http://127.0.0.1:{port}/"), "the sandbox shows its page")
    assert not os.path.exists(far / "instance")


def _ok(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
