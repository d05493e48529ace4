"""Lines of text against HarfBuzz's own shaping of the whole, and where they may end."""

from __future__ import annotations

import re
import unicodedata

import fontpkg
import pytest
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.printing import faces, setting
from shipboard.printing.clusters import atoms, clusters
from tests.printing.test_slips import NAMES

THAI = [
    "น้ำมันมะพร้าวสกัดเย็นบริสุทธิ์",
    "ที่ปั๊มน้ำ",
    "ญี่ปุ่น",
    "กุ้งฐาน",
    "ฝั่งฟ้า",
    "ผู้หญิง",
    "เป็ดป่า",
    "ป่ำ",
    "ฏุ",
    "กตัญญู",
    "ปรู๊ฟ",
]


def glyphs(line: setting.Line) -> list[int]:
    """Of a line in one font that is cut."""
    shown = re.sub(r"ActualText<\w+>", "", line.show.decode("cp1252"))
    found = "".join(re.findall(r"<([0-9A-F]+)>", shown))
    return [int(found[at : at + 4], 16) for at in range(0, len(found), 4)]


def reference(text: str, path: str) -> tuple[list[int], float]:
    """Glyphs and width in 1/1000 em, the text shaped as a whole."""
    font = hb.Font(hb.Face(hb.Blob.from_file_path(path)))
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {"kern": False})
    width = sum(place.x_advance for place in buffer.glyph_positions)
    return [info.codepoint for info in buffer.glyph_infos], width * 1000 / font.face.upem


@pytest.mark.parametrize("text", THAI)
@pytest.mark.parametrize("is_bold", [False, True])
def test_thai_is_shaped_as_the_whole_would_be(text: str, is_bold: bool) -> None:
    line = setting.line(text, is_bold)
    path = fontpkg.path("Sarabun", weight=700 if is_bold else 500)
    found, width = reference(text, str(path))
    assert glyphs(line) == found
    assert 0 not in found
    assert line.width == pytest.approx(width)


def test_marks_sit_where_shaping_puts_them() -> None:
    # A tone above a vowel above a tall letter is raised and moved left, and not only printed over.
    assert re.search(rb"-?0\.\d+ Ts", setting.line("ปั๊").show)
    assert b" Ts" not in setting.line("กา").show


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_sign_of_our_markets_is_a_box(name: str) -> None:
    line = setting.line(name)
    boxes = {key: glyphs(setting.line("\U0010ffff")) for key in faces.HAN}
    for font, ids in line.glyphs:
        assert 0 not in ids
        assert font not in boxes or not ids & set(boxes[font])


@pytest.mark.parametrize(
    ("text", "region", "font"),
    [
        ("直す", "", "J"),
        ("直 서울", "", "K"),
        ("直", "", "S"),
        ("直", "JP", "J"),
        ("直", "TW", "T"),
        ("直", "TH", "S"),
    ],
)
def test_han_is_drawn_as_its_region_writes_it(text: str, region: str, font: str) -> None:
    assert [name for name, _ in setting.line(text, region=region).glyphs if name in "JKST"] == [
        font
    ]


def test_what_no_font_has_is_a_box_that_copies_as_the_text() -> None:
    shown = setting.line("a😀").show
    assert b"/ActualText<feffd83dde00>" in shown


@given(st.text(max_size=80), st.integers(3000, 20000))
@settings(max_examples=150, deadline=None)
def test_lines_fit_and_keep_every_cluster(text: str, width: int) -> None:
    lines = setting.wrap(text, float(width))
    assert len(lines) >= 1
    assert all(line.width <= width + 1 for line in lines)
    cut = setting.wrap(text, float(width), most=2)
    assert len(cut) <= 2
    assert all(line.width <= width + 1 for line in cut)


@given(st.text(max_size=60))
def test_clusters_lose_nothing(text: str) -> None:
    assert "".join(clusters(text)) == text


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("น้ำมัน", ["น้ำ", "มั", "น"]),
        (unicodedata.normalize("NFD", "Việt"), ["V", "i", "e\u0323\u0302", "t"]),
        ("👨‍👩‍👧x", ["👨‍👩‍👧", "x"]),
        ("🇹🇭🇻🇳", ["🇹🇭", "🇻🇳"]),
        (unicodedata.normalize("NFD", "한국"), ["\u1112\u1161\u11ab", "\u1100\u116e\u11a8"]),
    ],
)
def test_a_letter_stays_with_its_marks(text: str, whole: list[str]) -> None:
    assert list(clusters(text)) == whole


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a b", "a |b"),
        ("日本。語", "日|本。|語"),
        ("（日）本", "（日）|本"),
        ("กินเป็ด", "กิน|เป็ด"),
        ("XL码", "XL|码"),
    ],
)
def test_lines_end_where_readers_expect_it(text: str, parts: str) -> None:
    assert (
        "".join(("|" if atom.breaks == 2 else "") + atom.text for atom in atoms(clusters(text)))
        == parts
    )


def test_words_are_kept_whole_where_they_fit() -> None:
    lines = setting.wrap("red running shoes for women", 6500.0)
    assert [re.findall(rb"\((.*)\)", line.show)[0] for line in lines] == [
        b"red running",
        b"shoes for",
        b"women",
    ]
