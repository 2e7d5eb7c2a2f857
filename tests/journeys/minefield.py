"""A site whose people write nothing but hostile texts, and every page that shows them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from flask import Flask, request

from ashar.mail import sending
from ashar.people.access import Identity
from ashar.site import create_app
from tests.conftest import WEBHOOK_SECRET, Clock, _dispose
from tests.factories import (
    make_person,
    make_rates,
)
from tests.journeys.sower import Plot, Sower
from tests.journeys.stage import closing
from tests.live import listening
from tests.mailbox import Mailbox

STEPS = ("story", "place", "goal", "budget", "needs", "milestones", "people", "pictures")


@dataclass
class Minefield:
    """A listening site, its letters and what each text was put into."""

    site: Flask
    url: str
    mailbox: Mailbox
    plots: list[Plot]
    names: dict[str, str]


@contextmanager
def open_minefield(folder: Path, template: Path, texts: Sequence[str]) -> Iterator[Minefield]:
    """Open a site in which each of some texts stands wherever people may write."""
    database = folder / "ashar.sqlite3"
    database.write_bytes(template.read_bytes())
    mailbox, moved = Mailbox(), Clock()
    given = {
        "ASHAR_DATABASE_URL": f"sqlite:///{database}",
        "ASHAR_INSTANCE_PATH": str(folder),
        "ASHAR_JOBS": "off",
        "ASHAR_RATELIMIT_ENABLED": False,
        "ASHAR_RATELIMIT_STORAGE": "memory",
        "ASHAR_STRIPE_SECRET_KEY": "sk_test_sandbox",
        "ASHAR_STRIPE_WEBHOOK_SECRET": (WEBHOOK_SECRET,),
        "ASHAR_STRIPE_API_BASE": "http://127.0.0.1:9",
    }
    site = create_app(given, environ={}, mailer=mailbox, clock=moved)
    names: dict[str, str] = {}
    sign_in_by_header(site, names)
    with site.app_context():
        make_rates()
        staff = {
            "naryn": make_person("naryn", "moderator", region="KG-N"),
            "osh": make_person("osh", "moderator", region="KG-O"),
            "admin": make_person("admin", "administrator"),
        }
        plots = [Sower(number, text, staff, names).sow() for number, text in enumerate(texts)]
        # What a moderator gets is gathered, and comes later.
        moved.forward(hours=1)
        sending.sweep()
    with listening(closing(site)) as url:
        site.config["ASHAR_BASE_URL"] = url
        yield Minefield(site, url, mailbox, plots, names)
    _dispose(site)


def sign_in_by_header(site: Flask, names: dict[str, str]) -> None:
    """Let a request's header say who is signed in, by the name that the factories know."""
    before = site.extensions["ashar"].who

    def who() -> Identity | None:
        name = request.headers.get("X-Who")
        if not name:
            found: Identity | None = before()
            return found
        shown = names.get(name, name.title())
        return Identity(f"test-{name}", f"{name}@example.org", shown, None, strong=True)

    site.extensions["ashar"].who = who


class Look(NamedTuple):
    """A page to open, by whom, and how often the text stands on it at least."""

    who: str
    path: str
    times: int = 1
    accepts: str = "en"


def looks(plot: Plot) -> Iterator[Look]:
    """Yield every page that one text stands on, and how often."""
    yield from public(plot)
    yield from leading(plot)
    yield from reviewing(plot)
    yield from administering(plot)


def public(plot: Plot) -> Iterator[Look]:
    slug, named = plot.slugs["public"], plot.tokens
    home, asked = f"/projects/{slug}", quote(plot.text)
    yield Look("", f"{home}?lang=en", 20)
    yield Look("", f"{home}?lang=ky", 20)
    yield Look("", f"{home}/updates", 4)
    yield Look("", f"{home}/updates/{named['update']}", 4)
    yield Look("", f"{home}/comment")
    yield Look(f"aida{plot.number}", f"{home}/comment", 2)
    yield Look("", f"{home}/pledge", 2, f"en-{plot.country}")
    yield Look("", f"{home}/pledge?amount={asked}&currency={asked}")
    yield Look("", f"/pledges/{named['pledge']}")
    yield Look("", f"/pledges/{named['pledge']}/comment", 2)
    yield Look("", f"/pledges/{named['pledge']}/comment?answer={named['comment']}", 2)
    yield Look("", f"/report?project={slug}")
    yield Look("", f"/report?project={slug}&update={named['update']}")
    yield Look("", f"/report?project={slug}&comment={named['comment']}")
    yield Look("", f"/report/{named['report']}")
    yield Look("", f"/report/{named['reported']}", 0)
    yield Look("", f"/projects?theme={plot.theme}", 3)
    # What was asked for stands in its field again, folded or cut.
    yield Look("", f"/projects?q={asked}&sdg={asked}&region={asked}&page={asked}")
    yield Look("", f"/projects/{plot.slugs['working']}", 10)
    yield Look("", f"/projects/{plot.slugs['cancelled']}", 0)
    yield Look("", f"/nowhere/{asked}?lang={asked}", 0)


def leading(plot: Plot) -> Iterator[Look]:
    leader, helper = f"leader{plot.number}", f"helper{plot.number}"
    desk = f"/lead/projects/{plot.slugs['public']}"
    yield Look(leader, "/lead", 5)
    yield Look(leader, "/me", 1)
    yield Look(leader, desk, 4)
    for step in STEPS:
        yield Look(leader, f"{desk}/{step}", 1)
    for more in ("words/en", "words/ru", "preview", "preview?lang=ky", "versions", "helpers"):
        yield Look(leader, f"{desk}/{more}", 2)
    for more in ("submit", "versions/1", "versions/2", "versions/3", "extend", "turn/close"):
        yield Look(leader, f"{desk}/{more}", 1)
    yield Look(leader, f"{desk}/updates", 3)
    for name in ("update", "unfinished", "hidden", "by-helper"):
        yield Look(leader, f"{desk}/updates/{plot.tokens[name]}", 2)
    yield Look(leader, f"{desk}/updates/{plot.tokens['unfinished']}/publish", 2)
    for name in ("rejected", "held", "cancelled", "working"):
        yield Look(leader, f"/lead/projects/{plot.slugs[name]}", 2)
    yield Look(helper, "/lead", 1)
    yield Look(helper, desk, 2)
    yield Look(helper, f"{desk}/words/ru", 2)
    yield Look(helper, f"{desk}/updates/{plot.tokens['by-helper']}", 2)
    if plot.number % 2:
        # Twice in the page's name, once on the way back; fields drop what no eye sees.
        yield Look(leader, f"/lead/projects/{plot.slugs['working']}/complete", 3)
    yield Look("aida0", f"/lead/help/{plot.tokens['invitation']}")
    yield Look(helper, "/lead/apply", 0)


def reviewing(plot: Plot) -> Iterator[Look]:
    for kind, token in plot.cases:
        yield Look("osh" if kind == "hold" else "naryn", f"/moderation/{token}", 2)
        if kind in {"project", "change", "slight"}:
            yield Look("naryn", f"/moderation/{token}?beside=en", 2)
            yield Look(f"leader{plot.number}", f"/lead/projects/{plot.slugs['public']}", 2)
    for name, slug in plot.slugs.items():
        if name != "rejected":
            yield Look("naryn", f"/moderation/projects/{slug}", 2)
    yield Look("naryn", f"/moderation/hold/{plot.slugs['public']}")
    yield Look("admin", f"/moderation/cancel/{plot.slugs['public']}")
    yield Look("naryn", f"/moderation?region={quote(plot.text)}&kind={quote(plot.text)}", 0)


def administering(plot: Plot) -> Iterator[Look]:
    yield Look("admin", f"/admin/people/{plot.tokens['leader']}", 2)
    yield Look("admin", f"/admin/people/{plot.tokens['aida']}", 2)
    yield Look("admin", f"/admin/people?q={quote(plot.text)}")
    yield Look("admin", f"/admin/applications/{plot.tokens['waiting']}", 6)
    yield Look("admin", f"/admin/applications/{plot.tokens['declined']}", 6)
    yield Look("admin", f"/admin/lists/theme/{plot.theme}", 4)
    yield Look("admin", f"/admin/lists/corridor/{plot.country}", 4)


#: Pages that hold many texts at once.
TOGETHER = (
    Look("", "/"),
    Look("", "/projects"),
    Look("", "/projects?page=2"),
    *(Look("naryn", f"/moderation?show={tab}") for tab in ("open", "mine", "closed")),
    Look("osh", "/moderation"),
    Look("naryn", "/moderation?kind=comment"),
    Look("admin", "/admin"),
    Look("admin", "/admin/people"),
    *(Look("admin", f"/admin/applications?state={state}") for state in ("open", "refused")),
    Look("admin", "/admin/lists/theme"),
    Look("admin", "/admin/lists/corridor"),
)


def endings(mailbox: Mailbox) -> Iterator[Look]:
    """Yield the pages that end letters, one for each reader."""
    found = {
        letter.recipient: urlsplit(letter.headers["List-Unsubscribe"].strip("<>"))
        for letter in mailbox.letters
        if "List-Unsubscribe" in letter.headers
    }
    for link in found.values():
        yield Look("", link.path, 0)
