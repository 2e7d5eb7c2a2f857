"""What banks tell of a movement, each in its own way, and what payers write into it."""

import pytest

from ashar.gateways.statements.base import (
    Line,
)
from tests.gateways.statements.test_mt940 import FOOT, HEAD, line, parts


def test_purposes_go_on_where_a_subfield_is_full_and_words_end_where_it_is_not() -> None:
    found = line("240102C1,00NTRFX", "166?20SVWZ+Spende fuer diese Schu?21le im?22Dorf")
    assert found.text == "Spende fuer diese Schule im Dorf"


def test_codewords_may_be_broken_and_ids_go_on_in_the_next_subfield() -> None:
    iban = "DE02120300000000202051"
    found = line(
        "240102C1,00NTRFX",
        f"166?20EREF+0123456789012345678901?21234567890?22IBAN+{iban}?23SVWZ+A?60B?32Erika?33 M",
    )
    assert found.end_to_end == "0123456789012345678901234567890"
    assert (found.iban, found.text, found.name) == (iban, "A B", "Erika M")


def test_the_banks_own_account_of_the_payer_comes_before_what_the_purpose_says() -> None:
    told, forged = "DE02120300000000202051", "CH9300762011623852957"
    found = line("240102C1,00NTRFX", f"166?20SVWZ+gift IBAN+{forged}?31{told}?32Erika")
    assert found.iban == told


@pytest.mark.parametrize(
    "details",
    [
        "166?20SVWZ+gift?21IBAN+DE02 1203 0000 0000 2020 51?22BIC+BYLADEM1001",
        "166?20Gift IBAN: DE02120300000000202051 BIC: BYLADEM1001 more",
        "Gutschrift IBAN: DE02 1203 0000 0000 2020 51 BIC: BYLADEM1001",
        "166?20SVWZ+gift?31DE02120300000000202051?30BYLADEM1001",
    ],
)
def test_an_account_ends_where_its_digits_do(details: str) -> None:
    assert line("240102C1,00NTRFX", details).iban == "DE02120300000000202051"


@pytest.mark.parametrize(
    "details",
    [
        "166?20SVWZ+gift OCMT+USD900,00 CHGS+EUR5,00",
        "166?20gift COAM+5,00",
        "/EREF/X/REMI/gift/OCMT/USD900,00/CHGS/EUR5,00/RTRN/AC04/NRTX/7",
        "Gutschrift /OCMT/USD900,00/",
        "166?20OCMT+USD9.000,00?21CHGS+EUR1,000?22COAM+EUR",
    ],
)
def test_sums_are_not_believed_where_a_payer_may_have_written_them(details: str) -> None:
    found = line("240102C1,00NTRFX", details)
    assert (found.charges, found.instructed, found.size) == (0, None, 1)
    assert (found.returned, found.reason) == (False, "")


@pytest.mark.parametrize(
    ("movement", "details"),
    [
        ("C1,00NTRFX//Y\n/OCMT/USD1,20/CHGS/EUR0,10/", "166?20SVWZ+gift"),
        ("C1,00NTRFX//Y/OCMT/USD1,20//CHGS/EUR0,10/", ""),
        ("C1,00NTRFX", "166?20OCMT+USD1,20?21CHGS+EUR0,10?22SVWZ+gift"),
        ("C1,00NTRFX", "166?20OAMT+USD1,20?21COAM+0,1?22SVWZ+gift"),
        ("C1,00NTRFX", "/OCMT/USD1,20/CHGS/EUR0,10/EREF/Z/REMI/gift"),
    ],
)
def test_charges_and_what_was_sent_are_taken_where_a_bank_tells_them(
    movement: str, details: str
) -> None:
    found = line(f"240102{movement}", details)
    assert (found.charges, found.charges_currency) == (10, "EUR")
    assert (found.instructed, found.instructed_currency) == (120, "USD")


@pytest.mark.parametrize(
    ("details", "returned", "reason"),
    [
        ("109?00RUECK?20SVWZ+X?34901", True, "AC01"),
        ("159?00RETOUR?20SVWZ+X", True, ""),
        ("166?00GUT?20SVWZ+X?34914", True, "914"),
        ("166?00GUT?20SVWZ+X?34000", False, ""),
        ("171?00EINZUG?20SVWZ+X?34992", False, ""),
        ("/RTRN/AM04/EREF/1/REMI/X", True, "AM04"),
    ],
)
def test_what_came_back_is_told_from_a_gift(details: str, returned: bool, reason: str) -> None:
    found = line("240102C1,00NTRFX", details)
    assert (found.returned, found.reason) == (returned, reason)


def test_structured_references_are_found_where_the_text_is_nothing_else() -> None:
    rf, qrr = "RF18539007547034", "210000000003139471430009017"
    assert line("240102C1,00NTRFX", f"166?20SVWZ+{rf}").reference == rf
    assert line("240102C1,00NTRFX", f"/REMI/STRD/ISO/{rf}/").reference == rf
    assert line("240102C1,00NTRFX", f"QR-RECHNUNG REFERENZ: {qrr}").reference == qrr
    assert line("240102C1,00NTRFX", f"166?20SVWZ+Danke {rf}").reference == ""
    assert line("240102C1,00NTRFX", "QR REFERENZ: 210000000003139471430009018").reference == ""


def test_nothing_that_is_told_gets_lost() -> None:
    assert line("240102C1,00NTRFX", "808?00ENTGELT").text == "ENTGELT"
    assert line("240102C1,00NTRFX\nZAHLUNG", "von Anna").text == "von Anna ZAHLUNG"
    assert line("240102C1,00NTRFX", "166?20Was kostet das?99 Euro").text == "Was kostet das?99 Euro"
    twice = HEAD + ":61:240102C0,00NTRFX\n:86:one\n:86:two\n" + FOOT
    assert [part.text for part in parts(twice) if isinstance(part, Line)] == ["one two"]
