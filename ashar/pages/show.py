"""What a donor's own page shows of each gift: its state, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ashar.kernel import clock, links
from ashar.kernel.money import Money
from ashar.pledges import monthly_show, offer_show
from ashar.pledges import queries as pledges
from ashar.pledges.models import Pledge, Subscription
from ashar.pledges.monthly_show import MonthlyView
from ashar.pledges.offer_show import OfferLine
from ashar.progress import queries as progress
from ashar.progress.models import Update
from ashar.projects import content as contents
from ashar.projects import show
from ashar.projects.states import PUBLIC


@dataclass(frozen=True, slots=True)
class Step:
    """A project's next step, and when it is due."""

    title: str
    due: date


@dataclass(frozen=True, slots=True)
class News:
    """A project's last update."""

    title: str
    language: str
    day: date
    url: str


@dataclass(frozen=True, slots=True)
class Gift:
    """A pledge in its donor's own list; what went back is told when it has arrived.

    `url` leads to the project, and is empty while nobody sees it.
    """

    token: str
    title: str
    state: str
    gift: Money
    back: Money
    created: date
    visibility: str
    project_state: str
    url: str
    news: News | None
    step: Step | None
    offer: OfferLine | None
    monthly: MonthlyView | None


def gifts(found: Sequence[Pledge]) -> list[Gift]:
    """Return pledges for their donor's own list: two more queries, however many there are."""
    news = progress.latest(one.project_id for one in found)
    running = pledges.subscriptions_of(one.id for one in found if one.frequency == "monthly")
    return [_gift(one, news.get(one.project_id), running.get(one.id)) for one in found]


def _gift(one: Pledge, news: Update | None, running: Subscription | None) -> Gift:
    project = one.project
    public = project.state in PUBLIC
    return Gift(
        token=one.token,
        title=show.title(project),
        state=one.state,
        gift=one.gift,
        back=_back(one),
        created=clock.day_of(one.made_at),
        visibility=one.visibility,
        project_state=project.state,
        url=links.url("projects.show", slug=project.slug) if public else "",
        news=_news(news, project.slug) if news is not None and public else None,
        step=_step(one) if public else None,
        offer=offer_show.line(one.offer) if one.offer else None,
        monthly=monthly_show.of(running) if running else None,
    )


def _back(one: Pledge) -> Money:
    back = sum(
        refund.minor
        for payment in one.payments
        for refund in payment.refunds
        if refund.state == "succeeded"
    )
    return Money(back, one.currency)


def _news(update: Update, slug: str) -> News | None:
    if update.published_at is None:
        return None
    title = show.in_language(update.title, update.language)
    spoken = next((code for code, words in update.title.items() if words == title), update.language)
    return News(
        title=title,
        language=spoken,
        day=clock.day_of(update.published_at),
        url=links.url("updates.show", slug=slug, token=update.token),
    )


def _step(one: Pledge) -> Step | None:
    """Return the first step that is still to come."""
    steps = [
        Step(show.in_language(step["title"], one.project.language), date.fromisoformat(step["due"]))
        for step in contents.whole(one.project.content)["milestones"]
        if step["due"]
    ]
    coming = [step for step in steps if step.due >= clock.today()]
    return min(coming, key=lambda step: step.due, default=None)
