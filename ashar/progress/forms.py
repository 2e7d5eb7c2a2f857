"""Forms of updates, comments and reports."""

from functools import lru_cache
from typing import Any

from flask import current_app
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from ashar.kernel import i18n, ids
from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.progress.models import Update
from ashar.progress.services import Draft
from ashar.progress.states import (
    LONGEST_COMMENT,
    LONGEST_NAME,
    LONGEST_REPORT,
    LONGEST_UPDATE,
    REPORT_REASONS,
    holds_contact,
)

FEWEST_OF_ATTEMPT = 16


def _line(text: str | None) -> str:
    return " ".join(clean_text(text).split())


class _Translated(Form):
    """A form whose labels are in the reader's language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in self:
            field.label.text = t(field.label.text)


class _Once(_Translated):
    """A form that does its work once, however often it is sent."""

    attempt = HiddenField(validators=[InputRequired(), Length(min=FEWEST_OF_ATTEMPT, max=64)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.is_submitted():
            self.attempt.data = ids.token()


class CommentForm(_Once):
    """What somebody says, and the name that they choose to be shown by."""

    text = TextAreaField(
        N_("Your comment"),
        filters=[clean_text],
        validators=[DataRequired(), Length(max=LONGEST_COMMENT)],
        render_kw={"rows": 6},
    )
    name = StringField(
        N_("Your name, as everybody will see it"),
        filters=[_line],
        validators=[Optional(), Length(max=LONGEST_NAME)],
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse a name that is an address: everybody would see it."""
        if holds_contact(field.data):
            raise ValidationError(t(N_("Please give a name here and no address or number.")))


class ReportForm(_Once):
    """What somebody finds irregular."""

    reason = RadioField(N_("What is it?"), validators=[InputRequired()])
    words = TextAreaField(
        N_("What have you seen, where and when?"),
        filters=[clean_text],
        validators=[DataRequired(), Length(max=LONGEST_REPORT)],
        render_kw={"rows": 8},
    )
    contact = StringField(
        N_("E-mail or telephone, if we may ask you back"),
        filters=[_line],
        validators=[Optional(), Length(max=120)],
        render_kw={"autocomplete": "email"},
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.choices = [(code, t(label)) for code, label in REPORT_REASONS.items()]


class ActForm(Form):
    """A button: publish, hide, take back."""


class PictureForm(_Translated):
    """A picture with its words, one a form."""

    picture = FileField(
        N_("Picture"),
        validators=[FileRequired(N_("Please choose a picture."))],
        render_kw={"accept": "image/*"},
    )
    alt = StringField(
        N_("What is to be seen, for those who cannot see it"),
        filters=[_line],
        validators=[DataRequired(), Length(max=300)],
    )
    caption = StringField(N_("Caption"), filters=[_line], validators=[Optional(), Length(max=300)])


class UpdateForm(_Translated):
    """An update's words in every language of the site; see `update_form`."""

    base = HiddenField()
    language = SelectField(N_("Written first in"), validators=[InputRequired()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = [(code, i18n.ENDONYMS[code]) for code in self.codes]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the languages, in the site's order."""
        return i18n.languages()

    @property
    def revision(self) -> int:
        """Return the revision that the form was made of; 0 for none."""
        typed = self.base.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    def validate_language(self, field: SelectField) -> None:
        """Ask for a title in the original language: a draft is known by it."""
        if field.data in self.codes and not self[f"title_{field.data}"].data:
            raise ValidationError(t(N_("Please give it a title in the original language.")))

    @property
    def draft(self) -> Draft:
        """Return what a valid form holds; empty languages are left out."""
        return Draft(self.language.data, self._texts("title"), self._texts("text"))

    def _texts(self, name: str) -> dict[str, str]:
        typed = {code: self[f"{name}_{code}"].data for code in self.codes}
        return {code: words for code, words in typed.items() if words}


@lru_cache
def _made(codes: tuple[str, ...]) -> type[UpdateForm]:
    fields: dict[str, Any] = {}
    for code in codes:
        fields[f"title_{code}"] = StringField(
            N_("Title"), filters=[_line], validators=[Optional(), Length(max=120)]
        )
        fields[f"text_{code}"] = TextAreaField(
            N_("Text"),
            filters=[clean_text],
            validators=[Optional(), Length(max=LONGEST_UPDATE)],
            render_kw={"rows": 10, "lang": code},
        )
    return type("UpdateForm", (UpdateForm,), fields)


def update_form(update: Update | None = None, *, sent: bool = True) -> UpdateForm:
    """Return the form of an update, filled with what it says; not `sent`, whatever was sent."""
    codes = tuple(current_app.config["ASHAR_LANGUAGES"])
    given: dict[str, Any] = {"language": i18n.language(), "base": "0"}
    if update is not None:
        given |= {"language": update.language, "base": str(update.revision)}
        given |= {f"title_{code}": words for code, words in update.title.items()}
        given |= {f"text_{code}": words for code, words in update.text.items()}
    more: dict[str, Any] = {} if sent else {"formdata": None}
    return _made(codes)(data=given, **more)
