"""Languages: which one is spoken, and how money, numbers and days look in it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask, g

from ashar.kernel import i18n
from ashar.kernel.i18n import language, money, nt, number, speaking, t
from ashar.kernel.money import EXPONENTS, Money
from ashar.site import create_app


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return a site whose database nobody asks."""
    return create_app({"ASHAR_INSTANCE_PATH": str(tmp_path_factory.mktemp("site"))}, environ={})


def plain(text: str) -> str:
    """Write the spaces that one cannot see as those that one can."""
    return text.replace("\u00a0", "_").replace("\u202f", "_")


@pytest.mark.parametrize(
    ("lang", "minor", "currency", "short", "text"),
    [
        ("en", 123_450, "CHF", False, "CHF_1,234.50"),
        ("de", 123_450, "CHF", False, "1.234,50_CHF"),
        ("ru", 123_450, "CHF", False, "1_234,50_CHF"),
        ("ky", 123_450, "CHF", False, "1_234,50_CHF"),
        ("ky", 123_450, "KGS", False, "1_234,50_сом"),
        ("ru", 123_450, "KGS", False, "1_234,50_сом"),
        ("en", 123_450, "KGS", False, "1,234.50_som"),
        ("de", 123_450, "KGS", False, "1.234,50_Som"),
        ("en", 5000, "CHF", True, "CHF_50"),
        ("en", 5050, "CHF", True, "CHF_50.50"),
        ("ky", 1_800_000, "CHF", True, "18_000_CHF"),
        ("en", 5000, "KRW", False, "KRW_5,000"),
        ("ky", 5000, "KRW", False, "5_000_KRW"),
        ("en", 1234, "KWD", False, "KWD_1.234"),
        ("ru", -5000, "EUR", False, "-50,00_EUR"),
        ("en", 0, "CHF", True, "CHF_0"),
    ],
)
def test_money_looks_as_the_reader_writes_it(
    site: Flask, lang: str, minor: int, currency: str, short: bool, text: str
) -> None:
    with site.app_context(), speaking(lang):
        assert plain(money(Money(minor, currency), short)) == text


@pytest.mark.parametrize("lang", ["ky", "ru", "en", "de"])
def test_money_that_is_shown_can_be_typed_again(site: Flask, lang: str) -> None:
    with site.app_context(), speaking(lang):
        for currency in EXPONENTS:
            shown = money(Money(123_456_789, currency))
            figure = "".join(char for char in shown if not char.isalpha()).strip()
            assert Money.parse(figure, currency) == Money(123_456_789, currency)


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "1,234.5"), ("de", "1.234,5"), ("ru", "1_234,5"), ("ky", "1_234,5")]
)
def test_numbers_look_as_the_reader_writes_them(site: Flask, lang: str, text: str) -> None:
    with site.app_context(), speaking(lang):
        assert plain(number(Decimal("1234.5"))) == text


def test_a_day_is_that_of_the_associations_time_zone(site: Flask) -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    with site.app_context(), speaking("en"):
        assert i18n.day(late) == "March 2, 2026"
        assert i18n.day(date(2026, 3, 1)) == "March 1, 2026"
        assert i18n.day(None) == "" and i18n.moment(None) == ""
        assert i18n.moment(late).replace("\u202f", " ") == "Mar 2, 2026, 12:30 AM"
    with site.app_context(), speaking("ky"):
        assert "2026" in i18n.day(late) and "март" in i18n.day(late)


@pytest.mark.parametrize(
    ("path", "person", "header", "spoken"),
    [
        ("/?lang=de", "ru", "en", "de"),
        ("/?lang=xx", "ru", "en", "ru"),
        ("/", "ru", "en", "ru"),
        ("/", "fr", "en", "en"),
        ("/", None, "de-CH,de;q=0.9,en;q=0.5", "de"),
        ("/", None, "fr;q=0.9,ru;q=0.5", "ru"),
        ("/", None, "fr", "ky"),
        ("/", None, "*", "ky"),
        ("/", None, "", "ky"),
        ("/?lang=", None, "ru", "ru"),
        ("/?lang=../../etc/passwd", None, "ru", "ru"),
    ],
)
def test_the_language_is_that_of_address_account_browser_or_site_in_this_order(
    site: Flask, path: str, person: str | None, header: str, spoken: str
) -> None:
    with site.test_request_context(path, headers={"Accept-Language": header}):
        if person:
            g.ashar_person_language = person
        assert language() == spoken


def test_a_letter_speaks_its_readers_language_and_then_ours_again(site: Flask) -> None:
    with site.test_request_context("/?lang=en"):
        assert language() == "en"
        with speaking("ru"):
            assert language() == "ru"
            with speaking("nobodys"):
                assert language() == "ky"
            assert language() == "ru"
        assert language() == "en"


def test_outside_a_request_the_sites_first_language_is_spoken(site: Flask) -> None:
    with site.app_context():
        assert language() == "ky"


def test_a_site_may_have_fewer_languages(site: Flask) -> None:
    few = create_app(
        {"ASHAR_LANGUAGES": ("de", "en"), "ASHAR_INSTANCE_PATH": site.instance_path}, environ={}
    )
    with few.test_request_context("/?lang=ky", headers={"Accept-Language": "ru"}):
        assert language() == "de"


def test_what_the_catalogue_lacks_is_said_in_english(site: Flask) -> None:
    with site.app_context(), speaking("ky"):
        assert t("A sentence that nobody has translated: %(what)s", what="x").endswith(": x")


def test_a_sentence_that_ends_with_a_russian_day_has_one_full_stop(site: Flask) -> None:
    with site.test_request_context(headers={"Accept-Language": "ru"}):
        said = i18n.t("It is kept for you until %(day)s.", day=i18n.day(date(2026, 11, 28)))
        written = i18n.t("It is kept for you until %(day)s.", day="Долг.. 5 г...")
    assert said.endswith("28 ноября 2026\u202fг.")
    assert written.endswith("Долг.. 5 г....")


def test_the_emptiest_text_is_not_the_catalogues_head(site: Flask) -> None:
    with site.app_context(), speaking("ky"):
        assert t("") == ""


def test_a_text_with_a_percent_sign_is_left_alone_without_values(site: Flask) -> None:
    with site.app_context(), speaking("ky"):
        assert t("100 %") == "100 %"


@pytest.mark.parametrize("n", [0, 1, 2, 5, 21, 1234])
def test_a_counted_text_holds_the_number_as_the_reader_writes_it(site: Flask, n: int) -> None:
    with site.app_context():
        for lang in ("ky", "ru", "en", "de"):
            with speaking(lang):
                found = nt("%(num)s person", "%(num)s people", n)
                assert number(n) in found


@pytest.mark.parametrize("lang", ["ky", "ru", "de"])
def test_every_language_has_its_catalogue(site: Flask, lang: str) -> None:
    with site.app_context(), speaking(lang):
        assert t("Please enter an amount.") != "Please enter an amount."
