"""What SQL makes of a cell and what Python makes of it are the same."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from shipboard.channels.file.mended import EVERY, guarded_text, unguarded
from shipboard.channels.file.money import read_money
from shipboard.exports import cells
from shipboard.orders.masking import masked

SIGNS = "=+-@＝＋－＠'\t\r\n \x07\x1f\x85\xa0\u200b\ufeff\u3000\u2028a1٣²*\\%"
SIGNS += "\u2066\xad\u061c\u3164\U000e0041\U000e0fff"
TEXTS = st.lists(
    st.one_of(
        st.text(st.sampled_from(SIGNS), max_size=8),
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00")),
    ),
    min_size=1,
    max_size=40,
)


def asked(sql: str, texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select coalesce({sql}, '') from unnest(%s::text[]) with ordinality as given(cell, n)"
            " order by n",
            [texts],
        )
        return [cell for (cell,) in cursor.fetchall()]


@pytest.mark.django_db
@given(texts=TEXTS)
def test_sql_guards_as_python_does(texts: list[str]) -> None:
    assert asked(cells.guarded("cell"), texts) == [guarded_text(text) for text in texts]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", ["name", "buyer_username", "phone", "country", "state", "city", "address"]
)
@given(texts=TEXTS)
def test_sql_masks_as_python_does(key: str, texts: list[str]) -> None:
    assert asked(cells.masked(key, "cell"), texts) == [masked(key, text) for text in texts]


CATEGORIES = ("Cc", "Cf", "Zs", "Zl", "Zp")


@pytest.mark.django_db
def test_nothing_invisible_hides_a_formula() -> None:
    """Whatever Unicode calls a control, a format or a separator, and what it wants ignored."""
    unseen = [chr(code) for code in EVERY if unicodedata.category(chr(code)) in CATEGORIES]
    for first, last in ((0x34F, 0x34F), (0x115F, 0x1160), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF)):
        unseen += [chr(code) for code in range(first, last + 1)]
    assert set("\u2066\u2069\xad\u180e\u061c\u200b\ufeff\U000e0001") < set(unseen)
    texts = [f"{sign}=1" for sign in unseen] + [f"'{sign}{sign}+1" for sign in unseen]
    assert [text for text in texts if guarded_text(text) != f"'{text}"] == []
    assert asked(cells.guarded("cell"), texts) == [f"'{text}" for text in texts]


@given(text=st.one_of(st.text(), st.text(st.sampled_from(SIGNS))))
def test_a_guard_comes_off_again(text: str) -> None:
    assert unguarded(guarded_text(text)) == text


@given(text=st.text(st.sampled_from(SIGNS)))
def test_no_guarded_text_starts_like_a_formula(text: str) -> None:
    ignored = "\u3164"
    signs = (sign for sign in guarded_text(text) if sign.isprintable() and sign not in ignored)
    shown = "".join(signs).lstrip()
    assert not shown.startswith(tuple("=+-@＝＋－＠"))
    assert not guarded_text(text).startswith(("\t", "\r", "\n"))


@pytest.mark.django_db
@given(amounts=st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1))
def test_amounts_are_written_as_they_are_read(amounts: list[Decimal]) -> None:
    written = asked(cells.money("cell::numeric(18, 4)"), [str(each) for each in amounts])
    for currency in ("USD", "VND", "EUR"):
        assert [read_money(cell, currency)[0] for cell in written] == amounts
