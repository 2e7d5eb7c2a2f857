"""Pictures: decoded, re-encoded to WebP in a few widths, nothing of the original passed on."""

import hashlib
import io
from datetime import datetime

from flask import current_app
from PIL import Image, ImageOps
from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from ashar.kernel import clock, ids
from ashar.kernel.db import Base, row_key, session
from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_
from ashar.kernel.stores import Store

WIDTHS = (480, 960, 1600)
LARGEST_BYTES = 12 * 1024 * 1024
LARGEST_PIXELS = 50_000_000
#: What Pillow may open; its JPEG reader also takes the several pictures of one camera (MPO).
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
QUALITY = 78


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


def add_image(data: bytes, alt: dict[str, str] | None = None) -> Media:
    """Re-encode an uploaded picture and keep it; raise Refused with words for the uploader."""
    picture = decode(data)
    token = ids.token()
    widths = [width for width in WIDTHS if width < picture.width] or []
    widths.append(min(picture.width, WIDTHS[-1]))
    widths = sorted(set(widths))
    for width in widths:
        store().put(file_name(token, width), encode(picture, width))
    row = Media(
        token=token,
        digest=hashlib.sha256(data).hexdigest(),
        width=widths[-1],
        height=_height(picture, widths[-1]),
        widths=widths,
        alt=alt or {},
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def decode(data: bytes) -> Image.Image:
    """Open a picture upright and in plain colours; refuse bombs, films and what is no picture."""
    if len(data) > LARGEST_BYTES:
        raise Refused(N_("This picture is larger than 12 MB."))
    try:
        return _decoded(data)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(N_("This picture has too many pixels.")) from error
    except Exception as error:
        # Decoders raise whatever they stumble over in a damaged or hostile file.
        raise Refused(N_("This file is not a picture that we can read.")) from error


def _decoded(data: bytes) -> Image.Image:
    found: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if found.width * found.height > LARGEST_PIXELS or getattr(found, "n_frames", 1) > 3:
        raise Refused(N_("This picture has too many pixels."))
    found.load()
    upright = ImageOps.exif_transpose(found) or found
    return upright.convert("RGB")


def _height(picture: Image.Image, width: int) -> int:
    return max(1, round(picture.height * width / picture.width))


def encode(picture: Image.Image, width: int) -> bytes:
    """Return the picture as WebP of that width, without any metadata."""
    height = _height(picture, width)
    plain = Image.new("RGB", (width, height))
    plain.paste(picture.resize((width, height), Image.Resampling.LANCZOS))
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=None, xmp=b"")
    return out.getvalue()
