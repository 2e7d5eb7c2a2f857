"""What letters say of campaigns that missed their minimum, and of money that came too late."""

from ashar.kernel.db import session
from ashar.kernel.money import Money
from ashar.mail import addresses, says
from ashar.mail.recipients import project_of
from ashar.mail.says import Letters, Values
from ashar.pledges.models import Campaign, Disposition


def late(letters: Letters) -> Values:
    """Ask a donor what should become of money that came too late; nothing once that is known."""
    [letter] = letters
    row = session.query(Disposition).filter_by(payment_id=letter.facts["payment"]).one_or_none()
    if row is None or row.state != "asked":
        return {}
    return says.pledge(letters)


def campaign(letters: Letters) -> Values:
    """Name the sums that are missing to give gifts back; nothing once they are there."""
    [letter] = letters
    found, row = project_of(letter.facts), session.get(Campaign, letter.facts["campaign"])
    if found is None or row is None or row.state != "short":
        return {}
    short = row.figures.get("short", {})
    return {
        "project": says.about(found),
        "missing": [Money(minor, currency) for currency, minor in short.items()],
        "link": addresses.campaign(found.slug),
    }
