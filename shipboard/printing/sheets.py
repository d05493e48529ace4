"""A thing on sheets of one size, written from top to bottom: what does not fit on a sheet goes on
to the next, which begins with a line that says what it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable

from shipboard.printing import setting
from shipboard.printing.code128 import MODULE, NARROWEST, QUIET, bars
from shipboard.printing.pdf_file import PdfFile
from shipboard.printing.records import Paper
from shipboard.printing.setting import Line

_SMALL_PAPER = 300.0


class Sheets:
    """Positions are in points from the left and from the top; text sizes are factors of `size`."""

    def __init__(self, file: PdfFile, paper: Paper, again: str, region: str = "") -> None:
        """`again`: what the head of every further sheet says."""
        self._file = file
        self._again = again
        self._region = region
        self.wide, self.high = paper.points
        is_small = self.wide < _SMALL_PAPER
        self.margin = 12.0 if is_small else 32.0
        self.size = 8.5 if is_small else 10.0
        self.left, self.right = self.margin, self.wide - self.margin
        #: Room at the foot for "2 of 3".
        self.bottom = self.high - self.margin - 1.4 * self.size
        self._done: list[list[bytes]] = []
        self._shown: list[bytes] = []
        self.top = self.margin
        self._heads: list[Callable[[], None]] = []

    @property
    def inner(self) -> float:
        return self.right - self.left

    def need(self, height: float) -> None:
        """Goes to the next sheet unless so much is left on this one."""
        if self.top + height > self.bottom and self.top > self.margin:
            self._turn()

    def repeat(self, head: Callable[[], None]) -> None:
        """Written now and at the top of each further sheet."""
        head()
        self._heads = [head]

    def no_more_heads(self) -> None:
        self._heads = []

    def _turn(self) -> None:
        self._done.append(self._shown)
        self._shown = []
        self.top = self.margin
        self.put(self.left, setting.wrap(self._again, self.em(self.inner), True, most=1)[0])
        self.top += 1.6 * self.size
        for head in self._heads:
            head()

    def em(self, points: float, scale: float = 1.0) -> float:
        """A width as text is measured, in 1/1000 of its size."""
        return points / (self.size * scale) * 1000

    def put(self, x: float, line: Line, scale: float = 1.0, down: float = 0.0) -> None:
        """One line whose upper edge is at the top, or so far below it."""
        size = self.size * scale
        y = self.high - self.top - down - size
        self._shown.append(b"BT %.2f 0 0 %.2f %.2f %.2f Tm %b ET" % (size, size, x, y, line.show))
        for font, glyphs in line.glyphs:
            self._file.use(font, glyphs)

    def put_right(self, x: float, line: Line, scale: float = 1.0, down: float = 0.0) -> None:
        """One line that ends at `x`."""
        self.put(x - line.width * self.size * scale / 1000, line, scale, down)

    def put_fitting(self, x: float, text: str, room: float, scale: float) -> None:
        """A bold text that is made smaller rather than cut."""
        line = setting.line(text, is_bold=True)
        fitting = room / (line.width * self.size) * 1000 if line.width else scale
        self.put(x, line, min(scale, fitting))

    def text(
        self,
        text: str,
        scale: float = 1.0,
        is_bold: bool = False,
        indent: float = 0.0,
        most: int = 0,
    ) -> None:
        """A paragraph from the left to the right margin, over as many sheets as it needs."""
        room = self.em(self.inner - indent, scale)
        for line in setting.wrap(text, room, is_bold, self._region, most):
            height = 1.4 * self.size * scale
            self.need(height)
            self.put(self.left + indent, line, scale)
            self.top += height

    def lines(
        self, text: str, width: float, is_bold: bool = False, most: int = 0, scale: float = 1.0
    ) -> tuple[Line, ...]:
        return setting.wrap(text, self.em(width, scale), is_bold, self._region, most)

    def gap(self, height: float) -> None:
        self.top += height

    def rule(self, weight: float = 0.6) -> None:
        y = self.high - self.top
        self._shown.append(
            b"%.2f w %.2f %.2f m %.2f %.2f l S" % (weight, self.left, y, self.right, y)
        )

    def frame(self, x: float, size: float, down: float = 0.0) -> None:
        """A square to be ticked."""
        y = self.high - self.top - down - size
        self._shown.append(b"0.7 w %.2f %.2f %.2f %.2f re S" % (x, y, size, size))

    def code_width(self, text: str, room: float) -> float:
        """How wide the bars of a text would be with their quiet zones; 0 when they don't fit."""
        found = bars(text)
        if found is None:
            return 0.0
        modules = found.modules + 2 * QUIET
        return min(room, modules * MODULE) if room >= modules * NARROWEST else 0.0

    def code(self, text: str, x: float, width: float, height: float) -> None:
        """Bars within a width of `code_width`."""
        found = bars(text)
        if found is None:
            return
        module = width / (found.modules + 2 * QUIET)
        y = self.high - self.top - height
        self._shown.append(
            b"q %.5f 0 0 %.2f %.2f %.2f cm %b Q"
            % (module, height, x + QUIET * module, y, found.path)
        )

    def close(self) -> int:
        """Gives the sheets to the file; tells how many."""
        self._done.append(self._shown)
        many = len(self._done)
        for number, shown in enumerate(self._done, 1):
            if many > 1:
                self._shown = shown
                self.top = self.high - self.margin - self.size
                self.put_right(self.right, setting.line(f"Page {number} of {many}"), 0.9)
            self._file.add_page((self.wide, self.high), b"\n".join(shown))
        return many
