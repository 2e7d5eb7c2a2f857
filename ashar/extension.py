"""The plugin: `Ashar(app)` gives a Flask app projects, pledges and the book."""

import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, appcontext_pushed, g, request
from sqlalchemy import text
from werkzeug.exceptions import MethodNotAllowed, NotFound

from ashar import commands, occasions, routes, web
from ashar.kernel import clock, config, jobs, limits, mailers, remembered, stores, tables
from ashar.kernel.captcha import Captcha
from ashar.kernel.clock import Clock
from ashar.kernel.db import Database, session
from ashar.kernel.errors import ConfigError
from ashar.people.access import Identity

if TYPE_CHECKING:
    from ashar.gateways.base import Gateway

Who = Callable[[], Identity | None]
WEBHOOK = "ashar.pledges.webhooks.receive"
OPTIONS = frozenset({"url_prefix", "name", "who", "gateways", "mailer", "clock", "captcha"})


class Ashar:
    """The extension. Keeps no app: what belongs to an app lies in `app.extensions["ashar"]`.

    Replaceable parts: `who` tells who is signed in, by the host's word; `gateways` are further
    ways of paying (objects of the Gateway protocol), beside those that the settings switch on and
    those that packages offer under the entry point `ashar.gateways`; `mailer` sends letters;
    `clock` tells the time; `captcha` asks donors to show that they are people while stolen
    cards are tried here. Settings are the `ASHAR_*` names in `app.config`, listed with their
    defaults in `ashar.kernel.config.SETTINGS` and docs/plugin.md.
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        if unknown := options.keys() - OPTIONS:
            raise TypeError(f"Ashar takes no {', '.join(sorted(unknown))}")
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
        gateways: "Sequence[Gateway] | None" = None,
        mailer: Any = None,
        clock: Clock | None = None,
        captcha: "Captcha | None" = None,
    ) -> None:
        """Mount on an app; a second call with another `name` mounts once more.

        Raises ConfigError for settings that are missing, wrong or unsafe.
        """
        given = {"who": who, "gateways": gateways, "mailer": mailer, "clock": clock}
        given["captcha"] = captcha
        options = self._options | {key: value for key, value in given.items() if value is not None}
        name = name or options.get("name") or "ashar"
        prefix = url_prefix if url_prefix is not None else options.get("url_prefix")
        if "ashar" not in app.extensions:
            app.extensions["ashar"] = State(app, options)
        state: State = app.extensions["ashar"]
        if name in state.mounts:
            raise ConfigError(f"Ashar is mounted as {name!r} already; give this one a name=.")
        state.mounts.append(name)
        state.prefixes[name] = (prefix or "").rstrip("/")
        web.mount(app, name, prefix)
        state.settle_in()

    @staticmethod
    def exempt(csrf: Any) -> None:
        """Exempt our pages from a host's CSRFProtect that starts after us.

        Webhooks are signed, and each of our forms proves itself where it is read.
        """
        for feature in web.FEATURES:
            csrf.exempt(feature)

    @staticmethod
    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        """Tell a host's Alembic which names to look at: none of ours.

        For `context.configure(include_name=…)` of a host that shares its database with us. Hosts
        with Flask-Migrate have it already.
        """
        return tables.theirs(name, kind, parents)


class State:
    """What Ashar keeps for one app."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        config.set_defaults(app.config)
        # A host may write them as the environment would: texts, lists by comma.
        texts = {name: value for name, value in app.config.items() if isinstance(value, str)}
        app.config.update(config.from_environment(texts))
        config.refuse_unsafe(app.config)
        self.mounts: list[str] = []
        self.prefixes: dict[str, str] = {}
        self.clock: Clock = options.get("clock") or clock.system_clock
        self.who: Who = options.get("who") or _nobody
        self.captcha: Captcha | None = options.get("captcha")
        self.mailer = options.get("mailer") or mailers.make_mailer(app)
        self.folder = Path(app.config["ASHAR_INSTANCE_PATH"] or app.instance_path)
        self.database = Database(app)
        self.database.connect(app)
        self.media = stores.FolderStore(Path(app.config["ASHAR_MEDIA"] or self.folder / "media"))
        self.gateways = _gateways(app, options.get("gateways") or ())
        self._app = app
        self._queue: jobs.Queue | None = None
        self._limits: Any = None
        size = app.config["ASHAR_REMEMBERED_PAGES"]
        self.pages = remembered.Pages(size) if size and not app.debug else None
        web.set_up_templates(app)
        occasions.listen(app)
        app.cli.add_command(commands.group)
        self._settled = False
        app.before_request(self._before_request)
        appcontext_pushed.connect(tables.spare_ours, sender=app)

    @property
    def queue(self) -> jobs.Queue:
        """Return the app's queue, made on first use: after forking, never before."""
        if self._queue is None:
            # The jobs, which register themselves as they are loaded.
            from ashar import features  # noqa: F401

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
        # Alembic alone would be a sixth of a host's start.
        from ashar.kernel import migrate

        found = {"database": _database_answers()}
        found["migrations"] = "" if found["database"] else migrate.missing(self.database.engine)
        found["jobs"] = "" if found["database"] else jobs.trouble()
        return found

    def settle_in(self) -> None:
        """Have what the host runs for all its pages let ours through, as far as it started."""
        if (csrf := self._app.extensions.get("csrf")) is not None:
            Ashar.exempt(csrf)
        self._free_from_limits()

    def _free_from_limits(self) -> None:
        for limiter in self._app.extensions.get("limiter", ()):
            _free(limiter, [self._app.blueprints[name] for name in self.mounts])

    def _before_request(self) -> Any:
        """Look once at what the host started after us; answer wrong addresses beneath ours."""
        if not self._settled:
            self._refuse_when_not_exempt()
            self._free_from_limits()
            self._settled = True
        if isinstance(request.routing_exception, NotFound | MethodNotAllowed):
            return self._wrong_address(request.routing_exception)
        return None

    def _wrong_address(self, error: NotFound | MethodNotAllowed) -> Any:
        """Show our own page for a wrong address beneath a mount of ours: no blueprint has it."""
        for name, prefix in self.prefixes.items():
            beneath = (request.path + "/").startswith(prefix + "/")
            if beneath and (prefix or not self._host_answers(error.code)):
                g.ashar_mount = name
                return web.finish(self._app.make_response(web.show_error(error)))
        return None

    def _host_answers(self, code: int) -> bool:
        """Tell whether the host has a page of its own for an error."""
        handlers = self._app.error_handler_spec[None]
        return bool(handlers.get(code) or handlers.get(None))

    def _refuse_when_not_exempt(self) -> None:
        """Fail loudly, on every request, while a host's CSRFProtect would refuse webhooks."""
        csrf, settings = self._app.extensions.get("csrf"), self._app.config
        if csrf is None or not settings.get("WTF_CSRF_ENABLED", True):
            return
        views: Any = getattr(csrf, "_exempt_views", {WEBHOOK})
        blueprints: Any = getattr(csrf, "_exempt_blueprints", ())
        if WEBHOOK in views or routes.WEBHOOKS in blueprints:
            return
        if settings.get("WTF_CSRF_CHECK_DEFAULT", True):
            raise ConfigError(
                "The host's CSRFProtect would refuse Stripe's webhook: call "
                "Ashar.exempt(csrf) once both are set up."
            )


def _free(limiter: Any, mounts: Sequence[Any]) -> None:
    """Exempt our pages from the default limits of a host's Flask-Limiter; they have their own."""
    scope = importlib.import_module("flask_limiter").ExemptionScope
    all_of_it = scope.APPLICATION | scope.DEFAULT | scope.META | scope.DESCENDENTS
    for mount in mounts:
        limiter.exempt(mount, flags=all_of_it)


def _database_answers() -> str:
    """Return what is wrong with the database, or nothing."""
    try:
        session.execute(text("SELECT 1"))
    except Exception as error:
        return type(error).__name__
    return ""


def _nobody() -> Identity | None:
    return None


def _gateways(app: Flask, given: "Sequence[Gateway]") -> "dict[str, Gateway]":
    """Gather the gateways: by settings, by entry points, by hand; a later one of a name wins."""
    found = [_stripe(app)] if app.config["ASHAR_STRIPE_SECRET_KEY"] else []
    found += [_bank(app), *_by_hand(app)]
    found += [point.load()(app) for point in entry_points(group="ashar.gateways")]
    found += given
    return {gateway.name: gateway for gateway in map(_checked, found)}


def _checked(gateway: Any) -> "Gateway":
    # A host that takes no gifts yet has no use for what gateways say.
    from ashar.gateways.base import Gateway

    if not isinstance(gateway, Gateway):
        raise ConfigError(f"{gateway!r} lacks a part of ashar.Gateway")
    return gateway


def _bank(app: Flask) -> "Gateway":
    """Make what tells donors how to transfer; it offers nothing before an account is entered."""
    from ashar.gateways.bank import BankGateway

    return BankGateway(app.config["ASHAR_TRANSFER_DAYS"])


def _by_hand(app: Flask) -> "list[Gateway]":
    """Make what takes cash and remittances; without collectors or a partner it offers nothing."""
    from ashar.gateways.cash import CashGateway, PartnerGateway

    days: int = app.config["ASHAR_TRANSFER_DAYS"]
    return [CashGateway(days), PartnerGateway(days)]


def _stripe(app: Flask) -> "Gateway":
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
