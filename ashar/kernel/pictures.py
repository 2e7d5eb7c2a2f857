"""Decoding pictures that strangers send, in little memory and time, and encoding them anew.

A picture takes about 200 MB at most beside what the process has, and a second or two: left to
itself Pillow took 1,000 MB for one of 50 million pixels, and 75 seconds for one of 500 kB.
"""

import io
import math
import re
from collections.abc import Callable

from PIL import Image, ImageOps

from ashar.kernel.errors import Refused
from ashar.kernel.i18n import N_

WIDTHS = (480, 960, 1600)
LARGEST_BYTES = 12 * 1024 * 1024
#: What Pillow may open, up to how many pixels: by the bytes that its decoders take for each. Its
#: JPEG reader also takes the several pictures of one camera (MPO).
FORMATS = {
    "JPEG": 50_000_000,
    "PNG": 20_000_000,
    "GIF": 20_000_000,
    "WEBP": 12_500_000,
    "AVIF": 12_500_000,
}
#: A JPEG painted in several scans is kept whole, coefficient by coefficient, until the last.
LARGEST_IN_SCANS = 24_000_000
#: Beyond these a file is made to take long; the usual ones have a dozen scans and some parts.
MOST_SCANS, MOST_PARTS, MOST_JUNK = 30, 100_000, 1_024
#: No copy of what was decoded is larger; and WebP knows no picture that is higher.
LARGEST_COPY, HIGHEST = 12_500_000, 16_383
QUALITY = 78

_ORIENTATION = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_END, _SCAN = b"\xd9", b"\xda"


def decode(data: bytes) -> Image.Image:
    """Return a picture upright, in plain colours, little larger than the widest that is kept.

    Raise Refused, with words for the uploader, for bombs, films and what is no picture.
    """
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
    scans = next((count(data) for begin, count in _SCANS.items() if data.startswith(begin)), 1)
    found = Image.open(io.BytesIO(data), formats=tuple(FORMATS))
    most = FORMATS["JPEG" if found.format == "MPO" else str(found.format)]
    if found.width * found.height > (most if scans < 2 else min(most, LARGEST_IN_SCANS)):
        raise Refused(N_("This picture has too many pixels."))
    if found.format != "MPO" and getattr(found, "is_animated", False):
        raise Refused(N_("This is a moving picture. Please choose a still one."))
    upright = ImageOps.exif_transpose(_small(found))
    if height(upright, min(upright.width, WIDTHS[-1])) > HIGHEST:
        raise Refused(N_("This picture is too narrow for its height."))
    return _plain(upright)


def _jpeg_scans(data: bytes) -> int:
    """Count the scans of a JPEG; raise ValueError where parts or junk are there to take time."""
    at, scans = 2, 0
    for _ in range(MOST_PARTS):
        found = _MARKER.search(data, at)
        if scans and (found is None or found[1] == _END):
            return scans
        if found is None or (not scans and found.start() - at > MOST_JUNK):
            break
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
        scans += found[1] == _SCAN
        if scans > MOST_SCANS:
            break
    raise ValueError("a JPEG of too many parts")


def _png_scans(data: bytes) -> int:
    """Return 1; raise ValueError where parts are there to take time."""
    at = 8
    for _ in range(MOST_PARTS):
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if at >= len(data):
            return 1
    raise ValueError("a PNG of too many parts")


def _gif_scans(data: bytes) -> int:
    """Return 1; raise ValueError where parts before a second picture are there to take time."""
    at, pictures, inside = 13 + _palette(data[10]), 0, False
    for _ in range(MOST_PARTS):
        begin = data[at : at + 1]
        if inside:
            at, inside = at + 1 + data[at], data[at] > 0
        elif begin in (b"", b";") or pictures > 1:
            return 1
        elif begin == b"!":
            at, inside = at + 2, True
        elif begin == b",":
            at, inside, pictures = at + 11 + _palette(data[at + 9]), True, pictures + 1
        else:
            at += 1
    raise ValueError("a GIF of too many parts")


def _palette(flags: int) -> int:
    """Return how many bytes the palette takes that a GIF's flags tell of."""
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


_SCANS: dict[bytes, Callable[[bytes], int]] = {
    b"\xff\xd8": _jpeg_scans,
    b"\x89PNG": _png_scans,
    b"GIF8": _gif_scans,
}


def _small(found: Image.Image) -> Image.Image:
    """Load a picture, made smaller by a whole factor: a JPEG while it is decoded."""
    factor = _factor(found)
    if factor > 1:
        found.draft(None, (found.width // factor, found.height // factor))
    found.load()
    left, coloured = _factor(found), _in_colours(found)
    return coloured.reduce(left) if left > 1 else coloured


def _factor(found: Image.Image) -> int:
    """Return how many times smaller a picture may become, or has to."""
    lies = found.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
    width = found.height if lies else found.width
    has_to = math.ceil(math.sqrt(found.width * found.height / LARGEST_COPY))
    return max(1, width // WIDTHS[-1], has_to)


def _in_colours(found: Image.Image) -> Image.Image:
    """Return a picture in whose colours one can reckon."""
    if found.mode in {"P", "PA", "1"}:
        return found.convert("RGBA" if found.has_transparency_data else "RGB")
    if found.mode.startswith("I"):
        # Sixteen bits of grey, of which Pillow would keep the lower eight.
        grey = found.point(lambda level: level / 256).convert("L")
        grey.info.pop("transparency", None)
        return grey
    return found


def _plain(found: Image.Image) -> Image.Image:
    """Return a picture in three colours, what is transparent on white paper."""
    if not found.has_transparency_data:
        return found.convert("RGB")
    seen = found.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def height(picture: Image.Image, width: int) -> int:
    """Return how high a picture of that width is."""
    return max(1, round(picture.height * width / picture.width))


def encode(picture: Image.Image, width: int) -> bytes:
    """Return the picture as WebP of that width, without any metadata."""
    size = (width, height(picture, width))
    plain = Image.new("RGB", size)
    plain.paste(picture.resize(size, Image.Resampling.LANCZOS))
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=None, xmp=b"")
    return out.getvalue()
