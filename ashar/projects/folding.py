"""Words as a search compares them: small Latin letters, ways of spelling made one.

Нарын, naryn and Naryn are one word; so are Кызыл, kyzyl, kızıl and kizil, or Жалал-Абад,
Джалал-Абад, Jalal-Abad and Dschalal-Abad. What is filed and what is asked for are folded alike, so
that a fold may lose much as long as it loses the same on both sides.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

#: No word is longer, neither a filed one nor one that is asked for.
LONGEST = 40
#: Kyrgyz and Russian letters, and Latin ones that are more than a letter with a mark on it.
_LETTERS = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhie", strict=True))
    | dict(zip("ңөүқғҳһіјўҷәӊ", "noukghhijujan", strict=True))
    | {"ж": "j", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "iu", "я": "ia", "ё": "io"}
    | {"ı": "i", "ç": "ch", "č": "ch", "ş": "sh", "š": "sh", "ž": "j", "ñ": "n", "ŋ": "n"}
    | {"æ": "a", "ø": "o", "œ": "o", "ł": "l", "đ": "d", "þ": "t", "ð": "d"}
    | dict.fromkeys("ьъ'`’‘ʼʹʻʺ′", "")
)
#: What the many ways of writing a sound in Latin letters become; again and again, until it stays.
_SPELLINGS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        ("shch|schtsch|stsch|shtsh", "sh"),
        ("tsch|tch|tsh", "ch"),
        ("dzh|dsch|dsh|zh|dj", "j"),
        ("sch", "sh"),
        ("kh", "h"),
        ("gh", "g"),
        ("ph", "f"),
        ("tz", "ts"),
        ("ck|q", "k"),
        ("x", "ks"),
        ("w", "v"),
        ("y", "i"),
        ("ng", "n"),
        ("io", "e"),
        ("i(?=[aeu])", ""),
        # Umlauts without their dots, as they are typed on a foreign keyboard.
        ("(?<=[aou])e", ""),
        (r"([^\W\d_])\1+", r"\1"),
    )
)
_COMPOUND = re.compile(r"[^\W_]+(?:[-\u2010-\u2015][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")


def asked(text: str) -> list[str]:
    """Return the folded words of what somebody typed, each once, in their order."""
    return list(dict.fromkeys(filter(None, map(_fold, _PART.findall(_plain(text))))))


def filed(text: str) -> set[str]:
    """Return under which words a text is filed.

    A compound is filed by its parts and as a whole. A word is filed under what each of its
    beginnings folds to, unless another begins like that: so somebody who is still typing "dz" of
    "dzhalal", which folds to "jalal", finds it.
    """
    found: set[str] = set()
    for compound in _COMPOUND.findall(_plain(text)):
        parts = _PART.findall(compound)
        for word in (*parts, *(["".join(parts)] if len(parts) > 1 else [])):
            found.update(_forms(word))
    return found


def _plain(text: str) -> str:
    """Return a text in small letters without marks, Cyrillic made Latin letter by letter."""
    small = unicodedata.normalize("NFKC", text).casefold()
    if not small.isascii():
        small = unicodedata.normalize("NFC", small).translate(_LETTERS)
        small = "".join(filter(_is_plain, unicodedata.normalize("NFKD", small)))
    return small.translate(_LETTERS)


@lru_cache(maxsize=4096)
def _is_plain(letter: str) -> bool:
    """Tell marks from letters; what is not seen, such as marks of direction, is a mark too."""
    return unicodedata.category(letter) not in {"Mn", "Me", "Cf"}


def _fold(word: str) -> str:
    return _spelled(word[:LONGEST])


@lru_cache(maxsize=65_536)
def _spelled(word: str) -> str:
    while True:
        before = word
        for pattern, letters in _SPELLINGS:
            word = pattern.sub(letters, word)
        if word == before:
            return word[:LONGEST]


@lru_cache(maxsize=65_536)
def _forms(word: str) -> frozenset[str]:
    return frozenset(_longest(word[:LONGEST]))


def _longest(word: str) -> Iterator[str]:
    """Yield what a word's beginnings fold to, without those that begin another."""
    folded = sorted({_spelled(word[:end]) for end in range(1, len(word) + 1)})
    for one, following in zip(folded, [*folded[1:], ""], strict=True):
        if one and not following.startswith(one):
            yield one
