"""What happens by itself: by the clock alone, also when only a reader looks."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller
from sandbox.world.deadlines import deadlines
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.fill import place
from tests.sandbox.lives import (
    DAY,
    HOUR,
    asked,
    cancellations,
    claim,
    delivered,
    do,
    noted,
    order,
    pass_,
    placed,
    ready,
    ship,
)
from tests.sandbox.shipping import GULL, mark


def reach(market: Market, at: int) -> None:
    market.clock.hold(at)
    market.tick()


def read(caller: Caller, doc: Doc) -> Doc:
    [found] = caller.data("GET", "/order/202309/orders", {"ids": doc["id"]})["orders"]
    return dict(found)


def test_a_hold_ends_when_somebody_looks(market: Market, us: Caller) -> None:
    made = placed(market, US)
    market.clock.advance(HOUR - 1)
    assert read(us, made)["status"] == "ON_HOLD"
    market.clock.advance(1)
    now = read(us, made)
    assert (now["status"], now["update_time"]) == ("AWAITING_SHIPMENT", market.clock.now())
    assert now["recipient_address"]["name"]


@pytest.mark.parametrize(("shop", "hours"), [(US, 48), (US, 24), (GB, 24), (GB, 48)])
def test_unpaid_orders_end(market: Market, shop: str, hours: int) -> None:
    key = "unpaid_hours_uk" if shop == GB else "unpaid_hours"
    market.facts.set(key, hours)
    made = placed(market, shop, paid="no")
    pass_(market, hours * HOUR - 1)
    assert order(market, shop, made["id"])["status"] == "UNPAID"
    pass_(market, 1)
    now = order(market, shop, made["id"])
    assert (now["status"], now["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert now["cancel_reason"] == "The payment is overdue"


def test_what_is_not_shipped_in_time(market: Market, th: Caller) -> None:
    made = ready(market, TH)
    reach(market, made["shipping_due_time"] - 1)
    assert read(th, made)["status"] == "AWAITING_SHIPMENT"
    market.clock.advance(1)
    now = read(th, made)
    assert (now["status"], now["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    [case] = cancellations(th)
    assert (case["cancel_type"], case["role"]) == ("CANCEL", "SYSTEM")
    pass_(market, HOUR)
    assert [one.amount for one in market.books.ledger(what="refunded")] == [
        made["payment"]["total_amount"]
    ]


def test_what_is_not_collected_or_delivered_in_time(market: Market, th: Caller) -> None:
    late, lost = (ship(market, th, TH, ready(market, TH)) for _ in range(2))
    do(market, "collect", TH, order_id=lost["id"])
    reach(market, late["collection_due_time"])
    assert read(th, late)["status"] == "CANCELLED"
    assert read(th, lost)["status"] == "IN_TRANSIT"
    reach(market, lost["delivery_due_time"])
    assert read(th, lost)["cancel_reason"] == "Not delivered in time"
    assert noted(market, "label_voided") == 1


def test_of_a_partly_shipped_order_the_rest_is_cancelled(market: Market, us: Caller) -> None:
    made = ready(market, US, "units")
    market.books.put("order", US, made | {"shipping_type": "SELLER"})
    assert mark(us, made, "GX123456789012", GULL, made["line_items"][0]["id"]) == 0
    reach(market, made["shipping_due_time"])
    now = read(us, made)
    assert now["status"] == "AWAITING_COLLECTION"
    states = [line["display_status"] for line in now["line_items"]]
    assert states == ["AWAITING_COLLECTION"] + ["CANCELLED"] * (len(states) - 1)


def test_a_late_order_takes_its_request_along(market: Market, th: Caller) -> None:
    market.facts.set("cancel_response_hours", 48)
    made = ready(market, TH)
    reach(market, made["shipping_due_time"] - HOUR)
    asked(market, TH, made)
    pass_(market, HOUR)
    assert read(th, made)["is_buyer_request_cancel"] is False
    states = {one["role"]: one["cancel_status"] for one in cancellations(th)}
    assert states["BUYER"] == "CANCELLATION_REQUEST_CANCELLED"


@pytest.mark.parametrize("days", [14, 6, 15, 30])
def test_the_window_for_claims_closes(market: Market, us: Caller, days: int) -> None:
    market.facts.set("after_sales_days", days)
    made = delivered(market, us, US)
    pass_(market, days * DAY - 1)
    assert order(market, US, made["id"])["status"] == "DELIVERED"
    pass_(market, 1)
    assert order(market, US, made["id"])["status"] == "COMPLETED"


def test_the_window_waits_for_an_open_case(market: Market, us: Caller) -> None:
    made = delivered(market, us, US)
    pass_(market, 13 * DAY)
    case = claim(market, US, "ask_return", made)
    path = f"/return_refund/202309/returns/{case['return_id']}/approve"
    us.data("POST", path, None, {"decision": "APPROVE_RETURN"})
    pass_(market, 3 * DAY)
    assert order(market, US, made["id"])["status"] == "DELIVERED"
    pass_(market, 3 * DAY)
    assert order(market, US, made["id"])["status"] == "COMPLETED"


def test_addresses_are_masked_a_month_after_completion(market: Market, us: Caller) -> None:
    made = delivered(market, us, US)
    pass_(market, 14 * DAY)
    done = read(us, made)
    assert done["status"] == "COMPLETED"
    assert "*" not in done["recipient_address"]["name"]
    pass_(market, 30 * DAY - 1)
    assert "*" not in read(us, made)["recipient_address"]["name"]
    market.clock.advance(1)
    masked = read(us, made)
    assert masked["recipient_address"]["name"].endswith("****")
    assert masked["update_time"] == done["update_time"]


def test_a_leap_of_the_clock_does_it_all(market: Market, us: Caller) -> None:
    made = placed(market, US)
    market.clock.advance(60 * DAY)
    assert read(us, made)["status"] == "CANCELLED"
    pass_(market, HOUR)
    assert noted(market, "refunded") == 1


def test_time_can_be_told_not_to_pass(market: Market, us: Caller) -> None:
    made = placed(market, US)
    market.facts.set("time_passes", False)
    market.clock.advance(60 * DAY)
    assert read(us, made)["status"] == "ON_HOLD"
    [old] = place(market, US, 1)
    assert read(us, old)["status"] == "AWAITING_SHIPMENT"


def test_what_the_platform_sends_is_not_cancelled(market: Market, us: Caller) -> None:
    made = ready(market, US, "platform")
    reach(market, made["shipping_due_time"] + DAY)
    assert read(us, made)["status"] == "AWAITING_SHIPMENT"
    do(market, "platform_ships", US)
    assert read(us, made)["status"] == "AWAITING_COLLECTION"
    do(market, "collect", US, order_id=made["id"])
    do(market, "deliver", US, order_id=made["id"])
    assert read(us, made)["status"] == "DELIVERED"


@pytest.mark.parametrize(
    ("region", "placed_at", "name", "due"),
    [
        # Thursday before Thanksgiving week: two business days, then a weekend in between.
        ("US", "2026-11-19T10:00", "rts_sla_time", "2026-11-23T23:59:59"),
        ("US", "2026-11-21T10:00", "rts_sla_time", "2026-11-24T23:59:59"),
        ("US", "2026-11-19T10:00", "shipping_due_time", "2026-11-30T23:59:59"),
        # Until 14:00 the same working day, Monday to Saturday.
        ("TH", "2026-11-20T13:59", "rts_sla_time", "2026-11-20T23:59:59"),
        ("TH", "2026-11-20T14:00", "rts_sla_time", "2026-11-21T23:59:59"),
        ("TH", "2026-11-21T15:00", "rts_sla_time", "2026-11-23T23:59:59"),
        ("VN", "2026-11-20T09:00", "shipping_due_time", "2026-11-23T23:59:59"),
        ("VN", "2026-11-20T09:00", "collection_due_time", "2026-11-24T23:59:59"),
    ],
)
def test_deadlines_by_working_days(region: str, placed_at: str, name: str, due: str) -> None:
    zone = ZoneInfo({"US": "America/Los_Angeles", "TH": "Asia/Bangkok"}.get(region, "Asia/Saigon"))
    at = datetime.fromisoformat(placed_at).replace(tzinfo=zone)
    made = deadlines(region, int(at.timestamp()))[name]
    assert datetime.fromtimestamp(made, UTC).astimezone(zone).replace(tzinfo=None) == (
        datetime.fromisoformat(due)
    )
