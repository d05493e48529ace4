"""How packages come to be, get their ids, and end: at payment or when shipped, by market."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sandbox import life, shapes_package, shops
from sandbox.kinds import Doc
from sandbox.shapes_package import CANCELLED, TO_FULFILL, mark_lines

if TYPE_CHECKING:
    from sandbox.market import Market

FIRST = 1_153_000_000_000_000_000
TELLS = 4


def new_id(market: Market) -> str:
    return str(FIRST + market.books.number("package"))


def is_born_at_payment(market: Market, region: str) -> bool:
    """Whether packages of this market are there before anything is shipped."""
    if region == "GB":
        return market.facts.on("uk_package_at_payment")
    return region != "US" or not market.facts.on("package_born_when_shipped")


def bear_at_payment(market: Market, shop: str, order: Doc) -> Doc | None:
    """The package of an order that has been paid, where the market has it at once; the order is
    changed in place, and not saved. None elsewhere, and for what the platform fulfils.
    """
    place = shops.shop(market.books, shop)
    mine = order["fulfillment_type"] == "FULFILLMENT_BY_SELLER"
    if order["packages"] or not mine or not is_born_at_payment(market, place.region):
        return None
    return bear(market, shop, [order])


def bear(
    market: Market,
    shop: str,
    orders: Sequence[Doc],
    line_ids: Iterable[str] | None = None,
    *,
    id: str = "",
) -> Doc:
    """A new package in the books, marked in the orders' lines; the orders are not saved."""
    place = shops.shop(market.books, shop)
    made = shapes_package.package(place, id or new_id(market), market.clock.now(), orders, line_ids)
    mark_lines(made, orders)
    market.books.put("package", shop, made)
    return made


def take(market: Market, shop: str, orders: Sequence[Doc], line_ids: Iterable[str]) -> Doc:
    """A package of exactly these lines: the one that is there, or a new one. What else was in the
    packages that they leave goes into new ones. The orders are not saved.
    """
    wanted = set(line_ids)
    old = [one for one in waiting(market, shop, orders) if wanted & set(one["order_line_item_ids"])]
    if len(old) == 1 and set(old[0]["order_line_item_ids"]) == wanted:
        return old[0]
    for package in old:
        end(market, shop, package, orders)
        left = [id for id in package["order_line_item_ids"] if id not in wanted]
        owners = [order for order in orders if any(_has(order, id) for id in left)]
        if left:
            bear(market, shop, owners, left)
    return bear(market, shop, orders, sorted(wanted))


def waiting(market: Market, shop: str, orders: Iterable[Doc]) -> list[Doc]:
    """The packages of these orders that have not been shipped."""
    ids = {one["id"] for order in orders for one in order["packages"]}
    found = [market.books.need("package", shop, id) for id in sorted(ids)]
    return [one for one in found if one["package_status"] == TO_FULFILL]


def _has(order: Doc, line_id: str) -> bool:
    return any(line["id"] == line_id for line in order["line_items"])


def end(market: Market, shop: str, package: Doc, orders: Sequence[Doc]) -> None:
    """The package is no more: others have its lines. The orders are not saved."""
    package |= {
        "package_status": CANCELLED,
        "package_sub_status": CANCELLED,
        "update_time": market.clock.now(),
    }
    gone = package["package_id"]
    for order in orders:
        order["packages"] = [one for one in order["packages"] if one["id"] != gone]
    market.books.put("package", shop, package)


def tell(market: Market, shop: str, kind: str, packages: Iterable[Doc]) -> None:
    """The webhook that says that packages were split or combined."""
    data = {
        "sc_type": kind,
        "role_type": "ROLE_SELLER",
        "package_list": [
            {
                "package_id": one["package_id"],
                "order_id_list": [order["id"] for order in one["orders"]],
            }
            for one in packages
        ],
        "update_time": market.clock.now(),
    }
    market.hooks.emit(TELLS, shop, data)


def keep(market: Market, shop: str, orders: Iterable[Doc]) -> None:
    """Saves orders whose packages changed."""
    for order in orders:
        if market.facts.on("update_time_moves_on_packages"):
            life.touch(market, order)
        life.save_order(market, shop, order)
