"""Pictures made to exhaust whoever opens them, each opened in a process of its own and measured."""

import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ashar.kernel.pictures import LARGEST_BYTES

#: What the process may take: by its clock, and at its peak with all that it loaded.
SECONDS, MEGABYTES = 2.0, 300
OPEN = """
import json, sys, time, warnings
from pathlib import Path
from ashar.kernel import pictures
from ashar.kernel.errors import Refused
warnings.simplefilter("ignore")
data, began = Path(sys.argv[1]).read_bytes(), time.perf_counter()
try:
    picture, words = pictures.decode(data), ""
    for width in pictures.WIDTHS:
        pictures.encode(picture, min(width, picture.width))
except Refused as refused:
    words = str(refused)
seconds = time.perf_counter() - began
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps([words, seconds, int(status["VmHWM"].split()[0]) // 1024]))
"""
MANY, UNREADABLE = "too many pixels", "not a picture that we can read"
FILM, LARGE = "a moving picture", "larger than 12 MB"


def zeros(count: int) -> bytes:
    """Return so many zeros, packed."""
    packer, million = zlib.compressobj(9), bytes(1_000_000)
    parts = [packer.compress(million[: count - at]) for at in range(0, count, len(million))]
    return b"".join(parts) + packer.flush()


def png(width: int, height: int, packed: bytes, *, kind: int = 6, more: bytes = b"") -> bytes:
    """Return a PNG of eight bits a colour: kind 2 is RGB, 3 a palette, 6 has transparency."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def saved(kind: str, size: tuple[int, int], mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **more)
    return out.getvalue()


def gif(*, before: bytes = b"", frames: int = 1, size: tuple[int, int] = (1, 1)) -> bytes:
    """Return a GIF with something before its first picture, which stands there so often."""
    whole = saved("GIF", size, "P")
    start = 13 + 3 * (2 << (whole[10] & 7))
    picture = whole[whole.index(b",", start) : -1]
    return whole[:start] + before + picture * frames + b";"


def jpeg_of_scans(count: int) -> bytes:
    """Return a JPEG of 48 million pixels whose last scan is painted again and again."""
    whole = saved("JPEG", (8000, 6000), progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * count + b"\xff\xd9"


def jpeg_that_claims(width: int, height: int) -> bytes:
    whole = bytearray(saved("JPEG", (64, 64)))
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def noise(kind: str, size: tuple[int, int], **more: object) -> bytes:
    """Return a picture that cannot be packed well."""
    whole, tile = Image.new("RGB", size), Image.effect_noise((1_000, 1_000), 60).convert("RGB")
    for left in range(0, size[0], 1_000):
        for top in range(0, size[1], 1_000):
            whole.paste(tile, (left, top))
    out = io.BytesIO()
    whole.save(out, kind, **more)
    return out.getvalue()


PIXEL = zeros(33 * 8)
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "PNG claims 50,000 by 50,000": (lambda: png(50_000, 50_000, PIXEL), MANY),
    "PNG of 48 million pixels": (lambda: png(8_000, 6_000, zeros(32_001 * 6_000)), MANY),
    "PNG unpacks to 400 MB of text": (
        lambda: png(8, 8, PIXEL, more=chunk(b"zTXt", b"a\0\0" + zeros(400_000_000))),
        UNREADABLE,
    ),
    "PNG unpacks to 400 MB of profile": (
        lambda: png(8, 8, PIXEL, more=chunk(b"iCCP", b"a\0\0" + zeros(400_000_000))),
        UNREADABLE,
    ),
    "PNG of 700,000 parts": (
        lambda: png(8, 8, PIXEL, more=chunk(b"tEXt", b"a\0b") * 700_000),
        UNREADABLE,
    ),
    "GIF of 10,000 frames": (lambda: gif(frames=10_000, size=(400, 400)), FILM),
    "GIF of 400,000 frames": (lambda: gif(frames=400_000), FILM),
    "GIF of two million comments": (lambda: gif(before=b"!\xfe\x01a\0" * 2_000_000), UNREADABLE),
    "GIF of one long comment": (
        lambda: gif(before=b"!\xfe" + b"\x01a" * 5_500_000 + b"\0"),
        UNREADABLE,
    ),
    "GIF with a frame larger than itself": (
        lambda: gif()[:-1].replace(b",\0\0\0\0\x01\0\x01\0", b",\0\0\0\0\xff\xff\xff\xff"),
        MANY,
    ),
    "GIF of 45 million pixels": (lambda: saved("GIF", (65_535, 700), "P"), MANY),
    "WebP of 49 million pixels": (lambda: saved("WEBP", (7_000, 7_000)), MANY),
    "AVIF of 49 million pixels": (lambda: saved("AVIF", (7_000, 7_000), speed=10), MANY),
    "JPEG claims 65,000 by 65,000": (lambda: jpeg_that_claims(65_000, 65_000), MANY),
    "JPEG of 3,000 scans": (lambda: jpeg_of_scans(3_000), UNREADABLE),
    "JPEG of 48 million pixels in scans": (lambda: jpeg_of_scans(1), MANY),
    "JPEG of three million parts": (
        lambda: b"\xff\xd8" + b"\xff\xfe\x00\x02" * 3_000_000,
        UNREADABLE,
    ),
    "JPEG of nothing": (lambda: b"\xff\xd8" + b"\xff" * (LARGEST_BYTES - 2), UNREADABLE),
    "JPEG of junk": (lambda: b"\xff\xd8\xff" + bytes(LARGEST_BYTES - 3), UNREADABLE),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", UNREADABLE),
    "HTML": (lambda: b"<!doctype html><script>alert(1)</script>" * 9_000, UNREADABLE),
    "JPEG that is truncated": (lambda: noise("JPEG", (3_000, 2_000))[:-1_000], UNREADABLE),
    "PNG that is truncated": (lambda: noise("PNG", (2_000, 1_500))[:-1_000], UNREADABLE),
    "WebP that is truncated": (lambda: noise("WEBP", (2_000, 1_500))[:-1_000], UNREADABLE),
    "AVIF that is truncated": (lambda: noise("AVIF", (800, 600))[:-1_000], UNREADABLE),
    "more than 12 MB": (lambda: bytes(LARGEST_BYTES + 1), LARGE),
}
LARGEST: dict[str, Callable[[], bytes]] = {
    "JPEG of 50 million pixels": lambda: noise("JPEG", (8_160, 6_120), quality=20),
    "JPEG of 24 million pixels in scans": lambda: noise(
        "JPEG", (6_000, 4_000), quality=30, progressive=True, subsampling=0
    ),
    "JPEG in four colours": lambda: saved("JPEG", (8_000, 6_000), "CMYK"),
    "PNG of 20 million pixels": lambda: png(5_000, 4_000, zeros(20_001 * 4_000)),
    "PNG with a palette": lambda: png(
        5_000, 4_000, zeros(5_001 * 4_000), kind=3,
        more=chunk(b"PLTE", bytes(768)) + chunk(b"tRNS", bytes(256)),
    ),
    "PNG as high as can be": lambda: png(1_220, 16_383, zeros(4_881 * 16_383)),
    "GIF of 20 million pixels": lambda: saved("GIF", (5_000, 4_000), "P", transparency=0),
    "WebP of a telephone": lambda: noise("WEBP", (4_032, 3_024)),
    "AVIF of a telephone": lambda: noise("AVIF", (4_032, 3_024), speed=10, subsampling="4:4:4"),
}  # fmt: skip


def opened(data: bytes, folder: Path) -> tuple[str, float, int]:
    """Open a picture in a new process; return the refusal, the seconds, the megabytes."""
    path = folder / "picture.jpg"
    path.write_bytes(data)
    command = [sys.executable, "-c", OPEN, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    words, seconds, megabytes = json.loads(done.stdout)
    return words, seconds, megabytes


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_words_at_once_and_in_little_memory(name: str, tmp_path: Path) -> None:
    make, sentence = HOSTILE[name]
    words, seconds, megabytes = opened(make(), tmp_path)
    assert sentence in words
    assert seconds < SECONDS and megabytes < MEGABYTES, (seconds, megabytes)


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_that_are_taken_fit_into_the_same_memory(name: str, tmp_path: Path) -> None:
    data = LARGEST[name]()
    assert len(data) <= LARGEST_BYTES
    words, _seconds, megabytes = opened(data, tmp_path)
    assert not words and megabytes < MEGABYTES, (words, megabytes)
