"""Rendered pages, remembered under everything they are made of.

A page for all is a function of its address, the language, the day and the rows it shows. A page
remembered under exactly these is never stale: whatever changes is another key. Nothing expires and
nothing has to be told.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from flask import Response, current_app, request

from ashar.kernel import clock, i18n, links

HTML = "text/html"


class Pages:
    """The pages of one process that were asked for last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[bytes, str]] = OrderedDict()

    def get(self, key: Hashable, render: Callable[[], str]) -> tuple[bytes, str]:
        """Return a page's bytes and its ETag, rendered where it is not remembered."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = Response(render())
        made.add_etag()
        found = (made.get_data(), str(made.get_etag()[0]))
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return found


def page(rows: Hashable, render: Callable[[], str], mimetype: str = HTML) -> Response:
    """Return a page for all, made of `rows` beside what every page is made of.

    In a host the page around ours is the host's and may greet its user: there every page is
    rendered, unless the host says by ASHAR_REMEMBERED_PAGES that its pages are the same for all.
    """
    # No table is needed before the first request.
    from ashar.kernel import terms

    pages: Pages | None = current_app.extensions["ashar"].pages
    if pages is None:
        return Response(render(), mimetype=mimetype)
    about = (request.script_root, request.full_path, links.mount(), i18n.language(), clock.today())
    body, etag = pages.get((about, terms.mark(), rows), render)
    answer = Response(body, mimetype=mimetype)
    answer.set_etag(etag)
    return answer
