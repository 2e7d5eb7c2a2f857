"""Papers without an official form: a payment confirmed, a year's gifts, an earlier one void."""

from collections.abc import Sequence

from ashar.kernel import i18n
from ashar.kernel.i18n import N_, t
from ashar.pledges.issuer import Tax
from ashar.pledges.sheets.facts import Facts, Gift
from ashar.pledges.sheets.german import signature
from ashar.pledges.sheets.paper import WIDE, Paper

NO_TAX_DOCUMENT = N_("This confirms the payment. It is no document for a tax office.")
SIGNED = N_("Place, day and signature")
NOTHING_IN_RETURN = N_(
    "The gifts were voluntary, and no goods or services were provided in exchange."
)


def head(paper: Paper, facts: Facts) -> None:
    """Write who gives the paper out, and on every sheet which one it is."""
    issuer = facts.issuer
    paper.foot(" · ".join(filter(None, (issuer.name, facts.number))))
    town = " ".join(filter(None, (issuer.postcode, issuer.city)))
    address = ", ".join(filter(None, (issuer.street, town)))
    lines = (address, issuer.register, issuer.contact)
    paper.head(issuer.name, [line for line in lines if line])


def confirmation(paper: Paper, facts: Facts) -> None:
    """Write that payments came; whose they are only where somebody proved that they may know."""
    head(paper, facts)
    paper.title(t(N_("Payment confirmation")))
    if facts.donor.lines:
        paper.text("\n".join(facts.donor.lines))
        paper.space(3)
    paper.text(t(N_("We have received, with thanks:")))
    paper.space(3)
    gifts(paper, facts.gifts)
    if len(facts.gifts) > 1:
        total(paper, facts)
    paper.space(4)
    paper.text(t(NO_TAX_DOCUMENT), style="B")


def gifts(paper: Paper, found: Sequence[Gift]) -> None:
    """Write gifts, a line each, and what went back of them."""
    heads = (t(N_("Day")), t(N_("Project")), t(N_("Amount")))
    rows = []
    for gift in found:
        rows.append((i18n.day(gift.day, "medium"), gift.project, i18n.money(gift.money)))
        if gift.back:
            rows.append(("", t(N_("of which went back")), i18n.money(gift.back)))
    paper.table(heads, rows, (34, WIDE - 34 - 42, 42))


def total(paper: Paper, facts: Facts) -> None:
    """Write the sum."""
    paper.space(2)
    paper.text(t(N_("Total: %(sum)s"), sum=facts.total), size=12, style="B", align="R")


def statement(paper: Paper, facts: Facts) -> None:
    """Write a year's gifts: for the Swiss tax office where the form is its, else for oneself."""
    year = facts.period or facts.day.year
    swiss = facts.form == "ch"
    head(paper, facts)
    paper.title(
        t(N_("Donation confirmation %(year)s"), year=year)
        if swiss
        else t(N_("Your gifts in %(year)s"), year=year)
    )
    paper.text(t(N_("Number %(number)s"), number=facts.number), size=9)
    paper.space(4)
    paper.text("\n".join(facts.donor.lines))
    paper.space(5)
    paper.text(t(N_("In %(year)s we received these gifts from the person named above:"), year=year))
    paper.space(3)
    gifts(paper, facts.gifts)
    total(paper, facts)
    paper.space(4)
    if not swiss:
        paper.text(t(N_("This is an overview. It is no document for a tax office.")), style="B")
        return
    paper.text(t(NOTHING_IN_RETURN))
    paper.space(2)
    _exempt(paper, facts.tax or Tax())
    signature(paper, facts, t(SIGNED))


def _exempt(paper: Paper, tax: Tax) -> None:
    paper.text(
        t(
            N_(
                "The association is exempt from tax because it serves public purposes: "
                "%(purposes)s. Decision of %(office)s of %(day)s."
            ),
            purposes=tax.purposes,
            office=tax.office,
            day=i18n.day(tax.notice_day),
        )
    )


def acknowledgement(paper: Paper, facts: Facts) -> None:
    """Write what the American tax office asks for of a gift (IRS Publication 1771)."""
    [gift], tax = facts.gifts, facts.tax or Tax()
    head(paper, facts)
    paper.title(t(N_("Acknowledgment of a contribution")))
    paper.text(t(N_("Number %(number)s"), number=facts.number), size=9)
    paper.space(4)
    paper.text("\n".join(facts.donor.lines))
    paper.space(5)
    paper.pairs(
        [
            (t(N_("Amount of cash contribution")), i18n.money(gift.money)),
            (t(N_("Received on")), i18n.day(gift.day)),
            (t(N_("Employer identification number")), tax.number),
        ]
    )
    paper.space(3)
    paper.text(
        t(N_("No goods or services were provided in exchange for this contribution.")), style="B"
    )
    paper.space(2)
    paper.text(
        t(
            N_(
                "%(name)s is exempt from federal income tax under section 501(c)(3) of the "
                "Internal Revenue Code, by the determination letter of %(day)s. Purposes: "
                "%(purposes)s."
            ),
            name=facts.issuer.name,
            day=i18n.day(tax.notice_day),
            purposes=tax.purposes,
        )
    )
    paper.space(2)
    paper.text(t(N_("Please keep this letter for your tax records. Thank you for your gift.")))
    signature(paper, facts, t(SIGNED))


def cancelling(paper: Paper, facts: Facts) -> None:
    """Write that an earlier receipt is void."""
    head(paper, facts)
    paper.title(t(N_("Cancelling receipt")))
    paper.text(t(N_("Number %(number)s"), number=facts.number), size=9)
    paper.space(4)
    paper.text("\n".join(facts.donor.lines))
    paper.space(5)
    assert facts.cancels is not None  # noqa: S101 - only such a one has this kind
    number, day = facts.cancels
    paper.text(
        t(
            N_("Receipt %(number)s of %(day)s over %(sum)s is void from today."),
            number=number,
            day=i18n.day(day),
            sum=i18n.money(facts.total),
        ),
        size=12,
        style="B",
    )
    paper.space(3)
    paper.pairs([(t(N_("Why")), t(facts.why)), (t(N_("Cancelled on")), i18n.day(facts.day))])
    paper.space(3)
    paper.text(
        t(
            N_(
                "Please do not use the earlier receipt any more. If you gave it to a tax office "
                "already, please hand this one in as well."
            )
        )
    )
    signature(paper, facts, t(SIGNED))
