"""What a project still lacks, in words, each with the step of the desk that holds it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from ashar.kernel.i18n import N_
from ashar.kernel.money import Money
from ashar.projects.content import EVIDENCE, Content, whole

#: A committee of fewer speaks for nobody.
COMMITTEE_LEAST = 2
#: Days until which a project may collect at most.
LONGEST = timedelta(days=366)


class Missing(NamedTuple):
    """One thing that is missing: the step to go to, and why, as a msgid with its values."""

    step: str
    words: str
    values: dict[str, Any]


Rule = Callable[[Content, date, int], Iterator[Missing]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Register a rule: it yields what is missing, given content, today and a refund window."""
    RULES.append(function)
    return function


def missing(content: Content, today: date, refund_days: int) -> list[Missing]:
    """Return all that a project lacks before it may be reviewed."""
    full = whole(content)
    return [found for check in RULES for found in check(full, today, refund_days)]


def _lack(step: str, words: str, **values: Any) -> Missing:
    return Missing(step, words, values)


@rule
def _texts(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    language = content["language"]
    for field, words in (
        ("title", N_("The title is missing.")),
        ("summary", N_("The summary is missing: two sentences that everybody understands.")),
        ("story", N_("The story is missing: what is so today, what you will do, who does it.")),
    ):
        if not content[field].get(language):
            yield _lack("story", words)


@rule
def _place(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    if not content["district"] and content["region"] not in {"KG-GB", "KG-GO"}:
        yield _lack("place", N_("The district is missing."))
    if not content["village"] and not content["aymak"]:
        yield _lack("place", N_("The village or the ayil aymak is missing."))
    if not content["sdg"]:
        yield _lack("place", N_("Choose at least one UN target that the project serves."))


@rule
def _deadline(content: Content, today: date, _days: int) -> Iterator[Missing]:
    if not content["deadline"]:
        yield _lack("goal", N_("The day until which you collect is missing."))
        return
    day = date.fromisoformat(content["deadline"])
    if day <= today:
        yield _lack("goal", N_("The day until which you collect has passed."))
    if day > today + LONGEST:
        yield _lack("goal", N_("A project collects for a year at most."))


@rule
def _threshold(content: Content, today: date, days: int) -> Iterator[Missing]:
    if content["funding"] != "threshold":
        return
    if not content["minimum"]:
        yield _lack("goal", N_("Say from which sum on the project can begin."))
    elif content["minimum"] > content["goal"]:
        yield _lack("goal", N_("The least sum is above the goal."))
    day = content["deadline"] and date.fromisoformat(content["deadline"])
    if day and day > today + timedelta(days=days):
        yield _lack(
            "goal",
            N_(
                "Gifts that may have to go back can be collected for %(days)s days at most: later, "
                "cards and banks no longer take them back."
            ),
            days=days,
        )


@rule
def _budget(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    if not content["budget"]:
        yield _lack("budget", N_("Say what the money is for, line by line."))
        return
    total = sum(line["amount"] for line in content["budget"])
    if total != content["goal"]:
        yield _lack(
            "budget",
            N_("The lines come to %(sum)s, the goal is %(goal)s: they have to be the same."),
            sum=Money(total, content["currency"]),
            goal=Money(content["goal"], content["currency"]),
        )


@rule
def _lines(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    language = content["language"]
    for step, words in (
        ("budget", N_("Line %(n)s of the budget has no name.")),
        ("needs", N_("Line %(n)s of the needs has no name.")),
        ("milestones", N_("Milestone %(n)s has no title.")),
    ):
        for number, line in enumerate(content[step], 1):
            if not line["title"].get(language):
                yield _lack(step, words, n=number)


@rule
def _amounts(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    for number, line in enumerate(content["budget"], 1):
        if not line["amount"]:
            yield _lack("budget", N_("Line %(n)s of the budget has no sum."), n=number)
    for number, line in enumerate(content["needs"], 1):
        if not line["quantity"]:
            yield _lack("needs", N_("Line %(n)s of the needs does not say how much."), n=number)


@rule
def _milestones(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    steps = content["milestones"]
    if not steps:
        yield _lack("milestones", N_("Say in which steps the work is done."))
        return
    if sum(step["share"] for step in steps) != 100:
        yield _lack("milestones", N_("The milestones' shares of the money do not come to 100 %%."))
    for number, step in enumerate(steps, 1):
        if not step["due"]:
            yield _lack("milestones", N_("Milestone %(n)s has no day."), n=number)
        if not set(step["evidence"]) & set(EVIDENCE):
            yield _lack(
                "milestones", N_("Say what will prove that milestone %(n)s is done."), n=number
            )


@rule
def _people(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    if not content["owner_name"]:
        yield _lack("people", N_("Say who is responsible."))
    if not content["payee"].get("name"):
        yield _lack("people", N_("Say who receives the money in Kyrgyzstan."))
    if len(content["committee"]) < COMMITTEE_LEAST:
        yield _lack("people", N_("A committee of at least two people of the village is missing."))


@rule
def _pictures(content: Content, _today: date, _days: int) -> Iterator[Missing]:
    if not content["pictures"]:
        yield _lack("pictures", N_("A picture is missing. The first one is the cover."))
    language = content["language"]
    for number, picture in enumerate(content["pictures"], 1):
        if not picture["alt"].get(language):
            yield _lack(
                "pictures",
                N_("Picture %(n)s needs a sentence for those who cannot see it."),
                n=number,
            )
