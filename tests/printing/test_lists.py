"""Pick lists and covers on paper."""

from __future__ import annotations

import pytest

from shipboard.printing import (
    Cover,
    Ending,
    LeftOut,
    Paper,
    PickLine,
    SlipLine,
    cover_pdf,
    pick_lines,
    pick_list_pdf,
)
from tests.printing.paper import codes, sizes, squeezed, texts
from tests.printing.test_slips import NAMES


@pytest.mark.parametrize("paper", Paper)
def test_a_pick_list_has_every_shelf_in_order(paper: Paper) -> None:
    stack = [(SlipLine(str(n), f"SKU-{n}", f"Item {n}", "Red", n),) for n in range(1, 61)]
    content = pick_list_pdf(pick_lines(stack), told=["By Ada"], paper=paper)
    whole = "".join(texts(content))
    places = [whole.index(f"SKU-{n} · Red") for n in range(1, 61)]
    assert places == sorted(places)
    assert f"Units: {sum(range(61))} · items: 60 · parcels: 60" in whole
    assert "By Ada" in whole
    assert len(texts(content)) > 1
    assert all("continued" in text and "Parcels" in text for text in texts(content)[1:])
    assert set(sizes(content)) == {tuple(round(side, 1) for side in paper.points)}


def test_neighbouring_parcels_are_told_as_one() -> None:
    parcels = ((1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (9, 1), (12, 3))
    [text] = texts(pick_list_pdf([PickLine("A", "Shoes", "Red", 12, parcels)]))
    assert "1-3, 4-5×2, 9, 12×3" in text


def test_a_shelf_for_a_thousand_parcels_flows() -> None:
    parcels = tuple((place, 1 + place % 2) for place in range(1, 1001))
    content = pick_list_pdf([PickLine("A", "Shoes", "Red", 1500, parcels)], paper=Paper.A6)
    whole = squeezed("".join(texts(content)))
    assert all(f"{place}×2" in whole for place in range(1, 1001, 2))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_script_is_on_a_pick_list(name: str) -> None:
    [text] = texts(pick_list_pdf([PickLine("A", name, name, 1, ((1, 1),))]))
    assert squeezed(text).count(squeezed(name)) == 2


def test_nothing_to_pick_is_a_page_that_says_so() -> None:
    [text] = texts(pick_list_pdf([]))
    assert "Units: 0 · items: 0 · parcels: 0" in text


def cover(**given: object) -> Cover:
    plain: dict[str, object] = {
        "title": "Labels and packing slips",
        "counts": (("Labels", 100), ("Packing slips", 1_100)),
        "by": "Ada",
        "at": "25 Nov 2026 18:00",
        "zone": "Asia/Bangkok",
        "first": Ending("576461413038785752", "TBA123456789012", "1153"),
        "last": Ending("576461413038785799", "", "1154"),
    }
    return Cover(**(plain | given))


@pytest.mark.parametrize("paper", Paper)
def test_a_cover_says_what_is_in_the_file_and_has_no_barcode(paper: Paper) -> None:
    content = cover_pdf(cover(number=2, files=3), paper)
    [text] = texts(content)
    for told in (
        "Labels and packing slips",
        "File 2 of 3",
        "25 Nov 2026 18:00 (Asia/Bangkok)",
        "By Ada",
        "Labels: 100",
        "Packing slips: 1,100",
        "First label: order 576461413038785752",
        "Last label: order 576461413038785799",
    ):
        assert told in text
    assert "TBA123456789012" in text
    assert codes(content) == [[]]  # it could be stuck on a parcel


def test_a_cover_of_one_file_counts_no_files() -> None:
    content = cover_pdf(cover(first=None, last=None), Paper.A6)
    assert "File" not in texts(content)[0]


def test_what_was_left_out_is_listed_to_the_last() -> None:
    out = tuple(LeftOut(f"Order {n}", "canceled after its label was made") for n in range(150))
    content = cover_pdf(cover(left_out=out), Paper.A6)
    whole = "".join(texts(content))
    assert "Left out: 150" in whole
    assert all(f"Order {n}: canceled after its label was made" in whole for n in range(150))
