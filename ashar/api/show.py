"""Projects, progress and regions as the API's answers."""

from collections.abc import Iterable
from typing import Any

from flask import request
from sqlalchemy import Row

from ashar.api import queries, schemas
from ashar.kernel import i18n, links
from ashar.kernel.money import Money
from ashar.progress import queries as news
from ashar.progress import show as telling
from ashar.progress.queries import UPDATES
from ashar.projects import queries as listing
from ashar.projects import show
from ashar.projects.models import Project
from ashar.projects.queries import PER_PAGE, Filters, Sums
from ashar.projects.regions import REGIONS


def page(filters: Filters) -> schemas.Page:
    """Return one page of the listing."""
    rows = listing.cards(filters)
    total = listing.total(filters, len(rows))
    pages, number = max(1, -(-total // PER_PAGE)), filters.page
    return schemas.Page(
        total=total,
        page=number,
        pages=pages,
        next=_page_url(number + 1) if number < pages else None,
        previous=_page_url(min(number - 1, pages)) if number > 1 else None,
        items=_listed(rows),
    )


def _page_url(number: int) -> str:
    args = {name: value for name, value in request.args.items() if name != "page"}
    return links.absolute("api.projects", **args, page=number)


def _listed(rows: list[Row[*tuple[Any, ...]]]) -> list[schemas.Project]:
    ids = [row.id for row in rows]
    texts = listing.texts(rows, i18n.language())
    needs = queries.needs(ids)
    return [
        _project(
            row,
            texts[row.id],
            _sums(row),
            language=texts[row.id].language,
            sdg=row.sdg,
            ashar=_needs(needs[row.id]),
            url=links.absolute("projects.show", slug=row.slug),
        )
        for row in rows
    ]


def _sums(row: Row[*tuple[Any, ...]]) -> Sums:
    return Sums(
        raised=Money(row.raised_minor or 0, row.currency),
        matched=Money(row.matched_minor or 0, row.currency),
        awaiting=Money(row.awaiting_minor or 0, row.currency),
        supporters=row.supporters or 0,
    )


def project(found: Project) -> schemas.Project:
    """Return one project."""
    view = show.view(found)
    return _project(
        found,
        view,
        view,
        language=_language(view),
        sdg=view.sdg,
        ashar=_needs(found.needs),
        url=view.url,
    )


def _project(facts: Any, words: Any, sums: Any, language: str, **more: Any) -> schemas.Project:
    """Put a project together from where its parts were read: a listed row, or a page's view."""
    return schemas.Project(
        language=language,
        original=language == facts.language,
        slug=facts.slug,
        title=words.title,
        summary=words.summary,
        state=facts.state,
        region=facts.region,
        theme=facts.theme,
        goal=schemas.Money.of(Money(facts.goal_minor, facts.currency)),
        raised=schemas.Money.of(sums.raised),
        matched=schemas.Money.of(sums.matched),
        awaiting=schemas.Money.of(sums.awaiting),
        supporters=sums.supporters,
        deadline=facts.deadline,
        impact=[],
        **more,
    )


def _needs(needs: Iterable[Any]) -> list[schemas.Need]:
    return [
        schemas.Need(
            kind=need.kind,
            unit=need.unit,
            needed=need.needed,
            offered=need.offered,
            delivered=need.delivered,
        )
        for need in needs
    ]


def _language(view: show.ProjectView) -> str:
    return i18n.language() if view.is_translation else view.original_lang


def progress(found: Project) -> schemas.Progress:
    """Return how far a project has come."""
    view = show.view(found)
    return schemas.Progress(
        language=_language(view),
        original=not view.is_translation,
        slug=view.slug,
        state=view.state,
        goal=schemas.Money.of(view.goal),
        raised=schemas.Money.of(view.raised),
        matched=schemas.Money.of(view.matched),
        awaiting=schemas.Money.of(view.awaiting),
        percent=view.percent,
        supporters=view.supporters,
        others=[schemas.Money.of(other) for other in view.others],
        milestones=[
            schemas.Milestone(
                title=step.title, text=step.text, due=step.due, share=step.share, done=step.done
            )
            for step in view.milestones
        ],
    )


def updates(found: Project, number: int) -> schemas.Updates:
    """Return one page of a project's updates."""
    total = news.count_updates(found.id)
    pages = telling.pages(total, UPDATES)
    rows = news.updates(found.id, number) if number <= pages else []

    def url(page: int) -> str:
        args = {name: value for name, value in request.args.items() if name != "page"}
        return links.absolute("api.updates", slug=found.slug, **args, page=page)

    return schemas.Updates(
        total=total,
        page=number,
        pages=pages,
        next=url(number + 1) if number < pages else None,
        previous=url(min(number - 1, pages)) if number > 1 else None,
        items=[_update(view) for view in telling.updates(rows, found.slug)],
    )


def _update(view: telling.UpdateView) -> schemas.Update:
    assert view.published_at is not None  # noqa: S101 - only published ones are asked for
    return schemas.Update(
        token=view.token,
        language=view.language,
        original=not view.is_translation,
        title=view.title,
        text=view.text,
        html=str(view.html),
        published=view.published_at,
        changed=view.changed_at,
        pictures=[_picture(picture) for picture in view.pictures],
        url=view.url,
    )


def _picture(picture: show.Picture) -> schemas.Picture:
    widest = picture.widths[-1]
    return schemas.Picture(
        url=links.absolute("pages.media", token=picture.token, w=widest),
        width=picture.width,
        height=picture.height,
        alt=picture.alt,
        caption=picture.caption,
    )


def regions() -> schemas.Regions:
    """Return all regions with the number of their listed projects."""
    counts = listing.count_by("region")
    return schemas.Regions(
        items=[
            schemas.RegionCount(
                code=code, names=region.name._asdict(), projects=counts.get(code, 0)
            )
            for code, region in REGIONS.items()
        ]
    )
