"""For operators: is the process alive, is it ready, what does it measure."""

import hmac
import time
from typing import Any

from flask import Response, abort, current_app, jsonify, request
from sqlalchemy import func, select

from ashar.kernel import clock
from ashar.kernel.db import session
from ashar.kernel.outbox import Outbox
from ashar.pledges.models import Inbox, Payment, Pledge

STARTED = time.time()


def healthz() -> Any:
    """Tell that the process answers; asks nothing of anybody."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


def readyz() -> Any:
    """Tell whether database, migrations and jobs are as they should be."""
    checks = current_app.extensions["ashar"].ready()
    answer = jsonify({name: "ok" if not trouble else trouble for name, trouble in checks.items()})
    answer.status_code = 503 if any(checks.values()) else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


def metrics() -> Any:
    """Print figures in Prometheus' text form, to who has the token."""
    token = current_app.config["ASHAR_METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), str(token).encode()):
        abort(401 if token else 404)
    lines = [f"ashar_uptime_seconds {int(time.time() - STARTED)}"]
    for model, name in ((Inbox, "inbox"), (Pledge, "pledges"), (Payment, "payments")):
        rows = session.execute(select(model.state, func.count()).group_by(model.state))
        lines += [f'ashar_{name}{{state="{state}"}} {count}' for state, count in rows]
    waiting = session.execute(
        select(func.count(), func.min(Outbox.made_at)).where(Outbox.done_at.is_(None))
    ).one()
    age = int((clock.now() - waiting[1]).total_seconds()) if waiting[1] else 0
    lines += [f"ashar_outbox_waiting {waiting[0]}", f"ashar_outbox_oldest_seconds {age}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")
