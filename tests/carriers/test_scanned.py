"""What a reader gives becomes a tracking number, and a tracking number stays itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.carriers import clean
from shipboard.carriers.digits import library
from shipboard.carriers.formats import Format
from shipboard.carriers.table import FORMATS
from tests.carriers.numbers import CHECKED

SCANNED = {
    "1Z5R89390357567127": (
        *("1Z 5R8 939 03 5756 7127", "1z5r89390357567127\r\n", "]C01Z5R89390357567127"),
        *("\u200b1Z5R89390357567127\ufeff", "1Z5R-8939-0357-567127", "\x1d1Z5R89390357567127"),
    ),
    # The ZIP code of five or nine digits, before 22 or 26 digits.
    "9400111201080805483016": (
        *("420945079400111201080805483016", "]C1420945079400111201080805483016"),
        *("4209450712349400111201080805483016", "420 94507\x1d9400 1112 0108 0805 4830 16"),
    ),
    "92748931507708513018050063": ("4209450792748931507708513018050063",),
    "9200190132607600833457": ("4201002334249200190132607600833457",),
    # FedEx: the ground barcode's last 15 digits, 12 behind two zeros of the long ones.
    "987654312345672": ("9611020987654312345672",),
    "776632517510": ("9622001900000000000000776632517510",),
    "794808390594": ("9622001560001234567100794808390594",),
    "779017972697": ("1001921334250001000300779017972697",),
    "552524530719": ("9401009913114814256500552524530719",),  # whatever it begins with
    # Codabar's start and stop, full-width digits, the groups printed on the label.
    "444413758703": (
        "A444413758703A",
        "d444413758703b",
        "４４４４１３７５８７０３",
        "4444-1375-8703",
    ),
    "000123450000000027": ("00 0123 4500 0000 0027",),
}


@pytest.mark.parametrize(
    ("scanned", "number"),
    [(scanned, number) for number, codes in SCANNED.items() for scanned in (number, *codes)],
)
def test_what_a_reader_gives_becomes_the_number(scanned: str, number: str) -> None:
    assert clean(scanned) == number


@pytest.mark.parametrize(
    "text",
    [
        "A444413758704A",  # no Japanese number: the check digit is wrong
        "9611020987654312345673",  # nor one of FedEx
        "42094507",  # the ZIP code's own barcode
        "4200000000000",
        "ab-12",
        "",
    ],
)
def test_what_is_not_understood_stays(text: str) -> None:
    assert clean(text) == text


def test_of_two_lengths_of_the_zip_code_the_check_digit_chooses() -> None:
    assert clean("42094507" + "9274" + "9400111201080805483016") == "9400111201080805483016"
    whole = next(
        number
        for number in (f"9274940011120108080548301{digit}" for digit in range(10))
        if library("USPS 91")(number)
    )
    assert clean(f"42094507{whole}") == whole


def test_a_long_barcode_whose_number_has_other_than_twelve_digits_stays() -> None:
    codes = [f"96220015600012345671127948083905{digit:02}" for digit in range(100)]
    right = [code for code in codes if library("FedEx Ground GSN")(code)]
    assert right
    assert [clean(code) for code in right] == right


def test_leading_zeros_stay() -> None:
    assert clean(" 0012 ") == "0012"
    assert clean("041441760228964") == "041441760228964"


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: f"{one.carrier} {one.shape}")
def test_a_number_in_small_letters_and_groups_is_found(format: Format) -> None:
    assert clean(f" {format.example.lower()[:4]} {format.example.lower()[4:]}\n") == clean(
        format.example
    )


NEARLY = st.one_of(
    st.text(max_size=50),
    st.text(alphabet="0123456789", max_size=40),
    st.text(alphabet="]C1d2420 -\x1d9ABZabz0６", max_size=45),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "]C1", "420", "42094507", "420945071234", "96", "1001", "A"]),
        st.sampled_from([number for right, _ in CHECKED.values() for number in right]),
        st.sampled_from(["", "A", "\n", "-1"]),
    ),
)


@given(NEARLY)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(NEARLY)
def test_nothing_is_made_up(text: str) -> None:
    """Every sign of the result was in the text, in that order, but for its case and width."""
    given_signs = iter(clean(text))
    left = next(given_signs, None)
    for sign in text:
        wide = chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) < 0xFF5F else sign
        while left is not None and left in wide.upper() + wide:
            left = next(given_signs, None)
            break
    assert left is None
