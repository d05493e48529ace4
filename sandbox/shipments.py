"""What really went out, from the ledger: every shipment with its units, and those that sent
something which was on its way already. For tests of whoever ships, and for the control page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.books import Entry
from sandbox.fulfilment.arranging import SHIPPED

if TYPE_CHECKING:
    from sandbox.market import Market

STEPPED_BACK = "stepped_back"


@dataclass(frozen=True)
class Shipment:
    """One package on its way, at a second of the marketplace's time. `units` are ids of lines."""

    shop: str
    at: int
    package_id: str
    tracking_number: str
    orders: tuple[str, ...]
    units: tuple[str, ...]


def shipments(market: Market, shop: str = "") -> list[Shipment]:
    """Every shipment, in order; of one shop, or of all."""
    wanted = {"shop": shop} if shop else {}
    return [_read(market, one) for one in market.books.ledger(what=SHIPPED, **wanted)]


def double_shipments(market: Market, shop: str = "") -> list[Shipment]:
    """Those that sent a unit, or a package, which had been sent before. What the platform itself
    took back may be sent again.
    """
    wanted = {"shop": shop} if shop else {}
    sent: dict[tuple[str, str], tuple[str, ...]] = {}
    doubles = []
    for entry in market.books.ledger(**wanted):
        if entry.what == STEPPED_BACK and entry.detail["to"] == "AWAITING_SHIPMENT":
            sent = {
                key: orders
                for key, orders in sent.items()
                if key[0] != entry.shop or entry.order_id not in orders
            }
        if entry.what != SHIPPED:
            continue
        one = _read(market, entry)
        keys = [(one.shop, id) for id in (one.package_id, *one.units)]
        if any(key in sent for key in keys):
            doubles.append(one)
        sent.update(dict.fromkeys(keys, one.orders))
    return doubles


def _read(market: Market, entry: Entry) -> Shipment:
    units = entry.detail.get("units")
    if units is None:  # books from before the ledger told
        package = market.books.get("package", entry.shop, entry.package_id) or {}
        units = package.get("order_line_item_ids", [])
    return Shipment(
        shop=entry.shop,
        at=entry.at,
        package_id=entry.package_id,
        tracking_number=entry.detail["tracking_number"],
        orders=tuple(entry.detail["orders"]),
        units=tuple(units),
    )
