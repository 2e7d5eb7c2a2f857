"""The fields of a receipt for the tax office: whether one is wanted, and to whom it is made out."""

from typing import Any

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import StopValidation, ValidationError

from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.pledges import issuer

#: What a receipt is made out to, as fields of a form and as keys of what is kept.
ADDRESS = ("first_name", "last_name", "street", "postcode", "city")


class WhenAsked:
    """Ask for a field where a receipt is wanted; all of them left empty may come later."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: Any, field: StringField) -> None:
        """Stop with words at what is too long or left out."""
        if len(field.data or "") > self.most:
            raise StopValidation(t(N_("Please write at most %(most)s characters."), most=self.most))
        if field.data or not form.tax_receipt.data:
            return
        if form.asks_later and not any(form[name].data for name in ADDRESS):
            return
        raise StopValidation(t(N_("Please fill this in: the tax office asks for it.")))


def _line(label: str, most: int, autocomplete: str) -> StringField:
    return StringField(
        label,
        filters=[lambda text: " ".join(clean_text(text).split())],
        validators=[WhenAsked(most)],
        render_kw={"autocomplete": autocomplete},
    )


class AddressFields:
    """The fields, for a form that knows the country of the donor."""

    #: Whether the address may be left for later.
    asks_later = True

    tax_receipt = BooleanField(N_("I want a receipt for the tax office"))
    first_name = _line(N_("First name"), 60, "given-name")
    last_name = _line(N_("Last name"), 60, "family-name")
    street = _line(N_("Street and number"), 90, "street-address")
    postcode = _line(N_("Postcode"), 16, "postal-code")
    city = _line(N_("Town"), 60, "address-level2")

    def offer_receipts(self) -> None:
        """Leave the fields out where the association gives no receipts to any tax office."""
        if not issuer.forms():
            for name in ("tax_receipt", *ADDRESS):
                del self[name]  # type: ignore[attr-defined]

    def given_for(self) -> str:
        """Return the country whose tax office it would be."""
        return str(self["country"].data or "")  # type: ignore[index]

    def validate_tax_receipt(self, field: BooleanField) -> None:
        """Refuse it for a country that none is given for."""
        if field.data and issuer.form_of(self.given_for()) is None:
            raise ValidationError(
                t(N_("For this country the association gives no receipt for the tax office."))
            )

    @property
    def receipt_address(self) -> dict[str, str] | None:
        """Return to whom a receipt is to be made out, None for nobody."""
        if "tax_receipt" not in self or not self.tax_receipt.data:  # type: ignore[operator]
            return None
        found = {name: self[name].data or "" for name in ADDRESS}  # type: ignore[index]
        return found if all(found.values()) else None


class ReceiptForm(AddressFields, Form):
    """To whom a pledge's receipt is made out."""

    asks_later = False

    key = HiddenField()

    def __init__(self, country: str, known: dict[str, str] | None, **more: Any) -> None:
        given = {"tax_receipt": bool(known), **(known or {})}
        super().__init__(data=given, **more)
        self._country = country
        for field in self:
            field.label.text = t(field.label.text)

    def given_for(self) -> str:
        """Return the pledge's country."""
        return self._country


class OpenForm(Form):
    """Open one's receipts by a key, or have a key sent."""

    key = HiddenField()
