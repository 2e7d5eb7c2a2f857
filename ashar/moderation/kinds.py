"""What cases can be about: each feature registers its kind, and what a decision does to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ashar.kernel.errors import ConfigError
from ashar.moderation.models import Case, Decision
from ashar.moderation.queries import Reviewer

Act = Callable[[Case, Decision], None]
Facts = dict[str, Any]


def _nothing(_case: Case, _decision: Decision) -> None:
    """Do nothing: the decision itself is all."""


def _no_conflict(_case: Case, _reviewer: Reviewer) -> str | None:
    return None


def _no_facts(_case: Case) -> Facts:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of cases: its name for people, what may be decided, and what follows.

    `choices` are the decisions that it knows, of approve, reject and ask; `words` are what they are
    called where CHOICES does not fit, `done` likewise once taken. `checked` says that the checklist
    has to be gone through, `reasoned` that a no is given a reason of the list; `conflict` names
    what speaks against a reviewer beyond what holds for all projects.

    Its subject is shown by the partial `template`, given `facts`. `load` reads the subjects of many
    cases at once, so that `conflict` costs the queue no query for each; without it the queue leaves
    that to the case's own page.
    """

    name: str
    label: str
    approve: Act = _nothing
    reject: Act = _nothing
    ask: Act = _nothing
    choices: tuple[str, ...] = ("approve", "reject")
    checked: bool = False
    reasoned: bool = True
    conflict: Callable[[Case, Reviewer], str | None] = _no_conflict
    words: dict[str, str] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)
    template: str = ""
    facts: Callable[[Case], Facts] = _no_facts
    load: Callable[[Sequence[Case]], object] | None = None


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; raise ConfigError for a name that is taken."""
    if kind.name in KINDS:
        raise ConfigError(f"two kinds of cases are named {kind.name!r}")
    KINDS[kind.name] = kind
    return kind
