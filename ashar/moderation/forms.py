"""The forms of the moderators' desk; labels are translated when a form is made."""

from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.kernel.forms import Form, clean_text
from ashar.kernel.i18n import ENDONYMS, N_, t
from ashar.moderation.kinds import Kind
from ashar.moderation.services import Verdict
from ashar.moderation.states import ANSWERS, CHECKLIST, CHOICES, KINSHIP, REASONS

LONGEST = 4000
_SAY_WHY = N_("Please say why, in your own words.")


def _words(label: str, *more: Any) -> TextAreaField:
    return TextAreaField(label, filters=[clean_text], validators=[*more, Length(max=LONGEST)])


def _reasons() -> list[tuple[str, str]]:
    return [("", t(N_("Choose …"))), *_said(REASONS)]


def _said(words: dict[str, str]) -> list[tuple[str, str]]:
    return [(code, t(text)) for code, text in words.items()]


class DeskForm(Form):
    """Base of the desk's forms."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in self:
            field.label.text = t(field.label.text)


class PlainForm(Form):
    """A button: nothing but the proof that it came from our page."""


class AskForm(Form):
    """A question on a field, or the token of one that is taken back."""

    field = HiddenField(validators=[Length(max=200)])
    words = _words(N_("Your question to the leader"))


class NoteForm(DeskForm):
    """A note among moderators."""

    note = _words(N_("A note for the other moderators"))


class DeclareForm(DeskForm):
    """That somebody is too close, and how."""

    closeness = SelectField(N_("How are you close to them?"), validators=[InputRequired()])
    why = _words(N_("In your own words"), Optional())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        close = {code: text for code, text in KINSHIP.items() if code != "no"}
        self.closeness.choices = [("", t(N_("Choose …"))), *_said(close)]


class ReasonForm(DeskForm):
    """A reason of the list, and words: to hold a project up."""

    reason = SelectField(N_("Reason"), validators=[InputRequired()])
    words = _words(N_("In your own words"), InputRequired())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason.choices = _reasons()


class CancelForm(ReasonForm):
    """The same, to cancel it."""

    sure = BooleanField(
        N_("I know that a cancelled project never comes back"), validators=[InputRequired()]
    )


class LiftForm(DeskForm):
    """Why a suspension ends."""

    words = _words(N_("Why the suspension ends"), InputRequired())


class DecideForm(DeskForm):
    """A decision on a case, whose kind says what may be decided and what has to be answered."""

    revision = HiddenField()
    kinship = RadioField(
        N_("Are you close to the people of this project: relative, business partner, same fund?"),
        validate_choice=False,
    )
    reads = SelectMultipleField(
        N_("Languages in which you have read it"),
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
    )
    what = RadioField(N_("Your decision"), validate_choice=False)
    reason = SelectField(N_("Reason"), validate_choice=False)
    words = _words(N_("In your own words"), Optional())

    def __init__(
        self, kind: Kind, languages: Sequence[str] = (), asked: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._kind, self._asked = kind, asked
        words = CHOICES | kind.words
        self.what.choices = [(code, t(words[code])) for code in kind.choices]
        self.kinship.choices = _said(KINSHIP)
        self.reason.choices = _reasons()
        self.reads.choices = [(code, ENDONYMS[code]) for code in languages]
        if "reject" not in kind.choices or not kind.reasoned:
            del self.reason
        if not kind.checked:
            del self.reads
        for name in CHECKLIST:
            if kind.checked:
                self[_check(name)].choices = _said(ANSWERS)
            else:
                del self[_check(name)]

    @property
    def points(self) -> list[Field]:
        """Return the points of the checklist."""
        return [self[_check(name)] for name in CHECKLIST if _check(name) in self]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and what the decision asks for beside it."""
        fine: bool = super().validate(extra_validators)
        for name, words in self._missing():
            self[name].errors = [*self[name].errors, t(words)]
            fine = False
        return fine

    def _missing(self) -> Iterator[tuple[str, str]]:
        if self.kinship.data not in KINSHIP:
            yield "kinship", N_("Please answer this question.")
        if self.what.data not in self._kind.choices:
            yield "what", N_("Please choose a decision.")
        if self.kinship.data != "no":
            return
        if self.what.data == "reject":
            yield from self._no()
        elif self.what.data == "approve" and self._kind.checked:
            yield from self._unchecked()
        elif self.what.data == "ask" and not self._asked:
            yield (
                "what",
                N_("Please ask at least one question first, beside the field it is about."),
            )

    def _no(self) -> Iterator[tuple[str, str]]:
        if self._kind.reasoned and self.reason.data not in REASONS:
            yield "reason", N_("Please choose a reason.")
        if not self.words.data:
            yield "words", _SAY_WHY

    def _unchecked(self) -> Iterator[tuple[str, str]]:
        for point in self.points:
            if point.data == "no":
                yield point.name, N_("With a no here it cannot be approved.")
            elif point.data not in ANSWERS:
                yield point.name, N_("Please answer this question.")
        if not self.reads.data:
            yield "reads", N_("Please say in which languages you have read it.")

    def verdict(self) -> Verdict:
        """Return the decision."""
        revision = self.revision.data or ""
        return Verdict(
            what=self.what.data or "",
            revision=int(revision) if revision.isdecimal() and len(revision) < 9 else 0,
            kinship=self.kinship.data or "",
            reason=self.reason.data or "" if "reason" in self else "",
            words=self.words.data or "",
            checklist={name: self[_check(name)].data or "" for name in CHECKLIST}
            if self._kind.checked
            else {},
            reads=tuple(self.reads.data or ()) if "reads" in self else (),
        )


def _check(name: str) -> str:
    return f"check_{name}"


for _name, _label in CHECKLIST.items():
    setattr(DecideForm, _check(_name), RadioField(_label, validate_choice=False))
