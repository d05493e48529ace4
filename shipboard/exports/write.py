"""Writing a file of orders: what is wanted, how big it will be, and the file itself, all of one
instant though orders go on changing. Used by the command line and by the job.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, cast

from django.db.models import Count, QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.exports.changed import one_instant
from shipboard.exports.csv_file import CsvFile
from shipboard.exports.layouts import (
    PERSONAL,
    BadLayout,
    Format,
    Layout,
    Name,
    format_named,
    marketplace_layout,
    named,
    own_layout,
)
from shipboard.exports.periods import MOST_ORDERS, TooMany, too_many_orders, too_many_rows
from shipboard.exports.source import STEP, Source, count_rows, in_page_order, keys_of
from shipboard.exports.xlsx_file import MOST_ROWS, XlsxFile
from shipboard.fulfilment.selection import Selection
from shipboard.orders.filters import OrderFilter, Sort
from shipboard.orders.models import Order
from shipboard.orders.queries import shops_in_view

__all__ = ["Canceled", "Planned", "TooMany", "Wanted", "Written", "plan", "write"]

#: So many rows from one word of progress to the next.
TOLD = 2_000


class Canceled(Exception):
    """Somebody stopped it; what was written is worth nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders, in which shape. `columns`: keys of the layout's own (not of the marketplace's),
    in their order; none: all. `with_description`: the marketplace's second header row."""

    selection: Selection
    layout: str = Name.TIKTOK
    format: str = Format.CSV
    columns: tuple[str, ...] = ()
    with_description: bool = False
    unmasked: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """How many orders and rows (header and description not counted) there are now."""

    orders: int
    rows: int


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds, and the SHA-256 of its bytes in hexadecimal. `shortened`: cells that the
    format has no room for; `warning` says that in a sentence, blank for none."""

    orders: int
    rows: int
    sha256: str
    shortened: int = 0
    warning: str = ""


def plan(wanted: Wanted, access: Access, now: datetime) -> Planned:
    """What `write` would write now. Raises TooMany, BadLayout, BadFilter and NotAllowed."""
    return _planned(wanted, access, now)[0]


def write(
    wanted: Wanted,
    access: Access,
    now: datetime,
    out: BinaryIO,
    told: Callable[[int], None],
    is_canceled: Callable[[], bool],
) -> Written:
    """Write the file to `out`, which stays open. `told` hears how many rows are written,
    `is_canceled` is asked, both every 2,000 rows or so; they must not use Django's default
    connection, which is within a transaction that only reads.

    Raises Canceled, and what `plan` raises; then what was written is no file.
    """
    with one_instant():
        planned, layout, orders = _planned(wanted, access, now)
        pks, _ = keys_of(in_page_order(orders, _sorting(wanted), now))
        source = Source(layout, format_named(wanted.format), now, unmasked=wanted.unmasked)
        hashed = _Hashed(out)
        file = _file(wanted, layout, cast(BinaryIO, hashed), planned.rows)
        rows = _copy(source, pks, file, told, is_canceled)
    return Written(len(pks), rows, hashed.sha256, file.shortened, file.warning)


def _copy(
    source: Source,
    pks: array[int],
    file: CsvFile | XlsxFile,
    told: Callable[[int], None],
    is_canceled: Callable[[], bool],
) -> int:
    rows = 0
    for start in range(0, len(pks), STEP):
        for row in source.rows(pks[start : start + STEP]):
            file.add(row)
            rows += 1
            if rows % TOLD == 0:
                told(rows)
                if is_canceled():
                    raise Canceled
    if is_canceled():
        raise Canceled
    file.end()
    told(rows)
    return rows


def _planned(
    wanted: Wanted, access: Access, now: datetime
) -> tuple[Planned, Layout, QuerySet[Order]]:
    if wanted.unmasked:
        access.need(Right.SEE_BUYERS)
    format_named(wanted.format)
    name = named(wanted.layout)
    if name in PERSONAL and not wanted.unmasked:
        raise BadLayout(
            f"The layout {name} holds names and addresses in full, never masked: ask for it "
            "unmasked, which is logged, or take another layout."
        )
    orders = wanted.selection.orders(access, now).order_by()
    by_shop = dict(orders.values_list("shop").annotate(orders=Count("pk")))
    found = sum(by_shop.values())
    if found > MOST_ORDERS:
        raise too_many_orders(orders, found, now)
    layout = _layout(wanted, name, _shops(wanted, access, set(by_shop)))
    rows = count_rows(orders, name, found)
    if wanted.format == Format.XLSX and rows + 1 + bool(layout.explained) > MOST_ROWS:
        raise too_many_rows(rows, MOST_ROWS)
    return Planned(found, rows), layout, orders


def _layout(wanted: Wanted, name: Name, shops: list[Shop]) -> Layout:
    if name != Name.TIKTOK or wanted.columns:
        return own_layout(name, wanted.columns)
    return marketplace_layout(shops, with_description=wanted.with_description)


def _shops(wanted: Wanted, access: Access, found: set[int]) -> list[Shop]:
    """The shops that the orders are of; where there is none, the first that was looked at."""
    if found or wanted.selection.filter is None:
        return list(Shop.objects.filter(pk__in=found).order_by("slug"))
    return shops_in_view(wanted.selection.filter, access)[:1]


def _sorting(wanted: Wanted) -> Sort:
    return (wanted.selection.filter or OrderFilter()).sorting


def _file(wanted: Wanted, layout: Layout, out: BinaryIO, rows: int) -> CsvFile | XlsxFile:
    file: CsvFile | XlsxFile
    if wanted.format == Format.XLSX:
        file = XlsxFile(out, layout.columns, rows)
    else:
        file = CsvFile(out, layout.header)
    if layout.explained:
        file.explain(layout.explained)
    return file


@dataclass(slots=True)
class _Hashed:
    """Passes bytes on to `out` and adds them up. It can only be written on, so a zip archive never
    goes back in it."""

    out: BinaryIO
    _sum: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        self.out.write(data)
        return len(data)

    def flush(self) -> None:
        self.out.flush()

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()
