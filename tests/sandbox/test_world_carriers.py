"""Carriers collect, deliver, lose and bring back; the platform takes a status back."""

from __future__ import annotations

import pytest

from sandbox.market import Market
from sandbox.testing import Caller
from sandbox.verbs import CannotDo
from tests.sandbox.conftest import TH, US
from tests.sandbox.lives import (
    DAY,
    HOUR,
    cancellations,
    claim,
    delivered,
    do,
    noted,
    order,
    pass_,
    ready,
    ship,
)


def test_a_parcel_on_its_way(market: Market, th: Caller) -> None:
    made = ship(market, th, TH, ready(market, TH))
    seen = []
    for verb in ("collect", "scan", "deliver"):
        pass_(market, HOUR)
        do(market, verb, TH, order_id=made["id"])
        now = order(market, TH, made["id"])
        [package] = market.books.find("package", TH)
        seen.append((now["status"], package["package_status"], package["package_sub_status"]))
    assert seen == [
        ("IN_TRANSIT", "FULFILLING", "TTS"),
        ("IN_TRANSIT", "FULFILLING", "TTS"),
        ("DELIVERED", "COMPLETED", "DELIVERED"),
    ]
    assert (now["collection_time"], now["delivery_time"]) == (
        made["rts_time"] + HOUR,
        made["rts_time"] + 3 * HOUR,
    )
    assert {line["package_status"] for line in now["line_items"]} == {"COMPLETED"}
    told = th.data("GET", f"/fulfillment/202309/orders/{made['id']}/tracking")["tracking"]
    assert [one["description"] for one in told][:3] == [
        "Delivered.",
        "Arrived at a sorting centre.",
        "Picked up.",
    ]
    with pytest.raises(CannotDo):
        do(market, "deliver", TH, order_id=made["id"])


def test_a_carrier_waits_for_the_label(market: Market, th: Caller) -> None:
    made = ready(market, TH)
    market.facts.set("label_seconds", 30)
    ship(market, th, TH, made)
    with pytest.raises(CannotDo):
        do(market, "collect", TH, order_id=made["id"])


@pytest.mark.parametrize(
    ("verb", "reason"),
    [
        ("lose", "PACKAGE_LOST"),
        ("damage", "PACKAGE_DAMAGAED"),
        ("bring_back", "RETURNED_TO_SHIPPER"),
    ],
)
def test_a_parcel_that_never_arrives(market: Market, us: Caller, verb: str, reason: str) -> None:
    made = ship(market, us, US, ready(market, US, "lines"))
    do(market, "collect", US, order_id=made["id"])
    do(market, verb, US, order_id=made["id"])
    [package] = market.books.find("package", US)
    told = us.data("GET", f"/fulfillment/202309/packages/{package['package_id']}")
    assert told["package_status"] == "CANCELLED"
    assert told["package_sub_status"] == "SHIP_EXCEPTION"
    assert told["ship_exception_reason"] == reason
    now = order(market, US, made["id"])
    assert (now["status"], now["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert [one["role"] for one in cancellations(us)] == ["SYSTEM"]
    pass_(market, HOUR)
    assert noted(market, "refunded") == 1


def test_what_was_refunded_may_still_arrive(market: Market, us: Caller) -> None:
    made = ship(market, us, US, ready(market, US))
    case = claim(market, US, "ask_refund", made)
    path = f"/return_refund/202309/returns/{case['return_id']}/approve"
    us.data("POST", path, None, {"decision": "APPROVE_REFUND"})
    assert order(market, US, made["id"])["status"] == "COMPLETED"
    do(market, "collect", US, order_id=made["id"])
    do(market, "deliver", US, order_id=made["id"])
    assert order(market, US, made["id"])["status"] == "COMPLETED"


def test_the_platform_takes_statuses_back(market: Market, us: Caller) -> None:
    made = delivered(market, us, US)
    seen = []
    for _ in range(3):
        pass_(market, 60)
        do(market, "step_back", US, order_id=made["id"])
        now = order(market, US, made["id"])
        assert now["update_time"] == market.clock.now()
        seen.append(now["status"])
    assert seen == ["IN_TRANSIT", "AWAITING_COLLECTION", "AWAITING_SHIPMENT"]
    assert not {"delivery_time", "collection_time", "rts_time"} & set(now)
    assert not now["packages"]
    assert all("tracking_number" not in line for line in now["line_items"])
    with pytest.raises(CannotDo):
        do(market, "step_back", US, order_id=made["id"])
    assert ship(market, us, US, now)["status"] == "AWAITING_COLLECTION"


def test_elsewhere_the_package_is_as_before_shipping(market: Market, th: Caller) -> None:
    made = ship(market, th, TH, ready(market, TH))
    do(market, "step_back", TH, order_id=made["id"])
    now = order(market, TH, made["id"])
    assert (now["status"], now["tracking_number"]) == ("AWAITING_SHIPMENT", "")
    assert now["packages"] == made["packages"]
    [package] = market.books.find("package", TH)
    assert (package["package_status"], package["tracking_number"]) == ("TO_FULFILL", "")
    path = f"/fulfillment/202309/packages/{package['package_id']}"
    label = {"document_type": "SHIPPING_LABEL"}
    assert th.code("GET", f"{path}/shipping_documents", label) == 21023035
    again = ship(market, th, TH, now)
    assert again["status"] == "AWAITING_COLLECTION"
    assert again["tracking_number"] != made["tracking_number"]


def test_a_step_back_leaves_time_to_do_it_again(market: Market, th: Caller) -> None:
    made = ship(market, th, TH, ready(market, TH))
    market.clock.hold(made["shipping_due_time"] + HOUR)
    do(market, "step_back", TH, order_id=made["id"])
    pass_(market, DAY)
    assert order(market, TH, made["id"])["status"] == "AWAITING_SHIPMENT"
