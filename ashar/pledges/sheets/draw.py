"""A receipt's facts → PDF: the sheet in its country's official language, then a translation."""

from collections.abc import Callable

from ashar.kernel import i18n
from ashar.kernel.i18n import N_, t
from ashar.pledges.issuer import RULES
from ashar.pledges.sheets import german, plain
from ashar.pledges.sheets.facts import Facts
from ashar.pledges.sheets.paper import MUTED, Paper

Sheet = Callable[[Paper, Facts], None]
#: By kind, and form where it has one of its own: what is official, and what translates it.
SHEETS: dict[str, tuple[Sheet, Sheet]] = {
    "confirmation": (plain.confirmation, plain.confirmation),
    "annual": (plain.statement, plain.statement),
    "cancelling": (plain.cancelling, plain.cancelling),
    "legal de": (german.official, german.translation),
    "legal us": (plain.acknowledgement, plain.acknowledgement),
}


def draw(facts: Facts) -> bytes:
    """Return the paper; the same facts make the same bytes."""
    official, translated = SHEETS.get(f"{facts.kind} {facts.form}") or SHEETS[facts.kind]
    rule = RULES.get(facts.form)
    language = rule.language if rule else facts.language
    title = " ".join(filter(None, (facts.issuer.name, facts.number)))
    paper = Paper(title, language, facts.day, facts.issuer.name)
    with i18n.speaking(language):
        official(paper, facts)
    if language != facts.language:
        paper.sheet()
        with i18n.speaking(facts.language):
            _note(paper, language)
            translated(paper, facts)
    return paper.done()


def _note(paper: Paper, language: str) -> None:
    paper.text(
        t(
            N_("Translation, for your information. The first sheet, in %(language)s, is valid."),
            language=i18n.locale().languages.get(language, language),
        ),
        size=9,
        color=MUTED,
    )
    paper.space(3)
