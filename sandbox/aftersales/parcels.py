"""What becomes of packages when lines of an order are cancelled: they lose those lines, and one
that is left empty is cancelled, with its label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from sandbox.fulfilment import births
from sandbox.kinds import Doc
from sandbox.shapes_package import CANCELLED, PROCESSING, TO_FULFILL, mark_lines

if TYPE_CHECKING:
    from sandbox.market import Market

VOIDED = "label_voided"


def of(market: Market, shop: str, order: Doc) -> list[Doc]:
    """The packages of an order that are not cancelled."""
    return [market.books.need("package", shop, one["id"]) for one in order["packages"]]


def drop(market: Market, shop: str, order: Doc, ids: Collection[str], **more: object) -> None:
    """Takes lines out of the order's packages; `more` goes into a package that is cancelled. The
    order is changed in place, and not saved.
    """
    for package in of(market, shop, order):
        left = [id for id in package["order_line_item_ids"] if id not in ids]
        if len(left) == len(package["order_line_item_ids"]):
            continue
        if not left:
            _cancel(market, shop, package, order, more)
        elif _parts(market, package, order, left):
            _uncombine(market, shop, package, order, left)
        elif _renames(market, package):
            births.end(market, shop, package, [order])
            made = births.bear(market, shop, [order], left)
            births.tell(market, shop, "PARTLY_CANCEL_SPLIT", [made])
        else:
            _shrink(market, shop, package, order, left)


def _parts(market: Market, package: Doc, order: Doc, left: list[str]) -> bool:
    """Whether all that the order has in a package that it shares, and that waits, is canceled."""
    if len(package["orders"]) < 2 or package["package_status"] != TO_FULFILL:
        return False
    is_out = not any(line["id"] in left for line in order["line_items"])
    return is_out and market.facts.on("cancel_uncombines")


def _uncombine(market: Market, shop: str, package: Doc, order: Doc, left: list[str]) -> None:
    """The other orders go out by themselves, each in a package of its own."""
    ids = [one["id"] for one in package["orders"] if one["id"] != order["id"]]
    others = [market.books.need("order", shop, id) for id in ids]
    births.end(market, shop, package, [order, *others])
    made = []
    for one in others:
        mine = [line["id"] for line in one["line_items"] if line["id"] in left]
        made.append(births.bear(market, shop, [one], mine))
        one["split_or_combine_tag"] = ""
    order["split_or_combine_tag"] = ""
    births.keep(market, shop, others)
    births.tell(market, shop, "FULFILL_UNCOMBINE", made)


def _renames(market: Market, package: Doc) -> bool:
    alone = len(package["orders"]) == 1 and package["package_status"] == TO_FULFILL
    return alone and market.facts.on("partial_cancel_renames_package")


def _cancel(market: Market, shop: str, package: Doc, order: Doc, more: dict[str, object]) -> None:
    bought = package["package_status"] == PROCESSING and package["shipping_type"] == "TIKTOK"
    now = market.clock.now()
    package |= {
        "package_status": CANCELLED,
        "package_sub_status": CANCELLED,
        "update_time": now,
    } | more
    mark_lines(package, [order])
    market.books.put("package", shop, package)
    if bought:
        id = package["package_id"]
        market.books.note(VOIDED, shop, now, order_id=order["id"], package_id=id)


def _shrink(market: Market, shop: str, package: Doc, order: Doc, left: list[str]) -> None:
    mine = Counter(line["sku_id"] for line in order["line_items"] if line["id"] in left)
    if not mine:
        gone = package["package_id"]
        order["packages"] = [one for one in order["packages"] if one["id"] != gone]
    kept = [one for one in package["orders"] if one["id"] != order["id"] or mine]
    for one in kept:
        if one["id"] == order["id"]:
            one["skus"] = [
                sku | {"quantity": mine[sku["id"]]} for sku in one["skus"] if mine[sku["id"]]
            ]
    package |= {
        "orders": kept,
        "order_line_item_ids": left,
        "update_time": market.clock.now(),
    }
    market.books.put("package", shop, package)
