"""What may be one batch of labels: shop, way of shipping, logistics, warehouse; what is left out
and why; one row a package; created again as it was asked for last.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import Access
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Handover,
    ParcelContent,
    Shipping,
    Size,
    Stage,
)
from shipboard.channels.models import Shop, Warehouse
from shipboard.fulfilment import batching
from shipboard.fulfilment.batching import (
    NOT_REJECTED,
    PAID_FOR,
    Mixed,
    Sorting,
    make_batch,
    sort_labels,
    sort_orders,
)
from shipboard.fulfilment.label_parcels import ASKED
from shipboard.fulfilment.label_wishes import LabelWish, label_wish_of
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.models import LabelBatch, LabelBatchRow
from shipboard.fulfilment.selection import BadSelection
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.holds import place_hold
from shipboard.orders.labels import Label
from shipboard.orders.measures import Measure
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.conftest import MAI, all_of, some

pytestmark = pytest.mark.django_db
HARBOR, SHENZHEN = "Harbor", "Shenzhen"


@pytest.fixture
def shop(db: None) -> Shop:
    made = make.shop(channel="tiktok")
    Warehouse.objects.create(shop=made, name=HARBOR, logistics="local")
    Warehouse.objects.create(shop=made, name=SHENZHEN, logistics="direct")
    return made


def take(shop: Shop, *order_ids: str, **given: Any) -> list[int]:
    values: dict[str, Any] = {"shipping": Shipping.PLATFORM, "warehouse": HARBOR} | given
    facts = [
        make.order(
            each,
            **({"lines": (make.line(quantity=2, unit_ids=(f"{each}a", f"{each}b")),)} | values),
        )
        for each in order_ids
    ]
    apply(shop, facts, Source(by="tests", now=make.NOW))
    found = dict(Order.objects.filter(shop=shop).values_list("order_id", "pk"))
    return [found[each] for each in order_ids]


def sorted_(*pks: int, access: Access = MAI) -> Sorting:
    return sort_orders(some(*pks), access, make.NOW)


def lots(sorting: Sorting) -> dict[str, list[str]]:
    return {lot.words(): [each.parcel.order.order_id for each in lot.asked] for lot in sorting.lots}


def label(pk: int, **given: Any) -> Attempt:
    order = Order.objects.select_related("shop").get(pk=pk)
    wish = LabelWish(**given)
    return ask_to_label(order, wish, access=MAI, now=make.NOW, wall=make.NOW)


def reject(attempt: Attempt, **given: Any) -> Label:
    """As finishing leaves it."""
    Attempt.objects.filter(pk=attempt.pk).update(state="refused", ended_at=make.NOW)
    ClaimedUnit.objects.filter(attempt=attempt).delete()
    values = {"state": "rejected", "rejection": "oversized"} | given
    Label.objects.filter(pk=attempt.label_id).update(**values)
    return Label.objects.get(pk=attempt.label_id)


def test_one_kind_of_parcels_is_one_batch(shop: Shop) -> None:
    found = sorted_(*take(shop, "1", "2"))
    assert found.is_one
    assert lots(found) == {"Northwind, platform shipping, local warehouse, Harbor": ["1", "2"]}


def test_logistics_warehouses_and_shops_do_not_mix(shop: Shop) -> None:
    Warehouse.objects.create(shop=shop, name="Dockside", logistics="local")
    other = make.shop("Alder", channel="tiktok")
    pks = take(shop, "1", "2") + take(shop, "3", warehouse=SHENZHEN)
    pks += take(shop, "4", warehouse="Dockside") + take(other, "5")
    found = sorted_(*pks)
    assert not found.is_one
    assert lots(found) == {
        "Northwind, platform shipping, local warehouse, Harbor": ["1", "2"],
        "Northwind, platform shipping, direct shipping, Shenzhen": ["3"],
        "Northwind, platform shipping, local warehouse, Dockside": ["4"],
        "Alder, platform shipping, Harbor": ["5"],
    }
    with pytest.raises(Mixed, match="cannot be one batch"):
        make_batch(
            [each for lot in found.lots for each in lot.asked],
            key=uuid4(),
            access=MAI,
            now=make.NOW,
        )
    assert not LabelBatch.objects.exists()


def test_seller_and_platform_shipping_do_not_mix(shop: Shop) -> None:
    pks = take(shop, "1") + take(shop, "2", shipping=Shipping.SELLER)
    pks += take(shop, "3", shipping=Shipping.SELLER, stage=Stage.IN_TRANSIT)
    found = sorted_(*pks)
    assert not found.is_one
    assert [order.order_id for order in found.sellers] == ["2"]
    assert [(each.order.order_id, each.why) for each in found.left] == [
        ("3", "It is on its way already.")
    ]


def test_what_cannot_be_labelled_says_why(shop: Shop) -> None:
    (held, asks, away, asked, good) = take(shop, "1", "2", "3", "4", "5")
    place_hold(Order.objects.get(pk=held), reason="Gift", by="mai", now=make.NOW)
    waits = CaseFact(kind=CaseKind.CANCELLATION, case_id="c", is_open=True)
    later = make.NOW + timedelta(minutes=1)
    take(shop, "2", cases=(waits,), as_of=later)
    take(shop, "3", stage=Stage.CANCELED, as_of=later)
    label(asked)
    found = sorted_(held, asks, away, asked, good)
    said = {each.order.order_id: each.why for each in found.left}
    assert "held here" in said["1"]
    assert "Decision needed" in said["2"]
    assert said["3"] == "The order is canceled."
    assert "mai has asked for its shipping label" in said["4"]
    assert [each.parcel.order.pk for lot in found.lots for each in lot.asked] == [good]


def test_units_of_a_part_are_left_to_it(shop: Shop) -> None:
    (pk,) = take(shop, "1")
    label(pk, contents={0: 1})
    (asked,) = sorted_(pk).lots[0].asked
    assert asked.parcel.contents == {0: 1}
    assert asked.parcel.target().unit_ids == ("1b",)
    label(pk)
    (left,) = sorted_(pk).left
    assert left.why == ASKED


def in_thailand(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(region="TH", timezone="Asia/Bangkok")
    shop.refresh_from_db()


def in_mexico(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(region="MX", timezone="America/Mexico_City")
    shop.refresh_from_db()


def waiting(package_id: str, *contents: ParcelContent) -> Any:
    return make.parcel(package_id=package_id, tracking_number="", contents=contents)


def test_a_split_order_is_a_row_for_each_package(shop: Shop) -> None:
    in_thailand(shop)
    parcels = (waiting("11", ParcelContent(0, 1)), waiting("12", ParcelContent(0, 1)))
    (pk,) = take(shop, "1", parcels=parcels)
    (lot,) = sorted_(pk).lots
    assert sorted(each.wish.package_id for each in lot.asked) == ["11", "12"]
    assert [sum(each.parcel.contents.values()) for each in lot.asked] == [1, 1]
    label(pk, package_id="11")
    found = sorted_(pk)
    assert [each.wish.package_id for each in found.lots[0].asked] == ["12"]
    assert [each.why for each in found.left] == [ASKED]
    assert label(pk, package_id="12").units.get().unit == "1b"


def test_combined_orders_are_one_row(shop: Shop) -> None:
    in_thailand(shop)
    together = {"parcels": (waiting("11", ParcelContent(0, 2)),)}
    one, two = take(shop, "1", "2", **together)
    (lot,) = sorted_(one, two).lots
    (asked,) = lot.asked
    assert [order.order_id for order in asked.parcel.together] == ["2"]
    (asked,) = sorted_(two).lots[0].asked
    assert [order.order_id for order in asked.parcel.together] == ["1"]
    place_hold(Order.objects.get(pk=one), reason="Gift", by="mai", now=make.NOW)
    (left,) = sorted_(two).left
    assert left.why.startswith("It is combined with order 1: The order is held here")


def test_more_than_a_run_takes_is_several(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST", 2)
    by = {f"{n}": make.NOW + timedelta(hours=9 - n) for n in range(1, 6)}
    pks = take(shop, *by)
    for order_id, ship_by in by.items():
        Order.objects.filter(order_id=order_id).update(ship_by=ship_by)
    found = sorted_(*pks)
    assert not found.is_one
    runs = found.lots[0].runs()
    assert [[each.parcel.order.order_id for each in some_] for some_ in runs] == [
        ["5", "4"],
        ["3", "2"],
        ["1"],
    ]
    with pytest.raises(Mixed):
        make_batch(found.lots[0].asked, key=uuid4(), access=MAI, now=make.NOW)


def test_too_many_are_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST_CHOSEN", 2)
    take(shop, "1", "2", "3")
    with pytest.raises(BadSelection, match="more than 2 orders"):
        sort_orders(all_of("tab=all", 3), MAI, make.NOW)
    assert sort_orders(all_of("tab=all&q=1", 1), MAI, make.NOW).is_one


def test_a_new_batch_is_filled_in_with_what_such_parcels_weighed(shop: Shop) -> None:
    (pk,) = take(shop, "1")
    Measure.objects.create(
        shop=shop, sku="1729000000000000001", quantity=2, grams=640, as_of=make.NOW
    )
    found, key = sorted_(pk), uuid4()
    batch = make_batch(found.lots[0].asked, key=key, access=MAI, now=make.NOW)
    row = LabelBatchRow.objects.get()
    assert label_wish_of(row.wish).size == Size(weight_grams=640)
    assert batch.words == "Northwind, platform shipping, local warehouse, Harbor"
    assert make_batch(found.lots[0].asked, key=key, access=MAI, now=make.NOW) == batch
    assert LabelBatch.objects.count() == 1


def test_rejected_labels_come_as_they_were_asked_for(shop: Shop) -> None:
    (pk, other, bought) = take(shop, "1", "2", "3")
    size = Size(weight_grams=300)
    made = reject(label(pk, size=size, service_id="s1", service="Ground", handover=Handover.PICKUP))
    waits = label(other).label_id or 0
    paid = reject(label(bought), arranged_at=make.NOW)
    found = sort_labels([made.pk, waits, paid.pk, 10**9], MAI, make.NOW)
    (asked,) = found.lots[0].asked
    assert asked.label == made
    assert (asked.wish.size, asked.wish.service_id) == (size, "s1")
    assert asked.wish.handover == Handover.PICKUP
    assert {each.order.order_id: each.why for each in found.left} == {
        "2": NOT_REJECTED,
        "3": PAID_FOR,
    }
    assert found.gone == 1
    batch = make_batch(found.lots[0].asked, key=uuid4(), access=MAI, now=make.NOW)
    assert LabelBatchRow.objects.get(batch=batch).label == made


def test_what_one_may_not_see_is_not_there(shop: Shop) -> None:
    (pk,) = take(shop, "1")
    made = reject(label(pk))
    nobody = Access(by="ben", shop_ids=frozenset())
    assert sorted_(pk, access=nobody).lots == ()
    assert sort_labels([made.pk], nobody, make.NOW).gone == 1


@pytest.mark.parametrize("many", [1, 60])
def test_sorting_asks_no_more_for_more(shop: Shop, many: int) -> None:
    in_thailand(shop)
    pks = [
        pk
        for n in range(many)
        for pk in take(shop, f"{n}", parcels=(waiting(f"11{n}", ParcelContent(0, 2)),))
    ]
    with CaptureQueriesContext(connection) as asked:
        sorted_(*pks)
    assert len(asked) <= SORTED, [query["sql"][:90] for query in asked]


SORTED = 13
