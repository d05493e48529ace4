"""What shipping does, whichever way it was asked for: the package is on its way to the carrier, its
lines wait to be collected, and the ledger has the shipment and what a label cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox import life
from sandbox.api import Call, Refusal
from sandbox.fulfilment import numbers, scans
from sandbox.fulfilment.asked import lines_in, open_requests, orders_in
from sandbox.fulfilment.carriers import Carrier, number_of
from sandbox.fulfilment.parcel import Measured, Service, measure
from sandbox.fulfilment.readying import await_label
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes_package import PROCESSING, TO_FULFILL, mark_lines

LABEL_BOUGHT, SHIPPED = "label_bought", "shipped"
WAITS = "AWAITING_COLLECTION"


def new_number(call: Call, carrier: Carrier) -> str:
    """A tracking number that the carrier has given to nobody yet."""
    return number_of(carrier, call.market.books.number("tracking"))


def check_new(call: Call, package: Doc) -> None:
    """Raises Refusal when the package has left this stage."""
    if package["package_status"] == "CANCELLED":
        raise Refusal(int(call.fact("cancelled_code")))
    if package["package_status"] != TO_FULFILL:
        raise Refusal(int(call.fact("already_shipped_code")))


def buy(
    call: Call, package: Doc, service: Service, measured: Measured, orders: Sequence[Doc]
) -> Decimal:
    """The platform buys the label of a package and ships it; gives the price. The carrier takes a
    while over the label (real time), longer when the fault says so.
    """
    price = service.price(measured)
    slow = call.strikes("slow_label")
    seconds = call.fact("slow_label_seconds" if slow else "label_seconds")
    sub_status = await_label(call.market, call.shop.id, package, seconds)
    package.setdefault(UNTOLD, {})["service"] = service.name
    package["weight"] = weight_of(measured)
    if measured.sides:
        package["dimension"] = dimension_of(measured)
    call.market.books.note(
        LABEL_BOUGHT,
        call.shop.id,
        call.now,
        order_id=orders[0]["id"],
        package_id=package["package_id"],
        amount=str(price),
        detail={
            "service": service.name,
            "orders": [order["id"] for order in orders],
            "units": [line["id"] for order in orders for line in lines_in(package, order)],
        },
    )
    number = new_number(call, service.carrier)
    hand_over(call, package, number, service.carrier, orders, sub_status)
    return price


def hand_over(
    call: Call,
    package: Doc,
    number: str,
    carrier: Carrier,
    orders: Sequence[Doc],
    sub_status: str = "RTS",
) -> None:
    """The package is shipped under a tracking number; its orders move on."""
    package |= {
        "package_status": PROCESSING,
        "package_sub_status": sub_status,
        "tracking_number": number,
        "shipping_provider_id": carrier.id,
        "shipping_provider_name": carrier.name,
        "update_time": call.now,
    }
    package.setdefault(UNTOLD, {})["shipped_at"] = call.now
    scans.add(package, call.now, "The carrier has been told of the package.", 101)
    numbers.use(call, number, package["package_id"])
    mark_lines(package, orders)
    call.market.books.put("package", call.shop.id, package)
    units = {order["id"]: [line["id"] for line in lines_in(package, order)] for order in orders}
    call.market.books.note(
        SHIPPED,
        call.shop.id,
        call.now,
        order_id=orders[0]["id"],
        package_id=package["package_id"],
        detail={
            "tracking_number": number,
            "orders": [order["id"] for order in orders],
            "units": [id for ids in units.values() for id in ids],
        },
    )
    for order in orders:
        reject_requests(call, order)
        life.set_lines(order, units[order["id"]], WAITS, rts_time=call.now)
        life.settle(call.market, call.shop.id, order)


def reject_requests(call: Call, order: Doc) -> None:
    """Shipping answers a buyer's request to cancel with no. (Only reached where it may.)"""
    for case in open_requests(call, order):
        case |= {"cancel_status": "CANCELLATION_REQUEST_CANCEL", "update_time": call.now}
        case.pop("seller_next_action_response", None)
        call.market.books.put("cancellation", call.shop.id, case)
        data = {
            "order_id": order["id"],
            "cancellations_role": "SELLER",
            "cancel_status": "CANCELLATION_REQUEST_CANCELLED",
            "cancel_id": case["cancel_id"],
            "create_time": case.get("create_time", call.now),
        }
        call.market.hooks.emit(11, call.shop.id, data)
        said = {"cancel_id": case["cancel_id"], "by": "SELLER", "reason": "shipped"}
        call.market.books.note(
            "cancel_rejected", call.shop.id, call.now, order_id=order["id"], detail=said
        )
    order["is_buyer_request_cancel"] = False


def ship_by_platform(call: Call, package: Doc, service: Service) -> None:
    """Ship Package, where the platform chooses carrier and price."""
    orders = orders_in(call, package)
    buy(call, package, service, measure(package, len(package["order_line_item_ids"])), orders)


def weight_of(measured: Measured) -> Doc:
    return {"value": f"{measured.grams.normalize():f}", "unit": "GRAM"}


def dimension_of(measured: Measured) -> Doc:
    names = ("length", "width", "height")
    sides = {name: f"{side:.2f}" for name, side in zip(names, measured.sides, strict=True)}
    return sides | {"unit": "CM"}
