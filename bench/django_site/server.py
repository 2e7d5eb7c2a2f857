"""A Django site with dj-stripe, run by its own virtual environment; `bench/djstripe.py` drives it.

Usage: python server.py URL SECRET; then one JSON object a line, each answered by one.
"""

import gc
import io
import json
import sys
import time
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
import stripe
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

ENDPOINT = uuid.UUID(int=1)
ACCOUNT = {
    "id": "acct_bench",
    "object": "account",
    "type": "standard",
    "charges_enabled": True,
    "payouts_enabled": True,
    "details_submitted": True,
    "metadata": {},
    "settings": {"dashboard": {"display_name": "Bench"}, "branding": {}},
}
METHOD = {
    "id": "pm_bench",
    "object": "payment_method",
    "type": "card",
    "card": {"brand": "visa", "last4": "4242"},
    "billing_details": {},
    "created": 1_767_225_600,
    "customer": None,
    "livemode": False,
    "metadata": {},
}


class Stripe(stripe.HTTPClient):
    """Answers at once, in memory, for what the events are about."""

    name = "bench"
    known: dict[str, str] = {"account": json.dumps(ACCOUNT), "pm_bench": json.dumps(METHOD)}

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        """Return (body, status, headers)."""
        return self.known[urlsplit(url).path.rsplit("/", 1)[-1]], 200, {}

    def close(self) -> None:
        """Have nothing to close."""


def set_up(url: str, secret: str) -> WSGIHandler:
    """Make the site, its tables and its endpoint, as dj-stripe's guide says."""
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        DEBUG_PROPAGATE_EXCEPTIONS=True,
        ROOT_URLCONF="urls",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
        DATABASES={"default": database(url)},
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        STRIPE_TEST_SECRET_KEY="sk_test_" + "bench" * 6,
        STRIPE_LIVE_MODE=False,
        DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    )
    django.setup()
    call_command("migrate", verbosity=0)
    stripe.default_http_client = Stripe()
    add_endpoint(secret)
    return WSGIHandler()


def database(url: str) -> dict[str, Any]:
    """Return Django's settings of a database, its connection kept open."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname or parse_qs(parts.query).get("host", [""])[0],
        "PORT": parts.port or "",
        "CONN_MAX_AGE": None,
    }


def add_endpoint(secret: str) -> None:
    """Make the webhook's endpoint."""
    from djstripe.models import WebhookEndpoint  # noqa: PLC0415 - after django.setup()

    WebhookEndpoint.objects.create(
        id="we_bench",
        djstripe_uuid=ENDPOINT,
        secret=secret,
        enabled_events=["*"],
        status="enabled",
        url="https://example.org/",
        livemode=False,
    )


def environs(path: str) -> list[dict[str, Any]]:
    """Read events, and let the Stripe in memory know what they are about."""
    with open(path, encoding="utf-8") as file:
        listed = json.load(file)
    for one in listed:
        intent = json.loads(one["body"])["data"]["object"]
        Stripe.known[intent["id"]] = json.dumps(intent)
    return [environ(one["body"].encode(), one["signature"]) for one in listed]


def environ(body: bytes, signature: str) -> dict[str, Any]:
    """Return the WSGI environment of one event."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/stripe/webhook/{ENDPOINT}/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.1",
        "CONTENT_TYPE": "application/json; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_STRIPE_SIGNATURE": signature,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }


def handle(app: WSGIHandler, made: list[dict[str, Any]]) -> dict[str, float]:
    """Send the events; return seconds of CPU and by the clock."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    for one in made:
        answer = app(one, lambda status, headers, error=None: None)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code}: {answer.content[:300]!r}")
        answer.close()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def main() -> None:
    """Answer the driver until it has nothing more to say."""
    app = set_up(*sys.argv[1:])
    for line in sys.stdin:
        what = json.loads(line)
        done = handle(app, environs(what["path"])) if what["do"] == "handle" else {}
        print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main()
