"""Labels of the platform: the calls that are made in each market, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shipboard.channels.contract import (
    Arranged,
    Arrangement,
    ChannelFailure,
    Combinable,
    DeliveryOptionFact,
    FailureKind,
    Handover,
    HandoverFact,
    Outcome,
    Rejection,
    ServiceFact,
    ShipTarget,
    Size,
    SlotFact,
    SplitAdvice,
)
from shipboard.channels.tiktok.channel import TikTokChannel
from tests import make
from tests.channels.tiktok.payloads import FakeClient

pytestmark = pytest.mark.django_db

ORDER, PACKAGE = "576000000000000001", "1153000000000000001"
WHOLE = ShipTarget(order_id=ORDER)
PART = ShipTarget(order_id=ORDER, unit_ids=("u1", "u2"))
PARCEL = ShipTarget(order_id=ORDER, package_id=PACKAGE)
SIZE = Size(
    weight_grams=850, length_cm=Decimal("20.50"), width_cm=Decimal(30), height_cm=Decimal("4.00")
)
MEASURES = {
    "weight": {"value": "850", "unit": "GRAM"},
    "dimension": {"length": "30", "width": "20.5", "height": "4", "unit": "CM"},
}
NINE, NOON = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 12))
WANTED = Arrangement(size=SIZE, service_id="7208")
FETCHED = Arrangement(handover=Handover.PICKUP, slot=(NINE, NOON))
SLOT = {"start_time": int(NINE.timestamp()), "end_time": int(NOON.timestamp())}
BOUGHT = {"order_id": ORDER, **MEASURES, "shipping_service_id": "7208"}
LINES = [{"order_line_id": "u1"}, {"order_line_id": "u2"}]


def opened(region: str, **answers: Any) -> tuple[TikTokChannel, FakeClient]:
    client = FakeClient(**answers)
    shop = make.shop(region, channel="tiktok", region=region)
    return TikTokChannel(shop, client), client  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("region", "chosen", "target", "version", "body"),
    [
        ("US", "202309", WHOLE, "202309", BOUGHT),
        ("US", "202309", PART, "202309", BOUGHT | {"order_line_item_ids": ["u1", "u2"]}),
        ("US", "202512", WHOLE, "202512", BOUGHT | {"ship_type": "1"}),
        ("US", "202512", PART, "202512", BOUGHT | {"ship_type": "2", "order_line_item": LINES}),
        ("JP", "202309", WHOLE, "202512", BOUGHT | {"ship_type": "1"}),
        ("UK", "202309", PART, "202512", BOUGHT | {"ship_type": "2", "order_line_item": LINES}),
    ],
)
def test_a_label_is_bought(
    region: str, chosen: str, target: ShipTarget, version: str, body: dict[str, Any]
) -> None:
    channel, client = opened(region, create_packages=[{"package_id": PACKAGE}])
    client.versions["create_packages"] = chosen
    assert channel.arrange(target, WANTED) == Arranged(package_id=PACKAGE)
    assert client.asked == [("create_packages", body)]
    assert client.called == [version]


@pytest.mark.parametrize(
    ("wanted", "body"),
    [
        (Arrangement(), {}),
        (FETCHED, {"handover_method": "PICKUP", "pickup_slot": SLOT}),
        (Arrangement(handover=Handover.DROP_OFF, size=SIZE), {"handover_method": "DROP_OFF"}),
    ],
)
@pytest.mark.parametrize("region", ["TH", "MX", "GB", "DE"])
def test_a_package_that_exists_is_shipped(
    region: str, wanted: Arrangement, body: dict[str, Any]
) -> None:
    channel, client = opened(region, ship_package=[{}])
    assert channel.arrange(PARCEL, wanted) == Arranged(package_id=PACKAGE)
    assert client.asked == [("ship_package", {"package_id": PACKAGE, **body})]


@pytest.mark.parametrize(("region", "words"), [("TH", "no package yet"), ("AU", "not known here")])
def test_nobody_is_called_where_nothing_can_be_named(region: str, words: str) -> None:
    channel, client = opened(region)
    with pytest.raises(ChannelFailure, match=words) as raised:
        channel.arrange(WHOLE, Arrangement())
    assert (raised.value.outcome, client.asked) == (Outcome.NONE, [])


def test_what_was_bought_is_told() -> None:
    info = {
        "name": "Ground",
        "shipping_provider_name": "Gull",
        "price": "5.05",
        "currency": "USD",
    }
    answer = {"package_id": PACKAGE, "shipping_service_info": info, "tracking_number": "T1"}
    channel, _ = opened("US", create_packages=[answer])
    assert channel.arrange(WHOLE, WANTED) == Arranged(
        package_id=PACKAGE,
        service="Ground",
        carrier="Gull",
        tracking_number="T1",
        price=Decimal("5.05"),
        currency="USD",
    )


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"package_id": None, "shipping_service_info": None},
        {"package_id": 7, "shipping_service_info": ["Ground"]},
        {"package_id": {"id": "1"}, "shipping_service_info": {"price": "much", "currency": []}},
        {"shipping_service_info": {"price": "5.05", "currency": "US dollars", "name": {}}},
        {"shipping_service_info": {"price": {"amount": "1"}}, "tracking_number": ["T"]},
    ],
)
def test_a_label_that_was_bought_stays_bought_whatever_is_said_of_it(odd: dict[str, Any]) -> None:
    channel, _ = opened("US", create_packages=[odd])
    assert channel.arrange(WHOLE, WANTED) == Arranged()
    channel, _ = opened("TH", ship_package=[odd])
    assert channel.arrange(PARCEL, Arrangement()) == Arranged(package_id=PACKAGE)


@pytest.mark.parametrize("name", ["shipping_services", "services"])
def test_services_the_usual_one_first(name: str) -> None:
    dear = {"id": 2, "name": "Two Day", "price": "9.10", "currency": "USD", "is_default": False}
    usual = {
        "id": "1",
        "name": "Ground",
        "price": "5.05",
        "currency": "USD",
        "earliest_delivery_days": 3,
        "latest_delivery_days": "5",
        "is_default": True,
        "shipping_provider_name": "Gull",
    }
    channel, client = opened("US", shipping_services=[{name: [dear, usual, {"name": "None"}]}])
    assert channel.services(PART, SIZE) == (
        ServiceFact(
            remote_id="1",
            name="Ground",
            carrier="Gull",
            price=Decimal("5.05"),
            currency="USD",
            days=(3, 5),
            is_default=True,
        ),
        ServiceFact(remote_id="2", name="Two Day", price=Decimal("9.10"), currency="USD"),
    )
    body = {"order_id": ORDER, "order_line_item_ids": ["u1", "u2"], **MEASURES}
    assert client.asked == [("shipping_services", body)]


def test_a_price_that_cannot_be_read_is_no_price_of_nothing() -> None:
    channel, _ = opened("US", shipping_services=[{"services": [{"id": "1", "price": "free"}]}])
    with pytest.raises(ChannelFailure, match="price is not an amount"):
        channel.services(WHOLE, Size())


def test_how_it_may_be_handed_over() -> None:
    told = {
        "can_pickup": True,
        "can_drop_off": False,
        "drop_off_point_url": "https://points.example.com/",
        "pickup_slots": [
            {**SLOT, "avaliable": False},
            {"start_time": SLOT["start_time"] - 3600, "end_time": SLOT["start_time"]},
            {"start_time": 0, "end_time": 0, "avaliable": True},
        ],
    }
    channel, client = opened("TH", handover_time_slots=[told, {"drop_off_point_url": "http://x"}])
    found = channel.handover(PACKAGE)
    assert (found.can_pickup, found.can_drop_off) == (True, False)
    assert found.drop_off_url == "https://points.example.com/"
    assert [slot.is_open for slot in found.slots] == [True, False]
    assert found.slots[1] == SlotFact(starts_at=NINE, ends_at=NOON, is_open=False)
    assert channel.handover(PACKAGE) == HandoverFact()
    assert client.asked[0] == ("handover_time_slots", {"package_id": PACKAGE})


def test_delivery_options_in_grams_and_centimetres() -> None:
    sides = {"max_length": 10, "max_width": "20", "max_height": "4.5"}
    options = [
        {
            "id": "1",
            "name": "Inches",
            "weight_limit": {"min_weight": 0, "max_weight": "2", "unit": "POUND"},
            "dimension_limit": sides | {"unit": "INCH"},
        },
        {"id": "2", "weight_limit": {"max_weight": 30_000, "unit": "GRAM"}},
        {"id": "3", "dimension_limit": sides | {"max_width": 0, "unit": "CM"}},
        {"id": "1", "name": "Again"},
        {"name": "No id", "weight_limit": None},
    ]
    channel, _ = opened("US", delivery_options=[{"delivery_options": options}])
    assert channel.delivery_options("9") == (
        DeliveryOptionFact(
            remote_id="1",
            name="Inches",
            most_grams=907,
            most_sides=(Decimal("50.80"), Decimal("25.40"), Decimal("11.43")),
        ),
        DeliveryOptionFact(remote_id="2", most_grams=30_000),
        DeliveryOptionFact(remote_id="3"),
    )


def test_whether_an_order_must_be_split() -> None:
    told = [
        {"order_id": ORDER, "can_split": True, "reason": "", "must_split": True}
        | {
            "must_split_reasons": [
                {"type": "TOTAL_COUNT_LIMITATION", "max_count": "5"},
                {"type": "CATEGORY_ITEM_LIMITATION", "category_id": "600001"},
                {"type": "NEW_RULE"},
            ]
        },
        {"order_id": "2", "can_split": False, "must_split": False, "reason": "One part only."},
        {"can_split": True},
    ]
    channel, client = opened("TH", split_attributes=[{"split_attributes": told}])
    first, second = channel.split_advice([ORDER, "2", ORDER])
    assert (first.can_split, first.must_split) == (True, True)
    assert first.reasons == (
        "A package holds 5 units at most.",
        "Some of the goods must travel in a package of their own.",
        "TikTok Shop asks for it (NEW_RULE).",
    )
    assert second == SplitAdvice(order_id="2", can_split=False, reasons=("One part only.",))
    assert client.asked == [("split_attributes", {"order_ids": [ORDER, "2"]})]


def test_units_are_split_into_packages() -> None:
    made = {"packages": [{"splittable_group_id": "1", "id": "11"}, {"id": "12"}, {"id": 3}, None]}
    channel, client = opened("US", split_order=[made, {}])
    assert channel.split(ORDER, [["u1"], ["u2", "u3"]]) == ("11", "12")
    assert channel.split(ORDER, [["u1"], ["u2", "u3"]]) == ()
    groups = [
        {"id": "1", "order_line_item_ids": ["u1"]},
        {"id": "2", "order_line_item_ids": ["u2", "u3"]},
    ]
    assert client.asked[0] == ("split_order", {"order_id": ORDER, "splittable_groups": groups})


def test_what_can_be_combined_over_its_pages() -> None:
    pages = [
        {"combinable_packages": [{"id": "1", "order_ids": ["a", "b"]}], "next_page_token": "x"},
        {"combinable_packages": [{"id": "2", "order_ids": ["c", "d", "c"]}], "next_page_token": ""},
    ]
    channel, client = opened("TH", search_combinable=pages)
    assert channel.combinable() == (
        Combinable(remote_id="1", order_ids=("a", "b")),
        Combinable(remote_id="2", order_ids=("c", "d")),
    )
    assert [asked["page_token"] for _, asked in client.asked] == [None, "x"]


def test_orders_are_combined_and_taken_apart() -> None:
    channel, client = opened(
        "TH",
        combine_packages=[{"packages": [{"id": "9", "order_ids": ["a", "b"]}], "errors": []}],
        uncombine_package=[{"packages": [{"id": "10"}, {"id": "11"}]}, {"packages": "?"}],
    )
    group = Combinable(remote_id="1", order_ids=("a", "b"))
    assert channel.combine(group) == "9"
    assert channel.uncombine("9") == ("10", "11")
    assert channel.uncombine("9", ["a"]) == ()
    asked = [{"id": "1", "order_ids": ["a", "b"]}]
    assert client.asked == [
        ("combine_packages", {"combinable_packages": asked}),
        ("uncombine_package", {"package_id": "9"}),
        ("uncombine_package", {"package_id": "9", "order_ids": ["a"]}),
    ]


def test_a_group_that_is_refused_within_a_success_is_a_failure() -> None:
    error = {"code": 21011046, "message": "Shipped.", "detail": {"package_id": "1"}}
    channel, _ = opened("TH", combine_packages=[{"packages": [], "errors": [error]}])
    with pytest.raises(ChannelFailure) as raised:
        channel.combine(Combinable(remote_id="1", order_ids=("a", "b")))
    failure = raised.value
    assert (failure.code, failure.words, failure.outcome) == ("21011046", "Shipped.", Outcome.NONE)
    assert (failure.request_id, failure.rejection) == ("request-1", None)


@pytest.mark.parametrize(
    ("kind", "size", "sized"),
    [
        ("SHIPPING_LABEL", "A5", {"document_size": "A5"}),
        ("PACKING_SLIP", "A6", {"document_size": "A6"}),
        ("SHIPPING_LABEL", "4x6", {}),
        ("SHIPPING_LABEL", "", {}),
        ("SHIPPING_LABEL_PICTURE", "A6", {}),
        ("HAZMAT_LABEL", "A5", {}),
    ],
)
def test_a_size_is_named_where_it_can_be_chosen(kind: str, size: str, sized: Any) -> None:
    channel, client = opened("TH", shipping_document=[{}])
    with pytest.raises(ChannelFailure) as raised:
        channel.document(PACKAGE, kind=kind, size=size)
    assert raised.value.kind is FailureKind.NOT_READY
    assert raised.value.rejection is Rejection.PRINT_FAILURE
    asked = {"package_id": PACKAGE, "document_type": kind, **sized}
    assert client.asked == [("shipping_document", asked)]
