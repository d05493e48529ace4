"""Code 128, as bars on paper: what a scanner reads from slips, pick lists and covers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

#: A quiet zone on either side, in modules, which the symbology asks for.
QUIET = 10
#: Two dots of a printer with 203 dots an inch, so that bars end where dots do.
MODULE = 144 / 203
#: A scanner held in the hand reads no less than this (0.19 mm).
NARROWEST = 0.54

_START_B, _START_C, _TO_B, _TO_C, _STOP = 104, 105, 100, 99, 106
#: Widths of bar, gap, bar, gap... of each symbol, from ISO/IEC 15417.
_SYMBOLS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
).split()
#: Runs of digits that are shorter in pairs: at an end from four on, inside from six.
_PAIRED = re.compile(r"^[0-9]{4,}|[0-9]{6,}|[0-9]{4,}$|^[0-9]{2}$")
_PRINTABLE = re.compile(r"[ -~]{1,80}")


@dataclass(frozen=True, slots=True)
class Bars:
    """`path` fills the bars, one unit a module and one unit high; `modules` without the quiet."""

    path: bytes
    modules: int


@lru_cache(maxsize=2048)
def bars(text: str) -> Bars | None:
    """None for what has no such code: nothing, more than 80 signs, or signs beyond ASCII."""
    if not _PRINTABLE.fullmatch(text):
        return None
    path, x = [], 0
    for symbol in _symbols(text):
        widths = _SYMBOLS[symbol]
        for position, width in enumerate(map(int, widths)):
            if position % 2 == 0:
                path.append(f"{x} 0 {width} 1 re")
            x += width
    return Bars(("\n".join(path) + " f").encode(), x)


def _symbols(text: str) -> list[int]:
    values: list[int] = []
    start = 0
    for run in _PAIRED.finditer(text):
        # Of an odd run the first digit stays single.
        pairs = run.start() + len(run.group()) % 2
        _put_single(values, text[start:pairs])
        values.append(_TO_C if values else _START_C)
        values.extend(int(text[at : at + 2]) for at in range(pairs, run.end(), 2))
        start = run.end()
    _put_single(values, text[start:])
    check = values[0] + sum(place * value for place, value in enumerate(values))
    return [*values, check % 103, _STOP]


def _put_single(values: list[int], text: str) -> None:
    if text:
        values.append(_TO_B if values else _START_B)
        values.extend(ord(sign) - 32 for sign in text)
