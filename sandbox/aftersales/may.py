"""Who may ask for what, by the stage of a line and the market, as a table; and why not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox import life
from sandbox.aftersales import cases
from sandbox.aftersales.amounts import is_refunded
from sandbox.aftersales.reasons import BUYER, SELLER
from sandbox.fulfilment.carriers import SEA
from sandbox.kinds import Doc

if TYPE_CHECKING:
    from sandbox.market import Market

CANCEL, REFUND, RETURN, REPLACEMENT = "CANCEL", "REFUND", "RETURN_AND_REFUND", "REPLACEMENT"
#: What an app may ask about.
ASKED = (CANCEL, REFUND, RETURN)
BEFORE_COLLECTION = "AWAITING_COLLECTION"
#: user, what: the stages of a line at which it is possible in every market.
TABLE = {
    (BUYER, CANCEL): ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"),
    (BUYER, REFUND): ("AWAITING_COLLECTION", "DELIVERED"),
    (BUYER, RETURN): ("DELIVERED",),
    (BUYER, REPLACEMENT): ("DELIVERED",),
    (SELLER, CANCEL): ("ON_HOLD", "AWAITING_SHIPMENT"),
    (SELLER, REFUND): ("AWAITING_COLLECTION", "DELIVERED"),
}


def stage_of(order: Doc, line: Doc) -> str:
    """UNPAID and ON_HOLD are stages of the order, all others of its lines."""
    if order["status"] in life.BEFORE and line["display_status"] != "CANCELLED":
        return str(order["status"])
    return str(line["display_status"])


def is_possible(market: Market, region: str, user: str, what: str, stage: str) -> bool:
    """By the table, and where markets differ."""
    facts = market.facts
    if stage in TABLE.get((user, what), ()):
        return True
    if what == CANCEL and stage == BEFORE_COLLECTION:
        if user == SELLER:
            return region in facts.value("seller_cancels_before_collection_markets")
        return region in SEA and facts.on("sea_buyers_cancel_before_collection")
    if (user, what, stage) == (BUYER, REFUND, "IN_TRANSIT"):
        return region in facts.value("refund_in_transit_markets")
    return False


def why_not(
    market: Market, shop: str, region: str, order: Doc, line: Doc, user: str, what: str
) -> str:
    """Why `user` may not ask for this of a line now, or nothing."""
    stage = stage_of(order, line)
    if stage == "CANCELLED":
        return "The item is cancelled."
    if not is_possible(market, region, user, what, stage):
        return f"Not possible while the item is {stage}."
    if is_refunded(order, line["id"]):
        return "The item has been refunded."
    if line["id"] in cases.lines_with_open(market, shop, order["id"]) and not _closes(
        market, user, what
    ):
        return "A case over the item is open."
    return ""


def _closes(market: Market, user: str, what: str) -> bool:
    """A seller's cancellation may come while the buyer's own request waits."""
    mine = (user, what) == (SELLER, CANCEL)
    return mine and market.facts.on("seller_cancel_closes_request")


def lines_open_to(
    market: Market, shop: str, region: str, order: Doc, user: str, what: str
) -> list[Doc]:
    """The lines of an order of which `user` may ask for this now."""
    return [
        line
        for line in order["line_items"]
        if not why_not(market, shop, region, order, line, user, what)
    ]


def stages_of(order: Doc, lines: Iterable[Doc]) -> list[str]:
    return sorted({stage_of(order, line) for line in lines})
