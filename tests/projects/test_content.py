"""What a project says, compared: word by word, in bounded time."""

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from ashar.projects import content as contents

texts = st.lists(st.sampled_from(["жол", "белги", "a", "b", "\n", "\n\n", " ", "38"])).map(" ".join)


@given(texts, texts)
def test_what_stayed_and_went_is_the_old_text_and_what_stayed_and_came_the_new(
    old: str, new: str
) -> None:
    found = contents.segments(old, new)
    assert "".join(text for kind, text in found if kind != "new") == old
    assert "".join(text for kind, text in found if kind != "gone") == new
    assert all(one[0] != other[0] for one, other in zip(found, found[1:], strict=False))


def test_a_word_that_came_is_the_only_one_marked() -> None:
    found = contents.segments("We put up signs.", "We put up new signs.")
    assert found == [("same", "We put up "), ("new", "new "), ("same", "signs.")]


def test_long_texts_are_compared_in_no_time() -> None:
    chance = random.Random(1)  # noqa: S311
    worst = 0.0
    for words in (2, 50, 150, 1500, 4000):
        old, new = (" ".join(str(chance.randrange(words)) for _ in range(2000)) for _ in range(2))
        begun = time.perf_counter()
        contents.segments(old + "x" * 20_000, new + "y" * 20_000)
        worst = max(worst, time.perf_counter() - begun)
    assert worst < 1


def test_a_report_is_a_change_like_any_other() -> None:
    old = contents.whole({})
    new = old | {"report": {"ky": {"done": "Бүттү."}}}
    assert [one.key for one in contents.changes(old, new)] == ["report.ky.done"]
