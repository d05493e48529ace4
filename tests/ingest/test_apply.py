"""ingest/apply: heard once or twice, late or early, facts leave the same order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shipboard.channels.contract import CaseFact, CaseKind, Deadlines, OrderFact, Stage
from shipboard.ingest.apply import Applied, Source, apply
from shipboard.orders.models import Case, Event, Item, Line, Order
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
LATER = make.NOW + timedelta(hours=1)


def test_the_same_facts_twice_change_nothing() -> None:
    shop = make.shop()
    facts = [make.order(parcels=(make.parcel(),))]
    assert apply(shop, facts, SOURCE) == Applied(created=1)
    before = list(Order.objects.values())
    assert apply(shop, facts, Source(by="tests", now=LATER)) == Applied(unchanged=1)
    assert Event.objects.count() == 1
    assert list(Order.objects.values()) == before


def test_newer_facts_win_and_stale_ones_never_move_an_order_back() -> None:
    shop = make.shop()
    newer = make.order(stage=Stage.IN_TRANSIT, as_of=LATER)
    apply(shop, [make.order()], SOURCE)
    assert apply(shop, [newer], SOURCE) == Applied(updated=1)
    assert apply(shop, [make.order()], SOURCE) == Applied(unchanged=1)
    assert Order.objects.get().stage == Stage.IN_TRANSIT


def test_a_genuinely_newer_step_back_is_taken() -> None:
    shop = make.shop()
    apply(shop, [make.order(stage=Stage.IN_TRANSIT)], SOURCE)
    apply(shop, [make.order(as_of=LATER)], SOURCE)
    assert Order.objects.get().stage == Stage.AWAITING_SHIPMENT


def test_ties_go_to_the_order_further_along() -> None:
    shop = make.shop()
    for stage in (Stage.IN_TRANSIT, Stage.PENDING_COLLECTION):
        apply(shop, [make.order(stage=stage)], SOURCE)
    assert Order.objects.get().stage == Stage.IN_TRANSIT


def test_the_same_said_later_is_as_fresh_as_that() -> None:
    shop = make.shop()
    fact = make.order(names_all_cases=True)
    apply(shop, [fact], SOURCE)
    confirmed = replace(fact, as_of=make.NOW + timedelta(hours=5))
    assert apply(shop, [confirmed], SOURCE) == Applied(unchanged=1)
    between = make.order(
        as_of=LATER,
        stage=Stage.CANCELED,
        warehouse="East",
        cases=(CaseFact(kind=CaseKind.RETURN, is_open=True),),
    )
    assert apply(shop, [between], SOURCE) == Applied(updated=1)
    order = Order.objects.get()
    assert (order.stage, order.warehouse) == (Stage.AWAITING_SHIPMENT, "East")
    assert order.as_of == confirmed.as_of
    assert not Case.objects.get().is_open
    assert Event.objects.count() == 2


def test_masked_and_empty_values_never_replace_real_ones() -> None:
    shop = make.shop()
    apply(shop, [make.order(recipient={"name": "Anna Berg", "phone": "+1 555 0100"})], SOURCE)
    hidden = make.order(as_of=LATER, recipient={"name": "A**** B***", "phone": ""}, paid_at=None)
    apply(shop, [hidden], SOURCE)
    order = Order.objects.get()
    assert order.recipient == {"name": "Anna Berg", "phone": "+1 555 0100"}
    assert order.paid_at == make.order().paid_at


def test_a_change_leaves_one_event_without_personal_data() -> None:
    shop = make.shop()
    secret = {"name": "Anna Berg", "address": "1 Harbour Street", "phone": "5550100"}
    apply(shop, [make.order(recipient=secret, buyer_username="annab")], SOURCE)
    moved = {"name": "Anna Holm", "address": "2 Hill Road", "phone": "5550199"}
    newer = make.order(
        as_of=LATER,
        stage=Stage.IN_TRANSIT,
        recipient=moved,
        buyer_username="annah",
        lines=(make.line(quantity=2),),
        cases=(CaseFact(kind=CaseKind.RETURN, is_open=True, reason="Too small for Anna"),),
    )
    apply(shop, [newer], SOURCE)
    received, changed = Event.objects.order_by("pk")
    assert (received.kind, changed.kind, changed.by) == ("order_received", "order_changed", "tests")
    assert changed.detail["stage"] == ["awaiting_shipment", "in_transit"]
    assert {"recipient.name", "lines", "cases"} <= set(changed.detail["fields"])
    told = json.dumps([received.detail, changed.detail])
    personal = {*secret.values(), *moved.values(), "annab", "annah", "Anna"}
    assert not [word for word in personal if word in told]


def test_the_channels_deadlines_stand_before_the_profiles() -> None:
    shop = make.shop()
    said = Deadlines(ship_by=make.NOW + timedelta(days=3))
    apply(shop, [make.order(deadlines=said)], SOURCE)
    order = Order.objects.get()
    assert order.ship_by == said.ship_by
    assert order.auto_cancel_at == order.created_at + timedelta(hours=72)
    assert (order.collect_by, order.deliver_by) == (None, None)


def test_lines_that_change_are_replaced_and_items_are_shared() -> None:
    shop = make.shop()
    two = (make.line(), make.line(sku_id="2", product_name="Hat"))
    apply(shop, [make.order("1"), make.order("2", lines=two)], SOURCE)
    assert Item.objects.count() == 2
    apply(shop, [make.order("2", as_of=LATER, lines=(make.line(quantity=5),))], SOURCE)
    order = Order.objects.get(order_id="2")
    assert [(line.quantity, line.item.product_name) for line in order.lines.all()] == [
        (5, "Enamel mug")
    ]
    assert (order.skus, order.units) == (1, 5)
    assert Line.objects.count() == 2


def test_two_lines_without_any_id_are_two_skus() -> None:
    bare = {"sku_id": "", "seller_sku": ""}
    lines = (make.line(**bare), make.line(**bare, product_name="Hat"))
    apply(make.shop(), [make.order(lines=lines)], SOURCE)
    assert Order.objects.get().skus == 2


def test_facts_that_repeat_themselves_do_no_harm() -> None:
    case = CaseFact(kind=CaseKind.RETURN, is_open=True)
    odd = make.order(
        lines=(make.line(), make.line()),
        parcels=(make.parcel(), make.parcel(), make.parcel(package_id="", tracking_number="")),
        cases=(case, replace(case, reason="Late")),
        total=Decimal("1.23456"),
    )
    shop = make.shop()
    assert apply(shop, [odd, odd], SOURCE) == Applied(created=1, unchanged=1)
    order = Order.objects.get()
    assert (order.lines.count(), order.contents.count(), order.cases.count()) == (2, 1, 1)
    assert apply(shop, [replace(odd, as_of=LATER, warehouse="East")], SOURCE) == Applied(updated=1)
    assert Event.objects.order_by("-pk")[0].detail["fields"] == ["warehouse"]


def test_the_same_number_in_two_shops_is_two_orders() -> None:
    for name in ("North", "South"):
        assert apply(make.shop(name), [make.order()], SOURCE) == Applied(created=1)
    assert Order.objects.count() == 2


def test_an_order_comes_once_even_from_one_batch() -> None:
    facts: list[OrderFact] = [make.order(), make.order(as_of=LATER, stage=Stage.IN_TRANSIT)]
    assert apply(make.shop(), facts, SOURCE) == Applied(created=1, updated=1)
    assert Order.objects.get().stage == Stage.IN_TRANSIT
