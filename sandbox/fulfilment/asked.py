"""What nearly every call about shipping asks first: which order or package, which of its lines, and
whether the market, the way of shipping and the state of things let it go out.
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.api import Call, Refusal
from sandbox.fulfilment.carriers import SEA
from sandbox.kinds import Doc

PENDING_REQUEST = "CANCELLATION_REQUEST_PENDING"
#: Cases over returns that still wait for somebody.
OPEN_RETURN = (
    "RETURN_OR_REFUND_REQUEST_PENDING",
    "REPLACEMENT_REQUEST_PENDING",
    "AWAITING_BUYER_SHIP",
    "BUYER_SHIPPED_ITEM",
    "AWAITING_BUYER_RESPONSE",
)


def order_of(call: Call, id: str) -> Doc:
    """Raises Refusal."""
    found = call.market.books.get("order", call.shop.id, id)
    if found is None:
        raise Refusal(21011005, "The order does not exist.")
    return found


def package_of(call: Call, id: str) -> Doc:
    """Raises Refusal."""
    found = call.market.books.get("package", call.shop.id, id)
    if found is None:
        raise Refusal(21011005, "The package does not exist.")
    return found


def orders_in(call: Call, package: Doc) -> list[Doc]:
    return [order_of(call, one["id"]) for one in package["orders"]]


def lines_of(order: Doc, ids: Iterable[str] | None) -> list[Doc]:
    """These lines of the order, or, without ids, all that are not cancelled. Raises Refusal."""
    if not ids:
        return [line for line in order["line_items"] if line["display_status"] != "CANCELLED"]
    by_id = {line["id"]: line for line in order["line_items"]}
    wanted = list(dict.fromkeys(ids))
    if any(id not in by_id for id in wanted):
        raise Refusal(21011031, "A line is not one of this order.")
    return [by_id[id] for id in wanted]


def lines_in(package: Doc, order: Doc) -> list[Doc]:
    """The lines of the order that go in the package; what is cancelled stays out of it."""
    inside = set(package["order_line_item_ids"])
    return [line for line in lines_of(order, None) if line["id"] in inside]


def is_sea(call: Call) -> bool:
    return call.shop.region in SEA


def check_market(call: Call, fact: str) -> None:
    """Raises Refusal outside the markets that `fact` lists."""
    if call.shop.region not in call.fact(fact):
        raise Refusal(int(call.fact("wrong_region_code")))


def check_lane(call: Call, order: Doc, shipping_type: str) -> None:
    """Raises Refusal unless the order is the seller's to send, and in this way."""
    if order["fulfillment_type"] != "FULFILLMENT_BY_SELLER":
        raise Refusal(int(call.fact("platform_code")))
    if order["shipping_type"] != shipping_type:
        raise Refusal(21011004, "The order is not shipped in this way.")


def check_can_ship(call: Call, order: Doc, lines: list[Doc]) -> None:
    """Raises Refusal when the order or one of the lines may not be shipped now."""
    if order["status"] == "CANCELLED" or any(
        line["display_status"] == "CANCELLED" for line in lines
    ):
        raise Refusal(int(call.fact("cancelled_code")))
    if order["status"] == "ON_HOLD":
        raise Refusal(int(call.fact("on_hold_code")))
    if order["status"] == "UNPAID":
        raise Refusal(int(call.fact("not_awaiting_code")))
    if order["status"] == "DELIVERED":
        raise Refusal(21011027, "The order has been delivered.")
    check_cases(call, order)
    check_invoice(order)


def check_cases(call: Call, order: Doc) -> None:
    """Raises Refusal while a buyer waits for an answer, unless shipping is the answer (US)."""
    through = call.shop.region == "US" and call.on("us_ships_through_requests")
    if has_open_return(call, order) or (has_request(call, order) and not through):
        raise Refusal(int(call.fact("after_sale_code")))


def has_request(call: Call, order: Doc) -> bool:
    return bool(order["is_buyer_request_cancel"]) or bool(open_requests(call, order))


def open_requests(call: Call, order: Doc) -> list[Doc]:
    return call.market.books.find(
        "cancellation", call.shop.id, order_id=order["id"], status=PENDING_REQUEST
    )


def has_open_return(call: Call, order: Doc) -> bool:
    found = call.market.books.find("return", call.shop.id, order_id=order["id"])
    return any(one["return_status"] in OPEN_RETURN for one in found)


def check_invoice(order: Doc) -> None:
    """In Brazil an invoice goes first. Raises Refusal."""
    if order.get("need_upload_invoice") == "NEED_INVOICE":
        raise Refusal(21004006, "The invoice must be uploaded first.")
    if order.get("need_upload_invoice") == "INVOICE_PROCESSING":
        raise Refusal(21004019, "The invoice is being checked.")
