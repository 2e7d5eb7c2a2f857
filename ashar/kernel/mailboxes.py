"""Whose e-mail it is: several spellings of an address are one mailbox."""

import unicodedata

#: Mail providers that ignore dots in what stands before the @.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def mailbox(email: str) -> str:
    """Return an e-mail as its provider delivers it: without case, additions and needless dots."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().partition("@")
    local, domain = local.partition("+")[0], domain.rstrip(".")
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[domain]
    return f"{local}@{domain}" if local and domain else ""
