"""What cases can be about: each feature registers its kind, and what a decision does to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ashar.kernel.errors import ConfigError
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import Reviewer

Act = Callable[[Case, Decision], None]


def _nothing(_case: Case, _decision: Decision) -> None:
    """Do nothing: the decision itself is all."""


def _no_conflict(_case: Case, _reviewer: Reviewer) -> str | None:
    return None


def _no_facts(_case: Case) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of cases: its name for people, what may be decided, and what follows.

    `choices` are the decisions that it knows, of approve, reject and ask; `checked` says that the
    checklist has to be gone through; `conflict` names what speaks against a reviewer beyond what
    holds for all projects. `template` shows what a case is about, with what `facts` returns.
    """

    name: str
    label: str
    approve: Act = _nothing
    reject: Act = _nothing
    ask: Act = _nothing
    choices: tuple[str, ...] = ("approve", "reject")
    checked: bool = False
    conflict: Callable[[Case, Reviewer], str | None] = _no_conflict
    words: dict[str, str] = field(default_factory=dict)
    template: str = ""
    facts: Callable[[Case], dict[str, Any]] = _no_facts


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; raise ConfigError for a name that is taken."""
    if kind.name in KINDS:
        raise ConfigError(f"two kinds of cases are named {kind.name!r}")
    KINDS[kind.name] = kind
    return kind
