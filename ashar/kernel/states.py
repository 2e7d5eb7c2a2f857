"""State machines: the only code that moves a state, and its row of history with it."""

from collections.abc import Mapping
from typing import Any

from ashar.kernel import history
from ashar.kernel.errors import StateError


class Machine:
    """A table of states and the steps between them, for one kind of row.

    The row has an `id` and a `state`; `moves` maps a state to those that may follow.
    """

    def __init__(self, kind: str, start: str, moves: Mapping[str, frozenset[str]]) -> None:
        self.kind = kind
        self.start = start
        self.moves = dict(moves)

    @property
    def states(self) -> tuple[str, ...]:
        """Return all states, in the table's order."""
        return tuple(self.moves)

    def may(self, state: str, to: str) -> bool:
        """Tell whether the table has this step."""
        return to in self.moves.get(state, frozenset())

    def move(self, row: Any, to: str, *, why: str = "", actor: int | None = None) -> bool:
        """Take a step and write its history; tell whether anything changed.

        Staying where one is changes nothing. Raises StateError for a step not in the table.
        """
        old = row.state
        if old == to:
            return False
        if not self.may(old, to):
            raise StateError(f"{self.kind} {row.id}: {old} → {to} is no step")
        row.state = to
        history.record(self.kind, row.id, "state", old, to, why=why, actor=actor)
        return True


def table(text: str) -> dict[str, frozenset[str]]:
    """Read `a > b c` lines into a table of moves."""
    moves: dict[str, frozenset[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        state, _, after = line.partition(">")
        moves[state.strip()] = frozenset(after.split())
    known = set(moves)
    for state, following in moves.items():
        if unknown := following - known:
            raise StateError(f"{state} leads to unknown {sorted(unknown)}")
    return moves
