"""The amount field in every language, and what other fields make of what people type."""

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError

from ashar.kernel import i18n
from ashar.kernel.forms import AMOUNT_ERRORS, AmountField, Email, Form, clean_text, words
from ashar.kernel.money import Money
from ashar.site import create_app


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return a site whose database nobody asks."""
    return create_app({"ASHAR_INSTANCE_PATH": str(tmp_path_factory.mktemp("site"))}, environ={})


class GiftForm(Form):
    amount = AmountField()
    currency = StringField()
    name = StringField(validators=[DataRequired()])


@pytest.fixture
def request_of(site: Flask) -> Iterator[Flask]:
    with site.test_request_context("/", method="POST"):
        yield site


def fill(amount: str | None, currency: str = "CHF") -> GiftForm:
    data = MultiDict({"currency": currency, "name": "A"})
    if amount is not None:
        data["amount"] = amount
    return GiftForm(formdata=data, meta={"csrf": False})


@pytest.mark.parametrize("language", ["ky", "ru", "en", "de"])
@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("50", "CHF", 5000),
        ("1 234,50", "EUR", 123_450),
        ("1\u00a0234,50", "KGS", 123_450),
        ("1'234.50", "CHF", 123_450),
        ("1’234.50", "CHF", 123_450),
        ("1,234.50", "USD", 123_450),
        ("1.234,50", "EUR", 123_450),
        ("١٢٣٫٥٠", "EUR", 12_350),
        ("5000", "KRW", 5000),
        ("5,000", "KRW", 5000),
        ("1.234", "KWD", 1234),
    ],
)
def test_an_amount_means_the_same_in_every_language(
    request_of: Flask, language: str, text: str, currency: str, minor: int
) -> None:
    with i18n.speaking(language):
        form = fill(text, currency)
        assert form.validate(), form.errors
    assert form.amount.money == Money(minor, currency)
    assert form.amount.data == text


@pytest.mark.parametrize("language", ["ky", "ru", "en", "de"])
@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("", "CHF", "empty"),
        ("   ", "CHF", "empty"),
        (None, "CHF", "empty"),
        ("fifty", "CHF", "form"),
        ("1e3", "CHF", "form"),
        ("0x10", "CHF", "form"),
        ("5O", "CHF", "form"),
        ("12 34", "CHF", "form"),
        ("1,2,3", "CHF", "form"),
        ("nan", "CHF", "form"),
        ("50", "XXX", "form"),
        ("50", "", "form"),
        ("50.5", "KRW", "digits"),
        ("50.1234", "CHF", "digits"),
        ("-50", "CHF", "negative"),
        ("0", "CHF", "negative"),
        ("0.00", "CHF", "negative"),
        ("99999999999999", "CHF", "large"),
    ],
)
def test_what_is_no_amount_is_said_so_and_never_read_as_nothing(
    request_of: Flask, language: str, text: str | None, currency: str, reason: str
) -> None:
    """Another's story: an amount that could not be read was taken for 0."""
    with i18n.speaking(language):
        form = fill(text, currency)
        assert not form.validate()
        assert form.amount.errors == [i18n.t(AMOUNT_ERRORS[reason])]
    assert form.amount.money is None or not form.amount.money


def test_a_very_long_text_is_not_cut_into_an_amount(request_of: Flask) -> None:
    for text in ("0" * 63 + "1234", "5" + " " * 63 + "0000"):
        form = fill(text)
        assert not form.validate() or form.amount.money in (
            Money.from_decimal(text.replace(" ", ""), "CHF"),
        )


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.sampled_from(["CHF", "KRW", "KWD", "", "chf"]))
def test_whatever_is_typed_is_an_amount_or_a_sentence(
    request_of: Flask, text: str, currency: str
) -> None:
    form = fill(text, currency)
    if form.validate():
        assert form.amount.money and form.amount.money.minor > 0
    else:
        assert form.amount.errors and all(isinstance(error, str) for error in form.errors["amount"])


def test_a_form_without_our_proof_is_forged(site: Flask) -> None:
    with site.test_request_context("/", method="POST", data={"name": "A"}):
        form = GiftForm()
        assert not form.validate()
        assert form.forged


def test_a_form_with_our_proof_is_not(site: Flask) -> None:
    from flask_wtf.csrf import generate_csrf

    with site.test_request_context("/", method="POST"):
        data = MultiDict(
            {"name": "A", "amount": "5", "currency": "CHF", "csrf_token": generate_csrf()}
        )
        form = GiftForm(formdata=data)
        assert form.validate(), form.errors
        assert not form.forged


@pytest.mark.parametrize(
    "text", ["donor@example.org", " a.b+c@sub.example.kg ", "ү@өрнөк.kg", "o'neil@example.ie"]
)
def test_an_address_is_taken(request_of: Flask, text: str) -> None:
    form = fill("5")
    form.name.data = text
    Email()(form, form.name)
    assert form.name.data == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "donor",
        "a@b",
        "a@@example.org",
        "a b@example.org",
        "a@example..org",
        "a@example.org,b@example.org",
        "a@example.org\nBcc: b@example.org",
        '"a"@example.org',
        "<a@example.org>",
        "a" * 65 + "@example.org",
    ],
)
def test_what_cannot_be_an_address_is_refused(request_of: Flask, text: str | None) -> None:
    form = fill("5")
    form.name.data = text
    with pytest.raises(ValidationError):
        Email()(form, form.name)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (None, ""),
        ("  two   words ", "two words"),
        ("line\r\nline", "line\nline"),
        ("a\x00b\x1bc", "abc"),
        ("\u202egnihton", "gnihton"),
        ("Күрүч 🌾", "Күрүч 🌾"),
    ],
)
def test_a_text_is_folded_without_being_changed(text: str | None, kept: str) -> None:
    assert clean_text(text) == kept


def test_messages_of_one_field_are_escaped_and_joined() -> None:
    assert str(words(["<b>one</b>", "two"])) == "&lt;b&gt;one&lt;/b&gt; two"


@pytest.mark.parametrize("language", ["ky", "ru", "de"])
def test_the_forms_own_messages_speak_the_readers_language(
    request_of: Flask, language: str
) -> None:
    with i18n.speaking(language):
        form = GiftForm(
            formdata=MultiDict({"amount": "5", "currency": "CHF"}), meta={"csrf": False}
        )
        assert not form.validate()
        assert form.name.errors and form.name.errors != ["This field is required."]
