"""Somebody at a browser, whose console and requests are watched."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request

#: A small phone, held upright.
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESK = {"viewport": {"width": 1280, "height": 800}}


@dataclass
class Visitor:
    """A page, what went wrong on it and which servers it asked."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> "Visitor":
        """Open a page and begin to watch."""
        found = cls(context.new_page())
        found.page.set_default_timeout(15_000)
        found.page.on("console", lambda said: found._console(said.type, said.text))
        found.page.on("pageerror", lambda error: found.complaints.append(f"script: {error}"))
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("requestfailed", lambda request: found._failed(request))
        return found

    def _console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind}: {text}")

    def _failed(self, request: Request) -> None:
        # What a page no longer needs because the visitor has gone on is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def go(self, url: str) -> None:
        """Open an address; it must answer well."""
        answer = self.page.goto(url)
        assert answer is not None and answer.ok, f"{url}: {answer and answer.status}"

    def hosts(self) -> set[str]:
        """Return the servers that were asked for anything."""
        return {urlsplit(url).netloc for url in self.requests if not url.startswith("data:")}

    def met_only(self, *urls: str) -> None:
        """Check that nobody else was asked and that the browser had nothing to complain of."""
        assert self.hosts() <= {urlsplit(url).netloc for url in urls}
        assert self.complaints == []
