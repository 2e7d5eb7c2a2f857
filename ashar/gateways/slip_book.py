"""A book of numbered slips as a PDF to print: a stub to keep, a slip to give, its code to scan."""

import io
from collections.abc import Sequence

import segno
from fpdf import FPDF

from ashar.kernel.paths import STATIC

#: It has every Kyrgyz letter.
FONTS = STATIC / "vendor" / "onest"
#: Millimetres on A4: slips on a page, height of one, where the slip begins beside its stub.
A_PAGE, HEIGHT, STUB = 4, 70, 62
LEFT, TOP, RIGHT = 10, 8, 200


def pdf(slips: Sequence[tuple[str, str]], words: Sequence[str], currency: str) -> bytes:
    """Return a book of slips, each a number and the address that its code leads to.

    `words` are what is printed: title, sum, name, contact, project, day, signature, a note.
    """
    book = FPDF()
    book.set_auto_page_break(False)
    book.set_title(f"{slips[0][0]} – {slips[-1][0]}")
    for style in ("", "B"):
        name = f"Onest-{'Bold' if style else 'Regular'}.ttf"
        book.add_font("sans", style, FONTS / name)
    for place, (number, url) in enumerate(slips):
        if place % A_PAGE == 0:
            book.add_page()
        top = TOP + (place % A_PAGE) * HEIGHT
        _stub(book, top, number, words, currency)
        _slip(book, top, number, url, words, currency)
        book.set_draw_color(160)
        book.line(LEFT, top + HEIGHT - 3, RIGHT, top + HEIGHT - 3)
    return bytes(book.output())


def _stub(book: FPDF, top: float, number: str, words: Sequence[str], currency: str) -> None:
    _title(book, LEFT, top, number)
    _, sum_, name, contact, project, day, *_ = words
    labels = (f"{sum_}, {currency}", name, contact, project, day)
    for row, label in enumerate(labels):
        _field(book, LEFT, top + 11 + row * 10.5, STUB - 8, label)
    book.set_draw_color(160)
    book.line(LEFT + STUB - 4, top, LEFT + STUB - 4, top + HEIGHT - 6)


def _slip(
    book: FPDF, top: float, number: str, url: str, words: Sequence[str], currency: str
) -> None:
    left = LEFT + STUB
    title, sum_, name, _, project, day, signature, note = words
    _title(book, left, top, number)
    book.set_font("sans", "B", 8)
    book.set_xy(left + 38, top)
    book.multi_cell(RIGHT - left - 38, 4, title, align="L")
    labels = (f"{sum_}, {currency}", name, project, day, signature)
    for row, label in enumerate(labels):
        _field(book, left, top + 11 + row * 10.5, RIGHT - left - 42, label)
    book.image(_code(url), x=RIGHT - 38, y=top + 8, w=36, h=36)
    book.set_font("sans", "", 5.5)
    book.set_xy(RIGHT - 38, top + 45)
    book.multi_cell(37, 2.3, note, align="L")


def _title(book: FPDF, left: float, top: float, number: str) -> None:
    book.set_font("sans", "B", 15)
    book.set_xy(left, top)
    book.cell(38, 8, number)


def _field(book: FPDF, left: float, top: float, width: float, label: str) -> None:
    """Write a small label and, beneath it, a line to write on."""
    book.set_font("sans", "", 5.5)
    book.set_xy(left, top)
    book.cell(width, 3, label)
    book.set_draw_color(90)
    book.line(left + 1, top + 9.5, left + width, top + 9.5)


def _code(url: str) -> io.BytesIO:
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(out, kind="png", scale=8, border=2)
    out.seek(0)
    return out


def code_svg(url: str) -> bytes:
    """Return the code of an address, as SVG."""
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(out, kind="svg", scale=4, border=4, light="white")
    return out.getvalue()
