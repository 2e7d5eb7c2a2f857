"""Check the addresses that clients give."""

from __future__ import annotations

from urllib.parse import urlsplit

from .errors import ApiError


def check_url(url: str, param: str) -> str:
    """Refuse an address that is not absolute."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or not parts.netloc:
        message = "Not a valid URL; it must be absolute and begin with a scheme such as https://"
        raise ApiError(message, code="url_invalid", param=param)
    return url


def origin(url: str | None) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
