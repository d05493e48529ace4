"""What was posted is a selection or refused; how many each verb applies to is exact."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from shipboard.accounts.access import Access
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.selection import TO_MANY, BadSelection, Selection, how_many
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.conftest import MAI, all_of, some, stock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choose orders first"),
        ({"orders": "1", "query": "", "count": "1"}, "Choose orders first"),
        ({"orders": ""}, "No order is chosen"),
        ({"orders": "1,x"}, "could not be read"),
        ({"orders": "1;2"}, "could not be read"),
        ({"orders": "-1"}, "could not be read"),
        ({"orders": "9999999999999999999"}, "could not be read"),
        ({"query": ""}, "How many orders match is missing"),
        ({"query": "", "count": "-3"}, "How many"),
        ({"query": "", "count": "0"}, "No order is chosen"),
        ({"query": "", "count": "200001"}, "200,001 orders are too many"),
        ({"orders": ",".join(map(str, range(1, 200_002)))}, "200,001 orders are too many"),
    ],
)
def test_what_is_refused(data: dict[str, str], said: str) -> None:
    with pytest.raises(BadSelection, match=said):
        Selection.of(data)


def test_a_query_that_is_not_understood_is_refused() -> None:
    with pytest.raises(BadFilter, match="tabb"):
        Selection.of({"query": "tabb=shipped", "count": "3"})


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=20))
def test_keys_come_back_from_their_fields(keys: list[int]) -> None:
    chosen = Selection.of({"orders": ",".join(map(str, keys))})
    assert chosen.pks == tuple(sorted(set(keys)))
    assert Selection.of(chosen.fields()) == chosen


@given(st.integers(1, 200_000), st.sampled_from(["", "tab=shipped", "flag=red&q=mug,cup"]))
def test_filters_come_back_from_their_fields(count: int, query: str) -> None:
    chosen = Selection.of({"query": query, "count": str(count)})
    assert Selection.of(chosen.fields()) == chosen
    assert chosen.filter == parse(query)


def test_words_hold_nothing_that_was_searched_for() -> None:
    assert some(1).words() == "1 order, chosen one by one"
    assert all_of("", 791).words() == "all 791 orders"
    words = all_of("tab=shipped&flag=red&q=Marlow&per_page=20", 3).words()
    assert words == "all 3 orders that matched Shipped, a search for 1 value, flag red"


def test_each_verb_counts_what_it_would_do_in_two_queries() -> None:
    ours, theirs = make.shop("Ours"), make.shop("Theirs")
    pks = stock(ours, 4)
    for pk in pks[:2]:
        place_hold(Order.objects.get(pk=pk), reason="x", by="bo", now=make.NOW)
    make.row(ours, "far", stage="delivered").save()
    stock(theirs, 2)
    chosen = some(*Order.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        found = how_many(chosen, MAI, make.NOW)
    assert len(captured) == 2
    orders = list(Order.objects.all())
    assert found == {
        verb: sum(not why_not(verb, order, make.NOW) for order in orders) for verb in TO_MANY
    }
    narrow = Access(by="bo", shop_ids=frozenset({ours.pk}))
    assert how_many(all_of("", 7), narrow, make.NOW) == {
        Verb.ADD_SHIPMENT: 2,
        Verb.CREATE_LABEL: 0,
        Verb.MARK_SHIPPED: 0,
        Verb.NOTE: 5,
        Verb.FLAG: 5,
        Verb.HOLD: 2,
        Verb.RELEASE: 2,
        Verb.CANCEL: 0,
    }
