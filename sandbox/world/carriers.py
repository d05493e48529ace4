"""Verbs of carriers: they collect, scan, deliver, lose, damage and bring back packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import life
from sandbox.aftersales import cancelling, requests
from sandbox.fulfilment import births, scans
from sandbox.fulfilment.carriers import number_of, platform_carrier
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes_package import COMPLETED, FULFILLING, PROCESSING, mark_lines
from sandbox.shops import shop as shop_of
from sandbox.verbs import CannotDo, verb
from sandbox.world.chance import some

if TYPE_CHECKING:
    from sandbox.market import Market

FIELDS = ("package_id", "order_id", "seed")
COLLECTED, SCANNED, OUT, DELIVERED = 201, 301, 401, 501
EXCEPTIONS = {
    "lose": ("PACKAGE_LOST", "The package is lost.", "system_cancel_package_lost"),
    "damage": ("PACKAGE_DAMAGAED", "The package is damaged.", "system_cancel_package_damaged"),
    "bring_back": (
        "RETURNED_TO_SHIPPER",
        "Could not be delivered; back at the sender.",
        "system_cancel_delivery_failed",
    ),
}


@verb("collect", "The carrier collects a package that was shipped.", FIELDS)
def collect(market: Market, shop: str, given: Doc) -> Doc:
    def is_labelled(package: Doc) -> bool:
        return bool(package["package_sub_status"] != "RTSING")

    package = some(market, shop, "package", given, (PROCESSING,), is_labelled)
    scans.add(package, market.clock.now(), "Picked up.", COLLECTED)
    _on(market, shop, package, FULFILLING, "TTS", "AWAITING_COLLECTION", "IN_TRANSIT")
    return told(package)


@verb("scan", "The carrier scans a package on its way.", FIELDS)
def scan(market: Market, shop: str, given: Doc) -> Doc:
    package = some(market, shop, "package", given, (FULFILLING,))
    scans.add(package, market.clock.now(), "Arrived at a sorting centre.", SCANNED)
    market.books.put("package", shop, package)
    return told(package)


@verb("deliver", "The carrier delivers a package.", FIELDS)
def deliver(market: Market, shop: str, given: Doc) -> Doc:
    package = some(market, shop, "package", given, (FULFILLING,))
    words = f"Delivered{heading(market, shop, package)}."
    scans.add(package, market.clock.now(), words, DELIVERED)
    _on(market, shop, package, COMPLETED, "DELIVERED", "IN_TRANSIT", "DELIVERED")
    return told(package)


def heading(market: Market, shop: str, package: Doc) -> str:
    """`, Portland, Oregon 97201`: in the US carriers say where they took it, and the post code. It
    is the buyer's, unless the package went elsewhere.
    """
    if shop_of(market.books, shop).region != "US":
        return ""
    if elsewhere := package.get(UNTOLD, {}).get("elsewhere"):
        return f", {elsewhere}"
    address = life.order(market, shop, package["orders"][0]["id"])[UNTOLD]["address"]
    names = [one["address_name"] for one in reversed(address.get("district_info") or [])]
    return f", {', '.join(names)} {address['postal_code']}"


def _on(
    market: Market, shop: str, package: Doc, status: str, sub: str, before: str, after: str
) -> None:
    """A package and its lines go one step on. What was refunded meanwhile stays as it is."""
    package |= {
        "package_status": status,
        "package_sub_status": sub,
        "update_time": market.clock.now(),
    }
    orders = _orders(market, shop, package)
    mark_lines(package, orders)
    market.books.put("package", shop, package)
    for order in orders:
        ids = [line["id"] for line in lines_in(package, order) if line["display_status"] == before]
        if order["is_buyer_request_cancel"]:
            requests.close_all(market, shop, order, "SYSTEM")
        life.set_lines(order, ids, after)
        if after == "DELIVERED" and order["is_cod"]:
            order.setdefault("paid_time", market.clock.now())
        life.settle(market, shop, order)


def _orders(market: Market, shop: str, package: Doc) -> list[Doc]:
    return [life.order(market, shop, one["id"]) for one in package["orders"]]


def lines_in(package: Doc, order: Doc) -> list[Doc]:
    """The order's lines in a package that are not cancelled."""
    inside = set(package["order_line_item_ids"])
    return [
        line
        for line in order["line_items"]
        if line["id"] in inside and line["display_status"] != "CANCELLED"
    ]


@verb("lose", "The carrier loses a package; the platform cancels and pays.", FIELDS)
def lose(market: Market, shop: str, given: Doc) -> Doc:
    return _except(market, shop, given, "lose")


@verb("damage", "The carrier damages a package; the platform cancels and pays.", FIELDS)
def damage(market: Market, shop: str, given: Doc) -> Doc:
    return _except(market, shop, given, "damage")


@verb("bring_back", "A package cannot be delivered and goes back to the sender.", FIELDS)
def bring_back(market: Market, shop: str, given: Doc) -> Doc:
    return _except(market, shop, given, "bring_back")


def _except(market: Market, shop: str, given: Doc, name: str) -> Doc:
    reason, words, cancels = EXCEPTIONS[name]
    package = some(market, shop, "package", given, (FULFILLING,))
    scans.add(package, market.clock.now(), words, SCANNED)
    package["ship_exception_reason"] = reason
    market.books.put("package", shop, package)
    for order in _orders(market, shop, package):
        ids = [
            line["id"]
            for line in lines_in(package, order)
            if line["display_status"] == "IN_TRANSIT"
        ]
        if ids:
            sub = {"package_sub_status": "SHIP_EXCEPTION"}
            cancelling.cancel(market, shop, order, ids, "SYSTEM", cancels, **sub)
    return {"order_id": package["orders"][0]["id"], "package_id": package["package_id"]}


@verb(
    "platform_ships", "The platform ships what it has in its own warehouse.", ("order_id", "seed")
)
def platform_ships(market: Market, shop: str, given: Doc) -> Doc:
    def is_theirs(order: Doc) -> bool:
        return bool(order["fulfillment_type"] != "FULFILLMENT_BY_SELLER")

    order = some(market, shop, "order", given, ("AWAITING_SHIPMENT",), is_theirs)
    if order["is_buyer_request_cancel"]:
        raise CannotDo("The buyer asks to cancel it.")
    carrier = platform_carrier(shop_of(market.books, shop).region)
    package = births.bear(market, shop, [order])
    package |= {
        "package_status": PROCESSING,
        "package_sub_status": "RTS",
        "tracking_number": number_of(carrier, market.books.number("tracking")),
        "shipping_provider_id": carrier.id,
        "shipping_provider_name": carrier.name,
    }
    scans.add(package, market.clock.now(), "The carrier has been told of the package.", 101)
    mark_lines(package, [order])
    market.books.put("package", shop, package)
    life.set_lines(order, None, "AWAITING_COLLECTION", rts_time=market.clock.now())
    life.settle(market, shop, order)
    return told(package)


def told(package: Doc) -> Doc:
    """What a verb says of the package that it acted on."""
    return {
        "package_id": package["package_id"],
        "order_id": package["orders"][0]["id"],
        "status": package["package_status"],
    }
