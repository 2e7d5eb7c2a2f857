"""The slip that a donor signs who gets a gift back in cash: in the language of their pledge."""

from ashar.kernel import clock, i18n
from ashar.kernel.i18n import N_, t
from ashar.pledges import issuer
from ashar.pledges.models import Refund
from ashar.pledges.sheets.paper import MUTED, Paper
from ashar.projects import queries

TITLE = N_("A gift given back in cash")
#: Height of a line to write on, in millimetres.
WRITING = 13


def slip(refund: Refund) -> bytes:
    """Return the slip as PDF, on a sheet of its own; only day, place and names are open."""
    pledge, ours, came = refund.payment.pledge, issuer.issuer(), refund.payment.settled_at
    with i18n.speaking(pledge.language):
        paper = Paper(t(TITLE), pledge.language, clock.today(), ours.name)
        town = " ".join(filter(None, (ours.postcode, ours.city)))
        paper.head(ours.name, [line for line in (ours.street, town, ours.contact) if line])
        paper.title(t(TITLE))
        paper.pairs(
            (
                (t(N_("Number")), str(refund.id)),
                (t(N_("Sum")), i18n.money(refund.money)),
                (t(N_("Project")), queries.title(pledge.project, pledge.language)),
                (t(N_("Given on")), i18n.day(clock.day_of(came)) if came else ""),
                (t(N_("Donor")), pledge.name),
            )
        )
        paper.space(6)
        paper.text(t(N_("I have received this sum in cash.")))
        for label in (
            N_("Place and day"),
            N_("Name of who receives it, and the paper that shows it"),
            N_("Signature of who receives it"),
            N_("Name and signature of who hands it over"),
        ):
            paper.space(WRITING)
            paper.rule()
            paper.y -= 1.5
            paper.text(t(label), size=8, color=MUTED)
    return paper.done()
