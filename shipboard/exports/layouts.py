"""What a file holds: the marketplace's own layout, or one of ours, whole or as chosen columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shipboard.channels.models import Shop
from shipboard.exports.columns import (
    HANDOFF_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PARCEL_COLUMNS,
    Column,
)
from shipboard.exports.marketplace import US, block_of, description
from shipboard.orders.overlays import Refused

ISO = "YYYY-MM-DD HH24:MI:SS"


class BadLayout(Refused):
    """A layout, format or column that there is not, or that does not fit the orders."""


class SeveralRegions(BadLayout):
    """The marketplace's files of these shops differ; `groups` are shops by regions, each of which
    one file holds."""

    def __init__(self, groups: Mapping[str, Sequence[Shop]]) -> None:
        told = "; ".join(f"{name}: {_names(shops)}" for name, shops in groups.items())
        super().__init__(
            f"The marketplace's files of these shops differ in columns and dates ({told}). Export "
            "the shops of one region at a time, or take another layout."
        )
        self.groups = groups


def _names(shops: Sequence[Shop]) -> str:
    return ", ".join(shop.name for shop in shops)


class Name(StrEnum):
    TIKTOK = "tiktok"
    ORDERS = "orders"
    LINES = "lines"
    PARCELS = "parcels"
    HANDOFF = "handoff"


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


LABELS: Mapping[Name, str] = {
    Name.TIKTOK: "As the marketplace exports it",
    Name.ORDERS: "One row per order",
    Name.LINES: "One row per line",
    Name.PARCELS: "One row per parcel",
    Name.HANDOFF: "For the carrier: one row per order, addresses in full",
}
OWN: Mapping[Name, tuple[Column, ...]] = {
    Name.ORDERS: ORDER_COLUMNS,
    Name.LINES: LINE_COLUMNS,
    Name.PARCELS: PARCEL_COLUMNS,
    Name.HANDOFF: HANDOFF_COLUMNS,
}
#: Of no use with masked names and addresses: only for those who may see buyers, always in full.
PERSONAL = frozenset({Name.HANDOFF})


@dataclass(frozen=True, slots=True)
class Layout:
    """`dates`: PostgreSQL's pattern of instants as text. `is_marketplace`: ids and times end in a
    tab, amounts in another currency than the shop's name it. `explained`: the description row."""

    name: Name
    columns: tuple[Column, ...]
    dates: str = ISO
    is_marketplace: bool = False
    explained: tuple[str, ...] = ()

    @property
    def header(self) -> list[str]:
        return [column.header for column in self.columns]


def own_layout(name: str, keys: Sequence[str] = ()) -> Layout:
    """The layout `name` of ours, or of its columns those with `keys`, in that order. Raises
    BadLayout."""
    known = named(name)
    if known not in OWN:
        raise BadLayout("The marketplace's layout has its own columns; leave yours out.")
    by_key = {column.key: column for column in OWN[known]}
    for at, key in enumerate(keys):
        if key not in by_key:
            raise BadLayout(f"The layout {name} has no column {key!r}; it has {', '.join(by_key)}.")
        if key in keys[:at]:
            raise BadLayout(f"The column {key!r} is asked for twice; name it once.")
    return Layout(known, tuple(by_key[key] for key in keys) or OWN[known])


def marketplace_layout(shops: Sequence[Shop], *, with_description: bool) -> Layout:
    """The layout of the marketplace's own files for orders of `shops`. Raises SeveralRegions when
    their files differ: a reader would take addresses and dates of some for those of others."""
    groups: dict[str, list[Shop]] = {}
    for shop in shops:
        groups.setdefault(block_of(shop.region).name, []).append(shop)
    if len(groups) > 1:
        raise SeveralRegions(groups)
    block = block_of(shops[0].region) if shops else US
    columns = block.columns()
    explained = tuple(description(columns)) if with_description else ()
    return Layout(Name.TIKTOK, columns, block.dates, is_marketplace=True, explained=explained)


def labels_for(*, sees_buyers: bool) -> dict[Name, str]:
    """The layouts that somebody may choose, with their labels."""
    return {name: label for name, label in LABELS.items() if sees_buyers or name not in PERSONAL}


def named(name: str) -> Name:
    """Raises BadLayout."""
    if name not in set(Name):
        raise BadLayout(f"There is no layout {name!r}; there are {', '.join(Name)}.")
    return Name(name)


def format_named(name: str) -> Format:
    """Raises BadLayout."""
    if name not in set(Format):
        raise BadLayout(f"There is no format {name!r}; there are {', '.join(Format)}.")
    return Format(name)
