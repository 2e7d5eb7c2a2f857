"""Words as searches compare them: ways of spelling meet, and whoever still types finds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashar.projects.folding import LONGEST, asked, filed
from ashar.projects.regions import REGIONS

LETTERS = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя" + "abcdefghijklmnopqrstuvwxyzäöüß"
typed = st.text(st.sampled_from(LETTERS + LETTERS.upper()), min_size=1, max_size=LONGEST)


@pytest.mark.parametrize(
    "spellings",
    [
        "Кызыл кызыл КЫЗЫЛ kyzyl Kyzyl kızıl KIZIL kizil qyzyl",
        "Нарын naryn Narın narin",
        "Жалал Джалал Jalal Dzhalal Djalal Zhalal Dschalal",
        "Чүй Чуй Chüy Chuy Chui Çüy Tschüi",
        "Көл Köl Kol Koel ko'l кол",
        "Түп Тюп Tüp Tyup Tup Tuep",
        "Тоң Тон Tong Toñ Ton",
        "Ош Osh Osch Oş Oš",
        "Бишкек Bishkek Bischkek Bişkek",
        "Айыл Aiyl Ayil Aıyl айил",
        "хан Khan Han",
        "Лёд лед lyod led",
        "Ялта Yalta Ialta",
        "Юрта Yurta Iurta Урта",
        "щука Shchuka Schtschuka",
        "Ленинский Leninsky Leninskiy Leninskii",
        "Целина Tselina Tzelina",
        "ак‑суу ак-суу Ak-Suu АК–СУУ",
        "ак\u200bма ак\u200fма \u202eакма ак\u00adма акма",
        "и\u0306од йод yod",
        "Кўл Кул",
        "маﬁя мафия",
    ],
)
def test_ways_of_spelling_one_name_meet(spellings: str) -> None:
    found = {tuple(asked(word)) for word in spellings.split()}
    assert len(found) == 1, found


def test_what_sounds_different_stays_different() -> None:
    names = "суу шуу чуу туз тузак жол кол бак баш ат ата он ор".split()
    assert len({tuple(asked(name)) for name in names}) == len(names)


def test_numbers_and_other_scripts_are_words_too() -> None:
    assert asked("2000 СҮТ-2 你好") == ["2000", "sut", "2", "你好"]


@pytest.mark.parametrize("text", ["", "  ", "'\"*()^:-", "ьъ", "\0", "_", "\ud800", "\u200f", "🙂"])
def test_what_holds_no_word_folds_to_none(text: str) -> None:
    assert asked(text) == [] and filed(text) == set()


def test_a_compound_is_found_written_in_one() -> None:
    assert set(asked("Жалалабад jalal-abad Джалал Абад")) <= filed("Жалал-Абад")


def finds(query: str, text: str) -> bool:
    """Tell whether each word of a query begins one under which the text is filed."""
    words = filed(text)
    return all(any(word.startswith(beginning) for word in words) for beginning in asked(query))


@pytest.mark.parametrize("code", sorted(REGIONS))
def test_a_region_is_found_by_all_its_names(code: str) -> None:
    names = {*REGIONS[code].name, *REGIONS[code].short}
    for name in names:
        assert finds(name, " ".join(names))


@given(typed, st.data())
def test_every_beginning_of_a_word_finds_it(word: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(1, len(word)))
    assert finds(word[:end], word)


@given(typed)
def test_folding_what_is_folded_changes_nothing(word: str) -> None:
    assert asked(" ".join(asked(word))) == asked(word)


@given(st.text(max_size=200))
def test_any_text_folds_to_plain_words_that_find_it(text: str) -> None:
    for word in {*asked(text), *filed(text)}:
        assert word.isalnum() and 0 < len(word) <= LONGEST
    assert finds(text, text)


def test_a_long_text_is_folded_in_a_moment() -> None:
    began = time.process_time()
    filed("Джалалабад " * 100_000)
    filed("ж" * 1_000_000)
    filed(" ".join(f"сөз{number}ндзш" for number in range(5_000)))
    assert time.process_time() - began < 5
