"""A sheet of paper: lines, pairs, tables, boxes to tick, on A4, in a font that has ң, ө and ү."""

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Literal

from fontTools.ttLib import TTFont
from fpdf import FPDF
from text_unidecode import unidecode

from ashar.kernel.paths import STATIC

FONTS = STATIC / "vendor" / "onest"
STYLES = {"": "Regular", "B": "Bold"}
INK, MUTED, LINE, MARK = (34, 28, 22), (95, 86, 75), (217, 207, 191), (163, 34, 27)
LEFT, WIDE, BOTTOM = 22.0, 166.0, 277.0
#: Of a font's size, the height of a line, in millimetres.
LEADING = 1.38 * 25.4 / 72

# It tells every glyph of every font, in several ways.
logging.getLogger("fontTools").setLevel(logging.WARNING)

Align = Literal["L", "R"]


@cache
def _letters() -> frozenset[int]:
    """Return the letters that the font has."""
    with TTFont(FONTS / "Onest-Regular.ttf") as font:
        return frozenset(font.getBestCmap())


def fold(text: str) -> str:
    """Return a text in letters that the font has: what it lacks, such as Hangul, in Latin ones."""
    known = _letters()
    return "".join(
        char if char == "\n" or ord(char) in known else unidecode(char)
        for char in text.replace("\u202f", "\u00a0")
    )


class Paper:
    """Sheets that are written from top to bottom; the same words make the same bytes."""

    def __init__(self, title: str, language: str, day: date, author: str) -> None:
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_creation_date(datetime.combine(day, time(12), UTC))
        pdf.set_title(fold(title))
        pdf.set_author(fold(author))
        pdf.set_lang(language)
        pdf.set_producer("Ashar")
        pdf.set_auto_page_break(False)
        for style, name in STYLES.items():
            pdf.add_font("Onest", style, FONTS / f"Onest-{name}.ttf")
        pdf.set_font("Onest", "", 10)
        # Where letters are drawn together, readers of the file lose the spaces between words.
        pdf.set_text_shaping(True, features={"kern": False})
        self._widths: dict[tuple[str, str], float] = {}
        self._foot = ""
        self.y = 0.0
        self.sheet()

    def sheet(self) -> None:
        """Begin a new sheet."""
        self._pdf.add_page()
        self._write_foot()
        self.y = 20.0

    def foot(self, words: str) -> None:
        """Say on this sheet and the next ones, at the bottom, what they belong to."""
        self._foot = words
        self._write_foot()

    def _write_foot(self) -> None:
        if self._foot:
            before, self.y = self.y, 284.0
            self._line(self._foot, LEFT, WIDE, 8, "", MUTED)
            self.y = before

    def space(self, height: float) -> None:
        """Leave some room."""
        self.y += height

    def rule(self, color: tuple[int, int, int] = LINE) -> None:
        """Draw a thin line across."""
        self._pdf.set_draw_color(*color)
        self._pdf.set_line_width(0.3)
        self._pdf.line(LEFT, self.y, LEFT + WIDE, self.y)
        self.y += 3

    def head(self, name: str, lines: Sequence[str]) -> None:
        """Write who gives the paper out."""
        self.text(name, size=12, style="B")
        self.text("\n".join(lines), size=9, color=MUTED)
        self.space(2)
        self.rule(MARK)
        self.space(5)

    def title(self, words: str, size: float = 17) -> None:
        """Write what the paper is."""
        self.text(words, size=size, style="B")
        self.space(2)

    def text(
        self,
        words: str,
        *,
        size: float = 10,
        style: str = "",
        color: tuple[int, int, int] = INK,
        x: float = LEFT,
        wide: float = WIDE,
        align: Align = "L",
    ) -> None:
        """Write a text, broken at its spaces."""
        for line in self._broken(fold(words), size, style, wide):
            self._room(size * LEADING)
            self._line(line, x, wide, size, style, color, align)
            self.y += size * LEADING

    def pairs(self, rows: Sequence[tuple[str, str]], label: float = 52, size: float = 10) -> None:
        """Write labels with what they say beside them."""
        for name, words in rows:
            if not words:
                continue
            self._room(size * LEADING)
            top, page = self.y, self._pdf.page
            self.text(name, size=size - 1, color=MUTED, wide=label - 4)
            after, self.y = self.y, top
            self.text(words, size=size, x=LEFT + label, wide=WIDE - label)
            if self._pdf.page == page:
                self.y = max(self.y, after)
            self.y += 1.2

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], wides: Sequence[float]
    ) -> None:
        """Write a table; its last column is of figures. Its heads stand on every sheet."""
        self._row(heads, wides, style="B")
        for row in rows:
            if self.y > BOTTOM - 12:
                self.sheet()
                self._row(heads, wides, style="B")
            self._row(row, wides)

    def _row(self, cells: Sequence[str], wides: Sequence[float], style: str = "") -> None:
        top, x, lowest = self.y, LEFT, self.y
        for number, (words, wide) in enumerate(zip(cells, wides, strict=True)):
            self.y = top
            align: Align = "R" if number == len(cells) - 1 else "L"
            gap = 0 if align == "R" else 4
            self.text(words, size=9, style=style, x=x, wide=wide - gap, align=align)
            x, lowest = x + wide, max(lowest, self.y)
        self.y = lowest + 1
        self.rule()
        self.y -= 1.4

    def box(self, words: str, checked: bool, size: float = 9) -> None:
        """Write a sentence behind a box that is ticked or not."""
        top, pdf = self.y + 0.7, self._pdf
        pdf.set_draw_color(*INK)
        pdf.set_line_width(0.3)
        pdf.rect(LEFT, top, 3.2, 3.2)
        if checked:
            pdf.line(LEFT, top, LEFT + 3.2, top + 3.2)
            pdf.line(LEFT + 3.2, top, LEFT, top + 3.2)
        self.text(words, size=size, x=LEFT + 6, wide=WIDE - 6)
        self.space(1)

    def framed(self, label: str, words: str, height: float, x: float, wide: float) -> None:
        """Write a field of a form: its label small, what was filled in below; `y` stays."""
        top, pdf = self.y, self._pdf
        pdf.set_draw_color(*MUTED)
        pdf.set_line_width(0.2)
        pdf.rect(x, top, wide, height)
        self.y = top + 1
        self.text(label, size=7.5, color=MUTED, x=x + 1.5, wide=wide - 3)
        self.y += 0.4
        self.text(words, size=10, x=x + 1.5, wide=wide - 3)
        self.y = top

    def done(self) -> bytes:
        """Return the paper."""
        return bytes(self._pdf.output())

    def _room(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self.sheet()

    def _line(
        self,
        words: str,
        x: float,
        wide: float,
        size: float,
        style: str,
        color: tuple[int, int, int],
        align: Align = "L",
    ) -> None:
        pdf = self._pdf
        if align == "R":
            x += wide - self._width(words, style) * size
        pdf.set_font("Onest", style, size)
        pdf.set_text_color(*color)
        # A cell keeps a margin inside of itself; the paper's own will do.
        pdf.set_xy(x - pdf.c_margin, self.y)
        pdf.cell(wide + 2 * pdf.c_margin, size * LEADING, words)

    def _broken(self, words: str, size: float, style: str, wide: float) -> list[str]:
        lines: list[str] = []
        space = self._width(" ", style) * size
        for paragraph in words.split("\n"):
            line, used = "", 0.0
            for word in self._pieces(paragraph, size, style, wide):
                width = self._width(word, style) * size
                if line and used + space + width > wide:
                    lines.append(line)
                    line, used = word, width
                else:
                    used += width + (space if line else 0)
                    line = f"{line} {word}" if line else word
            lines.append(line)
        return lines

    def _pieces(self, paragraph: str, size: float, style: str, wide: float) -> list[str]:
        """Return the words, those that are wider than a line cut into pieces."""
        found: list[str] = []
        for word in paragraph.split(" "):
            while self._width(word, style) * size > wide:
                length = max(1, int(len(word) * wide / (self._width(word, style) * size)) - 1)
                found.append(word[:length])
                word = word[length:]
            if word:
                found.append(word)
        return found

    def _width(self, words: str, style: str) -> float:
        """Return how wide some words are, in a font of one point."""
        found = self._widths.get((style, words))
        if found is None:
            self._pdf.set_font("Onest", style, 100)
            found = self._widths[style, words] = self._pdf.get_string_width(words) / 100
        return found
