"""ingest/apply: whatever the order, the batches and the repetitions, the tables hold the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import OrderFact
from shipboard.ingest.apply import Applied, Source, apply
from shipboard.ingest.rows import COLUMNS
from shipboard.orders.models import Event, Order, Parcel
from tests import make, strategies
from tests.soak import examples

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
NOT_COMPARED = {"id", "shop_id", "digest", "field_ages", "first_seen_at", "changed_at"}
LINE = ("item__sku_name", "quantity", "returned", "unit_price", "total", "unit_ids", "extra")
CASE = ("kind", "case_id", "is_open", "reason", "amount", "respond_by")
OF_PARCEL = ("package_id", "tracking_number", "carrier", "weight_kg", "former_ids")
PARCEL = ("line", "quantity", *(f"parcel__{name}" for name in OF_PARCEL))
#: Without shrinking: every try is a few dozen statements, and a failing history is short anyway.
slow = settings(
    max_examples=examples(30),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
histories = st.lists(strategies.facts(("1", "2")), min_size=1, max_size=6)


@contextmanager
def forgotten() -> Iterator[None]:
    """What happens inside is undone at the end: one example does not see another's orders."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(batches: Sequence[Sequence[OrderFact]]) -> dict[str, Any]:
    """What the tables hold after applying batches to a new shop."""
    with forgotten():
        shop = make.shop()
        for batch in batches:
            apply(shop, batch, SOURCE)
        return {order.order_id: stored(order) for order in Order.objects.order_by("order_id")}


def stored(order: Order) -> dict[str, Any]:
    columns = {name: getattr(order, name) for name in COLUMNS if name not in NOT_COMPARED}
    lines = order.lines.order_by("position")
    return columns | {
        "lines": list(lines.values_list("item__sku_id", "item__product_name", *LINE)),
        "cases": list(order.cases.order_by("kind", "case_id").values_list(*CASE)),
        "parcels": [
            (*row[:-1], tuple(row[-1]))
            for row in order.contents.filter(is_current=True)
            .order_by("parcel__key", "line")
            .values_list(*PARCEL)
        ],
    }


@slow
@given(histories, st.data())
def test_order_batches_and_repetitions_do_not_matter(
    facts: list[OrderFact], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(facts), max_size=3), label="again")
    mixed = data.draw(st.permutations(facts + again), label="told")
    size = data.draw(st.integers(1, 4), label="batch")
    batches = [mixed[start : start + size] for start in range(0, len(mixed), size)]
    in_order = sorted(facts, key=lambda fact: fact.as_of)
    assert outcome(batches) == outcome([[fact] for fact in in_order])


@slow
@given(histories)
def test_all_of_it_again_changes_nothing_and_leaves_no_event(facts: list[OrderFact]) -> None:
    with forgotten():
        shop = make.shop()
        apply(shop, facts, SOURCE)
        apply(shop, facts, SOURCE)
        before = Event.objects.count(), list(Order.objects.order_by("pk").values())
        total = apply(shop, facts, SOURCE)
        assert (total.created, total.updated) == (0, 0)
        assert (Event.objects.count(), list(Order.objects.order_by("pk").values())) == before


@slow
@given(histories)
def test_no_event_without_a_change_and_none_missing(facts: list[OrderFact]) -> None:
    with forgotten():
        shop = make.shop()
        for fact in facts:
            before = {each.order_id: stored(each) for each in Order.objects.all()}
            events = Event.objects.count()
            total = apply(shop, [fact], SOURCE)
            after = {each.order_id: stored(each) for each in Order.objects.all()}
            changed = [
                key for key, value in after.items() if shown(value) != shown(before.get(key))
            ]
            assert Event.objects.count() - events == len(changed)
            assert total.created + total.updated == (fact.order_id in changed)
            assert total + Applied() == total


def shown(order: dict[str, Any] | None) -> dict[str, Any] | None:
    """What an event must tell of: everything but when, and by whom, the stage was said. 9.5 and
    9.50 are one amount, though a charge is kept as it was written."""
    if order is None:
        return None
    told = {name: value for name, value in order.items() if name not in {"as_of", "stage_source"}}
    return told | {
        "charges": {name: Decimal(amount) for name, amount in order["charges"].items()},
        "parcels": [each[:-1] for each in order["parcels"]],
    }


def test_former_numbers_are_remembered_whoever_said_them_and_when() -> None:
    shop = make.shop()
    first = make.order(parcels=(make.parcel(tracking_number="OLD1"),))
    later = make.order(as_of=make.NOW + make.HOUR, parcels=(make.parcel(tracking_number="new2"),))
    apply(shop, [later], SOURCE)
    apply(shop, [first], SOURCE)
    parcel = Parcel.objects.get()
    assert (parcel.tracking_number, parcel.former_ids) == ("new2", ["OLD1"])
