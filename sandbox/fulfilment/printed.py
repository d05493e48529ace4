"""What a document of a package tells, from the books: the true recipient, with the phone masked as
the platform masks it, for carriers reach buyers through the platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox import shops
from sandbox.fulfilment.carriers import by_id, platform_carrier
from sandbox.fulfilment.slots import ZONES
from sandbox.kinds import UNTOLD, Doc
from sandbox.labels.parcel import Item, Parcel, Party

if TYPE_CHECKING:
    from sandbox.market import Market


def parcel(market: Market, shop: str, package: Doc, orders: Sequence[Doc]) -> Parcel:
    place = shops.shop(market.books, shop)
    known = package.get(UNTOLD, {})
    address = orders[0][UNTOLD]["address"]
    zone = ZoneInfo(ZONES.get(place.region, "Europe/Berlin"))
    carrier = by_id(package["shipping_provider_id"]) or platform_carrier(place.region)
    shipped = datetime.fromtimestamp(known.get("shipped_at", package["update_time"]), UTC)
    return Parcel(
        package_id=package["package_id"],
        tracking_number=package["tracking_number"],
        carrier=carrier.name,
        service=known.get("service", package["delivery_option_name"]),
        sort_code=sort_code(address, place.region),
        region=place.region,
        sender=_sender(place.warehouses, package["warehouse_id"], place.name),
        recipient=Party(address["name"], _lines(address), masked_phone(address["phone_number"])),
        orders=tuple(order["id"] for order in orders),
        items=_items(package, orders),
        weight=_weight(package),
        handover=_handover(package, zone),
        made=shipped.astimezone(zone).strftime("%Y-%m-%d"),
        collect=_collect(orders),
    )


def _lines(address: Doc) -> tuple[str, ...]:
    """The lines of the address, then the places from the smallest to the largest."""
    own = [address[f"address_line{number}"] for number in range(1, 5)]
    places = [one["address_name"] for one in reversed(address["district_info"])]
    lines = [line for line in own if line]
    last = ", ".join(places + ([address["postal_code"]] if address["postal_code"] else []))
    return (*lines, last) if lines else (address["full_address"],)


def _sender(warehouses: Sequence[Doc], id: str, name: str) -> Party:
    found = next((one for one in warehouses if one["id"] == id), {})
    address = found.get("address") or {}
    told = [
        address.get("address_line1", ""),
        address.get("city", ""),
        address.get("postal_code", ""),
    ]
    line = address.get("full_address") or ", ".join(part for part in told if part)
    return Party(name, (line or found.get("name", ""),))


def _items(package: Doc, orders: Sequence[Doc]) -> tuple[Item, ...]:
    inside = set(package["order_line_item_ids"])
    counts: dict[tuple[str, str], int] = {}
    for order in orders:
        for line in order["line_items"]:
            if line["id"] in inside:
                key = (line["seller_sku"], line["product_name"])
                counts[key] = counts.get(key, 0) + 1
    return tuple(Item(sku, name, count) for (sku, name), count in counts.items())


def _weight(package: Doc) -> str:
    weight = package.get("weight")
    return f"{weight['value']} {weight['unit'].lower()}" if weight else ""


def _handover(package: Doc, zone: ZoneInfo) -> str:
    slot = package.get("pickup_slot")
    if not slot:
        return str(package.get("handover_method", "")).replace("_", "-").lower()
    start, end = (datetime.fromtimestamp(slot[name], zone) for name in ("start_time", "end_time"))
    return f"pickup {start:%d %b %H:%M}-{end:%H:%M}"


def _collect(orders: Sequence[Doc]) -> str:
    due = [order["payment"] for order in orders if order["is_cod"]]
    return " + ".join(f"{one['currency']} {one['total_amount']}" for one in due)


def sort_code(address: Doc, region: str) -> str:
    """Where the carrier sorts the package to: the region and the postal code's beginning."""
    return f"{region}-{(address['postal_code'] or '000')[:3]}"


def masked_phone(phone: str) -> str:
    """The country and the last two digits: (+66)********21."""
    head, bracket, rest = phone.rpartition(")")
    return f"{head}{bracket}{'*' * max(len(rest) - 2, 0)}{rest[-2:]}"
