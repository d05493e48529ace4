"""ingest/succession: what is told at a glance is what merging would give."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Deadlines,
    OrderFact,
    OrderType,
    ParcelFact,
    Stage,
)
from shipboard.ingest.merge import PARCELS, Said, heard, merge
from shipboard.ingest.shown import fact_of
from shipboard.ingest.succession import succeeds
from tests import make, strategies
from tests.soak import examples

LATER = make.NOW + timedelta(hours=9)
FIELDS = sorted({*OrderFact.__slots__} - {"order_id", "as_of", "cases"})


def without_parcels(said: dict[str, Said]) -> dict[str, Said]:
    return {path: each for path, each in said.items() if path != PARCELS}


@settings(max_examples=examples(300), deadline=None)
@given(strategies.facts(), strategies.facts(), st.sets(st.sampled_from(FIELDS), max_size=4))
def test_a_successor_is_all_that_is_known(
    before: OrderFact, other: OrderFact, changed: set[str]
) -> None:
    known = heard(replace(before, cases=()))
    shown = fact_of(known)
    after = replace(shown, as_of=LATER, **{name: getattr(other, name) for name in changed})
    if succeeds(shown, after):
        merged = merge(known, after)
        assert without_parcels(dict(merged.said)) == without_parcels(dict(heard(after).said))
        assert merged.head == heard(after).head


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"stage": Stage.IN_TRANSIT, "collected_at": make.NOW},
        {"recipient": {"name": "Ana Berg"}},
        {"extra": {"priority": "1", "warehouse_id": "7"}},
        {"deadlines": Deadlines(deliver_by=LATER)},
        {"tells_all": True, "carrier": ""},
        {"total": Decimal(0)},
    ],
)
def test_more_or_other_words_succeed(more: dict[str, Any]) -> None:
    assert succeeds(first(), replace(first(), as_of=LATER, **more))


@pytest.mark.parametrize(
    "less",
    [
        {"warehouse": ""},
        {"carrier": ""},
        {"recipient": {}},
        {"recipient": {"name": "A** B***"}},
        {"extra": {}},
        {"total": None},
        {"total": Decimal("9.123456")},
        {"deadlines": Deadlines()},
        {"is_cod": False},
        {"order_type": OrderType.NORMAL},
        {"names_all_cases": False},
        {"cases": (CaseFact(kind=CaseKind.RETURN, case_id="1", is_open=True),)},
        {"lines": ()},
    ],
)
def test_less_or_a_case_is_for_merging(less: dict[str, Any]) -> None:
    assert not succeeds(first(), replace(first(), as_of=LATER, **less))


def first() -> OrderFact:
    return replace(
        make.order(),
        warehouse="East",
        carrier="USPS",
        recipient={"name": "Anna Berg"},
        extra={"priority": "1"},
        total=Decimal("9.50"),
        deadlines=Deadlines(ship_by=LATER),
        is_cod=True,
        order_type=OrderType.PRE_ORDER,
        names_all_cases=True,
        parcels=(ParcelFact(package_id="P1"),),
    )
