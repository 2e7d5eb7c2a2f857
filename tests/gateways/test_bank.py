"""References and codes of bank transfers, read again by other hands than those that made them."""

import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Browser
from stdnum import iso11649
from stdnum.ch import esr

from ashar.gateways import bank, codes
from ashar.gateways.bank import Transfer
from ashar.gateways.base import Payee
from ashar.kernel.money import Money

GERMAN = Payee(
    "Ашар e. V. Zürich & Söhne", "DE89370400440532013000", bic="COBADEFFXXX", country="DE"
)
SWISS = Payee(
    "Verein Ašar Zürich",
    "CH9300762011623852957",
    street="Dorfstrasse",
    house="7a",
    postcode="8004",
    city="Zürich",
    country="CH",
)
QR = "CH4431999123000889012"
DIGITS = st.text("0123456789", min_size=bank.DIGITS, max_size=bank.DIGITS)


def made(digits: str) -> str:
    found = bank.read_reference(digits)
    assert found is not None
    return found


def test_references_are_good_and_not_those_of_others() -> None:
    drawn = {bank.new_reference() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(iso11649.is_valid(one) and len(one) == 16 for one in drawn)


@given(DIGITS)
def test_a_reference_is_read_in_every_form_that_people_and_banks_write(digits: str) -> None:
    reference = made(digits)
    for written in (
        reference,
        bank.grouped(reference),
        reference.lower(),
        f"  {bank.grouped(reference).lower()} ",
        reference.replace("RF", "РФ"),
        bank.long_form(digits),
        bank.grouped(bank.long_form(digits)),
        digits,
        digits.lstrip("0") or "0",
    ):
        assert bank.read_reference(written) == reference, written


@given(DIGITS, st.data())
def test_one_wrong_digit_is_noticed(digits: str, data: Any) -> None:
    reference = made(digits)
    for right in (reference, bank.long_form(digits)):
        place = data.draw(st.integers(4, len(right) - 1))
        other = data.draw(st.sampled_from(sorted(set("0123456789") - {right[place]})))
        assert bank.read_reference(right[:place] + other + right[place + 1 :]) != reference


@pytest.mark.parametrize("text", ["", "RF", "RF00123456789012", "hello", "１２３", "9" * 27])
def test_what_is_no_reference_is_none(text: str) -> None:
    assert bank.read_reference(text) is None


def test_the_long_form_is_one_that_swiss_banks_take() -> None:
    long = bank.long_form("123456789012")
    assert len(long) == 27
    assert esr.is_valid(long)


def seen(picture: Image.Image) -> str:
    [code] = zxingcpp.read_barcodes(picture)
    return code.text.replace("\r\n", "\n")


def shot(browser: Browser, svg: bytes) -> Image.Image:
    page = browser.new_page(viewport={"width": 500, "height": 500})
    try:
        page.set_content(f"<style>svg {{ width: 480px; height: 480px }}</style>{svg.decode()}")
        return Image.open(io.BytesIO(page.screenshot()))
    finally:
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize(("minor", "told"), [(1, "0.01"), (5000, "50"), (123_450, "1234.5")])
def test_the_european_code_says_what_it_has_to(browser: Browser, minor: int, told: str) -> None:
    reference = bank.new_reference()
    svg = codes.code_svg(Transfer(GERMAN, Money(minor, "EUR"), reference))
    assert svg is not None
    assert seen(shot(browser, svg)).split("\n") == [
        *("BCD", "002", "1", "SCT", "COBADEFFXXX", "Ашар e. V. Zürich & Söhne"),
        *("DE89370400440532013000", f"EUR{told}", "", reference),
    ]


@pytest.mark.browser
@pytest.mark.parametrize("minor", [1, 99, 100, 123_456_789])
def test_the_swiss_code_says_what_it_has_to(browser: Browser, minor: int) -> None:
    reference = bank.new_reference()
    svg = codes.code_svg(Transfer(SWISS, Money(minor, "CHF"), reference, "Ashar dry-rice"))
    assert svg is not None
    lines = seen(shot(browser, svg)).split("\n")
    assert lines[:11] == [
        *("SPC", "0200", "1", "CH9300762011623852957", "S", "Verein Ašar Zürich"),
        *("Dorfstrasse", "7a", "8004", "Zürich", "CH"),
    ]
    assert lines[18:20] == [Money(minor, "CHF").decimal, "CHF"]
    assert lines[27:] == ["SCOR", reference, "Ashar dry-rice", "EPD"]


@pytest.mark.parametrize("language", ["de", "en", "ky"])
@pytest.mark.parametrize("qr_iban", ["", QR])
def test_the_bill_can_be_scanned_and_its_words_be_taken(language: str, qr_iban: str) -> None:
    reference = bank.new_reference()
    payee = Payee(**{name: getattr(SWISS, name) for name in SWISS.__slots__} | {"qr_iban": qr_iban})
    pdf = pypdfium2.PdfDocument(
        codes.bill_pdf(Transfer(payee, Money(125_050, "CHF"), reference, "Ashar"), language)
    )
    page = pdf[0]
    lines = seen(page.render(scale=3).to_pil()).split("\n")
    kind = ["QRR", bank.long_form(reference[4:])] if qr_iban else ["SCOR", reference]
    assert lines[3] == (qr_iban or SWISS.iban)
    assert lines[27:29] == kind
    words = page.get_textpage().get_text_bounded()
    assert ("Zahlteil" if language == "de" else "Payment part") in words
    assert "Verein Ašar Zürich" in words
    assert "1 250.50" in words
    assert (page.get_width(), page.get_height()) == pytest.approx((595.28, 841.89), abs=0.1)


def test_what_no_app_would_know_has_no_code() -> None:
    assert codes.code_svg(Transfer(GERMAN, Money(5000, "USD"), bank.new_reference())) is None
    assert not Transfer(GERMAN, Money(5000, "CHF"), "").swiss
    with pytest.raises(ValueError, match="QR-bill"):
        codes.bill_pdf(Transfer(GERMAN, Money(5000, "EUR"), bank.new_reference()), "de")


def test_a_number_that_only_bills_name_is_told_from_others() -> None:
    assert bank.is_qr_iban(QR)
    assert not bank.is_qr_iban(SWISS.iban)
    assert not bank.is_qr_iban(GERMAN.iban)
