"""Changing a tracking number after shipping: once for each order, and only for some time."""

from __future__ import annotations

from typing import Any

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import births, numbers
from sandbox.fulfilment.asked import check_lane, order_of, orders_in, package_of
from sandbox.fulfilment.carriers import SEA
from sandbox.fulfilment.marking import given_numbers
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes_package import FULFILLING, TO_FULFILL, mark_lines

BASIC = "seller.fulfillment.basic"
PACKAGE_PATH = "/fulfillment/{version}/packages/{package_id}/shipping_info/update"
TIMED = ("US", "GB", *SEA)
TRACKING_CHANGED = "tracking_changed"


@operation(
    "update_order_shipping_info",
    "POST",
    "/fulfillment/{version}/orders/{order_id}/shipping_info/update",
    scope="seller.logistics",
)
def update_order_shipping_info(call: Call) -> Doc:
    """For an order that went out in one package."""
    order = order_of(call, call.path["order_id"])
    if len(order["packages"]) > 1 or order.get("split_or_combine_tag") == "SPLIT":
        raise Refusal(21011048, "The order has several packages: change one of them.")
    if not order["packages"]:
        raise Refusal(21011043, "The order has not been shipped.")
    _change(call, package_of(call, order["packages"][0]["id"]), call.body)
    return {}


@operation("update_package_shipping_info", "POST", PACKAGE_PATH, scope=BASIC)
def update_package_shipping_info(call: Call) -> Doc:
    """202309."""
    _change(call, package_of(call, call.path["package_id"]), call.body)
    return {}


@operation("update_package_shipping_info", "POST", PACKAGE_PATH, scope=BASIC, versions=("202610",))
def update_package_shipping_info_list(call: Call) -> Doc:
    """202610."""
    _change(call, package_of(call, call.path["package_id"]), given_numbers(call)[0])
    return {}


def _change(call: Call, package: Doc, given: dict[str, Any]) -> None:
    orders = orders_in(call, package)
    for order in orders:
        check_lane(call, order, "SELLER")
    _may_change(call, package, orders)
    number, carrier, _ = numbers.check(call, orders, given, package["package_id"])
    before = package["tracking_number"]
    package |= {
        "tracking_number": number,
        "shipping_provider_id": carrier.id,
        "shipping_provider_name": carrier.name,
        "update_time": call.now,
    }
    known = package.setdefault(UNTOLD, {})
    known["tracking_changes"] = known.get("tracking_changes", 0) + 1
    numbers.use(call, number, package["package_id"])
    mark_lines(package, orders)
    call.market.books.put("package", call.shop.id, package)
    for order in orders:
        order[UNTOLD]["tracking_changes"] = order[UNTOLD].get("tracking_changes", 0) + 1
    births.keep(call.market, call.shop.id, orders)
    call.market.books.note(
        TRACKING_CHANGED,
        call.shop.id,
        call.now,
        order_id=orders[0]["id"],
        package_id=package["package_id"],
        detail={"before": before, "after": number},
    )


def _may_change(call: Call, package: Doc, orders: list[Doc]) -> None:
    """Raises Refusal."""
    if package["package_status"] == TO_FULFILL:
        raise Refusal(21011043, "The package has not been shipped.")
    if package["package_status"] == "CANCELLED":
        raise Refusal(int(call.fact("cancelled_code")))
    if package["package_status"] == "COMPLETED":
        raise Refusal(21011030, "The package has been delivered.")
    if package["package_status"] == FULFILLING and not call.on("edit_after_collection"):
        raise Refusal(21011052, "The carrier has the package.")
    by_package = call.fact("edit_counted_by") == "package"
    counted = [package] if by_package else orders
    if any(one.get(UNTOLD, {}).get("tracking_changes") for one in counted) and call.on("edit_once"):
        raise Refusal(21011051, "The tracking was changed once already.")
    shipped = package.get(UNTOLD, {}).get("shipped_at", call.now)
    hours = int(call.fact("edit_hours"))
    if call.shop.region in TIMED and call.now - shipped > hours * 3600:
        raise Refusal(21011050, f"The tracking may be changed for {hours} hours.")
