"""Pictures: re-encoded to WebP in a few widths, nothing of the original passed on."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from flask import current_app
from PIL.Image import Image
from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, ids
from ashar.kernel.db import Base, row_key, session
from ashar.kernel.pictures import WIDTHS, decode, encode, height
from ashar.kernel.stores import Store


class Media(Base):
    """A picture; its files are named by token and width."""

    __tablename__ = "ashar_media"
    __table_args__ = (Index("ix_ashar_media_owner", "owner_kind", "owner_id"),)

    id: Mapped[int] = mapped_column(row_key, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[list[int]] = mapped_column(JSON)
    alt: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    #: What it belongs to, such as ("project", 7); for all to see only while `public`.
    owner_kind: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None]
    public: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]


def store() -> Store:
    """Return the store of the current app."""
    found: Store = current_app.extensions["ashar"].media
    return found


def file_name(token: str, width: int) -> str:
    """Return the name of one width's file."""
    return f"{token}-{width}.webp"


class Encoded(NamedTuple):
    """A picture as it will be kept: by width its file, the widest one's height, and a digest."""

    digest: str
    height: int
    files: dict[int, bytes]


def encoded(data: bytes) -> Encoded:
    """Re-encode an uploaded picture; raise Refused with words for the uploader.

    It takes a while: to be done before a transaction begins, which others wait for.
    """
    picture = decode(data)
    widths = sorted({*(width for width in WIDTHS if width < picture.width)} | {_widest(picture)})
    return Encoded(
        hashlib.sha256(data).hexdigest(),
        height(picture, widths[-1]),
        {width: encode(picture, width) for width in widths},
    )


def _widest(picture: Image) -> int:
    return min(picture.width, WIDTHS[-1])


def add(made: Encoded, alt: dict[str, str] | None = None) -> Media:
    """Keep a picture that was re-encoded."""
    token, widths = ids.token(), list(made.files)
    for width, data in made.files.items():
        store().put(file_name(token, width), data)
    row = Media(
        token=token,
        digest=made.digest,
        width=widths[-1],
        height=made.height,
        widths=widths,
        alt=alt or {},
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def add_image(data: bytes, alt: dict[str, str] | None = None) -> Media:
    """Re-encode an uploaded picture and keep it; raise Refused with words for the uploader."""
    return add(encoded(data), alt)
