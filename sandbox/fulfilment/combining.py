"""Several packages as one, for one recipient: found, combined, and taken apart again. Every such
change gives new package ids and a webhook.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import births
from sandbox.fulfilment.asked import check_can_ship, order_of, orders_in, package_of
from sandbox.fulfilment.given import tables, text, texts
from sandbox.fulfilment.paging_list import cut
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes_package import TO_FULFILL

WRITE = "seller.fulfillment.package.write"
MOST_ORDERS = 20
SAME = ("name", "phone_number", "full_address", "postal_code")


@operation(
    "search_combinable",
    "GET",
    "/fulfillment/{version}/combinable_packages/search",
    scope="seller.fulfillment.basic",
    page=(1, 50, 20),
)
def search_combinable(call: Call) -> Doc:
    groups = [
        {"id": members[0]["packages"][0]["id"], "order_ids": [one["id"] for one in members]}
        for members in _groups(call)
    ]
    return cut(call, "combinable_packages", groups)


def _groups(call: Call) -> list[list[Doc]]:
    """Orders that could go together, two and more at a time."""
    ready = [
        (_key(order), order)
        for order in call.market.books.find("order", call.shop.id, status="AWAITING_SHIPMENT")
        if len(order["packages"]) == 1
        and order["shipping_type"] == "TIKTOK"
        and not order["is_buyer_request_cancel"]
        and not order.get("split_or_combine_tag")
    ]
    ready.sort(key=lambda pair: (pair[0], pair[1]["id"]))
    found = [
        [order for _, order in members][:MOST_ORDERS]
        for _, members in groupby(ready, itemgetter(0))
    ]
    return [members for members in found if len(members) > 1]


def _key(order: Doc) -> tuple[str, ...]:
    address = order[UNTOLD]["address"]
    return (order["user_id"], order["warehouse_id"], *(address[name] for name in SAME))


def check_same_recipient(orders: list[Doc]) -> None:
    """Raises Refusal unless all go from one place to one recipient."""
    if len({_key(order) for order in orders}) > 1:
        raise Refusal(21011033, "The orders have different recipients.")


@operation("combine_packages", "POST", "/fulfillment/{version}/packages/combine", scope=WRITE)
def combine_packages(call: Call) -> Doc:
    """Each group by itself: what cannot be combined is told in `errors`."""
    made: list[Doc] = []
    errors: list[Doc] = []
    for group in tables(call.need("combinable_packages")):
        try:
            made.append(_combine(call, texts(group.get("order_ids"))))
        except Refusal as no:
            detail = {"package_id": text(group.get("id"))}
            errors.append({"code": no.code, "message": no.message, "detail": detail})
    return {"packages": [_told(one) for one in made], "errors": errors}


def _combine(call: Call, ids: list[str]) -> Doc:
    """Refuses before it changes anything."""
    if not 2 <= len(ids) <= MOST_ORDERS:
        raise Refusal(36009023, f"From 2 to {MOST_ORDERS} orders.")
    orders = [order_of(call, id) for id in ids]
    for order in orders:
        check_can_ship(call, order, order["line_items"])
    check_same_recipient(orders)
    old = {one["id"]: package_of(call, one["id"]) for order in orders for one in order["packages"]}
    if any(one["package_status"] != TO_FULFILL for one in old.values()):
        raise Refusal(21011046, "A package has been shipped.")
    if not all(order["packages"] for order in orders):
        raise Refusal(21011046, "An order has no package yet.")
    for package in old.values():
        births.end(call.market, call.shop.id, package, orders)
    made = births.bear(call.market, call.shop.id, orders)
    for order in orders:
        order["split_or_combine_tag"] = "COMBINED"
    births.keep(call.market, call.shop.id, orders)
    call.market.books.note(
        "combined",
        call.shop.id,
        call.now,
        package_id=made["package_id"],
        detail={"orders": ids, "before": list(old)},
    )
    births.tell(call.market, call.shop.id, "COMBINE", [made])
    return made


@operation(
    "uncombine_package",
    "POST",
    "/fulfillment/{version}/packages/{package_id}/uncombine",
    scope=WRITE,
)
def uncombine_package(call: Call) -> Doc:
    """The orders named go out by themselves; without any, all do."""
    package = package_of(call, call.path["package_id"])
    if package["package_status"] != TO_FULFILL:
        raise Refusal(21011046, "The package has been shipped.")
    orders = orders_in(call, package)
    if len(orders) < 2:
        raise Refusal(21011036, "The package is not combined.")
    leave = set(texts(call.body.get("order_ids")) or [one["id"] for one in orders])
    if not leave <= {one["id"] for one in orders}:
        raise Refusal(21011031, "An order is not in this package.")
    stay = [one for one in orders if one["id"] not in leave]
    births.end(call.market, call.shop.id, package, orders)
    parts = [[one] for one in orders if one["id"] in leave] + ([stay] if stay else [])
    made = [births.bear(call.market, call.shop.id, part) for part in parts]
    for part in parts:
        for order in part:
            order["split_or_combine_tag"] = "COMBINED" if len(part) > 1 else ""
    births.keep(call.market, call.shop.id, orders)
    call.market.books.note("uncombined", call.shop.id, call.now, package_id=package["package_id"])
    births.tell(call.market, call.shop.id, "CANCEL_COMBINE", made)
    return {"packages": [_told(one) for one in made]}


def _told(package: Doc) -> Doc:
    return {"id": package["package_id"], "order_ids": [one["id"] for one in package["orders"]]}
