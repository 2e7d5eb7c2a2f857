"""The form of a matching pool."""

import re
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ashar.kernel import i18n
from ashar.kernel.forms import AmountField, Email, Form, clean_text
from ashar.kernel.i18n import N_, t
from ashar.kernel.money import EXPONENTS, Money
from ashar.people import queries as people
from ashar.pledges.models import Pool
from ashar.pledges.sponsoring import Said, Terms
from ashar.projects import lists
from ashar.projects import queries as projects
from ashar.projects.regions import REGIONS, region_name

LANGUAGES = ("ky", "ru", "en", "de")
KINDS = {
    "paid_in": N_("Paid in: it gives what has come to an account of ours"),
    "promised": N_("Promised: it is shown, and is no money"),
}
#: What is added for what: 1:2 adds one franc to two.
RATES = ("1:1", "1:2", "1:3", "1:4", "2:1", "3:1")


class OptionalAmount(AmountField):
    """An amount that may be left out."""

    def pre_validate(self, form: Any) -> None:
        """Read what is there."""
        if (self.data or "").strip():
            super().pre_validate(form)


def _name(*validators: Any) -> StringField:
    return StringField(filters=[clean_text], validators=[*validators, Length(max=80)])


def _choices() -> SelectMultipleField:
    return SelectMultipleField(option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))


class PoolForm(Form):
    """What is said of a pool; kind, rate, currency and short name stay as they were entered."""

    slug = StringField(
        N_("Short name"), filters=[clean_text], validators=[InputRequired(), Length(max=40)]
    )
    name_ky = _name()
    name_ru = _name()
    name_en = _name(InputRequired())
    name_de = _name()
    email = StringField(
        N_("The sponsor's e-mail"), validators=[Optional(), Length(max=254), Email()]
    )
    kind = RadioField(N_("What it is"), default="paid_in", validators=[InputRequired()])
    rate = SelectField(N_("Rate"), default="1:1", validators=[InputRequired()])
    currency = SelectField(N_("Currency"), default="CHF", validators=[InputRequired()])
    total = AmountField(N_("In all"))
    cap = OptionalAmount(N_("At most for one pledge"))
    projects = TextAreaField(
        N_("Projects"), filters=[clean_text], validators=[Length(max=2000)], render_kw={"rows": 2}
    )
    regions = _choices()
    themes = _choices()
    starts = DateField(N_("From"), validators=[Optional()])
    ends = DateField(N_("Until"), validators=[Optional()])
    open = BooleanField(N_("Open: it adds to new gifts"), default=True)
    why = TextAreaField(
        N_("Why"), filters=[clean_text], validators=[DataRequired(), Length(max=500)]
    )

    def __init__(self, pool: Pool | None, **more: Any) -> None:
        super().__init__(data=_begun(pool) if pool else None, **more)
        lang = i18n.language()
        if pool is not None:
            del self.slug, self.kind, self.rate, self.currency
            self.total.code = self.cap.code = pool.currency
        else:
            del self.why
            self.kind.choices = [(code, t(words)) for code, words in KINDS.items()]
            self.rate.choices = [(rate, rate) for rate in RATES]
            self.currency.choices = [(code, code) for code in sorted(EXPONENTS)]
        self.regions.choices = [(code, region_name(code, lang)) for code in REGIONS]
        self.themes.choices = [
            (code, theme.name.in_language(lang))
            for code, theme in lists.themes(all_of_them=True).items()
        ]
        self._speak()

    def _speak(self) -> None:
        for code, field in zip(LANGUAGES, self.names, strict=True):
            field.label.text = i18n.ENDONYMS[code]
        self.regions.label.text, self.themes.label.text = t(N_("Regions")), t(N_("Themes"))
        for field in self:
            if field not in self.names and field not in (self.regions, self.themes):
                field.label.text = t(field.label.text)

    @property
    def names(self) -> list[Any]:
        """Return the fields of the sponsor's name, one for each language."""
        return [self[f"name_{code}"] for code in LANGUAGES]

    def validate_slug(self, field: StringField) -> None:
        """It stands in addresses and in the book."""
        if not re.fullmatch(r"(?!new$)[a-z0-9]+(-[a-z0-9]+)*", field.data):
            raise ValidationError(t(N_("Small Latin letters, digits and hyphens, please.")))

    def validate_projects(self, field: TextAreaField) -> None:
        """Each is the name of a public project; some project, region or theme there must be."""
        unknown = [slug for slug in self.slugs if projects.found(slug) is None]
        if unknown:
            raise ValidationError(t(N_("No public project: %(names)s"), names=", ".join(unknown)))
        if not (self.slugs or self.regions.data or self.themes.data):
            raise ValidationError(t(N_("Please name a project, a region or a theme.")))

    def validate_ends(self, field: DateField) -> None:
        """Not before it begins."""
        starts: date | None = self.starts.data
        if starts and field.data and field.data < starts:
            raise ValidationError(t(N_("It ends before it begins.")))

    @property
    def slugs(self) -> list[str]:
        """Return the projects that are named, each once."""
        return list(dict.fromkeys(re.findall(r"[^\s,;]+", self.projects.data or "")))

    @property
    def terms(self) -> Terms:
        """Return what a valid form decides once."""
        gives, _, asks = self.rate.data.partition(":")
        return Terms(self.slug.data, self.kind.data, self.currency.data, int(gives), int(asks))

    @property
    def said(self) -> Said:
        """Return what a valid form says."""
        assert self.total.money is not None  # noqa: S101 - a valid form has read its amount
        email = (self.email.data or "").strip()
        person = people.by_email(email) if email else None
        chosen = {"project": self.slugs, "region": self.regions.data, "theme": self.themes.data}
        return Said(
            names={
                code: field.data
                for code, field in zip(LANGUAGES, self.names, strict=True)
                if field.data
            },
            total_minor=self.total.money.minor,
            scopes=tuple(sorted((kind, one) for kind, found in chosen.items() for one in found)),
            cap_minor=self.cap.money.minor if self.cap.money else None,
            email=email,
            person_id=person.id if person else None,
            starts=self.starts.data,
            ends=self.ends.data,
            open=bool(self.open.data),
        )


def _begun(pool: Pool) -> dict[str, Any]:
    """Return what the fields of a pool's form hold to begin with."""
    cap = pool.cap_minor
    found: dict[str, Any] = {f"name_{code}": pool.names.get(code) for code in LANGUAGES}
    chosen: dict[str, list[str]] = {"project": [], "region": [], "theme": []}
    for row in pool.scopes:
        chosen[row.kind].append(row.value)
    return found | {
        "email": pool.email,
        "total": Money(pool.total_minor, pool.currency).decimal,
        "cap": "" if cap is None else Money(cap, pool.currency).decimal,
        "projects": "\n".join(chosen["project"]),
        "regions": chosen["region"],
        "themes": chosen["theme"],
        "starts": pool.starts,
        "ends": pool.ends,
        "open": pool.open,
    }
