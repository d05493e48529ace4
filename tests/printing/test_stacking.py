"""The order of a stack, its files, and the pick list that follows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shipboard.printing import (
    Contents,
    SlipLine,
    Sorting,
    in_files,
    in_stack_order,
    pick_lines,
)
from shipboard.printing.stacking import natural

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def line(sku: str, quantity: int = 1, variant: str = "") -> SlipLine:
    return SlipLine(sku, sku, f"Name of {sku}", variant, quantity)


def parcel(*lines: SlipLine, hours: int | None = None) -> Contents:
    return Contents(lines, None if hours is None else NOW + timedelta(hours=hours))


LINES = st.builds(
    line,
    st.sampled_from(["1", "2", "15", "A2", "a10", "B", "007"]),
    st.integers(1, 4),
    st.sampled_from(["", "Red"]),
)
PARCELS = st.lists(
    st.builds(
        Contents,
        st.lists(LINES, min_size=1, max_size=3).map(tuple),
        st.none() | st.datetimes(timezones=st.just(UTC)),
    ),
    max_size=250,
)


def ordered(parcels: list[Contents], sorting: Sorting) -> list[Contents]:
    return in_stack_order(parcels, sorting, lambda each: each)


def test_by_sku_single_units_come_first_and_mixed_ones_last() -> None:
    mixed, two = parcel(line("1"), line("2")), parcel(line("1", 2))
    ones = [parcel(line(sku)) for sku in ("15", "2", "1", "a10", "A2")]
    assert ordered([mixed, two, *ones], Sorting.SKU) == [
        ones[2],
        ones[1],
        ones[0],
        ones[4],
        ones[3],
        two,
        mixed,
    ]


def test_one_sku_on_two_lines_is_not_mixed() -> None:
    twice = parcel(line("1"), line("1"))
    mixed = parcel(line("1"), line("1", variant="Red"))
    assert ordered([mixed, twice, parcel(line("2"))], Sorting.SKU) == [
        parcel(line("2")),
        twice,
        mixed,
    ]


def test_by_quantity_and_by_ship_by() -> None:
    late, soon, never = (
        parcel(line("1", 3), hours=9),
        parcel(line("2"), hours=1),
        parcel(line("3", 2)),
    )
    assert ordered([late, never, soon], Sorting.QUANTITY) == [soon, never, late]
    assert ordered([late, never, soon], Sorting.SHIP_BY) == [soon, late, never]
    assert ordered([late, never, soon], Sorting.GIVEN) == [late, never, soon]


def test_numbers_sort_as_people_count() -> None:
    skus = ["15", "2", "1", "A10", "a2", "B", "", "Ａ", "²", "10-2", "10-11"]
    assert sorted(skus, key=natural) == [
        "",
        "1",
        "2",
        "10-2",
        "10-11",
        "15",
        "a2",
        "A10",
        "B",
        "²",
        "Ａ",
    ]


@given(st.lists(st.text(max_size=8)))
def test_any_sku_can_be_sorted(skus: list[str]) -> None:
    keys = sorted(map(natural, skus))
    assert sorted(text for _, text in keys) == sorted(skus)
    assert all(first <= second for first, second in pairwise(keys))


def test_numbers_of_any_length_sort() -> None:
    assert natural("9" * 5000) < natural("1" * 5001)
    assert natural("007") > natural("5")


@given(PARCELS, st.sampled_from(Sorting))
def test_sorting_keeps_every_parcel_and_is_stable(
    parcels: list[Contents], sorting: Sorting
) -> None:
    numbered = list(enumerate(parcels))
    stack = in_stack_order(numbered, sorting, lambda each: each[1])
    assert sorted(number for number, _ in stack) == list(range(len(parcels)))
    again = in_stack_order(stack, sorting, lambda each: each[1])
    assert again == stack


@given(PARCELS, st.sampled_from(Sorting))
def test_the_pick_list_follows_the_stack(parcels: list[Contents], sorting: Sorting) -> None:
    stack = [each.lines for each in ordered(parcels, sorting)]
    picks = pick_lines(stack)
    firsts = [pick.parcels[0][0] for pick in picks]
    assert firsts == sorted(firsts)
    told = {
        (place, pick.sku, pick.variant): units for pick in picks for place, units in pick.parcels
    }
    wanted: dict[tuple[int, str, str], int] = {}
    for place, lines in enumerate(stack, 1):
        for each in lines:
            key = (place, each.code, each.variant)
            wanted[key] = wanted.get(key, 0) + each.quantity
    assert told == wanted
    assert all(pick.quantity == sum(units for _, units in pick.parcels) for pick in picks)


@given(PARCELS, st.integers(1, 100))
def test_files_lose_and_double_nothing(parcels: list[Contents], most: int) -> None:
    files = in_files(parcels, most)
    assert [each for file in files for each in file] == parcels
    assert all(0 < len(file) <= most for file in files)
    assert sum(len(file) < most for file in files) <= 1
