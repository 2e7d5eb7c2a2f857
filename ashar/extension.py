"""The plugin: `Ashar(app)` gives a Flask app projects, pledges and the book."""

import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

from flask import Flask

from ashar import checks, cli, mail, web
from ashar.gateways.base import Gateway
from ashar.kernel import clock, config, jobs, limits, media
from ashar.kernel.clock import Clock
from ashar.kernel.db import Database
from ashar.kernel.errors import ConfigError
from ashar.pages import operations
from ashar.people.access import Identity

Who = Callable[[], Identity | None]
EXEMPT = "_exempt_views"


class Ashar:
    """The extension. Keeps no app: what belongs to an app lies in `app.extensions["ashar"]`.

    Replaceable parts: `who` tells who is signed in, by the host's word; `gateways` are further
    ways of paying (objects of the Gateway protocol), beside those that the settings switch on and
    those that packages offer under the entry point `ashar.gateways`; `mailer` sends letters;
    `clock` tells the time. Settings are the `ASHAR_*` names in `app.config`, listed with their
    defaults in `ashar.kernel.config.SETTINGS` and docs/plugin.md.
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(
        self,
        app: Flask,
        *,
        url_prefix: str | None = None,
        name: str | None = None,
        who: Who | None = None,
        gateways: Sequence[Gateway] | None = None,
        mailer: Any = None,
        clock: Clock | None = None,
    ) -> None:
        """Mount on an app; a second call with another `name` mounts once more.

        Raises ConfigError for settings that are missing, wrong or unsafe.
        """
        given = {"who": who, "gateways": gateways, "mailer": mailer, "clock": clock}
        options = self._options | {key: value for key, value in given.items() if value is not None}
        name = name or options.get("name") or "ashar"
        prefix = url_prefix if url_prefix is not None else options.get("url_prefix")
        if "ashar" not in app.extensions:
            app.extensions["ashar"] = State(app, options)
        state: State = app.extensions["ashar"]
        if name in state.mounts:
            raise ConfigError(f"Ashar is mounted as {name!r} already; give this one a name=.")
        state.mounts.append(name)
        web.mount(app, name, prefix)

    @staticmethod
    def exempt(csrf: Any) -> None:
        """Exempt the webhook from a host's CSRFProtect that starts after us."""
        csrf.exempt("ashar.pledges.webhooks.receive")


class State:
    """What Ashar keeps for one app."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        config.set_defaults(app.config)
        config.refuse_unsafe(app.config)
        self.mounts: list[str] = []
        self.clock: Clock = options.get("clock") or clock.system_clock
        self.who: Who = options.get("who") or _nobody
        self.mailer = options.get("mailer") or mail.make_mailer(app)
        self.folder = Path(app.config["ASHAR_INSTANCE_PATH"] or app.instance_path)
        self.database = Database(app)
        self.database.connect(app)
        self.media = media.FolderStore(Path(app.config["ASHAR_MEDIA"] or self.folder / "media"))
        self.gateways = _gateways(app, options.get("gateways") or ())
        self._app = app
        self._queue: jobs.Queue | None = None
        self._limits: Any = None
        web.set_up_templates(app)
        mail.listen(app)
        app.cli.add_command(cli.group)
        app.before_request(self._refuse_when_not_exempt)
        self._checked_csrf = False

    @property
    def queue(self) -> jobs.Queue:
        """Return the app's queue, made on first use: after forking, never before."""
        if self._queue is None:
            where = self._app.config["ASHAR_JOBS"]
            url = self.database.engine.url.render_as_string(hide_password=False)
            self._queue = jobs.Queue(self._app, where, self.folder, url)
        return self._queue

    @property
    def limits(self) -> Any:
        """Return the storage of the limits' counters, made on first use."""
        if self._limits is None:
            where = self._app.config["ASHAR_RATELIMIT_STORAGE"]
            self._limits = limits.make_storage(where, self.database.engine, self.folder)
        return self._limits

    def ready(self) -> dict[str, str]:
        """Return what is wrong with each part that has to be ready; empty words are good."""
        found = {"database": operations.database_answers()}
        found["migrations"] = "" if found["database"] else checks.migrations_missing()
        found["jobs"] = "" if found["database"] else jobs.trouble()
        return found

    def _refuse_when_not_exempt(self) -> None:
        """Fail loudly, on the first request, while a host's CSRFProtect would refuse webhooks."""
        if self._checked_csrf:
            return
        self._checked_csrf = True
        csrf = self._app.extensions.get("csrf")
        exempt = getattr(csrf, EXEMPT, set())
        if csrf is not None and "ashar.pledges.webhooks.receive" not in exempt:
            if self._app.config.get("WTF_CSRF_CHECK_DEFAULT", True):
                raise ConfigError(
                    "The host's CSRFProtect would refuse Stripe's webhook: call "
                    "Ashar.exempt(csrf) once both are set up."
                )


def _nobody() -> Identity | None:
    return None


def _gateways(app: Flask, given: Sequence[Gateway]) -> dict[str, Gateway]:
    """Gather the gateways: by settings, by entry points, by hand; a later one of a name wins."""
    found: list[Gateway] = []
    if app.config["ASHAR_STRIPE_SECRET_KEY"]:
        found.append(_stripe(app))
    for point in entry_points(group="ashar.gateways"):
        found.append(cast(Gateway, point.load()(app)))
    found.extend(given)
    for gateway in found:
        if not isinstance(gateway, Gateway):
            raise ConfigError(f"{gateway!r} lacks a part of ashar.Gateway")
    return {gateway.name: gateway for gateway in found}


def _stripe(app: Flask) -> Gateway:
    """Load the one file that imports Stripe's SDK, only where Stripe is used."""
    module = importlib.import_module("ashar.gateways.stripe")
    settings = app.config
    made: Gateway = module.StripeGateway(
        settings["ASHAR_STRIPE_SECRET_KEY"],
        tuple(settings["ASHAR_STRIPE_WEBHOOK_SECRET"]),
        settings["ASHAR_SITE_ID"],
        settings["ASHAR_STRIPE_API_BASE"],
        settings["ASHAR_STRIPE_TIMEOUT"],
    )
    return made
