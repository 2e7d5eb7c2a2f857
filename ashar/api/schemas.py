"""What the API is asked and what it answers; the OpenAPI document is made of these models.

An attribute's docstring is its description in the document.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.annotated_handlers import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from ashar.kernel import i18n, money
from ashar.projects import lists
from ashar.projects.queries import SORTS
from ashar.projects.regions import REGIONS
from ashar.projects.states import LISTED, PUBLIC

NEEDS = ("labour", "materials", "skills", "transport")
#: The last page that the listing reaches.
LAST_PAGE = 10_000


@dataclass(frozen=True)
class OneOf:
    """Allow only certain texts; they are looked up when asked, as an app may offer fewer."""

    values: Callable[[], Collection[str]]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Check a text against the values."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Name the values."""
        return {"type": "string", "enum": list(self.values())}

    def _check(self, text: str) -> str:
        if text not in self.values():
            raise PydanticCustomError("one_of", "not one of " + ", ".join(self.values()))
        return text


def _number(text: Any) -> Any:
    """Take plain digits only: pydantic alone would read ` +1.0` as a page, too."""
    if isinstance(text, str) and not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise PydanticCustomError("digits", "not a whole number above zero in plain digits")
    return text


Region = Annotated[str, OneOf(lambda: REGIONS)]
Theme = Annotated[str, OneOf(lambda: lists.themes(all_of_them=True))]
#: Left out of an address; a plain default would stand in the document beside the enum.
LEFT_OUT: Any = Field(default_factory=str)


class Asked(BaseModel):
    """What every address of the API takes."""

    model_config = ConfigDict(defer_build=True, extra="forbid", use_attribute_docstrings=True)

    lang: Annotated[str, OneOf(i18n.languages)] = LEFT_OUT
    """Language of titles and summaries, before Accept-Language."""


class Listing(Asked):
    """What the list of projects takes."""

    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = LEFT_OUT
    """Words that all stand in title, summary or place, in one language."""
    region: Region = LEFT_OUT
    """ISO 3166-2 code."""
    theme: Theme = LEFT_OUT
    sdg: Annotated[str, OneOf(lambda: lists.targets(all_of_them=True))] = LEFT_OUT
    """A target of the Sustainable Development Goals."""
    state: Annotated[str, OneOf(lambda: LISTED)] = LEFT_OUT
    need: Annotated[str, OneOf(lambda: NEEDS)] = LEFT_OUT
    """What the project asks for beside money."""
    sort: Annotated[str, OneOf(lambda: SORTS)] = LEFT_OUT
    """Order; the newest first when left out."""
    page: Annotated[int, Field(ge=1, le=LAST_PAGE), BeforeValidator(_number)] = 1


class Paged(Asked):
    """What a list takes that is not filtered."""

    page: Annotated[int, Field(ge=1, le=LAST_PAGE), BeforeValidator(_number)] = 1


class Answer(BaseModel):
    """Base of what is answered; unknown fields may come with a later minor version."""

    model_config = ConfigDict(defer_build=True, use_attribute_docstrings=True)


class Money(Answer):
    """An amount: a decimal text with the digits of its currency, never a float."""

    amount: Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["50.00"])]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["CHF"])]

    @classmethod
    def of(cls, value: money.Money) -> Self:
        """Write money down."""
        return cls(amount=value.decimal, currency=value.currency)


class Need(Answer):
    """Work or things that a project asks for, in its unit."""

    kind: str
    unit: str
    needed: int
    offered: int
    delivered: int


class InLanguage(Answer):
    """Something with words in one language."""

    language: str
    """Language of the words here: the one asked for where they exist in it, else the original's."""
    original: bool
    """Whether these are the community's own words and not a translation."""


class Project(InLanguage):
    """A project, as its page shows it."""

    slug: str
    title: str
    summary: str
    state: Annotated[str, OneOf(lambda: PUBLIC)]
    region: Region
    theme: Theme
    sdg: list[str]
    goal: Money
    raised: Money
    """Gross of fees, in the goal's currency."""
    matched: Money
    """What pools added to gifts."""
    awaiting: Money
    """Announced and not yet arrived: processing, open transfers and cash, not expired."""
    supporters: int
    deadline: date | None
    ashar: list[Need]
    """Labour, materials, skills and transport."""
    impact: list[dict[str, Any]]
    """Approved indicators; empty while there are none."""
    url: str
    """The project's page."""


class Page(Answer):
    """One page of projects."""

    total: int
    """Projects found; may be some seconds old."""
    page: int
    pages: int
    next: str | None
    """Address of the next page."""
    previous: str | None
    items: list[Project]


class Milestone(Answer):
    """A step of a project and its share of the goal in percent."""

    title: str
    text: str
    due: date | None
    share: int
    done: bool


class Progress(InLanguage):
    """How far a project has come."""

    slug: str
    state: Annotated[str, OneOf(lambda: PUBLIC)]
    goal: Money
    raised: Money
    matched: Money
    awaiting: Money
    percent: int
    """Raised in percent of the goal, rounded down; may exceed 100."""
    supporters: int
    others: list[Money]
    """Gifts in currencies for which no rate was known: beside the bar, not in `raised`."""
    milestones: list[Milestone]


class Picture(Answer):
    """A picture in one of its widths, with its words."""

    url: str
    width: int
    height: int
    alt: str
    caption: str


class Update(InLanguage):
    """News of a project."""

    token: str
    title: str
    text: str
    """Markdown, as it was written: hold it for text and never for HTML."""
    html: str
    """The same as HTML of a few plain tags, cleaned."""
    published: AwareDatetime
    changed: AwareDatetime | None
    """When it was last changed after its publication."""
    pictures: list[Picture]
    url: str
    """The update's page."""


class Updates(Answer):
    """One page of a project's updates, the newest first."""

    total: int
    page: int
    pages: int
    next: str | None
    """Address of the next page."""
    previous: str | None
    items: list[Update]


class RegionCount(Answer):
    """A region in the site's languages, with its listed projects."""

    code: Region
    names: dict[str, str]
    projects: int
    """Listed projects; may be some seconds old."""


class Regions(Answer):
    """All regions."""

    items: list[RegionCount]


class Fault(Answer):
    """A parameter that could not be taken, and why."""

    parameter: str
    detail: str


class Problem(Answer):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] | None = None
    """With 422: each parameter at fault."""
