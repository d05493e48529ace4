"""Text set in lines: which font has which sign, how it is shaped, where a line may end. Everything
is kept by cluster and by text, as names, SKUs and words come again and again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from shipboard.printing import faces
from shipboard.printing.clusters import Atom, atoms, clusters
from shipboard.printing.faces import BOLD, HAN, JAPANESE, KOREAN, REGULAR, SHAPED, TRADITIONAL

_REGIONS = {"JP": JAPANESE, "KR": KOREAN, "TW": TRADITIONAL, "HK": TRADITIONAL, "MO": TRADITIONAL}
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7ff]")
#: Drawn for a sign that no font of ours has.
_MISSING = "□"
_ESCAPED = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})


@dataclass(frozen=True, slots=True)
class Line:
    """Operators that show a text in a font of size 1, its width in 1/1000 em, and what it needs of
    the fonts that are cut for the file."""

    show: bytes
    width: float
    glyphs: tuple[tuple[str, frozenset[int]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Set:
    """One cluster in its font: either codes that are shown one after the other, or operators."""

    font: str
    code: str
    width: float
    operators: str = ""
    glyphs: frozenset[int] = frozenset()


def line(text: str, is_bold: bool = False, region: str = "") -> Line:
    """All of `text` in one line, however long."""
    return wrap(text, 1e9, is_bold, region)[0]


@lru_cache(maxsize=2048)
def wrap(
    text: str, width: float, is_bold: bool = False, region: str = "", most: int = 0
) -> tuple[Line, ...]:
    """Lines of at most `width` (1/1000 em), one at least; with `most`, no more lines than that, the
    last of which then ends in an ellipsis. Line feeds end a line; other control signs are blanks.
    """
    font = BOLD if is_bold else REGULAR
    lines: list[Line] = []
    for paragraph in text.splitlines() or [""]:
        lines.extend(_wrapped(_printable(paragraph), width, font, region))
        if most and len(lines) > most:
            dots = _quick("…", font)
            narrower = wrap(text, width - dots.width, is_bold, region)
            return (*narrower[: most - 1], _followed(narrower[most - 1], dots))
    return tuple(lines)


def _followed(last: Line, dots: Line) -> Line:
    return Line(last.show + b" " + dots.show, last.width + dots.width, last.glyphs + dots.glyphs)


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_cleaned(sign) for sign in text)


def _cleaned(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if category in ("Cs", "Cf") and sign not in "\u200c\u200d":
        return ""
    return sign


def _wrapped(text: str, width: float, font: str, region: str) -> Iterator[Line]:
    widths = faces.widths(font)
    try:
        whole = sum(map(widths.__getitem__, text))
    except KeyError:
        han = _han_of(text, region)
        yield from _broken(text, width, font, han)
        return
    if whole <= width:
        yield _quick(text, font, whole)
    else:
        yield from _words(text, width, font)


def _quick(text: str, font: str, width: float = -1) -> Line:
    """Of signs that all have one byte."""
    if width < 0:
        width = sum(map(faces.widths(font).__getitem__, text))
    show = f"/{font} 1 Tf ({text.translate(_ESCAPED)}) Tj"
    return Line(show.encode("cp1252"), width, ((font, frozenset()),))


def _words(text: str, width: float, font: str) -> Iterator[Line]:
    widths = faces.widths(font)
    start = end = 0
    used = room = 0.0
    for at, sign in enumerate(text):
        used += widths[sign]
        if used > width and sign != " ":
            cut = end if end > start else at
            yield _quick(text[start:cut].rstrip(" "), font)
            used -= room if end > start else used - widths[sign]
            start = end = cut
            room = 0.0
        if sign == " ":
            end, room = at + 1, used
    if text[start:].rstrip(" ") or start == 0:
        yield _quick(text[start:].rstrip(" "), font)


def _han_of(text: str, region: str) -> str:
    """The font for its Han signs: the region's, else what the text's other signs tell."""
    if region in _REGIONS:
        return _REGIONS[region]
    if _KANA.search(text):
        return JAPANESE
    return KOREAN if _HANGUL.search(text) else faces.SIMPLIFIED


def _broken(text: str, width: float, font: str, han: str) -> Iterator[Line]:
    """Lines of a text of any script."""
    rest = [(atom, _set(atom.text, font, han)) for atom in atoms(clusters(text))]
    while rest:
        many = _fitting(rest, width)
        taken, rest = rest[:many], rest[many:]
        while len(taken) > 1 and taken[-1][0].text == " ":
            taken.pop()
        yield _joined([each for _, each in taken])


def _fitting(rest: list[tuple[Atom, _Set]], width: float) -> int:
    """How many clusters the next line takes: up to the last good end, unless it would be less than
    two thirds full and there is another end; where there is none, as many as fit."""
    used, good, poor = 0.0, 0, 0
    for at, (atom, each) in enumerate(rest):
        if at and atom.breaks:
            good, poor = (at, at) if atom.breaks == 2 else (good, at)
        used += each.width
        if used > width and atom.text != " ":
            if good and _width(rest[:good]) * 3 >= width * 2:
                return good
            return max(poor, good) or max(at, 1)
    return len(rest)


def _width(some: list[tuple[Atom, _Set]]) -> float:
    return sum(each.width for _, each in some)


def _joined(some: list[_Set]) -> Line:
    shown: list[str] = []
    glyphs: dict[str, set[int]] = {}
    font, codes = "", ""
    for each in [*some, _Set("", "", 0.0)]:
        if codes and (each.font != font or each.operators):
            shown.append(_show(font, codes))
            codes = ""
        if each.font != font and each.font:
            shown.append(f"/{each.font} 1 Tf")
        font = each.font
        codes += each.code
        if each.operators:
            shown.append(each.operators)
        if font:
            glyphs.setdefault(font, set()).update(each.glyphs)
    needs = tuple((name, frozenset(ids)) for name, ids in glyphs.items())
    return Line(" ".join(shown).encode("cp1252"), sum(each.width for each in some), needs)


def _show(font: str, codes: str) -> str:
    if font in SHAPED:
        return f"({codes.translate(_ESCAPED)}) Tj"
    codes = codes.replace("><", "")
    return f"[{codes}] TJ"


@lru_cache(maxsize=16384)
def _set(cluster: str, font: str, han: str) -> _Set:
    """A cluster in the first font that has all of it, else a box that still copies as the text."""
    if cluster in faces.widths(font):
        return _Set(font, cluster, faces.widths(font)[cluster])
    for key in (SHAPED[font], han, *HAN):
        if faces.face(key).has(cluster):
            glyphs = faces.face(key).shape(cluster)
            if all(glyph.id for glyph in glyphs):
                return _shaped(glyphs, cluster, key)
    return _shaped(faces.face(han).shape(_MISSING), cluster, han)


def _shaped(glyphs: tuple[faces.Glyph, ...], text: str, key: str) -> _Set:
    face = faces.face(key)
    for glyph in glyphs:
        if len(glyph.text) == 1:
            face.texts.setdefault(glyph.id, glyph.text)
    ids = frozenset(glyph.id for glyph in glyphs)
    width = sum(glyph.advance for glyph in glyphs)
    code = _moved(glyphs, face)
    copied = "".join(face.texts.get(glyph.id, "") for glyph in glyphs)
    if copied == text and not any(glyph.y for glyph in glyphs):
        return _Set(key, code, width, glyphs=ids)
    operators = _raised(glyphs, face)
    if copied != text or any(glyph.y for glyph in glyphs):
        spelt = (b"\xfe\xff" + text.encode("utf-16-be")).hex()
        operators = f"/Span<</ActualText<{spelt}>>>BDC {operators} EMC"
    return _Set(key, "", width, operators, ids)


def _moved(glyphs: tuple[faces.Glyph, ...], face: faces.Face) -> str:
    """What TJ shows: each glyph where shaping put it, the pen left where shaping leaves it."""
    code, pen = "", 0.0
    for glyph in glyphs:
        code += f"{_shift(pen - glyph.x)}<{glyph.id:04X}>"
        pen = glyph.x + face.width(glyph.id) - glyph.advance
    return code + _shift(pen)


def _shift(by: float) -> str:
    """To the left; the blank keeps numbers apart."""
    return f"{by:g} " if by else ""


def _raised(glyphs: tuple[faces.Glyph, ...], face: faces.Face) -> str:
    """Operators for glyphs of which some are shifted up or down."""
    shown, pen, rise = "", 0.0, 0.0
    for glyph in glyphs:
        if glyph.y != rise:
            shown += f"{glyph.y / 1000:g} Ts "
            rise = glyph.y
        shown += f"[{_shift(pen - glyph.x)}<{glyph.id:04X}>] TJ "
        pen = glyph.x + face.width(glyph.id) - glyph.advance
    end = "0 Ts " if rise else ""
    return f"{shown}{end}" + (f"[{_shift(pen)}] TJ" if pen else "")
