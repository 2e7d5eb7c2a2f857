"""Ids: unguessable ones for links, time-ordered ones for rows that many writers add at once."""

import secrets
import time
import uuid

#: Without those that are taken for each other.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def token() -> str:
    """Return 143 random bits in 24 URL-safe characters.

    None begins with a dash: a command would take it for an option.
    """
    while (made := secrets.token_urlsafe(18)).startswith("-"):
        pass
    return made


def short() -> str:
    """Return six random letters and digits, to tell apart what else would bear one name."""
    return "".join(secrets.choice(_READABLE) for _ in range(6))


def row_id() -> uuid.UUID:
    """Return a version 7 UUID (RFC 9562): its order is the order of making, to the millisecond."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)
