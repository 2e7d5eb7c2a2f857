"""The steps that hold lists: lines with keys, in an order, some of them empty yet."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import NumberRange, Optional, ValidationError

from ashar.kernel import ids
from ashar.kernel.forms import Form
from ashar.kernel.i18n import N_, t
from ashar.lead import words
from ashar.lead.steps import (
    DayField,
    OptionalAmount,
    StepForm,
    email_field,
    minor_of,
    name_field,
    said,
    text_field,
    typed,
)
from ashar.projects.content import Content
from ashar.projects.show import UNITS, unit

#: Lines of a list at most.
MOST_LINES = 60
_KEY = re.compile(r"[a-z0-9]{1,16}")


class Line(Form):
    """One line of a list: its key, its number in the order, and whether it goes."""

    #: Fields of which one at least is filled in where a line is one.
    FILLED: ClassVar[tuple[str, ...]] = ("title",)

    class Meta(Form.Meta):
        """The form around it is proven."""

        csrf = False

    key = HiddenField()
    place = IntegerField(N_("No."), validators=[Optional(), NumberRange(0, 999)])
    gone = BooleanField(N_("Remove"))

    @property
    def is_there(self) -> bool:
        """Tell whether the line holds something that is to stay."""
        return not self.gone.data and any(self[name].data for name in self.FILLED)


class LinesForm(StepForm):
    """A step with a list; lines that came empty are as if they were not there."""

    lines: FieldList
    #: The content's field that holds the list.
    held: ClassVar[str] = ""

    def read(self, content: Content) -> dict[str, Any]:
        """Return the lines, numbered, and some empty ones."""
        found = [
            self.read_line(line, content) | {"key": line["key"], "place": number}
            for number, line in enumerate(content[self.held], 1)
        ]
        # A key beforehand: the same form sent twice writes the same lines.
        room = min(self.blank, MOST_LINES - len(found))
        return {"lines": found + [self.read_line(None, content) | _new() for _ in range(room)]}

    def read_line(self, line: Mapping[str, Any] | None, content: Content) -> dict[str, Any]:
        """Return the values of a line's fields, or those that an empty one begins with."""
        raise NotImplementedError

    def write_line(self, form: Any, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return a line's values, given what is known of it."""
        raise NotImplementedError

    def values(self, content: Content) -> Content:
        """Return the list."""
        known = {line["key"]: line for line in content[self.held]}
        found: dict[str, Any] = {}
        for form in self.in_order():
            key = form.key.data or ""
            if key in found or not (key in known or _KEY.fullmatch(key)):
                key = ids.short()
            found[key] = self.write_line(form, known.get(key, {})) | {"key": key}
        return {self.held: list(found.values())}

    def in_order(self) -> list[Any]:
        """Return the lines that stay, by their numbers; one that was moved goes before."""
        forms = [(number, entry.form) for number, entry in enumerate(self.lines, 1)]
        forms.sort(key=lambda pair: _rank(pair[0], pair[1].place.data))
        return [form for _, form in forms if form.is_there]


def _new() -> dict[str, Any]:
    return {"key": ids.short(), "place": None}


def _rank(number: int, place: int | None) -> tuple[int, bool, int]:
    return (number if place is None else place, place in {None, number}, number)


class BudgetLine(Line):
    """What some of the money is for."""

    FILLED = ("title", "amount")
    title = text_field("title", N_("What for"))
    amount = OptionalAmount(N_("Sum"))


class BudgetForm(LinesForm):
    """What the money is for."""

    step = held = "budget"
    lines = FieldList(FormField(BudgetLine), max_entries=MOST_LINES)

    def __init__(self, content: Content, **more: Any) -> None:
        super().__init__(content, **more)
        for entry in self.lines:
            entry.form.amount.code = content["currency"]

    def read_line(self, line: Mapping[str, Any] | None, content: Content) -> dict[str, Any]:
        """Return title and sum."""
        if line is None:
            return {}
        title = line["title"].get(self.language, "")
        return {"title": title, "amount": typed(line["amount"], content["currency"])}

    def write_line(self, form: Any, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return title and sum."""
        return {
            "title": said(known.get("title", {}), self.language, form.title.data),
            "amount": minor_of(form.amount) or 0,
        }


class NeedLine(Line):
    """What is asked for beside money."""

    FILLED = ("title", "quantity")
    title = text_field("title", N_("What"))
    kind = SelectField(
        N_("Kind"), choices=lambda: [(code, t(label)) for code, label in words.KINDS.items()]
    )
    quantity = IntegerField(N_("How much"), validators=[Optional(), NumberRange(0, 1_000_000)])
    unit = SelectField(N_("Unit"), choices=lambda: [(code, unit(code)) for code in UNITS])


class NeedsForm(LinesForm):
    """What is asked for beside money."""

    step = held = "needs"
    lines = FieldList(FormField(NeedLine), max_entries=MOST_LINES)

    def read_line(self, line: Mapping[str, Any] | None, content: Content) -> dict[str, Any]:
        """Return title, kind, quantity and unit."""
        if line is None:
            return {"kind": "labour", "unit": "day"}
        return {
            "title": line["title"].get(self.language, ""),
            "kind": line["kind"],
            "unit": line["unit"],
            "quantity": line["quantity"] or None,
        }

    def write_line(self, form: Any, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return them."""
        return {
            "title": said(known.get("title", {}), self.language, form.title.data),
            "kind": form.kind.data,
            "unit": form.unit.data,
            "quantity": form.quantity.data or 0,
        }


class MilestoneLine(Line):
    """A step of the work."""

    FILLED = ("title", "text", "due", "share")
    title = text_field("title")
    text = text_field("text")
    due = DayField(N_("Done by"))
    share = IntegerField(N_("Share in %"), validators=[Optional(), NumberRange(0, 100)])
    evidence = SelectMultipleField(
        N_("What will prove it"),
        choices=lambda: [(code, t(label)) for code, label in words.EVIDENCE.items()],
    )


class MilestonesForm(LinesForm):
    """The steps of the work."""

    step = held = "milestones"
    lines = FieldList(FormField(MilestoneLine), max_entries=MOST_LINES)

    def read_line(self, line: Mapping[str, Any] | None, content: Content) -> dict[str, Any]:
        """Return texts, day, share and evidence."""
        if line is None:
            return {}
        return {
            "title": line["title"].get(self.language, ""),
            "text": line["text"].get(self.language, ""),
            "due": date.fromisoformat(line["due"]) if line["due"] else None,
            "share": line["share"] or None,
            "evidence": line["evidence"],
        }

    def write_line(self, form: Any, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return them."""
        return {
            "title": said(known.get("title", {}), self.language, form.title.data),
            "text": said(known.get("text", {}), self.language, form.text.data),
            "due": form.due.data.isoformat() if form.due.data else None,
            "share": form.share.data or 0,
            "evidence": list(dict.fromkeys(form.evidence.data)),
        }


class MemberLine(Line):
    """Somebody of the committee."""

    FILLED = ("name", "role", "email")
    name = name_field(N_("Their name"))
    role = name_field(N_("What they do in the village"))
    email = email_field(N_("E-mail"))


class PeopleForm(LinesForm):
    """Who answers for it, who watches, who receives the money."""

    step = "people"
    held = "committee"
    owner_name = name_field(N_("Responsible"), 160)
    lines = FieldList(FormField(MemberLine), max_entries=MOST_LINES)
    payee_name = name_field(N_("Name of the person or organisation"), 160)
    payee_email = email_field(N_("Their e-mail"))

    def read(self, content: Content) -> dict[str, Any]:
        """Return the names."""
        payee = {f"payee_{name}": content["payee"].get(name, "") for name in ("name", "email")}
        return super().read(content) | payee | {"owner_name": content["owner_name"]}

    def read_line(self, line: Mapping[str, Any] | None, content: Content) -> dict[str, Any]:
        """Return name, role and e-mail."""
        return {name: (line or {}).get(name, "") for name in ("name", "role", "email")}

    def write_line(self, form: Any, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return them."""
        return {name: form[name].data or "" for name in ("name", "role", "email")}

    def values(self, content: Content) -> Content:
        """Return responsible person and committee, and the payee where the leader says it."""
        found = super().values(content) | {"owner_name": self.owner_name.data}
        if not self.helper:
            payee = {"name": self.payee_name.data or "", "email": self.payee_email.data or ""}
            found["payee"] = payee
        return found

    def validate_payee_name(self, field: Field) -> None:
        """Keep a helper from saying who receives the money."""
        self._leaders_only(field, "name")

    def validate_payee_email(self, field: Field) -> None:
        """Likewise."""
        self._leaders_only(field, "email")

    def _leaders_only(self, field: Field, name: str) -> None:
        if self.helper and field.raw_data and field.data != self.content["payee"].get(name, ""):
            raise ValidationError(t(N_("Only the project's leader says who receives the money.")))


class PictureLine(Line):
    """What is told of a picture."""

    alt = text_field("alt", N_("What is to be seen, for those who cannot see it"))
    caption = text_field("caption", N_("Caption"))

    @property
    def is_there(self) -> bool:
        """Tell whether the picture stays, whatever is told of it."""
        return not self.gone.data


class PicturesForm(LinesForm):
    """What is told of the pictures, their order, and which go."""

    step = held = "pictures"
    lines = FieldList(FormField(PictureLine), max_entries=MOST_LINES)

    def __init__(self, content: Content, **more: Any) -> None:
        super().__init__(content, **more | {"blank": 0})

    def read_line(self, line: Mapping[str, Any] | None, content: Content) -> dict[str, Any]:
        """Return the texts."""
        return {
            name: (line or {}).get(name, {}).get(self.language, "") for name in ("alt", "caption")
        }

    def values(self, content: Content) -> Content:
        """Return the pictures that there are; those that came since the form was made stay."""
        known = {line["key"]: line for line in content["pictures"]}
        sent = {entry.form.key.data for entry in self.lines}
        shown: dict[str, Any] = {}
        for form in self.in_order():
            if (line := known.get(form.key.data)) is not None:
                texts = {name: said(line[name], self.language, form[name].data)
                         for name in ("alt", "caption")}  # fmt: skip
                shown[line["key"]] = line | texts
        later = [line for line in content["pictures"] if line["key"] not in sent]
        return {"pictures": [*shown.values(), *later]}
