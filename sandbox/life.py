"""What every change of an order has in common: its status follows from its lines, the status moves
its times and sends a webhook, and it shows as much of the address as such an order shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.kinds import UNTOLD, Doc

if TYPE_CHECKING:
    from sandbox.market import Market

RANKS = ("AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")
#: The time that becoming this status sets.
TIMES = {
    "AWAITING_COLLECTION": "rts_time",
    "IN_TRANSIT": "collection_time",
    "DELIVERED": "delivery_time",
    "CANCELLED": "cancel_time",
}
BEFORE = ("UNPAID", "ON_HOLD")
MASK_DAYS = 30
DAY = 86400


def order(market: Market, shop: str, id: str) -> Doc:
    """The order. Raises LookupError."""
    return market.books.need("order", shop, id)


def set_lines(order: Doc, ids: Iterable[str] | None, status: str, **more: object) -> None:
    """Gives these lines (None: all that are not cancelled) a display_status and further fields."""
    wanted = None if ids is None else set(ids)
    for line in order["line_items"]:
        if line["id"] in wanted if wanted is not None else line["display_status"] != "CANCELLED":
            line.update(display_status=status, **more)


def status_of(order: Doc) -> str:
    """The status that follows from the lines. UNPAID and ON_HOLD stay until somebody ends them."""
    live = {line["display_status"] for line in order["line_items"]} - {"CANCELLED"}
    if not live:
        return "CANCELLED"
    if order["status"] in BEFORE:
        return str(order["status"])
    ranks = sorted(RANKS.index(status) for status in live)
    if ranks[0] == 0 and ranks[-1] > 0:
        return "PARTIALLY_SHIPPING"
    return RANKS[ranks[0]]


def settle(market: Market, shop: str, order: Doc) -> None:
    """Takes the status from the lines, and saves."""
    order["status"] = status_of(order)
    save_order(market, shop, order)


def save_order(market: Market, shop: str, order: Doc) -> None:
    """Puts the order into the books. If its status is another than there, its update_time and the
    status's own time become now, and the webhook goes out. Call it within a change.
    """
    before = market.books.get("order", shop, order["id"])
    now = market.clock.now()
    moved = before is None or before["status"] != order["status"]
    if moved and before is not None:
        order["update_time"] = max(now, int(before["update_time"]))
        if name := TIMES.get(order["status"]):
            order[name] = now
    order["recipient_address"] = shown_address(market, shop, order)
    if market.facts.value("unshipped_package_id") == "blank":
        for line in order["line_items"]:
            line.setdefault("package_id", "")
    market.books.put("order", shop, order)
    if moved:
        _tell(market, shop, order)


def touch(market: Market, order: Doc) -> None:
    """Moves the order's update_time to now."""
    order["update_time"] = max(market.clock.now(), int(order["update_time"]))


def _tell(market: Market, shop: str, order: Doc) -> None:
    status = order["status"]
    if status == "PARTIALLY_SHIPPING" and not market.facts.on("webhook_partially_shipping"):
        return
    if status == "CANCELLED" and market.facts.on("webhook_status_cancel"):
        status = "CANCEL"
    data = {
        "order_id": order["id"],
        "order_status": status,
        "is_on_hold_order": order["is_on_hold_order"],
        "update_time": order["update_time"],
    }
    market.hooks.emit(1, shop, data)


def shown_address(market: Market, shop: str, order: Doc) -> Doc:
    """The recipient as the API shows it for this order, now."""
    known: Doc = order.setdefault(UNTOLD, {}).setdefault("address", order["recipient_address"])
    region = shops.shop(market.books, shop).region
    if order["status"] in BEFORE:
        return dict.fromkeys(known, "") | {"region_code": region, "district_info": []}
    if region == "US":
        done = order[UNTOLD].get("completed_at") or order.get("delivery_time", 0)
        late = market.clock.now() >= done + MASK_DAYS * DAY and order["status"] == "COMPLETED"
        gone = order["status"] == "CANCELLED" and market.facts.on("us_masks_cancelled")
        return masked(known) if late or gone else known
    platform = (
        order["shipping_type"] == "TIKTOK" or order["fulfillment_type"] != "FULFILLMENT_BY_SELLER"
    )
    return masked(known) if platform and market.facts.on("masked_4pl_addresses") else known


def masked(address: Doc) -> Doc:
    """The first letter of each text, then stars; the district and the region stay."""
    return {
        name: _stars(value) if isinstance(value, str) and name != "region_code" else value
        for name, value in address.items()
    }


def _stars(text: str) -> str:
    return f"{text[:1]}****" if text else ""
