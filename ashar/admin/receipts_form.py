"""The form of the list of receipts: the association itself, and one entry for each country."""

from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError

from ashar.admin import list_forms
from ashar.admin.list_forms import EntryForm
from ashar.admin.lists import Item
from ashar.kernel import clock
from ashar.kernel.forms import clean_text
from ashar.kernel.i18n import N_, t
from ashar.kernel.terms import Term
from ashar.pledges import issuer

LABELS = {
    "name": N_("Name of the association"),
    "street": N_("Street and number"),
    "postcode": N_("Postcode"),
    "city": N_("Town"),
    "register": N_("Register and number in it"),
    "contact": N_("How to reach it"),
    "signatory": N_("Who signs, and as what"),
    "office": N_("Tax office"),
    "number": N_("Tax number"),
    "notice": N_("Kind of the notice"),
    "notice_day": N_("Day of the notice"),
    "until": N_("Holds until, where it says so"),
    "assessed": N_("Last period of assessment"),
    "purposes": N_("Purposes, as the receipt names them"),
    "machine": N_("The tax office was told that receipts are made by machine and not signed"),
}
_TAX = ("office", "number", "notice_day", "until", "purposes")
FIELDS = {
    issuer.ASSOCIATION: (
        "name", "street", "postcode", "city", "register", "contact", "signatory",
    ),
    "de": (*_TAX, "notice", "assessed", "machine"),
    "tax": _TAX,
}  # fmt: skip


class WhenOn:
    """Ask for a field where receipts are given out, which say it."""

    def __call__(self, form: Any, field: Any) -> None:
        """Stop at an empty field, with words where it is needed."""
        if any(text.strip() for text in field.raw_data or ()):
            return
        field.errors = []
        if form.active.data:
            raise StopValidation(field.gettext("This field is required."))
        raise StopValidation


def _words(most: int) -> StringField:
    return StringField(filters=[clean_text], validators=[Length(max=most)])


class ReceiptsForm(EntryForm):
    """The association as its papers name it, or what a country's tax office said of it."""

    name = _words(120)
    street = _words(90)
    postcode = _words(16)
    city = _words(60)
    register = _words(120)
    contact = _words(120)
    signatory = _words(120)
    office = _words(120)
    number = _words(60)
    notice = SelectField(validators=[InputRequired()])
    notice_day = DateField(validators=[WhenOn()])
    until = DateField(validators=[Optional()])
    assessed = _words(60)
    purposes = TextAreaField(
        filters=[clean_text], validators=[WhenOn(), Length(max=300)], render_kw={"rows": 2}
    )
    machine = BooleanField()

    def begun(self, term: Term) -> dict[str, Any]:
        """Return what is known too."""
        said = {"notice": "exempt"} | {key: value for key, value in term.more.items() if value}
        days = {
            name: date.fromisoformat(said[name])
            for name in ("notice_day", "until")
            if said.get(name)
        }
        return super().begun(term) | said | days

    def speak(self, entry: Item | None) -> None:
        """Keep the fields of this entry, and name them."""
        code = entry.term.code if entry else ""
        kept = FIELDS.get(code) or FIELDS["tax"]
        for name, label in LABELS.items():
            if name in kept:
                self[name].label.text = t(label)
            else:
                del self[name]
        if code == issuer.ASSOCIATION:
            del self.active
        else:
            self.active.label.text = t(N_("On: receipts of this form are given out"))
        if "notice" in self:
            self.notice.choices = [(one, t(words)) for one, words in issuer.NOTICES.items()]

    @property
    def lines(self) -> list[Any]:
        """Return the fields that this entry has, in their order."""
        return [self[name] for name in LABELS if name in self]

    def validate_name(self, field: StringField) -> None:
        """Ask for it: every paper begins with it."""
        if not field.data:
            raise ValidationError(field.gettext("This field is required."))

    def validate_notice_day(self, field: DateField) -> None:
        """It cannot be to come."""
        if field.data is not None and field.data > clock.today():
            raise ValidationError(t(N_("This day is still to come.")))

    @property
    def values(self) -> dict[str, Any]:
        """Return what the fields say, days as texts."""
        said: dict[str, Any] = {one.short_name: one.data or "" for one in self.lines}
        days = {
            name: said[name].isoformat() if said[name] else None
            for name in ("notice_day", "until")
            if name in said
        }
        marks = {"machine": bool(said["machine"])} if "machine" in said else {}
        active = bool(self.active.data) if "active" in self else True
        more = said | days | marks
        return {"names": {}, "more": more, "position": 0, "active": active}


#: Of every list, this one's among them.
FORMS: dict[str, type[EntryForm]] = {**list_forms.FORMS, issuer.KIND: ReceiptsForm}
