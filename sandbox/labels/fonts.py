"""Writing in every script of our markets. Latin-1 is set in the fonts that each PDF viewer has,
Thai and Vietnamese in Sarabun, which is embedded, and Han, kana and Hangul in the viewer's own.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby

import fontpkg
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont, shapeStr
from reportlab.pdfgen.canvas import Canvas

REGULAR, BOLD = "Helvetica", "Helvetica-Bold"
#: One weight for all: a second would be a second font to cut and embed in every label.
EMBEDDED = "Sarabun-SemiBold"
HANGUL, KANA = "HYGothic-Medium", "HeiseiKakuGo-W5"
#: The fonts that a viewer brings for Han signs, by region; they are written differently in each.
HAN = {"JP": KANA, "KR": HANGUL, "TW": "MSung-Light", "HK": "MSung-Light"}
HAN_ELSEWHERE = "STSong-Light"
#: A Thai vowel that Unicode calls a letter although half of it is a mark.
SARA_AM = "\u0e33"


def register() -> None:
    """Makes the fonts known to reportlab, once."""
    pdfmetrics.registerFont(TTFont(EMBEDDED, str(fontpkg.path("Sarabun", weight=600))))
    for name in {HANGUL, KANA, HAN_ELSEWHERE, *HAN.values()}:
        pdfmetrics.registerFont(UnicodeCIDFont(name))


register()


def write(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    face: str = REGULAR,
    region: str = "",
) -> float:
    """Writes one line from `x`; gives where it ends."""
    for font, run in runs(text, face, region):
        canvas.setFont(font, size)
        canvas.drawString(x, y, shaped(run, font, size))
        x += pdfmetrics.stringWidth(run, font, size)
    return x


def width(text: str, size: float, face: str = REGULAR, region: str = "") -> float:
    return sum(
        float(pdfmetrics.stringWidth(run, font, size)) for font, run in runs(text, face, region)
    )


@lru_cache(maxsize=4096)
def runs(text: str, face: str, region: str) -> tuple[tuple[str, str], ...]:
    """The text in stretches of one font each: (font, stretch)."""
    if text.isascii():
        return ((face, text),)
    if any(font_of(sign, face, region) == EMBEDDED for sign in text):
        face = EMBEDDED
    return tuple(
        (font, "".join(run))
        for font, run in groupby(text, key=lambda sign: font_of(sign, face, region))
    )


def font_of(sign: str, face: str, region: str) -> str:
    code = ord(sign)
    if code < 0x100:
        return face
    if 0x3040 <= code < 0x3100 or 0xFF00 <= code < 0xFFF0:
        return KANA if region != "KR" else HANGUL
    if 0x1100 <= code < 0x1200 or 0x3130 <= code < 0x3190 or 0xAC00 <= code < 0xD7B0:
        return HANGUL
    if 0x2E80 <= code < 0xFB00 or code >= 0x20000:
        return HAN.get(region, HAN_ELSEWHERE)
    return EMBEDDED


@lru_cache(maxsize=4096)
def shaped(text: str, font: str, size: float) -> str:
    """The text with its marks in their places: Thai stacks a tone mark on a vowel sign."""
    if font != EMBEDDED or text.isascii():
        return text
    made: str = shapeStr(text, font, size)
    return made


def wrap(text: str, size: float, room: float, face: str = REGULAR, region: str = "") -> list[str]:
    """Lines no wider than `room`, broken at spaces, or anywhere when a word is too long."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size, face, region) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size, face, region) > room:
            cut = _fitting(line, size, room, face, region)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


def _fitting(text: str, size: float, room: float, face: str, region: str) -> int:
    """How many signs fit; at least one, and never a mark without the letter it stands on."""
    cut = len(text) - 1
    while cut > 1 and (width(text[:cut], size, face, region) > room or _is_mark(text[cut])):
        cut -= 1
    return cut


def _is_mark(sign: str) -> bool:
    """Whether it stands above, below or against the letter before it."""
    return sign in SARA_AM or unicodedata.category(sign) == "Mn"
