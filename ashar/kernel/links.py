"""Addresses of our own pages, wherever the plugin is mounted."""

import hashlib
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import current_app, g, has_request_context, request, url_for

from ashar.kernel import i18n, paths

ROOT = "ashar"
#: How long what is behind an address that changes with its content may be kept.
FOREVER = "public, max-age=31536000, immutable"


def mount() -> str:
    """Return the name of the mount that the current request came through, else the first."""
    if not has_request_context():
        return _mounts()[0]
    # Asked for each address that a page shows.
    found: str | None = g.get("ashar_mount")
    if found is None:
        name = request.blueprints[-1] if request.blueprints else None
        found = g.ashar_mount = str(name) if name in _mounts() else _mounts()[0]
    return found


def _mounts() -> list[str]:
    found: list[str] = current_app.extensions["ashar"].mounts
    return found


def url(endpoint: str, **values: Any) -> str:
    """Return the path of one of our pages; a language that was asked for goes along."""
    if (asked := i18n.chosen()) and "lang" not in values:
        values["lang"] = asked
    return url_for(f"{mount()}.{endpoint}", **values)


def exists(endpoint: str) -> bool:
    """Tell whether we have such a page."""
    return f"{mount()}.{endpoint}" in current_app.view_functions


def absolute(endpoint: str, **values: Any) -> str:
    """Return the full address of one of our pages, for letters and for the way back to us."""
    base = urlsplit(current_app.config["ASHAR_BASE_URL"])
    adapter = current_app.url_map.bind(
        base.netloc, script_name=base.path or "/", url_scheme=base.scheme
    )
    return adapter.build(f"{mount()}.{endpoint}", values, force_external=True)


def in_language(code: str) -> str:
    """Return the address of the current page in another language."""
    args = {key: value for key, value in request.args.items() if key != "lang"}
    path = request.script_root + request.path
    return path + "?" + urlencode({**args, "lang": code})


def static(name: str) -> str:
    """Return the address of one of our static files; it changes with the file."""
    return _static_base() + name + "?v=" + _version(name)


def _static_base() -> str:
    """Return where our static files are; a page asks a dozen times."""
    found: str | None = g.get("ashar_static_base")
    if found is None:
        found = g.ashar_static_base = url_for(f"{mount()}.static", filename="")
    return found


@lru_cache
def _version(name: str) -> str:
    return hashlib.sha256((paths.STATIC / name).read_bytes()).hexdigest()[:12]
