"""Tables of states: the only steps there are, each with its row of history."""

from dataclasses import dataclass

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from ashar.kernel import db
from ashar.kernel.errors import StateError
from ashar.kernel.history import History
from ashar.kernel.states import Machine, table
from ashar.pledges.states import DISPUTE, PAYMENT, PLEDGE, REFUND, pledge_state
from ashar.projects.states import PROJECT

DOOR = Machine("door", "shut", table("shut > open\nopen > shut broken\nbroken >"))
MACHINES = (PLEDGE, PAYMENT, REFUND, DISPUTE, PROJECT)


@dataclass
class Door:
    id: int
    state: str = "shut"


def test_a_step_of_the_table_is_taken_and_written_down(site: Flask) -> None:
    door = Door(7)
    with site.app_context():
        with db.transaction():
            assert DOOR.move(door, "open", why="a knock", actor=3)
        row = db.session.query(History).one()
        assert (row.kind, row.subject_id, row.old, row.new) == ("door", 7, "shut", "open")
        assert (row.why, row.actor_id) == ("a knock", 3)
    assert door.state == "open"


def test_staying_where_one_is_leaves_no_history(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            assert not DOOR.move(Door(7), "shut")
        assert db.session.query(History).count() == 0


def test_a_step_that_the_table_lacks_changes_nothing(site: Flask) -> None:
    door = Door(7)
    with site.app_context():
        with pytest.raises(StateError, match="door 7: shut → broken is no step"):
            with db.transaction():
                DOOR.move(door, "broken")
        assert db.session.query(History).count() == 0
    assert door.state == "shut"


def test_a_state_that_nobody_knows_has_no_way_out() -> None:
    assert not DOOR.may("ajar", "open")
    assert DOOR.states == ("shut", "open", "broken")


def test_a_table_that_leads_nowhere_known_is_refused() -> None:
    with pytest.raises(StateError, match="leads to unknown"):
        table("shut > opne")


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.kind)
def test_every_state_can_be_reached_from_the_first(machine: Machine) -> None:
    reached, new = set(), {machine.start}
    while new:
        reached |= new
        new = {after for state in new for after in machine.moves[state]} - reached
    assert reached == set(machine.states)


MONEY = st.lists(st.sampled_from(sorted(PAYMENT.states)), max_size=4)


@given(MONEY, st.sampled_from(sorted(PLEDGE.states)))
def test_a_pledges_state_follows_from_its_payments_whatever_their_order(
    payments: list[str], before: str
) -> None:
    found = pledge_state(payments, before)
    assert found in PLEDGE.states
    assert found == pledge_state(payments[::-1], before)
    if not set(payments) - {"started", "failed", "expired"}:
        assert found == before
