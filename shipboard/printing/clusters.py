"""Text in the bits that are never taken apart, a letter and its marks, and where lines may end
between them. Thai has no blanks between words: a line ends before a vowel that begins a syllable
if it can, which needs no dictionary.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Marks without end on one letter are not writing.
_LONGEST = 16
_JOINER = "\u200d"
#: Thai and Lao AM, drawn half over the letter before; and skin tones.
_JOINED = frozenset("\u0e33\u0eb3") | {chr(sign) for sign in range(0x1F3FB, 0x1F400)}
_FLAGS = range(0x1F1E6, 0x1F200)
#: Of a Hangul syllable written in parts, all but the first.
_LATER_JAMO = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))

_THAI = range(0x0E00, 0x0E80)
_THAI_LEADING = frozenset("เแโใไ")
_THAI_FOLLOWING = frozenset("ะาๅๆฯ")
#: Han, kana, Hangul and their punctuation, full width.
_WIDE = (range(0x2E80, 0xA4D0), range(0xAC00, 0xD7A4), range(0xF900, 0xFB00), range(0xFE30, 0xFE50))
_WIDER = (range(0xFF00, 0xFF61), range(0x20000, 0x32000))
_NO_START = frozenset(
    "、。，．：；！？）」』】〉》］｝〕’”ー々…‥・%)]}!?:;,.ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NO_END = frozenset("（「『【〈《［｛〔‘“([{¥$￥＄#")


@dataclass(frozen=True, slots=True)
class Atom:
    """A cluster, and whether a line may end before it: 0 no, 1 if need be, 2 gladly."""

    text: str
    breaks: int


def clusters(text: str) -> Iterator[str]:
    """Letters, each with what is drawn on, under or around it."""
    held = ""
    for sign in text:
        if held and len(held) < _LONGEST and _joins(held, sign):
            held += sign
            continue
        if held:
            yield held
        held = sign
    if held:
        yield held


def _joins(held: str, sign: str) -> bool:
    if sign < "\u0300":
        return False
    code = ord(sign)
    return (
        unicodedata.category(sign)[0] == "M"
        or sign in _JOINED
        or sign == _JOINER
        or held[-1] == _JOINER
        or any(code in jamo for jamo in _LATER_JAMO)
        or (code in _FLAGS and len(held) == 1 and ord(held) in _FLAGS)
    )


def atoms(found: Iterable[str]) -> Iterator[Atom]:
    before = ""
    for cluster in found:
        yield Atom(cluster, _breaks(before, cluster) if before else 0)
        before = cluster


def _breaks(before: str, after: str) -> int:
    if after == " ":
        return 0
    if before == " ":
        return 2
    first, last = after[0], before[0]
    if first in _NO_START or last in _NO_END:
        return 0
    if _is_wide(first) or _is_wide(last):
        return 2
    if ord(first) in _THAI and ord(last) in _THAI:
        return _thai_breaks(last, first)
    return 0


def _thai_breaks(last: str, first: str) -> int:
    if first in _THAI_LEADING and last not in _THAI_LEADING:
        return 2
    return 0 if last in _THAI_LEADING or first in _THAI_FOLLOWING else 1


def _is_wide(sign: str) -> bool:
    code = ord(sign)
    return code >= 0x2E80 and any(code in some for some in (*_WIDE, *_WIDER))
