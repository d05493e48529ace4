"""Tabs, chips and cards at any instant: each order in one tab, each card as its rule says."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import PARCEL_TROUBLE, CaseKind, Stage
from shipboard.orders.cards import Card, cards_of, on_card
from shipboard.orders.models import Case, Order
from shipboard.orders.queries import counts
from shipboard.orders.stages import (
    STAGES_OF,
    TAB_OF,
    Tab,
    closes_at,
    hold_ends_at,
    in_stage,
    in_tab,
    is_presumed,
    stage_now,
)
from tests import make
from tests.soak import examples

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
#: Steps at which something may happen, so that `now` often is exactly such an instant.
STEPS = [timedelta(hours=hours) for hours in (-48, -24, -1, 0, 1, 24, 48)]
TICK = timedelta(microseconds=1)
instants = st.sampled_from([make.NOW + step for step in STEPS])
maybe = st.one_of(st.none(), instants)
nows = st.builds(lambda at, off: at + off, instants, st.sampled_from([-TICK, timedelta(0), TICK]))
cases = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(list(CaseKind)),
        "is_open": st.booleans(),
        "case_id": st.sampled_from(["1", "2"]),
    }
)
rows = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(list(Stage)),
        "hold_ends_at": maybe,
        "closes_at": maybe,
        "ship_by": maybe,
        "collect_by": maybe,
        "auto_cancel_at": maybe,
        "canceled_at": st.one_of(
            maybe, instants.map(lambda at: at - timedelta(days=30)), st.just(make.NOW - 31 * DAY)
        ),
        "extra": st.sampled_from([{}, {PARCEL_TROUBLE: "lost"}, {"parcel": "lost"}]),
        "is_platform_fulfilled": st.integers(0, 4).map(lambda chance: chance == 0),
    }
)
orders = st.tuples(
    rows, st.lists(cases, max_size=2, unique_by=lambda case: (case["kind"], case["case_id"]))
)
slow = settings(
    max_examples=examples(40),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Given = tuple[dict[str, Any], list[dict[str, Any]]]


def belongs(card: Card, row: dict[str, Any], open_kinds: set[CaseKind], now: datetime) -> bool:
    """The cards' rules in plain words, written from the marketplace's description."""
    if row["is_platform_fulfilled"]:
        return False
    stage = row["stage"]
    if stage == Stage.ON_HOLD and row["hold_ends_at"] and row["hold_ends_at"] <= now:
        stage = Stage.AWAITING_SHIPMENT
    pending = stage in (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
    moving = stage in (Stage.PENDING_COLLECTION, Stage.IN_TRANSIT)
    alive = stage not in (Stage.CANCELED, Stage.CLOSED)
    ship_by, collect_by, cancel = row["ship_by"], row["collect_by"], row["auto_cancel_at"]
    returns = {CaseKind.RETURN, CaseKind.REFUND, CaseKind.REPLACEMENT}
    match card:
        case Card.SHIP_24H:
            return bool(pending and ship_by and now <= ship_by <= now + DAY)
        case Card.AUTO_CANCEL_24H:
            return bool((pending or moving) and cancel and now <= cancel <= now + DAY)
        case Card.OVERDUE:
            late = pending and ship_by and ship_by < now
            waits = stage == Stage.PENDING_COLLECTION and collect_by and collect_by < now
            return bool(late or waits)
        case Card.CANCELLATION_REQUESTED:
            asked = CaseKind.CANCELLATION in open_kinds
            return asked and alive and stage != Stage.ON_HOLD
        case Card.RETURN_REQUESTED:
            return alive and bool(returns & open_kinds)
        case Card.LOGISTICS_ISSUE:
            if PARCEL_TROUBLE not in row["extra"]:
                return False
            if stage == Stage.CANCELED:
                return bool(row["canceled_at"] and row["canceled_at"] > now - timedelta(days=30))
            over = stage == Stage.DELIVERED and row["closes_at"] and row["closes_at"] <= now
            return stage != Stage.CLOSED and not over


@slow
@given(st.lists(orders, max_size=12), nows)
def test_tabs_chips_and_cards_count_as_plain_python_does(given: list[Given], now: datetime) -> None:
    with transaction.atomic():
        shop = make.shop()
        stored = Order.objects.bulk_create(
            make.row(shop, str(number), **row) for number, (row, _) in enumerate(given)
        )
        Case.objects.bulk_create(
            Case(order=order, **case)
            for order, (_, of) in zip(stored, given, strict=True)
            for case in of
        )
        found = counts([shop], now)
        stages = Counter(stage_now(order, now) for order in stored)
        cards = {card: expected(card, given, now) for card in Card}
        listed = {card: listed_on(card, now) for card in Card}
        by_itself = [cards_of(order.pk, now) for order in stored[:2]]
        tabs = {tab: Order.objects.filter(in_tab(tab, now)).count() for tab in Tab}
        chips = {stage: Order.objects.filter(in_stage(stage, now)).count() for stage in Stage}
        transaction.set_rollback(True)
    assert found.tabs == tabs
    assert found.stages == chips == {stage: stages[stage] for stage in Stage}
    assert tabs[Tab.ALL] == len(given) == sum(tabs[tab] for tab in STAGES_OF)
    assert all(tabs[tab] == sum(chips[each] for each in of) for tab, of in STAGES_OF.items())
    assert listed == cards
    assert by_itself == [
        {card for card in Card if str(number) in cards[card]} for number in range(len(by_itself))
    ]
    assert found.cards == {card: len(on) for card, on in cards.items()}


def expected(card: Card, given: list[Given], now: datetime) -> set[str]:
    return {
        str(number)
        for number, (row, of) in enumerate(given)
        if belongs(card, row, {case["kind"] for case in of if case["is_open"]}, now)
    }


def listed_on(card: Card, now: datetime) -> set[str]:
    return set(Order.objects.filter(on_card(card, now)).values_list("order_id", flat=True))


def test_every_stage_has_one_tab() -> None:
    assert sorted(stage for of in STAGES_OF.values() for stage in of) == sorted(Stage)
    assert set(TAB_OF.values()) | {Tab.ALL} == set(Tab)


@pytest.mark.parametrize(
    ("stage", "field", "becomes"),
    [
        (Stage.ON_HOLD, "hold_ends_at", Stage.AWAITING_SHIPMENT),
        (Stage.DELIVERED, "closes_at", Stage.CLOSED),
    ],
)
def test_the_clock_moves_an_order_at_the_very_instant(
    stage: Stage, field: str, becomes: Stage
) -> None:
    order = make.row(make.shop(), stage=stage, **{field: make.NOW})
    order.save()
    for now, expected in ((make.NOW - TICK, stage), (make.NOW, becomes)):
        assert stage_now(order, now) == expected
        assert is_presumed(order, now) == (expected == becomes)
        assert Order.objects.filter(in_stage(expected, now)).count() == 1
        assert counts([order.shop], now).stages[expected] == 1


def test_a_presumed_order_is_on_the_ship_card() -> None:
    order = make.row(
        make.shop(),
        stage=Stage.ON_HOLD,
        hold_ends_at=make.NOW,
        ship_by=make.NOW + DAY,
    )
    order.save()
    assert listed_on(Card.SHIP_24H, make.NOW) == {order.order_id}
    assert listed_on(Card.SHIP_24H, make.NOW - TICK) == set()


def test_when_a_hold_ends() -> None:
    paid, created, release = make.NOW, make.NOW - DAY, make.NOW + DAY
    given: dict[str, Any] = {"created_at": created, "paid_at": paid, "release_at": release}
    assert hold_ends_at(order_type="normal", is_cod=False, **given) == paid + make.HOUR
    assert hold_ends_at(order_type="normal", is_cod=True, **given) == created + make.HOUR
    assert hold_ends_at(order_type="pre_order", is_cod=False, **given) == release
    unpaid = given | {"paid_at": None}
    assert hold_ends_at(order_type="normal", is_cod=False, **unpaid) is None


def test_a_delivered_order_closes_at_the_earlier_of_our_days_and_the_channels_word() -> None:
    day_13, day_15 = make.NOW + 13 * DAY, make.NOW + 15 * DAY
    assert closes_at(make.NOW, None, 14) == make.NOW + 14 * DAY
    assert closes_at(make.NOW, day_13, 14) == day_13
    assert closes_at(make.NOW, day_15, 14) == make.NOW + 14 * DAY
    assert closes_at(None, day_15, 14) == day_15
    assert closes_at(None, None, 14) is None
