"""The lists that administrators edit: what stands in each now, and how many projects use it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import select

from ashar.kernel import terms
from ashar.kernel.db import session
from ashar.kernel.i18n import N_
from ashar.kernel.terms import Term, TermRow
from ashar.pledges import issuer
from ashar.projects import lists as known
from ashar.projects.models import Project, Working
from ashar.projects.themes import SDG_TARGETS, THEMES


class Kind(NamedTuple):
    """A list: what it is called, what it is for, whether entries can be added."""

    code: str
    label: str
    note: str
    grows: bool = True


KINDS = {
    kind.code: kind
    for kind in (
        Kind("theme", N_("Themes"), N_("What projects are about: each has exactly one.")),
        Kind("sdg", N_("SDG targets"), N_("Targets that projects may name, such as 13.3.")),
        Kind(
            "corridor",
            N_("Corridors of payment"),
            N_(
                "What is offered to cards and accounts of a country. A country that is not listed "
                "pays by whatever the ways themselves allow."
            ),
        ),
        Kind("limit", N_("Limits"), N_("Sums from which more is asked for."), grows=False),
        Kind(
            issuer.KIND,
            N_("Receipts"),
            N_("Who gives receipts out, and what the tax offices of some countries said of it."),
            grows=False,
        ),
    )
}
#: What each limit is called, and what it does.
LIMITS = {
    "two_approvals_from": (
        N_("Two approvals"),
        N_("A project whose goal is worth more than this needs the approval of two moderators."),
    )
}


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as it is now; `row` is None as long as nobody changed what the code knows."""

    term: Term
    row: TermRow | None = None

    @property
    def stamp(self) -> str:
        """Return what a form says of the state that it was made of."""
        return terms.stamp(self.row)


def entries(kind: str) -> dict[str, Item]:
    """Return a list's entries by code, in their order, as they are at this moment."""
    found = {code: Item(term) for code, term in _known(kind).items()}
    query = select(TermRow).where(TermRow.kind == kind).order_by(TermRow.id)
    for row in session.scalars(query.execution_options(populate_existing=True)):
        term = Term(row.code, row.names, row.more, row.position, row.active)
        found[row.code] = Item(term, row)
    if kind == "sdg":
        return dict(sorted(found.items(), key=lambda one: known.place(one[0])))
    return dict(sorted(found.items(), key=lambda one: one[1].term.position))


def _known(kind: str) -> Mapping[str, Term]:
    """Return what the code knows of a list."""
    if kind == "theme":
        return {
            code: Term(code, theme.name._asdict(), {"icon": theme.icon}, known.STEP * no)
            for no, (code, theme) in enumerate(THEMES.items(), 1)
        }
    if kind == "sdg":
        return {code: Term(code, name._asdict()) for code, name in SDG_TARGETS.items()}
    if kind == "limit":
        amount = str(current_app.config["ASHAR_TWO_APPROVALS_FROM"])
        return {"two_approvals_from": Term("two_approvals_from", {}, {"amount": amount})}
    if kind == issuer.KIND:
        start = Term(issuer.ASSOCIATION, {}, asdict(issuer.issuer()))
        off = [Term(code, {}, issuer.Tax().said, active=False) for code in issuer.RULES]
        return {term.code: term for term in (start, *off)}
    return {}


def uses(kind: str) -> Counter[str] | None:
    """Count the projects that use each entry, drafts included; None where nothing counts them."""
    if kind == "theme":
        written = Working.content["theme"].as_string()
        found = select(Project.id, Project.theme).union(select(Working.project_id, written))
        return Counter(code for _, code in session.execute(found))
    if kind == "sdg":
        return Counter(code for _, code in _targets())
    return None


def _targets() -> set[tuple[int, str]]:
    shown = session.execute(select(Project.id, Project.sdg))
    written = session.execute(select(Working.project_id, Working.content["sdg"]))
    return {(row, code) for rows in (shown, written) for row, codes in rows for code in codes or ()}


def write(
    kind: str, code: str, values: Mapping[str, Any], *, seen: str, actor: int, why: str
) -> bool:
    """Write an entry, and tell whether anything is different; raises Stale."""
    row = terms.row_of(kind, code, hold=True)
    term = _known(kind).get(code)
    now = row or term
    if now is not None and seen == terms.stamp(row) and terms.said(now) == values:
        return False
    terms.change(kind, code, **values, actor=actor, why=why, seen=seen, instead_of=term)
    return True
