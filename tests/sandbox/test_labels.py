"""Labels and slips: codes scan at every size, every script prints, long texts stay in place."""

from __future__ import annotations

import threading
import time
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from reportlab.lib.units import mm

from sandbox.fulfilment.carriers import CARRIERS, number_of
from sandbox.labels.document import TYPES, make
from sandbox.labels.fonts import EMBEDDED, runs, width, wrap
from sandbox.labels.parcel import Item, Parcel, Party

NUMBERS = [number_of(carrier, 4711) for carrier in CARRIERS] + ["MG1", "A1B" * 8, "JD" + "0" * 20]
PEOPLE = {
    "US": Party("Rowan Ashby", ("18 Juniper Row", "Portland, OR 97201"), "(+1)********43"),
    "TH": Party("นายกิตติ ผู้รับน้ำปั้น", ("99/1 ถนนสุขุมวิท", "กรุงเทพมหานคร 10110")),
    "VN": Party("Nguyễn Thị Ngọc Ánh", ("12 Đường Lê Lợi", "Thành phố Hồ Chí Minh")),
    "JP": Party("田中 陽子", ("東京都渋谷区神南1-2-3", "〒150-0041")),
    "KR": Party("김서연", ("서울특별시 종로구",)),
}


def parcel(region: str = "US", number: str = "GX000000000001", items: int = 2) -> Parcel:
    return Parcel(
        package_id="1153098213908430912",
        tracking_number=number,
        carrier="Gull Express",
        service="Gull Ground",
        sort_code="US-972",
        region=region,
        sender=Party("Harbor Goods", ("Dock 4, Oakland",)),
        recipient=PEOPLE[region],
        orders=("576461413038785752",),
        items=tuple(Item(f"MUG-{n:03}", f"Enamel mug {n}", n % 3 + 1) for n in range(items)),
        weight="750 gram",
        handover="pickup 24 Nov 09:00-13:00",
        made="2026-11-23",
        collect="THB 1250.00",
    )


def page(content: bytes, number: int = 0, dots: int = 203) -> Image.Image:
    return pypdfium2.PdfDocument(content)[number].render(scale=dots / 72).to_pil()


def codes(picture: Image.Image) -> dict[str, str]:
    return {code.format.name: code.text for code in zxingcpp.read_barcodes(picture)}


def text(content: bytes, number: int = 0) -> str:
    return pypdfium2.PdfDocument(content)[number].get_textpage().get_text_range()


@pytest.mark.parametrize("size", ["A6", "A5"])
@pytest.mark.parametrize("number", NUMBERS)
def test_both_codes_scan(size: str, number: str) -> None:
    content = make(parcel(number=number), "SHIPPING_LABEL", size).content
    assert codes(page(content)) == {"Code128": number, "QRCode": "1153098213908430912"}


@pytest.mark.parametrize(("size", "across", "down"), [("A6", 105, 148), ("A5", 148, 210)])
def test_sizes_are_true(size: str, across: int, down: int) -> None:
    for type in ("SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP"):
        for sheet in pypdfium2.PdfDocument(make(parcel(), type, size).content):
            assert sheet.get_size() == pytest.approx((across * mm, down * mm), abs=0.01)
    (hazard,) = pypdfium2.PdfDocument(make(parcel(), "HAZMAT_LABEL", size).content)
    assert hazard.get_size() == pytest.approx((210 * mm, 297 * mm), abs=0.01)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("region", PEOPLE)
def test_every_document_of_every_script(type: str, region: str) -> None:
    made = make(parcel(region), type)
    if made.mime == "image/png":
        picture = Image.open(BytesIO(made.content))
        assert picture.size == (840, 1183)
        assert codes(picture)["Code128"] == "GX000000000001"
    else:
        assert "1153098213908430912" in text(made.content)


def test_the_picture_is_the_label() -> None:
    """PNG and PDF are one drawing."""
    picture = Image.open(BytesIO(make(parcel(), "SHIPPING_LABEL_PICTURE").content))
    drawn = page(make(parcel(), "SHIPPING_LABEL").content).convert("L")
    assert codes(picture) == codes(drawn)
    assert picture.size == drawn.size


@pytest.mark.parametrize("region", ["TH", "VN"])
def test_thai_and_vietnamese_are_embedded(region: str) -> None:
    content = make(parcel(region), "SHIPPING_LABEL").content
    assert EMBEDDED.encode() in content
    assert EMBEDDED.encode() not in make(parcel(), "SHIPPING_LABEL").content


def ink(name: str) -> list[bytes]:
    """The rows of a label's recipient that a name changes."""
    there = Parcel(**{**vars(parcel("TH")), "recipient": Party(name, ("1",))})
    empty = Parcel(**{**vars(parcel("TH")), "recipient": Party("", ("1",))})
    one, other = (page(make(p, "SHIPPING_LABEL").content).convert("L") for p in (there, empty))
    wide = one.width
    rows = zip(range(one.height), strict=False)
    return [
        a
        for (row,) in rows
        if (a := one.crop((0, row, wide, row + 1)).tobytes())
        != other.crop((0, row, wide, row + 1)).tobytes()
    ]


def test_thai_tone_marks_stand_above_their_vowels() -> None:
    """Unshaped, the mark of the second name would lie within the vowel of the first."""
    assert len(ink("ปั้น")) > len(ink("ปัน")) > len(ink("ปน"))


def test_no_sign_is_a_box() -> None:
    for region, party in PEOPLE.items():
        for line in (party.name, *party.lines):
            for font, run in runs(line, "Helvetica", region):
                if font == EMBEDDED:
                    assert all(_glyph(sign) for sign in run), run


def _glyph(sign: str) -> bool:
    from reportlab.pdfbase import pdfmetrics

    return ord(sign) in pdfmetrics.getFont(EMBEDDED).face.charToGlyph


def test_long_slips_go_on_the_next_page() -> None:
    content = make(parcel(items=70), "PACKING_SLIP").content
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 3
    whole = "".join(text(content, number) for number in range(3))
    assert all(f"MUG-{number:03}" in whole for number in range(70))
    assert "Page 3 of 3" in whole
    total = sum(number % 3 + 1 for number in range(70))
    assert f"{total} in all" in whole


@pytest.mark.parametrize(
    "words", ["x" * 400, "น้ำ" * 120, "a b " * 100, "東京" * 90, "word " + "y" * 300 + " end"]
)
def test_lines_are_no_wider_than_their_room(words: str) -> None:
    lines = wrap(words, 10, 200)
    assert all(width(line, 10) <= 200 for line in lines)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")


def test_a_mark_is_never_parted_from_its_letter() -> None:
    marks = ("ั", "้", "ำ", "ิ", "่")
    assert not any(line.startswith(marks) for line in wrap("น้ำปั้นที่" * 60, 10, 100))


def test_odd_texts_do_not_break_a_label() -> None:
    odd = Party("()\\%<>&\x00\n", ("🙂 " + "z" * 900, "", "ok"), "")
    long = "SKU " * 300
    there = Parcel(
        **{**vars(parcel()), "recipient": odd, "items": (Item(long, long, 1), Item("", "", 2))}
    )
    content = make(there, "SHIPPING_LABEL_AND_PACKING_SLIP").content
    assert codes(page(content))["Code128"] == "GX000000000001"


def test_the_same_label_is_the_same_bytes() -> None:
    assert make(parcel("TH"), "SHIPPING_LABEL") == make(parcel("TH"), "SHIPPING_LABEL")


def test_threads_do_not_spoil_each_others_fonts() -> None:
    expected = {region: make(parcel(region), "SHIPPING_LABEL").content for region in PEOPLE}
    wrong: list[str] = []

    def draw(region: str) -> None:
        for _ in range(12):
            if make(parcel(region), "SHIPPING_LABEL").content != expected[region]:
                wrong.append(region)

    threads = [threading.Thread(target=draw, args=(region,)) for region in PEOPLE for _ in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_labels_are_made_fast() -> None:
    """Over 300 a second on a core of its own; a tenth of that even on a crowded machine."""
    make(parcel(), "SHIPPING_LABEL")
    start = time.process_time()
    for serial in range(100):
        make(parcel(number=number_of(CARRIERS[0], serial)), "SHIPPING_LABEL")
    assert 100 / (time.process_time() - start) > 30
