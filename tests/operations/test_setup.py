"""Setting up says in a sentence why it cannot."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operations.house import ROOT

PYTHONS = ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14")
OLD = "#!/bin/sh\nexit 1\n"
FULL = """#!/bin/sh
case "$*" in
  *version_info*) exit 0 ;;
  *) echo "OSError: [Errno 28] No space left on device" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout without .venv, and a folder of programs to put first on the path."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "tools" / "setup", tmp_path / "tools" / "setup")
    return tmp_path


def put(folder: Path, text: str, *names: str) -> None:
    for name in names:
        path = folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)


def set_up(folder: Path, **more: str) -> str:
    """Run it; return its words."""
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    environ = {"PATH": path, "HOME": os.environ.get("HOME", "/"), "TMPDIR": str(folder), **more}
    done = subprocess.run(
        [folder / "tools" / "setup", "test"],
        env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_old_python_is_told(checkout: Path) -> None:
    put(checkout, OLD, *PYTHONS)
    assert "needs Python 3.11 or newer" in set_up(checkout)


def test_a_disk_with_little_room_is_told_beforehand(checkout: Path) -> None:
    assert "are free on this disk" in set_up(checkout, ASHAR_SETUP_MB="999999999")


def test_a_disk_that_runs_full_is_told(checkout: Path) -> None:
    put(checkout, FULL, *PYTHONS)
    assert "the disk is full" in set_up(checkout, ASHAR_SETUP_MB="0")
