"""What a shipping document tells of a package, as plain words ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Party:
    """Who sends or receives, a line of the address each; `phone` as it may be shown."""

    name: str
    lines: tuple[str, ...]
    phone: str = ""


@dataclass(frozen=True)
class Item:
    sku: str
    name: str
    quantity: int


@dataclass(frozen=True)
class Parcel:
    """One package. `region` is the shop's, `made` a date as text, `collect` cash to take."""

    package_id: str
    tracking_number: str
    carrier: str
    service: str
    sort_code: str
    region: str
    sender: Party
    recipient: Party
    orders: tuple[str, ...]
    items: tuple[Item, ...]
    weight: str = ""
    handover: str = ""
    made: str = ""
    collect: str = ""

    @property
    def units(self) -> int:
        return sum(item.quantity for item in self.items)
