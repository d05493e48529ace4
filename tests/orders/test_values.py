"""The search box: what people paste is taken apart, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.orders.values import TooManyValues, join_values, split_values

#: What a value may be: no control signs at its ends, which are stripped; quotes and all within.
texts = (
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20
    )
    .map(str.strip)
    .filter(bool)
)
plain = st.text("abcdefghij0123456789-_%", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("pasted", "values"),
    [
        ("a,b;c\nd\te", ("a", "b", "c", "d", "e")),
        ("a，b；c、d", ("a", "b", "c", "d")),
        ("a,,b, ,a", ("a", "b")),
        ("576123 576124\u00a0AB1234", ("576123", "576124", "AB1234")),
        ("Blue mug", ("Blue mug",)),
        ("mug 576123456", ("mug 576123456",)),
        ("57612 576123", ("57612 576123",)),
        ('"a, b" ; c', ("a, b", "c")),
        ('"576123 576124"', ("576123 576124",)),
        ('576123 "576124 576125"', ("576123", "576124 576125")),
        ('5" pipe, 6" pipe', ('5" pipe', '6" pipe')),
        ('"open, b', ('"open', "b")),
        ('"a ""big"" one"', ('a "big" one',)),
        ("  ", ()),
        ('""', ()),
    ],
)
def test_taken_apart(pasted: str, values: tuple[str, ...]) -> None:
    assert split_values(pasted) == values


@given(st.lists(texts, max_size=10))
def test_put_together_and_taken_apart_again_nothing_is_lost(values: list[str]) -> None:
    assert split_values(join_values(values)) == tuple(dict.fromkeys(values))


@given(st.lists(plain, max_size=10), st.sampled_from([",", ";", "\n", "\t", " , ", "，", ";;"]))
def test_any_separator_will_do(values: list[str], separator: str) -> None:
    assert split_values(separator.join(values)) == tuple(dict.fromkeys(values))


@given(st.text(max_size=60))
def test_every_letter_and_digit_is_in_some_value(pasted: str) -> None:
    kept = "".join(split_values(pasted))
    assert {sign for sign in pasted if sign.isalnum()} <= set(kept)


def test_a_thousand_values_and_no_more() -> None:
    assert len(split_values(",".join(map(str, range(1000))))) == 1000
    with pytest.raises(TooManyValues, match=r"1,001 values were given; search takes up to 1,000"):
        split_values(",".join(map(str, range(1001))))
