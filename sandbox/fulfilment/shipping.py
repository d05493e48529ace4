"""Ship Package, one or a batch: the platform fetches it, or, where the seller sends it by himself
in South East Asia, Mexico and Brazil, the call says with whom and under which number.
"""

from __future__ import annotations

from typing import Any

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import arranging, numbers, obstacles
from sandbox.fulfilment.asked import (
    check_can_ship,
    check_lane,
    is_sea,
    lines_in,
    orders_in,
    package_of,
)
from sandbox.fulfilment.given import table, tables
from sandbox.fulfilment.parcel import measure, services
from sandbox.fulfilment.services import check_recipient, check_together
from sandbox.fulfilment.slots import check_slot
from sandbox.kinds import Doc
from sandbox.shapes_package import TO_FULFILL

BASIC = "seller.fulfillment.basic"
HANDOVERS = ("PICKUP", "DROP_OFF")


@operation("ship_package", "POST", "/fulfillment/{version}/packages/{package_id}/ship", scope=BASIC)
def ship_package(call: Call) -> Doc:
    _ship(call, call.path["package_id"], call.body)
    return {}


@operation("ship_packages", "POST", "/fulfillment/{version}/packages/ship", scope=BASIC)
def ship_packages(call: Call) -> Doc:
    """Code 0 as long as the call itself is right; what went wrong stands in `errors`."""
    asked = tables(call.need("packages"))
    if len(asked) > call.fact("ship_batch_most"):
        raise Refusal(36009023, "Too many packages in one call.")
    errors: list[Doc] = []
    for one in asked:
        try:
            _ship(call, str(one.get("id") or ""), one)
        except Refusal as no:
            detail = {"package_id": str(one.get("id") or "")}
            errors.append({"code": no.code, "message": no.message, "detail": detail})
    return {"errors": errors} if errors else {}


def _ship(call: Call, id: str, given: dict[str, Any]) -> None:
    """Raises Refusal, before it has changed anything."""
    package = package_of(call, id)
    if package["package_status"] not in (TO_FULFILL, "CANCELLED") and (
        call.fact("ship_twice") == "answered"
    ):
        return
    orders = orders_in(call, package)
    lines = [line for order in orders for line in lines_in(package, order)]
    for order in orders:
        check_lane(call, order, package["shipping_type"])
    arranging.check_new(call, package)
    for order in orders:
        check_can_ship(call, order, [])
        if package["shipping_type"] == "TIKTOK":
            check_recipient(order, call.shop.region)
    if not lines:
        raise Refusal(int(call.fact("cancelled_code")))
    check_together(call, lines)
    if package["shipping_type"] == "SELLER":
        _ship_by_seller(call, package, orders, table(given.get("self_shipment")))
    else:
        obstacles.check(call, orders, lines, measure(package, len(lines)))
        _hand_over(call, package, given)
        arranging.ship_by_platform(call, package, services(call.shop.region)[0])


def _ship_by_seller(call: Call, package: Doc, orders: list[Doc], given: Any) -> None:
    if call.shop.region in call.fact("mark_shipped_markets"):
        raise Refusal(21011004, "Mark the package as shipped instead.")
    if not given:
        raise Refusal(36009022, "self_shipment is missing.")
    number, carrier, _ = numbers.check(call, orders, given)
    arranging.hand_over(call, package, number, carrier, orders)


def _hand_over(call: Call, package: Doc, given: dict[str, Any]) -> None:
    """How and when the carrier gets it. Raises Refusal."""
    method = given.get("handover_method") or "PICKUP"
    if method not in HANDOVERS:
        raise Refusal(36009010, "handover_method must be PICKUP or DROP_OFF.")
    if is_sea(call) and call.on("handover_ignored_in_sea"):
        method = "PICKUP"
    elif slot := table(given.get("pickup_slot")):
        check_slot(call, slot)
        package["pickup_slot"] = {"start_time": slot["start_time"], "end_time": slot["end_time"]}
    package["handover_method"] = method
