"""Numbers of slips, short codes, the printed book, and what was counted read again."""

import io
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp

from ashar.gateways import cash, slip_book
from ashar.gateways.cash import CashGateway
from ashar.kernel.money import Money

WORDS = ["Накталай акча дүмүрчөгү / Cash receipt", "Суммасы", "Аты", "Телефон", "Долбоор"]
WORDS += ["Күнү / Day", "Чогултуучунун колу", "Салымыңызды көзөмөлдөңүз"]


def test_a_number_is_read_in_any_spacing_and_only_with_its_check_digit() -> None:
    number = cash.number_of(1)
    assert cash.read_number(f" {number[:4]} {number[4:]}") == number == "00000015"
    assert cash.serial_of(number) == 1
    for wrong in ("", "1", "0000001", "000000150", "0000001٥", "abcdefgh"):
        assert cash.read_number(wrong) is None


@pytest.mark.parametrize("serial", [1, 42, 123456, 9999999])
def test_every_wrong_digit_is_found(serial: int) -> None:
    number = cash.number_of(serial)
    for place in range(len(number)):
        for digit in "0123456789":
            changed = number[:place] + digit + number[place + 1 :]
            assert (cash.read_number(changed) is None) == (changed != number)


def test_codes_have_six_digits_and_check_themselves() -> None:
    for _ in range(50):
        code = cash.new_code()
        assert len(code) == 6 and cash.read_code(cash.grouped(code)) == code
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        assert cash.read_code(wrong) is None


def test_what_was_counted_is_read_as_it_was_told() -> None:
    at, given = datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    money = Money(100_000, "KGS")
    told = cash.fact(
        pledge="token", line="slip-00000015", account="bank:x", money=money, at=at, given=given
    )
    [read] = CashGateway(60).read(told.body)
    assert (read.reference, read.money, read.account) == ("token", money, "bank:x")
    assert (read.at, read.valued_at, read.ids) == (at, given, {"charge": "slip-00000015"})


def test_a_book_has_a_number_and_a_code_on_every_slip_in_kyrgyz_letters() -> None:
    numbers = [cash.number_of(serial) for serial in range(1, 7)]
    pairs = [(cash.grouped(one), f"https://ashar.example/slips/{one}") for one in numbers]
    document = pypdfium2.PdfDocument(io.BytesIO(slip_book.pdf(pairs, WORDS, "KGS")))
    assert len(document) == 2
    text = document[0].get_textpage().get_text_range()
    assert "дүмүрчөгү" in text and "көзөмөлдөңүз" in text
    assert text.count("0000 0015") == 2
    picture = document[0].render(scale=3).to_pil()
    codes = {found.text for found in zxingcpp.read_barcodes(picture)}
    assert codes == {url for _, url in pairs[:4]}
    document.close()
