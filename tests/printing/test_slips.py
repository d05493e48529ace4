"""Packing slips: every code on every page reads back, every text copies as it was given."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageOps

from shipboard.printing import Paper, SlipLine, slips_pdf
from tests.printing.paper import codes, pictures, sizes, slip, squeezed, texts

#: As products are named; the last has both ways to write a letter with two marks.
NAMES = {
    "latin": "Women's (red) shoes \\ 42 – “light”, 9,90 €",
    "vietnamese": "Kem chống nắng dưỡng ẩm Việt Nam, ế ệ ữ ẵ",
    "thai": "น้ำมันมะพร้าวสกัดเย็นบริสุทธิ์ ที่ปั๊มน้ำ ญี่ปุ่น กุ้งฐาน",
    "chinese": "红色连衣裙女装新款，直角。「骨」",
    "taiwanese": "繁體中文的商品名稱",
    "japanese": "日本製の靴下、あたたかい冬用。ヴィンテージ",
    "korean": "한국어 상품 이름 겨울 양말 뷁",
    "mixed": "เสื้อ Áo T恤 シャツ 셔츠 XL",
}


@pytest.mark.parametrize("paper", Paper)
def test_a_slip_of_each_size_carries_its_codes(paper: Paper) -> None:
    slips = [
        slip(order_id=f"57646141303878575{n}", tracking_number=f"TBA12345678901{n}")
        for n in range(3)
    ]
    printed = slips_pdf(slips, paper)
    assert printed.pages == (1, 1, 1)
    assert sizes(printed.content) == [tuple(round(side, 1) for side in paper.points)] * 3
    assert codes(printed.content) == [[each.tracking_number, *each.order_ids] for each in slips]


@pytest.mark.parametrize(
    "number",
    [
        "JP1234567890123456TH",
        "1Z999AA10123456784",
        "a-b_c*9",
        "1",
        "12345",
        "SPX TH 01/x",
        "9" * 22,
    ],
)
@pytest.mark.parametrize("paper", [Paper.A6, Paper.FOUR_BY_SIX])
def test_numbers_of_all_kinds_scan(number: str, paper: Paper) -> None:
    assert number in codes(slips_pdf([slip(tracking_number=number)], paper).content)[0]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_printable_number_scans(number: str) -> None:
    number = number.strip() or "x"
    assert number in codes(slips_pdf([slip(tracking_number=number)], Paper.A6).content)[0]


def test_a_number_that_has_no_code_is_still_printed() -> None:
    content = slips_pdf([slip(tracking_number="快递123")], Paper.A6).content
    assert codes(content) == [["576461413038785752"]]
    assert "快递123" in texts(content)[0]


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("paper", [Paper.A6, Paper.A4])
def test_every_script_copies_as_it_was_given(script: str, paper: Paper) -> None:
    name = NAMES[script]
    line = SlipLine("17", "", name, name, 2)
    [text] = texts(slips_pdf([slip(lines=(line,), buyer_message=name)], paper).content)
    assert squeezed(text).count(squeezed(name)) == 3


def test_masked_data_prints_no_address_and_known_data_does() -> None:
    [masked] = texts(slips_pdf([slip()], Paper.A6).content)
    [known] = texts(slips_pdf([slip(recipient=("Ada Ho", "12 Rue X"))], Paper.A6).content)
    assert "Ada Ho\r\n12 Rue X" in known
    assert known.replace("Ada Ho\r\n12 Rue X\r\n", "") == masked


def test_everything_a_packer_needs_is_on_it() -> None:
    whole = slip(
        lines=(SlipLine("17", "SKU-1", "Shoes", "Red", 2), SlipLine("99", "", "Socks", "", 1)),
        package_id="1153",
        ship_by="25 Nov 2026 18:00 (Asia/Bangkok)",
        buyer_message="Wrap it\nplease",
        notes=("Call first", "Check colour"),
        is_gift=True,
        stack="12 of 100",
    )
    [text] = texts(slips_pdf([whole], Paper.A6).content)
    told = "Suzi Home Store,12 of 100,J&T Express TBA123456789012,Order 576461413038785752"
    more = "Parcel 1153,Ship by 25 Nov 2026 18:00 (Asia/Bangkok),GIFT,2 SKU-1 · Red,Shoes,99"
    for each in [
        *told.split(","),
        *more.split(","),
        "Wrap it\r\nplease",
        "Call first",
        "Check colour",
        "Socks",
        "3 units in 2 lines",
    ]:
        assert each in text


def test_a_long_slip_flows_and_each_sheet_says_whose_it_is() -> None:
    lines = tuple(SlipLine(str(n), f"SKU-{n}", f"Item number {n}", "Red", n) for n in range(1, 41))
    printed = slips_pdf([slip(), slip(lines=lines, buyer_message="m " * 900), slip()], Paper.A6)
    assert printed.pages[0] == printed.pages[2] == 1
    many = printed.pages[1]
    pages = texts(printed.content)
    assert many > 3
    assert len(pages) == many + 2
    assert [f"Page {n} of {many}" in pages[n] for n in range(1, many + 1)] == [True] * many
    assert all("order 576461413038785752, continued" in page for page in pages[2:-1])
    assert all(f"SKU-{n} " in "".join(pages[1:-1]) for n in range(1, 41))
    assert "".join(pages[1:-1]).count("m ") + "".join(pages[1:-1]).count("m\r") >= 900


@pytest.mark.parametrize("quantity", [0, 7, 9999, 10**7, 10**12])
def test_a_quantity_is_never_cut(quantity: int) -> None:
    line = SlipLine("17", "SKU-1", "Shoes", "Red", quantity)
    [text] = texts(slips_pdf([slip(lines=(line,))], Paper.A6).content)
    assert f"{quantity} SKU-1" in text or f"{quantity}\r\nSKU-1" in text


HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(min_codepoint=0xE00, max_codepoint=0xE5B),
        st.sampled_from(
            "\x00\x07\t\n\r\x1b\u202e\u2066\ufeff\u200d\ufe0f\u0301()\\<>%😀🇹🇭👩שך\ud800"
        ),
    ),
    max_size=60,
)


@given(st.lists(HOSTILE, min_size=7, max_size=7))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_hostile_text_never_breaks_a_slip(given_texts: list[str]) -> None:
    a, b, c, d, e, f, g = given_texts
    made = slip(
        lines=(SlipLine(a, b, c, d, 1),), buyer_message=e, notes=(f,), tracking_number=g, shop=a
    )
    printed = slips_pdf([made, slip()], Paper.A6)
    assert len(texts(printed.content)) == sum(printed.pages)
    assert codes(printed.content)[-1] == ["TBA123456789012", "576461413038785752"]


@pytest.mark.parametrize("sign", ["x", "x ", "红", "น", "ế", "😀", "e\u0301"])
def test_names_of_five_thousand_letters_stay_on_the_sheet(sign: str) -> None:
    long = sign * 5000
    made = slip(long, buyer_message=long, shop=long, carrier=long)
    printed = slips_pdf([made], Paper.FOUR_BY_SIX)
    assert printed.pages[0] >= 1
    for picture in pictures(printed.content):
        # Ink begins inside the margins of 12 points and never touches the edge.
        left, top, right, bottom = ImageOps.invert(picture).getbbox()
        assert min(left, top, picture.width - right, picture.height - bottom) > 20
