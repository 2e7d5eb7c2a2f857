"""Where letters lead: the addresses of pages that this package does not know, in one place."""

from ashar.kernel import links
from ashar.pledges.services import stop_key


def _beneath(path: str) -> str:
    return links.absolute("pages.home").rstrip("/") + path


def desk(slug: str) -> str:
    """Return a project's page on its leader's desk."""
    return _beneath(f"/lead/projects/{slug}")


def offers(slug: str) -> str:
    """Return where a project's leader sees what was offered."""
    return _beneath(f"/lead/projects/{slug}/offers")


def confirming(slug: str) -> str:
    """Return where a project's committee confirms what came."""
    return _beneath(f"/projects/{slug}/confirm")


def all_desks() -> str:
    """Return the first page of the leader's desk."""
    return _beneath("/lead")


def application() -> str:
    """Return the page where one applies to become a leader."""
    return _beneath("/lead/apply")


def applicant(token: str) -> str:
    """Return the page where an administrator decides on an application."""
    return _beneath(f"/admin/applications/{token}")


def corridor(country: str) -> str:
    """Return the page where an administrator looks after a corridor of payment."""
    return _beneath(f"/admin/lists/corridor/{country}")


def campaign(slug: str) -> str:
    """Return the page where a treasurer sees how far a campaign's gifts have gone back."""
    return _beneath(f"/treasury/campaigns/{slug}")


def invitation(token: str) -> str:
    """Return the page where somebody accepts to help a leader."""
    return _beneath(f"/lead/help/{token}")


def queue() -> str:
    """Return the moderators' queue."""
    return _beneath("/moderation")


def case(token: str) -> str:
    """Return a case's page."""
    return _beneath(f"/moderation/{token}")


def report(token: str, language: str) -> str:
    """Return the page where a reporter sees what became of a report."""
    return _beneath(f"/report/{token}?lang={language}")


def terms(language: str) -> str:
    """Return the page that states what happens to money that a project cannot use."""
    return links.absolute("pages.legal", page="terms", lang=language)


def unsubscribe(token: str, language: str) -> str:
    """Return the page that ends letters of a topic."""
    return links.absolute("letters.unsubscribe", token=token, lang=language)


def projects() -> str:
    """Return the list of projects."""
    return links.absolute("projects.index")


def stop(token: str, language: str) -> str:
    """Return where a pledge's donor stops its monthly gift, however old the letter is."""
    key = stop_key(token)
    return links.absolute("pledges.confirm_stop", token=token, key=key, lang=language)


def mend(token: str, language: str) -> str:
    """Return where a pledge's donor pays what could not be charged."""
    key = stop_key(token)
    return links.absolute("pledges.go_mend", token=token, key=key, lang=language)
