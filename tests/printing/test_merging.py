"""Files put together: every page as it was, in its own size, in the order of the stack."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shipboard.printing import (
    PNG,
    Cover,
    Damaged,
    Pages,
    Paper,
    count_pages,
    cover_pdf,
    in_files,
    interleave,
    merge,
    slips_pdf,
)
from tests.printing.paper import codes, pictures, png, sizes, slip, texts


def label(number: int, paper: Paper = Paper.A6) -> Pages:
    """Stands for the platform's file: one page with its tracking number as a code."""
    made = slip(tracking_number=f"LBL{number:09d}", order_id="", lines=())
    return Pages(f"Label {number}", slips_pdf([made], paper).content)


LABELS = [label(number) for number in range(1, 8)]


def numbers(content: bytes) -> list[int]:
    return [int(re.search(r"LBL(\d+)", text)[1]) for text in texts(content)]


def test_pages_are_as_they_were() -> None:
    many = [label(1), label(2, Paper.FOUR_BY_SIX), label(3, Paper.A5), label(4, Paper.LETTER)]
    merged = merge(many)
    assert sizes(merged) == [sizes(each.content)[0] for each in many]
    for page, each in zip(pictures(merged), many, strict=True):
        assert page.tobytes() == pictures(each.content)[0].tobytes()
    for each in many:
        streams = re.findall(rb"stream\n(.*?)\nendstream", each.content, re.DOTALL)
        assert len(streams) >= 2
        # What is drawn and the fonts it is drawn with, to the byte.
        assert all(stream in merged for stream in streams)


def test_a_page_that_is_turned_or_cropped_stays_so() -> None:
    content = LABELS[0].content
    turned = re.sub(rb"/MediaBox", rb"/Rotate 90/CropBox[20 30 200 300]/MediaBox", content)
    merged = merge([Pages("Label", turned)])
    assert sizes(merged) == sizes(turned) == [(270.0, 180.0)]
    assert pictures(merged)[0].tobytes() == pictures(turned)[0].tobytes()


def test_label_and_slip_take_turns_and_codes_agree() -> None:
    long = slip(order_id="2" * 18, tracking_number="LBL000000002", buyer_message="long " * 900)
    slips = slips_pdf(
        [
            slip(order_id="1" * 18, tracking_number="LBL000000001"),
            long,
            slip(order_id="3" * 18, tracking_number="LBL000000003"),
        ],
        Paper.A6,
    )
    merged = merge(interleave(LABELS[:3], slips))
    read = [page[0] for page in codes(merged) if page]
    assert read == [f"LBL00000000{n}" for n in (1, 1, 2, 2, 3, 3)]
    assert sum("continued" in text for text in texts(merged)) == slips.pages[1] - 1 > 0


def test_a_slip_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        interleave(LABELS[:3], slips_pdf([slip()], Paper.A6))


def test_fonts_of_one_file_are_taken_in_once() -> None:
    slips = slips_pdf([slip("น้ำมัน 红色") for _ in range(30)], Paper.A6)
    parts = interleave([LABELS[0]] * 30, slips)
    assert len(merge(parts)) < len(slips.content) + len(LABELS[0].content) + 30_000


def test_the_file_asks_to_be_printed_at_its_size() -> None:
    assert b"/PrintScaling/None" in merge(LABELS[:1]).replace(b" ", b"")


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=12), st.booleans())
@settings(max_examples=40, deadline=None)
def test_nothing_is_lost_doubled_or_moved(some: list[Pages], is_reversed: bool) -> None:
    wanted = [int(each.name.split()[1]) for each in some]
    assert numbers(merge(some, is_reversed)) == (wanted[::-1] if is_reversed else wanted)


@given(st.lists(st.integers(0, 19), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_pages_of_one_large_file_go_where_they_are_wanted(pages: list[int]) -> None:
    whole = merge([label_of(number) for number in range(20)])
    parts = [Pages(f"Label {page}", whole, pages=range(page, page + 1)) for page in pages]
    assert numbers(merge(parts)) == pages


_MADE: dict[int, Pages] = {}


def label_of(number: int) -> Pages:
    return _MADE.setdefault(number, label(number))


def test_reversed_with_cover_and_slips_the_last_page_printed_is_the_cover() -> None:
    cover = Cover("Labels", (("Labels", 2),), by="Ada", at="now", zone="UTC")
    slips = slips_pdf([slip(), slip(buyer_message="long " * 900)], Paper.A6)
    parts = [Pages("Cover", cover_pdf(cover, Paper.A6)), *interleave(LABELS[:2], slips)]
    assert texts(merge(parts, is_reversed=True)) == texts(merge(parts))[::-1]


def test_six_hundred_labels_make_six_files() -> None:
    assert [len(file) for file in in_files(LABELS * 86, 100)] == [100] * 6 + [2]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a whole PDF"),
        (b"<html>expired</html>", "not a whole PDF"),
        (LABELS[0].content[:200], "not a whole PDF"),
        (b"%PDF-1.4\ntrailer<<>>\n%%EOF", "not a whole PDF"),
    ],
)
def test_a_damaged_file_is_named(content: bytes, why: str) -> None:
    with pytest.raises(Damaged, match=f"Label of parcel 77 can't be printed: .*{why}") as caught:
        merge([LABELS[0], Pages("Label of parcel 77", content), LABELS[1]])
    assert caught.value.name == "Label of parcel 77"


def test_a_page_that_is_not_there_is_named() -> None:
    with pytest.raises(Damaged, match=r"Label 9 .* no page 3, only 1"):
        merge([Pages("Label 9", LABELS[0].content, pages=range(2, 3))])


def test_what_is_neither_pdf_nor_picture_is_named() -> None:
    with pytest.raises(Damaged, match="Label 9 can't be printed: its file is application/zpl"):
        merge([Pages("Label 9", b"^XA^XZ", "application/zpl")])


def test_pages_are_counted() -> None:
    assert count_pages(LABELS[0]) == 1
    assert count_pages(Pages("All", merge(LABELS))) == 7
    with pytest.raises(Damaged, match="All"):
        count_pages(Pages("All", b"nothing"))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_a_picture_is_a_page_with_every_dot(mode: str) -> None:
    [page] = pictures(LABELS[0].content)
    picture = page.convert("1").convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = picture.convert("I").point(lambda dots: dots * 257).convert(mode)
    part = Pages("Label 1", png(picture, dpi=(203, 203)), PNG)
    merged = merge([part])
    assert sizes(merged)[0] == pytest.approx(
        (page.width / 203 * 72, page.height / 203 * 72), abs=0.1
    )
    assert codes(merged)[0] == ["LBL000000001"]


def test_dots_come_back_one_for_one() -> None:
    picture = Image.effect_noise((1000, 1500), 90)
    document = pypdfium2.PdfDocument(merge([Pages("Label 1", png(picture), PNG)]))
    [shown] = document[0].get_objects()
    assert shown.get_bitmap().to_pil().convert("L").tobytes() == picture.tobytes()
    document.close()


def test_a_picture_without_a_scale_is_as_wide_as_its_paper() -> None:
    part = Pages("Label 1", png(Image.new("L", (800, 1200))), PNG, paper=Paper.FOUR_BY_SIX)
    assert sizes(merge([part])) == [(288.0, 432.0)]


@pytest.mark.parametrize("content", [b"", b"GIF89a", png(Image.new("L", (90, 90)))[:-40]])
def test_a_damaged_picture_is_named(content: bytes) -> None:
    with pytest.raises(Damaged, match="Label 3 can't be printed: its file is not a whole picture"):
        merge([Pages("Label 3", content, PNG)])


def test_a_picture_too_large_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(Damaged, match="too large"):
        merge([Pages("Label 3", png(Image.new("1", (20_000, 20_000))), PNG)])
