"""Create Packages: where there is none before shipping, a package is made, its label is bought and
it is shipped, all at once. Each version has a body of its own.
"""

from __future__ import annotations

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import arranging, births, obstacles
from sandbox.fulfilment.asked import (
    check_can_ship,
    check_lane,
    check_market,
    lines_of,
    order_of,
)
from sandbox.fulfilment.combining import check_same_recipient
from sandbox.fulfilment.given import line_ids, text, texts
from sandbox.fulfilment.parcel import measure
from sandbox.fulfilment.services import check_recipient, check_together, chosen, told
from sandbox.kinds import Doc

BASIC = "seller.fulfillment.basic"
PATH = "/fulfillment/{version}/packages"
WHOLE, PART, SEVERAL = "1", "2", "3"
MOST_ORDERS = 20


@operation("create_packages", "POST", PATH, scope=BASIC)
def create_packages(call: Call) -> Doc:
    """202309: one order, all of it or some lines."""
    check_market(call, "create_202309_markets")
    order = order_of(call, text(call.need("order_id")))
    return _create(call, [order], texts(call.body.get("order_line_item_ids")))


@operation("create_packages", "POST", PATH, scope=BASIC, versions=("202512",))
def create_packages_of_types(call: Call) -> Doc:
    """202512: ship_type 1 an order in one package, 2 some lines of it, 3 several orders in one."""
    check_market(call, "create_202512_markets")
    kind = call.need("ship_type")
    if kind == SEVERAL:
        ids = texts(call.need("order_list_ids"))
        if not 2 <= len(ids) <= MOST_ORDERS:
            raise Refusal(36009023, f"order_list_ids: from 2 to {MOST_ORDERS} orders.")
        return _create(call, [order_of(call, id) for id in ids], [])
    if kind not in (WHOLE, PART):
        raise Refusal(36009010, "ship_type must be 1, 2 or 3.")
    order = order_of(call, text(call.need("order_id")))
    ids = line_ids(call.need("order_line_item")) if kind == PART else []
    return _create(call, [order], ids)


def _create(call: Call, orders: list[Doc], ids: list[str]) -> Doc:
    lines = [line for order in orders for line in _lines(call, order, ids)]
    if len(orders) > 1:
        check_same_recipient(orders)
    check_together(call, lines)
    measured = measure(call.body, len(lines))
    obstacles.check(call, orders, lines, measured)
    service = chosen(call, measured)
    package = births.take(call.market, call.shop.id, orders, [line["id"] for line in lines])
    if len(orders) > 1:
        tag(orders, "COMBINED")
    elif ids and len(lines) < len(lines_of(orders[0], None)):
        package["split_and_combine_tag"] = "SPLIT"
        tag(orders, "SPLIT")
    arranging.buy(call, package, service, measured, orders)
    return {
        "package_id": package["package_id"],
        "shipping_service_info": told(call, service, measured),
        "weight": package["weight"],
        "create_time": package["create_time"],
    } | ({"dimension": package["dimension"]} if "dimension" in package else {})


def _lines(call: Call, order: Doc, ids: list[str]) -> list[Doc]:
    """The lines to go out. Raises Refusal, also when one has a label that may be bought once."""
    check_lane(call, order, "TIKTOK")
    lines = lines_of(order, ids)
    check_can_ship(call, order, lines)
    check_recipient(order, call.shop.region)
    new = [line for line in lines if line["display_status"] == "AWAITING_SHIPMENT"]
    if not ids and new and len(new) < len(lines):
        return new
    if len(new) == len(lines):
        return lines
    if any(line["display_status"] != "AWAITING_COLLECTION" for line in lines):
        raise Refusal(int(call.fact("already_shipped_code")))
    if call.fact("create_packages_twice") == "refused":
        raise Refusal(_twice(call, order))
    return lines


def _twice(call: Call, order: Doc) -> int:
    """The code of a second purchase: another one while the first is still going on."""
    found = call.market.books.find("package", call.shop.id, order_id=order["id"])
    busy = any(one["package_sub_status"] == "RTSING" for one in found)
    return int(call.fact("while_bought_code" if busy else "label_exists_code"))


def tag(orders: list[Doc], word: str) -> None:
    for order in orders:
        order["split_or_combine_tag"] = word
