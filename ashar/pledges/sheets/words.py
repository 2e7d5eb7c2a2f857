"""Amounts in words, as an official form asks for them."""

from babel.numbers import get_currency_name
from num2words import num2words

from ashar.kernel.money import Money, exponent

_UNITS = ("", "бир", "эки", "үч", "төрт", "беш", "алты", "жети", "сегиз", "тогуз")
_TENS = ("", "он", "жыйырма", "отуз", "кырк", "элүү", "алтымыш", "жетимиш", "сексен", "токсон")
_THOUSANDS = ("", "миң", "миллион", "миллиард", "триллион")


def spell(money: Money, language: str) -> str:
    """Return an amount in words; hundredths stay figures: `Dreihundertzwölf 50/100 Euro`.

    Languages: ky, ru, de, en.
    """
    digits = exponent(money.currency)
    whole, part = divmod(money.minor, 10**digits)
    words = _number(whole, language)
    if part:
        words += f" {part:0{digits}d}/{10**digits}"
    return f"{words[0].upper()}{words[1:]} {get_currency_name(money.currency, whole, language)}"


def _number(number: int, language: str) -> str:
    if language == "ky":
        return _kyrgyz(number)
    if language == "de" and number == 1:
        return "ein"
    return str(num2words(number, lang=language))


def _kyrgyz(number: int) -> str:
    if number == 0:
        return "нөл"
    found: list[str] = []
    for name in _THOUSANDS:
        number, group = divmod(number, 1000)
        if group:
            found[:0] = [*_group(group), *([name] if name else [])]
    return " ".join(found)


def _group(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    found = [_UNITS[hundreds], "жүз"] if hundreds else []
    return [*found, *filter(None, (_TENS[tens], _UNITS[units]))]
