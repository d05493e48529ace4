"""What makes a label stale: after it is bought the buyer moves, or a part of the order is canceled.
That all of it is canceled, or that the carrier fetches it, are verbs of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.aftersales import cancelling
from sandbox.aftersales.reasons import BUYER
from sandbox.kinds import Doc
from sandbox.verbs import verb
from sandbox.world import people, steps
from sandbox.world.buyers import ONE
from sandbox.world.chance import draw, some

if TYPE_CHECKING:
    from sandbox.market import Market

BOUGHT = ("AWAITING_COLLECTION", "PARTIALLY_SHIPPING")
WAITS = "AWAITING_COLLECTION"
REASON = "buyer_cancel_reason_no_longer_needed"


@verb(
    "change_address_after_label",
    "The buyer changes the address of what has a label; the label keeps the old one.",
    ONE,
)
def change_address_after_label(market: Market, shop: str, given: Doc) -> Doc:
    order = some(market, shop, "order", given, BOUGHT)
    region = shops.shop(market.books, shop).region
    steps.move_house(market, shop, order, people.recipient(region, draw(market, given)))
    return {"order_id": order["id"]}


@verb(
    "cancel_part_after_label",
    "The last unit of an order whose label is bought is canceled; the others stay in the parcel.",
    ONE,
)
def cancel_part_after_label(market: Market, shop: str, given: Doc) -> Doc:
    order = some(market, shop, "order", given, BOUGHT, lambda one: len(_waiting(one)) > 1)
    ids = [_waiting(order)[-1]["id"]]
    case = cancelling.cancel(market, shop, order, ids, BUYER, REASON)
    return {"order_id": order["id"], "cancel_id": case["cancel_id"], "line": ids[0]}


def _waiting(order: Doc) -> list[Doc]:
    return [line for line in order["line_items"] if line["display_status"] == WAITS]
