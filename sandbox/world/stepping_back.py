"""The platform takes a status back: what was delivered is on its way again, what was collected is
not, what was arranged is to be shipped again. Rare, and real.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox import life
from sandbox.aftersales import parcels
from sandbox.fulfilment import births
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes_package import COMPLETED, FULFILLING, PROCESSING, TO_FULFILL, mark_lines
from sandbox.shops import shop as shop_of
from sandbox.verbs import verb
from sandbox.world.buyers import ONE
from sandbox.world.chance import some

if TYPE_CHECKING:
    from sandbox.market import Market

DAY = 86400
#: So long an order has at least for what it has to do again.
AGAIN = 2 * DAY


@dataclass(frozen=True)
class Back:
    """To which status an order and its lines go, its packages from what to what, and which time is
    not true any more, and which deadline must lie ahead again.
    """

    to: str
    package: tuple[str, str, str]
    time: str
    due: str


BACK = {
    "DELIVERED": Back(
        "IN_TRANSIT", (COMPLETED, FULFILLING, "TTS"), "delivery_time", "delivery_due_time"
    ),
    "IN_TRANSIT": Back(
        "AWAITING_COLLECTION",
        (FULFILLING, PROCESSING, "RTS"),
        "collection_time",
        "collection_due_time",
    ),
    "AWAITING_COLLECTION": Back(
        "AWAITING_SHIPMENT", (PROCESSING, TO_FULFILL, "STOCKING"), "rts_time", "shipping_due_time"
    ),
}
CARRIED = ("tracking_number", "shipping_provider_id", "shipping_provider_name")
OF_PACKAGE = ("package_id", "package_status", *CARRIED)


@verb("step_back", "The platform takes the last status of an order back.", ONE)
def step_back(market: Market, shop: str, given: Doc) -> Doc:
    def is_alone(order: Doc) -> bool:
        found = parcels.of(market, shop, order)
        return bool(found) and all(len(one["orders"]) == 1 for one in found)

    order = some(market, shop, "order", given, tuple(BACK), is_alone)
    back, now = BACK[order["status"]], market.clock.now()
    lines = [one for one in order["line_items"] if one["display_status"] == order["status"]]
    for package in parcels.of(market, shop, order):
        if package["package_status"] == back.package[0]:
            _package(market, shop, order, package, back)
    life.set_lines(order, [line["id"] for line in lines], back.to)
    order.pop(back.time, None)
    if order.get(back.due):
        order[back.due] = max(int(order[back.due]), now + AGAIN)
    market.books.note("stepped_back", shop, now, order_id=order["id"], detail={"to": back.to})
    life.settle(market, shop, order)
    return {"order_id": order["id"], "status": order["status"]}


def _package(market: Market, shop: str, order: Doc, package: Doc, back: Back) -> None:
    """A package that has to be shipped again has no label and no number; where packages are born
    when shipped, it is none.
    """
    _, status, sub_status = back.package
    package |= {
        "package_status": status,
        "package_sub_status": sub_status,
        "update_time": market.clock.now(),
    }
    if status != TO_FULFILL:
        mark_lines(package, [order])
        market.books.put("package", shop, package)
        return
    region = shop_of(market.books, shop).region
    if births.is_born_at_payment(market, region) and (
        order["fulfillment_type"] == "FULFILLMENT_BY_SELLER"
    ):
        package |= dict.fromkeys(CARRIED, "")
        package.setdefault(UNTOLD, {}).pop("label_ready", None)
        mark_lines(package, [order])
        market.books.put("package", shop, package)
    else:
        births.end(market, shop, package, [order])
        inside = set(package["order_line_item_ids"])
        for line in order["line_items"]:
            if line["id"] in inside:
                for name in OF_PACKAGE:
                    line.pop(name, None)
    order |= {"tracking_number": "", "shipping_provider_id": "", "shipping_provider": ""}
    for line in order["line_items"]:
        line.pop("rts_time", None)
