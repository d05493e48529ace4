"""The steps of an order's life that a buyer and the clock take: paid, held, released, delivered to
another address, completed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import life, shops
from sandbox.fulfilment import births
from sandbox.kinds import Doc
from sandbox.world.deadlines import deadlines
from sandbox.world.placing import untold

if TYPE_CHECKING:
    from sandbox.market import Market

ADDRESS_CHANGED = 3


def pay(market: Market, shop: str, order: Doc) -> None:
    """An order is paid, or confirmed where it is paid on delivery. It is held, or can be shipped at
    once where the marketplace has no hold; a pre-order is held until its release in any case.
    """
    now = market.clock.now()
    release = int(order.get("release_date") or 0)
    held = market.facts.on("on_hold_exists") or release > now
    untold(order)["held_from"] = now
    if not order["is_cod"] or market.facts.value("cod_paid_time") == "confirmed":
        order["paid_time"] = now
    region = shops.shop(market.books, shop).region
    order |= deadlines(region, now, release) | {"is_on_hold_order": held, "status": "ON_HOLD"}
    life.set_lines(order, None, "AWAITING_SHIPMENT")
    if not held:
        order["status"] = "AWAITING_SHIPMENT"
    life.settle(market, shop, order)
    if births.bear_at_payment(market, shop, order):
        life.save_order(market, shop, order)


def release(market: Market, shop: str, order: Doc) -> None:
    """The hold ends."""
    order["status"] = "AWAITING_SHIPMENT"
    life.settle(market, shop, order)
    write_address(market, shop, order)


def write_address(market: Market, shop: str, order: Doc) -> None:
    """The packages that are not shipped show the recipient as the order does."""
    for package in births.waiting(market, shop, [order]):
        package["recipient_address"] = order["recipient_address"]
        market.books.put("package", shop, package)


def move_house(market: Market, shop: str, order: Doc, address: Doc) -> None:
    """The buyer changes the address. The order leaves a package that it shares with others."""
    untold(order)["address"] = address
    order["has_updated_recipient_address"] = True
    if market.facts.on("update_time_moves_on_address"):
        life.touch(market, order)
    life.save_order(market, shop, order)
    _part(market, shop, order)
    write_address(market, shop, order)
    now = market.clock.now()
    told = {"order_id": order["id"], "update_time": now}
    market.hooks.emit(ADDRESS_CHANGED, shop, told)
    market.books.note("address_changed", shop, now, order_id=order["id"])


def _part(market: Market, shop: str, order: Doc) -> None:
    for package in births.waiting(market, shop, [order]):
        ids = [one["id"] for one in package["orders"]]
        if len(ids) < 2:
            continue
        orders = [order if id == order["id"] else life.order(market, shop, id) for id in ids]
        inside = set(package["order_line_item_ids"])
        births.end(market, shop, package, orders)
        made = []
        for part in ([order], [one for one in orders if one is not order]):
            mine = [
                line["id"] for one in part for line in one["line_items"] if line["id"] in inside
            ]
            made.append(births.bear(market, shop, part, mine))
            if len(part) == 1:
                part[0].pop("split_or_combine_tag", None)
        births.keep(market, shop, orders)
        births.tell(market, shop, "ADDRESS_UPDATE_SPLIT", made)


def complete(market: Market, shop: str, order: Doc) -> None:
    """Nothing more can be asked for."""
    untold(order)["completed_at"] = market.clock.now()
    life.set_lines(order, None, "COMPLETED")
    life.settle(market, shop, order)


def mask(market: Market, shop: str, order: Doc) -> None:
    """The address is masked for good."""
    untold(order)["masked"] = True
    life.save_order(market, shop, order)
