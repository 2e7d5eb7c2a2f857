"""Pictures: re-encoded, small, without anything of the person who took them."""

import io
import random
import struct
import time
import zlib
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from ashar.kernel import db, media
from ashar.kernel.errors import Refused
from ashar.kernel.media import add_image
from ashar.kernel.pictures import LARGEST_BYTES, decode, encode
from ashar.kernel.stores import FolderStore


def picture(width: int = 64, height: int = 48, kind: str = "JPEG", **more: object) -> bytes:
    made = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    made.save(out, kind, **more)
    return out.getvalue()


def with_place() -> bytes:
    """Return a photograph that says where, when and how it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x010F] = "Camera of Aigul"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    return picture(400, 300, exif=exif, comment=b"at home", icc_profile=b"profile")


def test_nothing_of_the_original_is_passed_on_but_the_picture(site: Flask) -> None:
    with site.app_context():
        with db.transaction():
            row = add_image(with_place(), {"en": "A field"})
            name = media.file_name(row.token, row.widths[-1])
        data = media.store().get(name)
        assert data is not None
    found = Image.open(io.BytesIO(data))
    assert found.format == "WEBP"
    assert not found.getexif() and "exif" not in found.info and "icc_profile" not in found.info
    assert b"Aigul" not in data and b"at home" not in data


def test_a_photograph_that_lies_on_its_side_is_put_upright() -> None:
    assert decode(with_place()).size == (300, 400)


@pytest.mark.parametrize(
    ("size", "widths", "height"),
    [
        ((2400, 1200), [480, 960, 1600], 800),
        ((1600, 900), [480, 960, 1600], 900),
        ((700, 700), [480, 700], 700),
        ((480, 20), [480], 20),
        ((3, 900), [3], 900),
        ((5000, 1), [480, 960, 1600], 0),
    ],
)
def test_a_picture_is_kept_in_a_few_widths_and_never_enlarged(
    site: Flask, size: tuple[int, int], widths: list[int], height: int
) -> None:
    with site.app_context(), db.transaction():
        row = add_image(picture(*size, kind="PNG"))
        assert (row.widths, row.width, row.height) == (widths, widths[-1], height or 1)
        for width in widths:
            data = media.store().get(media.file_name(row.token, width))
            assert data and Image.open(io.BytesIO(data)).width == width


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_the_usual_kinds_are_read(kind: str) -> None:
    assert decode(picture(kind=kind)).size == (64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F", "YCbCr"])
def test_every_kind_of_colour_becomes_plain(mode: str) -> None:
    out = io.BytesIO()
    kind = "TIFF" if mode == "F" else "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    Image.new(mode, (8, 8)).save(out, kind)
    if kind == "TIFF":
        with pytest.raises(Refused, match="not a picture that we can read"):
            decode(out.getvalue())
        return
    assert decode(out.getvalue()).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        picture()[:200],
        picture(kind="PNG")[:-30],
        picture(kind="WEBP")[:60],
    ],
)
def test_what_is_no_whole_picture_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Refused, match="This file is not a picture that we can read"):
        decode(data)


def claimed(width: int, height: int) -> bytes:
    """Return a small PNG that claims to be large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    parts = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )


@pytest.mark.parametrize("size", [(10_000, 5_001), (10_000, 10_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match="too many pixels"):
        decode(claimed(*size))
    assert time.monotonic() - began < 1


def test_a_film_is_refused(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), (25 * number, 0, 0)) for number in range(10)]
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        with pytest.raises(Refused, match="a moving picture"):
            decode(out.getvalue())


def test_of_the_pictures_of_one_camera_the_first_is_taken() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    assert red(decode(out.getvalue()))


def red(picture: Image.Image, at: tuple[int, int] = (2, 2)) -> bool:
    """Tell whether a picture is red there, as far as a JPEG is exact."""
    pixel = picture.getpixel(at)
    assert isinstance(pixel, tuple)
    return pixel[0] > 200 and pixel[1] < 60 and pixel[2] < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_large_photograph_is_made_smaller_and_upright_at_once(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = Image.new("RGB", (3600, 3300), "blue")
    # What lies at the lower left is at the upper left of the upright picture.
    made.paste("red", (0, 2300, 1000, 3300))
    out = io.BytesIO()
    made.save(out, kind, exif=exif)
    found = decode(out.getvalue())
    assert found.size == (1650, 1800)
    assert red(found, (50, 50)) and not red(found, (found.width - 50, 50))
    assert not red(found, (50, found.height - 50))


def see_through(mode: str) -> bytes:
    """Return a PNG whose pixels cannot be seen."""
    out, more = io.BytesIO(), {"P": 0, "L": 0, "RGB": (0, 0, 0), "1": 0}
    given = {"transparency": more[mode]} if mode in more else {}
    Image.new(mode, (2000, 8)).save(out, "PNG", **given)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "RGB", "1"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    found = decode(see_through(mode))
    assert found.mode == "RGB" and found.getpixel((1, 1)) == (255, 255, 255)


def test_sixteen_bits_of_grey_stay_grey() -> None:
    out = io.BytesIO()
    Image.new("I;16", (4000, 10), 0x8000).save(out, "PNG")
    assert decode(out.getvalue()).getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_nothing_that_describes_a_picture_is_left(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Aigul"
    marks: dict[str, object] = {"exif": exif, "icc_profile": b"profile of Aigul"}
    if kind != "PNG":
        marks["xmp"] = b"<x:xmpmeta>Aigul</x:xmpmeta>"
    given = picture(1000, 700, kind, **marks)
    assert b"Aigul" in given
    for width in (480, 960, 1000):
        kept = encode(decode(given), width)
        assert not {b"EXIF", b"XMP ", b"ICCP"} & {kept[at : at + 4] for at in range(len(kept))}
        assert b"Aigul" not in kept


def test_a_picture_too_narrow_to_be_kept_is_refused_in_words() -> None:
    assert encode(decode(picture(10, 16_383, kind="PNG")), 10)
    with pytest.raises(Refused, match="too narrow"):
        decode(picture(10, 16_384, kind="PNG"))


def test_a_film_of_a_hundred_thousand_frames_is_refused_in_a_moment() -> None:
    out = io.BytesIO()
    Image.new("P", (1, 1)).save(out, "GIF")
    body = out.getvalue()
    start = body.index(b",", 13)
    frame = body[start:-1]
    data = body[:start] + frame * 100_000 + b";"
    assert len(data) < LARGEST_BYTES
    began = time.process_time()
    with pytest.raises(Refused):
        decode(data)
    assert time.process_time() - began < 1


def test_a_file_of_more_than_twelve_megabytes_is_refused_unread() -> None:
    with pytest.raises(Refused, match="larger than 12 MB"):
        decode(b"\0" * (LARGEST_BYTES + 1))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF", "ignore:Truncated File Read")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_damaged_picture_is_shown_or_refused_and_never_anything_else(kind: str) -> None:
    chance, whole = random.Random(1), picture(kind=kind)  # noqa: S311
    if kind == "JPEG":
        whole = with_place()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(min(len(data), 600))] = chance.randrange(256)
        try:
            decode(bytes(data))
        except Refused:
            continue


def test_a_name_never_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    store = FolderStore(tmp_path / "media")
    store.put("a.webp", b"data")
    assert store.get("a.webp") == b"data"
    assert store.get("../secret") is None
    assert store.get("b.webp") is None
    assert [file.name for file in (tmp_path / "media").iterdir()] == ["a.webp"]


def test_a_picture_that_is_refused_leaves_no_file(site: Flask) -> None:
    with site.app_context():
        with pytest.raises(Refused), db.transaction():
            add_image(b"nothing")
        folder = Path(site.extensions["ashar"].folder) / "media"
        assert not folder.exists() or not list(folder.iterdir())


def test_the_smallest_width_is_small_enough_for_a_village_phone() -> None:
    assert len(encode(decode(picture(2000, 1500)), 480)) < 40_000
