"""Where a payment's money stands is a function of what is known, and always balances."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ashar.pledges.position import PAYABLE, Facts, Settled, Takeback, position

minors = st.integers(0, 6000)
takebacks = (
    st.builds(
        Takeback,
        minor=minors,
        moved=st.none() | st.integers(-100, 7000),
        fee=st.integers(0, 2000),
    )
    | st.builds(Takeback, minor=minors, role=st.just(PAYABLE), promised=st.booleans())
    | st.builds(
        Takeback,
        minor=minors,
        role=st.sampled_from(["bank:a", "bank:b"]),
        paid=st.none() | st.tuples(st.integers(1, 7000), st.sampled_from(["EUR", "CHF"])),
    )
)
facts = st.builds(
    Facts,
    gift=st.integers(1, 10_000),
    cover=st.integers(0, 600),
    currency=st.just("EUR"),
    settled=st.none()
    | st.builds(
        Settled, st.integers(1, 11_000), st.integers(0, 400), st.sampled_from(["EUR", "CHF"])
    ),
    takebacks=st.lists(takebacks, max_size=4).map(tuple),
)


@given(facts)
def test_the_sides_sum_to_zero_per_currency(known: Facts) -> None:
    sums: Counter[str] = Counter()
    for (_, currency), minor in position(known).items():
        sums[currency] += minor
    assert not any(sums.values())


@given(facts)
def test_no_project_goes_below_zero(known: Facts) -> None:
    assert all(minor <= 0 for (role, _), minor in position(known).items() if role == "project")


@given(facts, st.randoms())
def test_the_order_of_takebacks_does_not_matter(known: Facts, random: object) -> None:
    shuffled = list(known.takebacks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = Facts(known.gift, known.cover, known.currency, known.settled, tuple(shuffled))
    assert position(other) == position(known)


@given(st.integers(1, 10_000), st.integers(0, 600), st.integers(1, 11_000))
def test_the_whole_taken_back_leaves_the_project_at_exactly_zero(
    gift: int, cover: int, settled: int
) -> None:
    known = Facts(gift, cover, "EUR", Settled(settled, 30, "CHF"), (Takeback(gift + cover),))
    sides = position(known)
    assert ("project", "CHF") not in sides
    assert sides["fees", "CHF"] == 30  # the provider keeps its fee, and the cover went back


@given(st.integers(1, 10_000), st.data())
def test_without_conversion_what_leaves_is_exactly_what_was_asked(
    gift: int, data: st.DataObject
) -> None:
    back = data.draw(st.integers(0, gift))
    known = Facts(gift, 0, "CHF", Settled(gift, 0, "CHF"), (Takeback(back, back),))
    sides = Counter(position(known))
    assert sides["provider", "CHF"] == gift - back
    assert sides["project", "CHF"] == back - gift
    assert sides["fx", "CHF"] == 0


def test_a_gift_with_its_fee_cover_as_the_book_says() -> None:
    assert position(Facts(2000, 60, "CHF")) == {
        ("provider", "CHF"): 2060,
        ("project", "CHF"): -2000,
        ("fees", "CHF"): -60,
    }


def test_euros_settled_in_francs_and_refunded_on_a_day_with_another_rate() -> None:
    known = Facts(2000, 0, "EUR", Settled(1880, 85, "CHF"), (Takeback(2000, 1910, 0),))
    assert position(known) == {
        ("provider", "CHF"): 1880 - 85 - 1910,
        ("fees", "CHF"): 85,
        ("fx", "CHF"): 30,
    }


def test_what_is_taken_beyond_the_charge_is_a_loss() -> None:
    known = Facts(
        5000, 0, "CHF", Settled(5000, 0, "CHF"), (Takeback(5000, 5000), Takeback(5000, 5000, 1500))
    )
    assert position(known) == {
        ("provider", "CHF"): -5000 - 1500,
        ("losses", "CHF"): 5000,
        ("fees", "CHF"): 1500,
    }


def test_what_a_bank_still_has_to_pay_is_payable_and_then_leaves_its_account() -> None:
    ordered = Facts(5000, 0, "CHF", takebacks=(Takeback(2000, role=PAYABLE, promised=True),))
    assert position(ordered) == {
        ("provider", "CHF"): 5000,
        ("project", "CHF"): -3000,
        ("refunds-payable", "CHF"): -2000,
    }
    paid = Facts(5000, 0, "CHF", takebacks=(Takeback(2000, role="bank:a", paid=(2000, "CHF")),))
    assert position(paid) == {
        ("provider", "CHF"): 5000,
        ("project", "CHF"): -3000,
        ("bank:a", "CHF"): -2000,
    }


@given(facts, st.integers(1, 10_000))
def test_a_promise_never_takes_what_is_not_left_and_makes_no_loss(known: Facts, more: int) -> None:
    promise = Takeback(more, role=PAYABLE, promised=True)
    after = replace(known, takebacks=(*known.takebacks, promise))
    losses = [sides.get(("losses", code), 0) for sides in (position(known), position(after))
              for code in ("CHF", "EUR")]  # fmt: skip
    assert losses[:2] == losses[2:]
    assert 0 <= after.promised <= max(0, after.charged - known.taken) + known.promised
