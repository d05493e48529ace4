"""Amounts of money as people of each market type them; what may be two of them is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.desk.case_amounts import amount_from
from shipboard.fulfilment.refusals import BadAnswer

#: Of the markets: those whose amounts have a point, a comma, and neither.
POINTS, COMMAS, WHOLE = ("USD", "GBP", "THB", "MYR", "SGD", "PHP"), ("EUR",), ("VND", "IDR")


@pytest.mark.parametrize(
    ("currencies", "text", "amount"),
    [
        ((*POINTS, *COMMAS, *WHOLE), "1250", "1250"),
        ((*POINTS, *COMMAS, *WHOLE), "1,250,000", "1250000"),
        ((*POINTS, *COMMAS, *WHOLE), "1.250.000", "1250000"),
        ((*POINTS, *COMMAS), " 100.50 ", "100.50"),
        ((*POINTS, *COMMAS), "1,000.50", "1000.50"),
        ((*POINTS, *COMMAS), "1.250,00", "1250.00"),
        (COMMAS, "100,50", "100.50"),
        (COMMAS, " 12,5 ", "12.5"),
    ],
)
def test_an_amount_can_mean_one_thing(currencies: Sequence[str], text: str, amount: str) -> None:
    assert {str(amount_from(text, each)) for each in currencies} == {amount}


@pytest.mark.parametrize(
    ("currencies", "text", "words"),
    [
        (POINTS, "100,50", "if you mean 100.50, write that"),
        (POINTS, "12,5", "if you mean 12.50, write that"),
        ((*POINTS, *COMMAS, *WHOLE), "1,000", "1,000 may be 1000 or 1; write the amount in"),
        ((*POINTS, *COMMAS, *WHOLE), "1.250", "1.250 may be 1250 or 1.25; write the amount in"),
        ((*POINTS, *COMMAS), "125,000", "in plain digits, such as 1250.50"),
        (WHOLE, "125.000", "in whole units without a mark, such as 125000"),
        (WHOLE, "100,50", "has no decimals; write the amount in whole units"),
        (WHOLE, "100.5", "has no decimals; write the amount in whole units"),
        (WHOLE, "1,000.50", "has no decimals; write the amount in whole units"),
        *(((*POINTS, *COMMAS, *WHOLE), text, "rite the amount in") for text in (
            "", "0,500", "1,,5.0", "1e1", "1_0", "1E-2", "１２", "1,2,3", "5,", ",5", "-1", "0x10",
            "12 345", "1.250,5.0", "1,250.000", "1" * 13, "1e999999",
        )),
    ],
)  # fmt: skip
def test_what_may_be_two_amounts_is_refused_with_how_to_write_it(
    currencies: Sequence[str], text: str, words: str
) -> None:
    for each in currencies:
        with pytest.raises(BadAnswer) as refused:
            amount_from(text, each)
        assert words in str(refused.value)


def readings(text: str) -> set[Decimal]:
    """All that an amount of any number of decimals may mean, to people whose decimals come after a
    point and to those whose come after a comma."""
    found = set()
    for mark, parts in ((".", ","), (",", ".")):
        whole, _, decimals = text.partition(mark)
        first, *groups = whole.split(parts)
        is_grouped = 0 < len(first) < 4 and all(len(each) == 3 for each in groups)
        if (is_grouped or not groups) and (first + decimals).isdigit() and parts not in decimals:
            found.add(Decimal(f"{''.join((first, *groups))}.{decimals or 0}"))
    return found


@given(
    text=st.text("0125.,", min_size=1, max_size=10),
    currency=st.sampled_from((*POINTS, *COMMAS, *WHOLE)),
)
def test_no_amount_is_a_guess(text: str, currency: str) -> None:
    try:
        amount = amount_from(text, currency)
    except BadAnswer:
        return
    assert readings(text) == {amount}
    if currency in POINTS and "." not in text:
        assert not re.search(",[0-9]{1,2}$", text)
    if currency in WHOLE:
        assert amount == amount.to_integral_value()


@given(
    amount=st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2),
    currency=st.sampled_from((*POINTS, *COMMAS)),
)
def test_an_amount_as_the_desk_writes_it_is_understood(amount: Decimal, currency: str) -> None:
    assert amount_from(f"{amount:,.2f}", currency) == amount
