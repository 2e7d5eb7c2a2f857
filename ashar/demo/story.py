"""What a sample project is made of, and how it becomes a draft dated from today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ashar.demo.covers import Kind
from ashar.kernel.money import Money
from ashar.projects.services import Draft, Wanted, Words

#: How long a sample project stays open at least.
OPEN_AT_LEAST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone: the day of the year on which it is due, and its share in percent."""

    month: int
    day: int
    share: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample project; amounts are decimal texts, `closes` is month and day of the deadline."""

    slug: str
    region: str
    district: str
    village: str
    theme: str
    sdg: tuple[str, ...]
    goal: str
    currency: str
    closes: tuple[int, int]
    cover: Kind
    cover_alt: Mapping[str, str]
    owner: str
    payee: str
    committee: tuple[str, ...]
    steps: tuple[Step, ...]
    budget: tuple[str, ...]
    needs: tuple[Wanted, ...]
    words: Mapping[str, Words]

    def draft(self, today: date) -> Draft:
        """Return the draft; its milestones follow its deadline, each on its day of the year."""
        deadline = _next(today + OPEN_AT_LEAST, *self.closes)
        budget = [Money.from_decimal(text, self.currency).minor for text in self.budget]
        return Draft(
            slug=self.slug,
            language="ky",
            region=self.region,
            theme=self.theme,
            goal=Money.from_decimal(self.goal, self.currency),
            words=self.words,
            district=self.district,
            village=self.village,
            sdg=self.sdg,
            deadline=deadline,
            needs=self.needs,
            committee=self.committee,
            owner_name=self.owner,
            payee_name=self.payee,
            details={"milestones": self._dated(deadline), "budget": budget},
            sample=True,
        )

    def _dated(self, deadline: date) -> list[dict[str, str | int]]:
        last = deadline
        dated: list[dict[str, str | int]] = []
        for step in self.steps:
            last = _next(last, step.month, step.day)
            dated.append({"due": last.isoformat(), "share": step.share})
        return dated


def _next(after: date, month: int, day: int) -> date:
    """Return the first day after another that has this month and day."""
    due = date(after.year, month, day)
    return due if due > after else date(after.year + 1, month, day)
