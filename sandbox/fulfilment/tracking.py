"""Where packages are: the events of an order's packages, and whether a number is the platform's."""

from __future__ import annotations

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import scans
from sandbox.fulfilment.asked import order_of
from sandbox.fulfilment.numbers import users_of
from sandbox.kinds import Doc

BASIC = "seller.fulfillment.basic"


@operation(
    "order_tracking", "GET", "/fulfillment/{version}/orders/{order_id}/tracking", scope=BASIC
)
def order_tracking(call: Call) -> Doc:
    order = order_of(call, call.path["order_id"])
    events = [event for package in _packages(call, order) for event in scans.of(package)]
    return {"tracking": sorted(events, key=lambda one: -int(one["update_time_millis"]))}


@operation(
    "logistics_tracking",
    "GET",
    "/logistics/{version}/orders/{order_id}/tracking",
    scope="seller.logistics",
    versions=("202604",),
)
def logistics_tracking(call: Call) -> Doc:
    """The same, package by package, for parcels that cross borders."""
    order = order_of(call, call.path["order_id"])
    return {
        "order_id": order["id"],
        "logistics_details": [_details(one) for one in _packages(call, order)],
    }


def _details(package: Doc) -> Doc:
    number = package["tracking_number"]
    return {
        "newest_tracking_no": number,
        "carrier_name": package["shipping_provider_name"],
        "track_list": [
            event | {"tracking_no": number, "action_code_name": str(event["action_code"])}
            for event in scans.of(package)
        ],
    }


def _packages(call: Call, order: Doc) -> list[Doc]:
    found = call.market.books.find("package", call.shop.id, order_id=order["id"])
    return [one for one in found if one["tracking_number"]]


@operation(
    "tts_tracking_validation",
    "GET",
    "/fulfillment/{version}/tts_tracking_validation",
    scope=BASIC,
    versions=("202508",),
)
def tts_tracking_validation(call: Call) -> Doc:
    """Whether a number is one that the platform ships under. In the US only."""
    number = call.query.get("tracking_number", "")
    if not number:
        raise Refusal(36009022, "tracking_number is missing.")
    if call.shop.region != "US":
        raise Refusal(int(call.fact("wrong_region_code")))
    ours = any(one["shipping_type"] == "TIKTOK" for one in users_of(call, number))
    return {"is_tiktok_shipping": ours, "is_tiktok_collection": False}
