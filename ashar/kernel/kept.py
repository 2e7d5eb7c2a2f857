"""What somebody typed when their sign-in had ended: kept for a day, put back into the form.

A POST by nobody is answered with the way to the sign-in, whose `next` is the form's page with
`?kept=…`. There every `kernel.forms.Form` whose fields these are fills itself with them. Forms of
one kind on one page need a prefix each, to be told apart.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import current_app, g, has_request_context, request
from sqlalchemy import JSON, delete
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.routing import RequestRedirect

from ashar.kernel import clock, db, ids, jobs, limits
from ashar.kernel.db import Base, session
from ashar.kernel.i18n import N_

LIFE = timedelta(hours=24)
LARGEST = 200_000
NAME = "kept"
#: Fields that are kept nowhere, by a part of their name.
SECRET = ("password", "secret", "csrf_token")


class Kept(Base):
    """The fields of one form; `owner` is the identity that alone may have them back."""

    __tablename__ = "ashar_kept"

    token: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    path: Mapped[str]
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(index=True)


class TooLong(Unauthorized):
    """Somebody has to sign in, and typed more than is kept."""

    headline = N_("Please sign in")
    explanation = N_(
        "What you typed is too long to be kept here. It is still in your browser: please sign in "
        "in another tab, come back to this one and send it again."
    )


def keep(owner: str | None) -> str:
    """Keep what the current POST holds; return where its form stands, with the way to it.

    The address is relative to the script's root. Raises TooLong, and TooMany.
    """
    path, query = _page()
    pairs = [[name, text] for name, text in request.form.items(multi=True) if _is_open(name)]
    query = [pair for pair in query if pair[0] != NAME]
    if pairs:
        if sum(len(name.encode()) + len(text.encode()) for name, text in pairs) > LARGEST:
            raise TooLong
        limits.hit("kept", limits.address())
        query.append((NAME, _write(owner, path, pairs)))
    return path + ("?" + urlencode(query) if query else "")


def _is_open(name: str) -> bool:
    return not any(part in name.casefold() for part in SECRET)


def _write(owner: str | None, path: str, pairs: list[list[str]]) -> str:
    token = ids.token()
    with db.transaction() as writing:
        writing.add(Kept(token=token, owner=owner, path=path, fields=pairs, made_at=clock.now()))
    return token


def _page() -> tuple[str, list[tuple[str, str]]]:
    """Return path and query of the page that the form stands on: here, or where it came from."""
    for path, query in _candidates():
        if _is_page(path):
            return path, parse_qsl(query)
    return "/", []


def _candidates() -> Iterable[tuple[str, str]]:
    yield request.path, request.query_string.decode("utf-8", "replace")
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path.startswith(request.script_root):
        yield came.path.removeprefix(request.script_root), came.query
    above = request.path
    while "/" in above.strip("/"):
        above = above.rpartition("/")[0]
        yield above, ""


def _is_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return False
    try:
        adapter.match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def take() -> MultiDict[str, str] | None:
    """Return what was typed before the sign-in, on a GET of its form's page by whose it is."""
    if not has_request_context() or request.method != "GET" or NAME not in request.args:
        return None
    token = request.args[NAME]
    if g.get("ashar_kept", (None,))[0] != token:
        g.ashar_kept = (token, _read(token))
    found: MultiDict[str, str] | None = g.ashar_kept[1]
    return found


def _read(token: str) -> MultiDict[str, str] | None:
    found = session.get(Kept, token) if "\0" not in token else None
    if found is None or found.path != request.path or found.made_at <= clock.now() - LIFE:
        return None
    # Whom the route's mark has asked for; nobody's are for whoever holds the link.
    identity = g.get("ashar_identity")
    if found.owner is not None and (identity is None or identity.id != found.owner):
        return None
    return MultiDict((name, text) for name, text in found.fields)


def suits(names: Iterable[str], fields: Iterable[str]) -> bool:
    """Tell whether it was a form with these fields that was kept: it has most of the names."""
    known, given = tuple(fields), set(names)
    own = [name for name in given if any(name == one or _within(name, one) for one in known)]
    return 2 * len(own) > len(given)


def _within(name: str, field: str) -> bool:
    return name.startswith(field + "-")


@jobs.job("kept.prune", every=1800)
def prune() -> None:
    """Delete what nobody came back for in a day."""
    with db.transaction() as writing:
        writing.execute(delete(Kept).where(Kept.made_at <= clock.now() - LIFE))
