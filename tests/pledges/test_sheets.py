"""Receipts on paper: each form rendered, its text read back, its letters whole."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask

from ashar.kernel.money import Money
from ashar.pledges.issuer import Issuer, Tax
from ashar.pledges.sheets import german, words
from ashar.pledges.sheets.draw import draw
from ashar.pledges.sheets.facts import Donor, Facts, Gift
from ashar.pledges.sheets.paper import fold

SHOTS = Path(__file__).resolve().parents[1] / "screenshots"
ISSUER = Issuer(
    "Ashar e. V.", "Lindenstraße 12", "10969", "Berlin", "DE", "VR 12345", "post@example.org",
    "Айгүл Маматова, Vorstand",
)  # fmt: skip
TAX = Tax(
    "Berlin für Körperschaften I", "27/661/01234", "exempt", date(2024, 5, 3), None,
    "2021 bis 2023", "des Umweltschutzes (§ 52 Abs. 2 Satz 1 Nr. 8 AO)", True,
)  # fmt: skip
DONOR = Donor("Өмүрбек Жаңыбаев", "Sonnenallee 100", "12045", "Berlin", "Deutschland")
GIFT = Gift(1, date(2026, 5, 1), Money(31_250, "EUR"), "Баткенде суусуз күрүч")
LEGAL = Facts(
    "legal", "de", "DE-2026-000123", date(2026, 7, 1), "ky", DONOR, ISSUER, (GIFT,), GIFT.money, TAX
)
MANY = tuple(replace(GIFT, payment=no, money=Money(1000 + no, "CHF")) for no in range(60))
FORMS = {
    "german": LEGAL,
    "german-60a": replace(LEGAL, language="de", tax=replace(TAX, notice="provisional")),
    "american": replace(LEGAL, form="us", language="ru", number="US-2026-000007"),
    "swiss": replace(LEGAL, kind="annual", form="ch", period=2025, gifts=MANY),
    "overview": replace(LEGAL, kind="annual", form="plain", period=2025, tax=None),
    "confirmation": replace(LEGAL, kind="confirmation", form="plain", number="", tax=None),
    "cancelling": replace(
        LEGAL, kind="cancelling", gifts=(), cancels=("DE-2026-000100", date(2026, 6, 1)),
        why="The gift went back, in part or whole.",
    ),
}  # fmt: skip


@pytest.fixture
def site() -> Flask:
    """Papers need the catalogue, and no more of a site."""
    app = Flask("papers")
    app.config["ASHAR_LANGUAGES"] = ("ky", "ru", "en", "de")
    return app


def pages(data: bytes, name: str = "") -> list[str]:
    """Return the text of each sheet, and leave pictures of them to look at."""
    found = []
    with pypdfium2.PdfDocument(data) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            text = page.get_textpage()
            found.append(" ".join(text.get_text_range().split()))
            text.close()
            if name:
                SHOTS.mkdir(exist_ok=True)
                bitmap = page.render(scale=1.5)
                bitmap.to_pil().save(SHOTS / f"receipt-{name}-{number + 1}.png")
                bitmap.close()
            page.close()
    return found


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_drawn_and_its_letters_are_whole(site: Flask, name: str) -> None:
    facts = FORMS[name]
    with site.app_context():
        data = draw(facts)
        assert draw(Facts.read(json.loads(json.dumps(facts.said)))) == data
    sheets = pages(data, name)
    assert "Өмүрбек Жаңыбаев" in sheets[0]
    assert "Ashar e. V." in sheets[0] and facts.number in sheets[0]
    assert b"/ToUnicode" in data


@pytest.mark.parametrize("language", ["ky", "ru", "en", "de"])
def test_every_language_keeps_its_letters(site: Flask, language: str) -> None:
    donor = replace(DONOR, name="Үпөл Жаңыл Ёлкина Größe Ğülşen Łukasz")
    facts = replace(FORMS["overview"], language=language, donor=donor)
    with site.app_context():
        [sheet] = pages(draw(facts), f"overview-{language}")
    assert donor.name in sheet


def test_the_german_form_is_one_sheet_in_the_official_wording(site: Flask) -> None:
    with site.app_context():
        official, translated = pages(draw(LEGAL))
        [alone] = pages(draw(replace(LEGAL, language="de")))
    assert official == alone
    for part in (german.TITLE, german.SENSE, german.WAIVER, german.ONLY_FOR, german.NO_FEE,
                 german.LIABLE, german.VALID, german.SIGNED, german.MACHINE):  # fmt: skip
        assert part in official
    assert "312,50 EUR" in official and "Dreihundertzwölf 50/100 Euro" in official
    assert "StNr. 27/661/01234, vom 03.05.2024" in official
    assert "Үч жүз он эки 50/100 евро" in translated


def test_long_names_and_many_gifts_find_room(site: Flask) -> None:
    donor = replace(DONOR, name="Ө" * 121, street="x" * 90)
    with site.app_context():
        official, *_ = pages(draw(replace(LEGAL, donor=donor)))
        swiss = pages(draw(replace(FORMS["swiss"], language="de", donor=donor)))
    assert official.count("Ө") == 121 and german.VALID in official
    # All sheets have the heads of the columns.
    assert sum(sheet.count("CHF") for sheet in swiss) == 60
    assert len(swiss) > 1 and all("Projekt" in sheet for sheet in swiss[:2])


def test_a_paper_without_names_bears_none(site: Flask) -> None:
    with site.app_context():
        [sheet] = pages(draw(replace(FORMS["confirmation"], donor=Donor())))
    assert "Өмүрбек" not in sheet and "Sonnenallee" not in sheet


def test_letters_that_the_font_lacks_are_written_in_latin_ones() -> None:
    assert fold("김민수 Ө\u202f1") == "gimminsu Ө\u00a01"


@pytest.mark.parametrize(
    ("minor", "currency", "language", "expected"),
    [
        (100, "EUR", "de", "Ein Euro"),
        (30_001, "EUR", "de", "Dreihundert 01/100 Euro"),
        (125_000, "USD", "en", "One thousand, two hundred and fifty US dollars"),
        (100_000, "EUR", "ru", "Одна тысяча евро"),
        (0, "EUR", "ky", "Нөл евро"),
        (201_000_00, "CHF", "ky", "Эки жүз бир миң швейцария франкы"),
        (50_000, "KRW", "de", "Fünfzigtausend Südkoreanische Won"),
    ],
)  # fmt: skip
def test_amounts_in_words(minor: int, currency: str, language: str, expected: str) -> None:
    assert words.spell(Money(minor, currency), language) == expected
