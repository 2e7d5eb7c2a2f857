"""When money is final: every combination of what can be known of a payment."""

from datetime import date, timedelta
from itertools import product

import pytest

from ashar.pledges.final import DEBITS, HELD, REASONS, USES, Known, is_final, why_not
from ashar.pledges.states import PAYMENT
from ashar.projects.states import PROJECT

DAYS = 56
TODAY = date(2026, 6, 1)
PLAIN = Known(
    "settled", "card", date(2026, 5, 31), 5000, "project:x", None, False, "published", True
)


def known(**more: object) -> Known:
    return Known(**({name: getattr(PLAIN, name) for name in Known.__slots__} | more))  # type: ignore[arg-type]


def test_a_card_payment_of_a_flexible_project_is_final_at_once() -> None:
    assert is_final(PLAIN, TODAY, DAYS)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"state": "processing"}, "unpaid"),
        ({"settled": None}, "unpaid"),
        ({"state": "refunded"}, "back"),
        ({"state": "lost"}, "back"),
        ({"left": 0}, "back"),
        ({"state": "disputed"}, "disputed"),
        ({"refunding": True}, "refund"),
        ({"account": "suspense"}, "elsewhere"),
        ({"held_in": "cash:aibek"}, "cash"),
        ({"held_in": "partner-held:village"}, "partner"),
        ({"project": "suspended"}, "held"),
        ({"reached": False}, "threshold"),
        ({"method": "sepa"}, "debit"),
    ],
)
def test_each_obstacle_alone_is_named(more: dict[str, object], reason: str) -> None:
    assert why_not(known(**more), TODAY, DAYS) == [reason]


@pytest.mark.parametrize(("age", "final"), [(0, False), (55, False), (56, True), (400, True)])
def test_a_direct_debit_is_final_after_its_weeks(age: int, final: bool) -> None:
    debit = known(method="sepa", settled=TODAY - timedelta(days=age))
    assert is_final(debit, TODAY, DAYS) is final


def test_what_is_used_already_needs_no_minimum() -> None:
    for state in PROJECT.states:
        expected = state in USES
        assert is_final(known(reached=False, project=state), TODAY, DAYS) is expected


def test_every_combination_is_final_only_where_nothing_is_in_the_way() -> None:
    """Against a second telling of the rule, over all that can be known."""
    counted = 0
    for state, method, age, left, account, held_in, refunding, project, reached in product(
        PAYMENT.states, ("card", "sepa", "bank", "cash"), (None, 0, 60), (0, 1),
        ("project:x", "suspense"), (None, "bank:chf", "cash:a", "partner-held:b"), (False, True),
        PROJECT.states, (False, True),
    ):  # fmt: skip
        settled = None if age is None else TODAY - timedelta(days=age)
        given = Known(state, method, settled, left, account, held_in, refunding, project, reached)
        found = why_not(given, TODAY, DAYS)
        came = settled is not None and state in {"settled", "partly_refunded"} and left > 0
        good = (
            came
            and account != "suspense"
            and (held_in or "bank").split(":")[0] == "bank"
            and not refunding
            and project not in HELD
            and (reached or project in USES)
            and not (method in DEBITS and age is not None and age < DAYS)
        )
        assert (found == []) is good, (given, found)
        assert set(found) <= set(REASONS)
        counted += 1
    assert counted > 50_000
