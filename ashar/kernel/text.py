"""Prose that people write: Markdown in, safe HTML out."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "h3", "h4", "a", "hr"}
#: A story stands under a page's second level; whichever mark its author uses for a headline.
LEVELS = {3: 4, 2: 3, 1: 3}
_parser = MarkdownIt("commonmark", {"html": False}).disable(["image"])


@lru_cache(maxsize=1024)
def html(source: str) -> Markup:
    """Return Markdown as HTML of a few plain tags; headings begin at the third level."""
    made = _parser.render(source)
    for level, new in LEVELS.items():
        made = made.replace(f"<h{level}>", f"<h{new}>").replace(f"</h{level}>", f"</h{new}>")
    clean = nh3.clean(
        made,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer ugc",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it
