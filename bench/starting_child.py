"""One start, measured in its own process.

Usage: python starting_child.py KIND URL FOLDER, with the parts to import on standard input.
"""

import json
import sys
import time
from typing import Any

PARTS = json.load(sys.stdin)
KIND, URL, FOLDER = sys.argv[1:]
PAGES = 50
CPU, WALL = time.process_time(), time.perf_counter()


def plugin() -> Any:
    """Mount the plugin on a host's app, without Stripe."""
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    from ashar import Ashar

    app = Flask("host", instance_path=FOLDER)
    app.config.from_mapping(
        SECRET_KEY="bench", SQLALCHEMY_DATABASE_URI="sqlite://", ASHAR_SQLITE_PRAGMAS=True
    )
    SQLAlchemy(app)
    Ashar(app)
    return app


def site() -> Any:
    """Make the stand-alone site."""
    from ashar import create_app

    settings = {
        "ASHAR_DATABASE_URL": URL,
        "ASHAR_INSTANCE_PATH": FOLDER,
        "ASHAR_STRIPE_SECRET_KEY": "sk_test_bench",
    }
    return create_app(settings, environ={})


def parts() -> Any:
    """Import third-party parts, and make a bare app with a database."""
    import importlib

    for name in PARTS:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    app = Flask("bare")
    app.config.from_mapping(SECRET_KEY="bench", SQLALCHEMY_DATABASE_URI="sqlite://")
    SQLAlchemy(app)
    return app


def bare_worker() -> Any:
    """Import third-party parts, and make the bare twin."""
    parts()
    from bench import bare

    return bare.make(URL)


def third_party() -> list[str]:
    """Name the modules that are neither Python's nor ours, in the order of their import."""
    return [
        name
        for name, module in list(sys.modules.items())
        if "site-packages" in (getattr(module, "__file__", None) or "")
        and name.partition(".")[0] not in {"ashar", "bench", "stripe_sandbox"}
    ]


def serve(app: Any) -> None:
    """Serve some pages."""
    from werkzeug.test import Client

    client = Client(app)
    for number in range(PAGES):
        address = {"REMOTE_ADDR": f"10.0.0.{number}"}
        if client.get("/projects", environ_base=address).status_code != 200:
            raise RuntimeError("no page came")


def main() -> None:
    """Start, and print what it cost."""
    makers = {"plugin": plugin, "site": site, "worker": site, "parts": parts}
    app = (makers | {"bare worker": bare_worker})[KIND]()
    found: dict[str, Any] = {"cpu": time.process_time() - CPU, "wall": time.perf_counter() - WALL}
    found["parts"] = third_party()
    if "worker" in KIND:
        serve(app)
        with open("/proc/self/statm") as file:
            found["rss"] = int(file.read().split()[1]) * 4096 / 2**20
    print(json.dumps(found))


if __name__ == "__main__":
    sys.path.insert(0, __file__.rsplit("/", 2)[0])
    main()
