"""ingest/merge: what is known does not depend on the order or the number of tellings."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    OrderFact,
    OrderType,
    ParcelContent,
    Stage,
    StageSource,
)
from shipboard.ingest.merge import Known, heard, merge
from shipboard.ingest.shown import fact_of
from tests import make, strategies
from tests.soak import examples

LATER = make.NOW + timedelta(hours=1)


def told(*facts: OrderFact) -> Known:
    known = heard(facts[0])
    for fact in facts[1:]:
        known = merge(known, fact)
    return known


def shown(*facts: OrderFact) -> OrderFact:
    return fact_of(told(*facts))


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(strategies.facts(), min_size=1, max_size=4))
def test_every_order_of_telling_gives_the_same(facts: list[OrderFact]) -> None:
    outcomes = [told(*order) for order in itertools.permutations(facts)]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert all(fact_of(outcome) == fact_of(outcomes[0]) for outcome in outcomes)


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(strategies.facts(), min_size=1, max_size=4), st.data())
def test_telling_again_changes_nothing(facts: list[OrderFact], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(facts), max_size=4))
    assert told(*facts, *again) == told(*facts)


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(strategies.facts(), min_size=2, max_size=5))
def test_the_newest_account_has_the_stage(facts: list[OrderFact]) -> None:
    newest = max(facts, key=lambda fact: heard(fact).head.age)
    assert (shown(*facts).as_of, shown(*facts).stage) == (newest.as_of, newest.stage)


@pytest.mark.parametrize("name", ["T**** T***", "X", ""])
def test_a_masked_or_empty_value_never_replaces_a_real_one(name: str) -> None:
    known = shown(
        make.order(recipient={"name": "Anna Berg"}, buyer_username="anna", warehouse="East"),
        make.order(as_of=LATER, recipient={"name": name}, buyer_username="a***"),
    )
    assert known.recipient["name"] == ("X" if name == "X" else "Anna Berg")
    assert (known.buyer_username, known.warehouse) == ("anna", "East")


def test_asterisks_hide_people_not_goods() -> None:
    loud = make.order(as_of=LATER, lines=(make.line(product_name="**HOT** mug"),))
    assert shown(make.order(), loud).lines[0].item.product_name == "**HOT** mug"


def test_a_line_keeps_what_a_newer_account_leaves_out() -> None:
    bare = make.line(product_name="", sku_name="", unit_price=None, total=None, quantity=3)
    line = shown(make.order(), make.order(as_of=LATER, lines=(bare,))).lines[0]
    assert (line.item.product_name, line.quantity, line.unit_price) == (
        "Enamel mug",
        3,
        make.line().unit_price,
    )


def test_ties_go_to_the_order_further_along_then_to_the_channels_word() -> None:
    on, off = make.order(stage=Stage.IN_TRANSIT), make.order(stage=Stage.AWAITING_SHIPMENT)
    assert shown(on, off).stage == shown(off, on).stage == Stage.IN_TRANSIT
    derived = make.order(stage_source=StageSource.DERIVED, status_words="?")
    assert shown(derived, make.order()).stage_source == StageSource.CHANNEL


def test_a_newer_account_may_step_back() -> None:
    back = make.order(as_of=LATER, stage=Stage.AWAITING_SHIPMENT)
    assert shown(make.order(stage=Stage.IN_TRANSIT), back).stage == Stage.AWAITING_SHIPMENT


def test_a_pre_order_stays_one_when_a_newer_account_does_not_say() -> None:
    pre = make.order(order_type=OrderType.PRE_ORDER, is_cod=True)
    known = shown(pre, make.order(as_of=LATER))
    assert (known.order_type, known.is_cod) == (OrderType.PRE_ORDER, True)


def test_a_case_that_a_newer_complete_account_does_not_name_is_over() -> None:
    case = CaseFact(kind=CaseKind.RETURN, is_open=True)
    opened = make.order(cases=(case,))
    assert shown(opened, make.order(as_of=LATER)).cases[0].is_open
    all_named = make.order(as_of=LATER, names_all_cases=True)
    assert not shown(all_named, opened).cases[0].is_open
    again = make.order(as_of=LATER + make.HOUR, cases=(case,))
    assert shown(opened, again, all_named).cases[0].is_open


def test_contents_follow_their_lines() -> None:
    mug, hat = make.line(), make.line(sku_id="2", product_name="Hat")
    packed = make.order(lines=(mug, hat), parcels=(make.parcel(contents=(ParcelContent(1, 1),)),))
    swapped = make.order(as_of=LATER, lines=(hat, mug))
    assert shown(packed, swapped).parcels[0].contents == (ParcelContent(0, 1),)
