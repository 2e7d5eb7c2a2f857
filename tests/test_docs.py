"""What others may rely on is written down, and what is written down exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import ashar
from ashar.cli import group
from ashar.kernel.config import SETTINGS
from ashar.kernel.signals import SIGNALS
from ashar.projects import states

HOME = Path(__file__).resolve().parent.parent
PLUGIN = (HOME / "docs" / "plugin.md").read_text(encoding="utf-8")
PAGES = sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md")])


def commands(found: click.Command, path: str = "") -> Iterator[str]:
    """Name every command, groups before their own."""
    if not isinstance(found, click.Group):
        yield path
        return
    for name, command in found.commands.items():
        yield from commands(command, f"{path} {name}".strip())


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PLUGIN


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_every_signal_is_documented(name: str) -> None:
    assert f"| `{name}` " in PLUGIN


@pytest.mark.parametrize("name", sorted(commands(group)))
def test_every_command_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PLUGIN


def test_the_life_of_a_project_is_printed_from_its_table() -> None:
    assert (HOME / "docs" / "states.md").read_text(encoding="utf-8") == states.printed()
    table = {(old, new) for old, after in states.PROJECT.moves.items() for new in after}
    assert {(step.old, step.new) for step in states.STEPS} == table
    assert set(states.MONEY) == set(states.PROJECT.states) - {
        "draft",
        "submitted",
        "changes_requested",
    }


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {setting.name for setting in SETTINGS}
    for page in PAGES:
        named = set(re.findall(r"ASHAR_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
        assert named <= known, page


def test_no_signal_or_command_is_documented_that_does_not_exist() -> None:
    known = {*SIGNALS, *commands(group), *(setting.name for setting in SETTINGS)}
    assert set(re.findall(r"^\| `([^`]+)`", PLUGIN, re.MULTILINE)) <= known


def test_signals_that_a_host_may_want_are_public_names() -> None:
    own = {"pledge_key", "offer_key", "transfer_told", "transfer_due"}
    own |= {"subscription_asked", "card_expiring", "debit_due", "late_money"}
    own |= {"refund_owed", "transfer_undone"}
    own |= {"donor_link"}
    own |= {"cash_told", "cash_taken"}
    assert set(SIGNALS) - own <= set(ashar.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target and not target.endswith(".png"):
            assert (page.parent / target).exists(), target
