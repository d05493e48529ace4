"""What was paid for labels, from the ledger: every purchase with its units, and those that bought a
label for a parcel or a unit which had a live one. For tests of whoever buys, and the control page.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.aftersales.parcels import VOIDED
from sandbox.books import Entry
from sandbox.fulfilment.arranging import LABEL_BOUGHT
from sandbox.shipments import STEPPED_BACK

if TYPE_CHECKING:
    from sandbox.market import Market


@dataclass(frozen=True)
class LabelPurchase:
    """One label, at a second of the marketplace's time. `units` are ids of lines; `price` is in the
    currency of the shop. `is_live`: neither the platform nor a cancellation has taken it back."""

    shop: str
    at: int
    package_id: str
    orders: tuple[str, ...]
    units: tuple[str, ...]
    service: str
    price: Decimal
    is_live: bool = True


def label_purchases(market: Market, shop: str = "") -> list[LabelPurchase]:
    """Every purchase, in order; of one shop, or of all."""
    return [one for one, _ in _bought(market, shop)]


def double_labels(market: Market, shop: str = "") -> list[LabelPurchase]:
    """Those for which a parcel or a unit has been paid that had a live label at the time."""
    return [one for one, is_double in _bought(market, shop) if is_double]


def _bought(market: Market, shop: str) -> list[tuple[LabelPurchase, bool]]:
    wanted = {"shop": shop} if shop else {}
    found: list[tuple[LabelPurchase, bool]] = []
    live: dict[int, set[tuple[str, str]]] = {}
    for entry in market.books.ledger(**wanted):
        if entry.what == LABEL_BOUGHT:
            one = _read(market, entry)
            keys = {(one.shop, id) for id in (one.package_id, *one.units)}
            found.append((one, any(keys & others for others in live.values())))
            live[len(found) - 1] = keys
        else:
            for number in [place for place in live if _ends(entry, found[place][0])]:
                del live[number]
    return [
        (one if place in live else _taken_back(one), is_double)
        for place, (one, is_double) in enumerate(found)
    ]


def _ends(entry: Entry, one: LabelPurchase) -> bool:
    if entry.shop != one.shop:
        return False
    if entry.what == VOIDED:
        return entry.package_id == one.package_id
    is_back = entry.what == STEPPED_BACK and entry.detail["to"] == "AWAITING_SHIPMENT"
    return is_back and entry.order_id in one.orders


def _taken_back(one: LabelPurchase) -> LabelPurchase:
    return LabelPurchase(
        one.shop, one.at, one.package_id, one.orders, one.units, one.service, one.price, False
    )


def _read(market: Market, entry: Entry) -> LabelPurchase:
    units = entry.detail.get("units")
    if units is None:  # books from before the ledger told
        package = market.books.get("package", entry.shop, entry.package_id) or {}
        units = package.get("order_line_item_ids", [])
    return LabelPurchase(
        shop=entry.shop,
        at=entry.at,
        package_id=entry.package_id,
        orders=tuple(entry.detail["orders"]),
        units=tuple(units),
        service=entry.detail["service"],
        price=Decimal(entry.amount),
    )
