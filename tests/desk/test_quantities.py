"""Weights and sides as people type them."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.desk.quantities import number_of
from shipboard.fulfilment.refusals import BadShipment


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", "12"), ("12.5", "12.5"), (" 12,5 ", "12.5"), ("0,125", "0.125"), ("1.250", "1.25")],
)
def test_what_is_plain_is_taken(text: str, number: str) -> None:
    assert number_of(text, "weight", "the weight") == Decimal(number)


@pytest.mark.parametrize("text", ["1,000", "12,500"])
def test_what_may_mean_two_things_is_asked_for_again(text: str) -> None:
    with pytest.raises(BadShipment, match="may mean two things"):
        number_of(text, "weight", "the weight")


@pytest.mark.parametrize(
    "text", ["1_000", "1e999999999999", "-1", "NaN", "", "1 000", "٣", "1.2.3"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadShipment, match="is no number"):
        number_of(text, "weight", "the weight")


@given(st.text(max_size=30))
def test_nothing_else_comes_of_any_text(text: str) -> None:
    with suppress(BadShipment):
        assert 0 <= number_of(text, "weight", "the weight") < 10_000_000
