"""The fonts that are embedded: Sarabun for Latin, Thai and Vietnamese, Noto Sans for Han, kana and
Hangul, each in the form of its region. Every file carries only the signs that are on it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise

import fontpkg
import uharfbuzz as hb

#: Names of fonts within our pages. R and B have one byte a sign and hold WINDOWS; r and b are the
#: same for all else that Sarabun has; of Han there is one weight: each more is one more to embed.
REGULAR, BOLD = "R", "B"
SHAPED = {REGULAR: "r", BOLD: "b"}
SIMPLIFIED, TRADITIONAL, JAPANESE, KOREAN = "S", "T", "J", "K"
HAN = (SIMPLIFIED, JAPANESE, KOREAN, TRADITIONAL)

_WEIGHTS = {"R": 500, "B": 700, "r": 500, "b": 700}
_FILES = {SIMPLIFIED: "SC", TRADITIONAL: "TC", JAPANESE: "JP", KOREAN: "KR"}
#: What a thermal printer draws well.
_HAN_WEIGHT = 500


def _tag(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


#: Tables that no viewer asks an embedded font for.
_UNWANTED = {
    *map(_tag, "GSUB GPOS GDEF BASE STAT name post VORG vhea vmtx HVAR VVAR MVAR avar DSIG".split())
}


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of a cluster: where it goes from the pen and how far that moves, in 1/1000 em;
    `text` is the signs of its own that it is alone for, else empty."""

    id: int
    text: str
    x: float
    y: float
    advance: float


class Face:
    """A font file in one weight."""

    def __init__(self, path: str, weight: int, is_variable: bool) -> None:
        self.weight = weight if is_variable else None
        self._face = hb.Face(hb.Blob.from_file_path(path))
        self._font = hb.Font(self._face)
        if self.weight is not None:
            self._font.set_variations({"wght": weight})
        self._scale: float = 1000 / self._face.upem
        #: Of each glyph that was shaped, the text that a viewer copies.
        self.texts: dict[int, str] = {}

    @cached_property
    def name(self) -> str:
        return str(self._face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME)).replace(" ", "")

    @cached_property
    def box(self) -> tuple[int, int]:
        """Ascent and descent."""
        extents = self._font.get_font_extents("ltr")
        return round(extents.ascender * self._scale), round(extents.descender * self._scale)

    def has(self, cluster: str) -> bool:
        return all(
            sign in _IGNORABLE or self._font.get_nominal_glyph(ord(sign)) for sign in cluster
        )

    def width(self, glyph: int) -> float:
        advance: int = self._font.get_glyph_h_advance(glyph)
        return float(advance * self._scale)

    def width_of(self, sign: str) -> float | None:
        glyph = self._font.get_nominal_glyph(ord(sign))
        return None if glyph is None else self.width(glyph)

    def shape(self, cluster: str) -> tuple[Glyph, ...]:
        """As it is to be drawn, from left to right."""
        buffer = hb.Buffer()
        buffer.cluster_level = hb.BufferClusterLevel.CHARACTERS
        buffer.add_str(cluster)
        buffer.guess_segment_properties()
        buffer.direction = "ltr"
        hb.shape(self._font, buffer)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        texts = _texts([info.cluster for info in infos], cluster)
        return tuple(
            Glyph(
                info.codepoint,
                text,
                place.x_offset * self._scale,
                place.y_offset * self._scale,
                place.x_advance * self._scale,
            )
            for info, place, text in zip(infos, places, texts, strict=True)
        )

    def subset(self, glyphs: Iterable[int]) -> tuple[bytes, dict[int, int]]:
        """A font of these glyphs, packed, and the new id of each."""
        wanted = self._wanted()
        wanted.glyph_set.update(set(glyphs) | {0})
        wanted.drop_table_tag_set.update(_UNWANTED | {_tag("cmap"), _tag("OS/2")})
        plan = hb.SubsetPlan(self._face, wanted)
        data = plan.execute().blob.data
        return zlib.compress(data, 6), dict(plan.old_to_new_glyph_mapping)

    def subset_of_signs(self, signs: Iterable[str]) -> bytes:
        """A font that finds these signs by itself, not packed."""
        wanted = self._wanted()
        wanted.unicode_set.update(set(map(ord, signs)))
        wanted.drop_table_tag_set.update(_UNWANTED)
        return bytes(hb.SubsetPlan(self._face, wanted).execute().blob.data)

    def _wanted(self) -> hb.SubsetInput:
        wanted = hb.SubsetInput()
        wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        if self.weight is not None:
            wanted.pin_axis_location(self._face, "wght", self.weight)
        return wanted


#: Signs that change others and need no glyph: joiners and variation selectors.
_IGNORABLE = frozenset("\u200c\u200d") | {chr(sign) for sign in range(0xFE00, 0xFE10)}


def _texts(starts: list[int], cluster: str) -> list[str]:
    """Of each glyph the signs it stands for, when they are its alone."""
    ends = sorted({*starts, len(cluster)})
    following = dict(pairwise(ends))
    return [
        cluster[start : following[start]] if starts.count(start) == 1 else "" for start in starts
    ]


@cache
def face(key: str) -> Face:
    if key in _FILES:
        name = f"NotoSans{_FILES[key]}"
        folder = files("justmytype_intl_cjk") / "fonts" / "ofl" / name.lower()
        return Face(str(folder / f"{name}[wght].ttf"), _HAN_WEIGHT, is_variable=True)
    weight = _WEIGHTS[key]
    return Face(str(fontpkg.path("Sarabun", weight=weight)), weight, is_variable=False)


#: What the one-byte fonts have: byte by sign. Without the blank and the hyphen that look alike.
WINDOWS: dict[str, int] = {
    sign: byte
    for byte in range(32, 256)
    if (sign := bytes([byte]).decode("cp1252", "ignore")) and sign.isprintable()
}


@cache
def widths(key: str) -> dict[str, float]:
    """Of the signs of a one-byte font, in 1/1000 em."""
    found = {sign: face(key).width_of(sign) for sign in WINDOWS}
    return {sign: width for sign, width in found.items() if width is not None}
