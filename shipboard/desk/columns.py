"""The columns of the order list, each defined once: its heading, what it sorts by, and who shows
it. A column's cell is the macro of its key in ui/cells.html, its width the class c-<key>.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shipboard.orders.filters import OrderFilter, Sort, SortKey
from shipboard.orders.stages import Tab


@dataclass(frozen=True)
class Column:
    """`sort` is what its heading sorts by first; a second click turns it round."""

    key: str
    label: str
    is_usual: bool = False
    sort: Sort | None = None


@dataclass(frozen=True)
class Heading:
    """A column as it heads the list; `href` sorts by it, `direction` is aria-sort's word."""

    column: Column
    label: str
    href: str = ""
    direction: str = ""


#: The order's own column: it holds the link to the order, so it is always shown.
ORDER = "order"
CLOCK = "clock"
LOGISTICS = "logistics"
NEWEST = Sort(SortKey.CREATED, descending=True)
SOONEST = Sort(SortKey.SHIP_BY)

COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column(ORDER, "Order", is_usual=True, sort=NEWEST),
        Column("shop", "Shop"),
        Column("items", "Items", is_usual=True),
        Column("qty", "Qty", is_usual=True),
        Column("skus", "SKUs"),
        Column("buyer", "Buyer", is_usual=True),
        Column("status", "Status", is_usual=True, sort=Sort(SortKey.STATUS)),
        Column("remarks", "Flag and notes"),
        Column(CLOCK, "Next deadline", is_usual=True),
        Column("ship_by", "Ship by", sort=SOONEST),
        Column("auto_cancel", "Auto-cancel"),
        Column("created", "Created", sort=NEWEST),
        Column("paid", "Paid", sort=Sort(SortKey.PAID, descending=True)),
        Column("ship", "Shipping and label", is_usual=True),
        Column("carrier", "Carrier"),
        Column("package", "Package ID"),
        Column("delivery", "Delivery option"),
        Column("warehouse", "Warehouse"),
        Column(LOGISTICS, "Logistics"),
        Column("type", "Order type"),
        Column("payment", "Payment method"),
        Column("total", "Total", is_usual=True, sort=Sort(SortKey.TOTAL, descending=True)),
    )
}
USUAL = tuple(column.key for column in COLUMNS.values() if column.is_usual)


def chosen(stored: Iterable[str]) -> list[Column]:
    """The columns to show, in their own order. Keys that are not columns (any more) are passed
    over; none left means the usual ones. The order's own column is always there."""
    known = {key for key in stored if key in COLUMNS} or set(USUAL)
    return [column for key, column in COLUMNS.items() if key in known or key == ORDER]


def headings(columns: Iterable[Column], filter_: OrderFilter) -> list[Heading]:
    """What heads each column while `filter_` is shown, with the link that sorts by it."""
    return [_heading(column, filter_) for column in columns]


def _heading(column: Column, filter_: OrderFilter) -> Heading:
    if column.key == CLOCK and filter_.tab == Tab.PENDING_SHIPPING:
        column = replace(column, label="Ship by", sort=SOONEST)
    if not column.sort:
        return Heading(column, column.label)
    first, now = column.sort, filter_.sorting
    is_sorted = first.key == now.key
    next_ = Sort(now.key, not now.descending) if is_sorted else first
    direction = ("descending" if now.descending else "ascending") if is_sorted else ""
    return Heading(column, column.label, f"/orders/?{filter_.query(sort=next_)}", direction)
