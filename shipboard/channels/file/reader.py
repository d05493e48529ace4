"""Reading an order export: once through for what the whole file shows, then order by order.

The first reading puts the rows aside and finds everything that could make the file unreadable, so
no order is handed out of a file that breaks off later. Memory grows with the number of orders (an
id and a few offsets each), not with what they contain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, KeysView
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from ..contract import OrderFact, ShopFacts
from ..text import clean
from .cells import Cell, is_blank, text, visible
from .columns import Layout
from .dates import DateReader
from .errors import Rejection, UnreadableFile
from .header import header_at, is_description, no_header, read_header
from .ids import is_zero_tailed, order_id_fault
from .limits import HEADER_WITHIN_ROWS, MAX_ROWS, MAX_ROWS_OF_AN_ORDER
from .mended import unguarded
from .orders import order_fact
from .remarks import Remarks
from .rows import Reading, Row
from .sheets import Sheet, open_sheet
from .spool import Spool, StoredRow
from .survey import Survey

__all__ = ["AcceptedOrder", "Export", "RejectedOrder", "UnreadableFile", "read_orders"]

Progress = Callable[[int], None]
PROGRESS_EVERY = 5_000
CUT = "The file ends in the middle of this row. Export the orders again."


@dataclass(frozen=True, slots=True)
class AcceptedOrder:
    """An order as read; `row` is its first spreadsheet row (the header of most files is 1)."""

    row: int
    fact: OrderFact


@dataclass(frozen=True, slots=True)
class RejectedOrder:
    """An order that was not taken. row: the spreadsheet row at fault. order_id: as the file has
    it, perhaps damaged or blank. reason: a sentence. rows: number and original cells of each of
    its rows, as wide as the header, for a copy that can be put right; what cannot be stored as
    text stands as an escape (`\\x00`)."""

    row: int
    order_id: str
    reason: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


class Export:
    """One file after its first reading; `orders` is the second."""

    def __init__(self, scan: _Scan, shop: ShopFacts, zone: ZoneInfo, now: datetime) -> None:
        survey = scan.survey
        self._spool = scan.spool
        self._cut_row = scan.cut_row
        self._damaged = scan.damaged
        self._ids = scan.ids
        self._reading = Reading(
            layout=scan.layout,
            shop=shop,
            dates=DateReader(zone, survey.orders(), now),
            as_of=survey.as_of(),
            rounded=frozenset(key for key, tails in survey.tails.items() if tails.are_rounded),
            remarks=Remarks(),
        )

    @property
    def header(self) -> tuple[str, ...]:
        """The file's own column names."""
        return self._reading.layout.header

    @property
    def rows(self) -> int:
        """Data rows: without header, description and blank rows."""
        return len(self._spool)

    @property
    def as_of(self) -> datetime:
        """The instant that the file is true of: the newest in any of its time columns, UTC."""
        return self._reading.as_of

    @property
    def order_ids(self) -> KeysView[str]:
        """The ids in the file, also those of rejected orders, in order of their first row. Rows
        whose id is missing, damaged or none are not among them: see `has_damaged_ids`."""
        return {}.keys() if "order_id" in self._reading.rounded else self._ids.keys()

    @property
    def has_damaged_ids(self) -> bool:
        """Whether some row's order cannot be told, or the file breaks off, so that `order_ids` is
        not complete."""
        return bool(self._damaged or self._cut_row or "order_id" in self._reading.rounded)

    @property
    def warnings(self) -> list[str]:
        """Sentences about what was taken as read; complete once `orders` is exhausted."""
        return self._reading.remarks.sentences()

    def orders(self) -> Iterator[AcceptedOrder | RejectedOrder]:
        """Every order of the file, by its first row. Meant to be walked through once, as a second
        time would count the warnings again."""
        for stored in self._spool.groups(MAX_ROWS_OF_AN_ORDER):
            yield self._entry(stored)

    def _entry(self, stored: list[StoredRow]) -> AcceptedOrder | RejectedOrder:
        layout = self._reading.layout
        first = Row(stored[0], layout)
        order_id = first.text("order_id")
        try:
            self._check(stored, first)
            rows = [first, *(Row(row, layout) for row in stored[1:])]
            return AcceptedOrder(first.number, order_fact(order_id, rows, self._reading))
        except Rejection as rejection:
            return RejectedOrder(
                row=rejection.row,
                order_id=order_id[:40],
                reason=rejection.reason,
                rows=tuple((number, self._copy(cells)) for number, cells in stored),
            )

    def _check(self, stored: list[StoredRow], first: Row) -> None:
        """Raises Rejection for what is wrong before any cell but the id is looked at."""
        width = len(self.header)
        for number, cells in stored:
            if len(cells) > width:
                raise Rejection(
                    number,
                    f"The row has {len(cells)} cells and the header {width}, so values stand in "
                    "the wrong columns. A quotation mark may be missing; export the orders again.",
                )
            if number == self._cut_row:
                raise Rejection(number, CUT)
        identifier = first.cell("order_id")
        fault = order_id_fault(identifier)
        if not fault and "order_id" in self._reading.rounded and is_zero_tailed(text(identifier)):
            fault = (
                "All order IDs of the file end in zeros: a spreadsheet program rounded them. "
                "Export the orders again and upload the file without opening it in such a program."
            )
        if fault:
            raise Rejection(first.number, fault)
        if len(stored) > MAX_ROWS_OF_AN_ORDER:
            raise Rejection(
                first.number,
                f"The order has more than {MAX_ROWS_OF_AN_ORDER:,} rows. Export the orders again.",
            )

    def _copy(self, cells: tuple[Cell, ...]) -> tuple[str, ...]:
        originals = tuple(visible(text(cell)) for cell in cells)
        return originals + ("",) * (len(self.header) - len(originals))


@contextmanager
def read_orders(
    path: Path | str, shop: ShopFacts, *, now: datetime, progress: Progress | None = None
) -> Iterator[Export]:
    """The order export at `path`, CSV or XLSX, of `shop`, read at `now` (aware).

    `progress` hears the number of data rows seen, every 5,000, during the first reading, which is
    over when the block begins. Raises UnreadableFile with a sentence when nothing can be taken;
    what is wrong with one order only comes as a RejectedOrder.
    """
    zone = ZoneInfo(shop.timezone)
    with Spool() as spool:
        with open_sheet(Path(path)) as sheet:
            scan = _Scan(sheet, spool, zone, shop.region, now)
            scan.read(progress or (lambda _: None))
        yield Export(scan, shop, zone, now)


class _Scan:
    """The first reading. cut_row: number of a last row that the file breaks off in, else 0.
    damaged: some row has no usable order id."""

    def __init__(
        self, sheet: Sheet, spool: Spool, zone: ZoneInfo, region: str, now: datetime
    ) -> None:
        self.spool = spool
        self.ids: dict[str, int] = {}
        self.cut_row = 0
        self.damaged = False
        self._strange_ids: dict[str, int] = {}
        self._sheet = sheet
        self._rows = sheet.rows()
        self.layout: Layout = self._find_header()
        self.survey = Survey(self.layout, zone, region, now)

    def read(self, progress: Progress) -> None:
        """Reads every row; raises UnreadableFile."""
        width = 0
        number = 0
        cells: list[Cell] = []
        is_first = True
        for number, cells in self._rows:
            width = len(cells)
            if is_blank(cells):
                continue
            if is_first and is_description(cells, self.layout):
                is_first = False
                continue
            is_first = False
            self._add(number, cells)
            if len(self.spool) % PROGRESS_EVERY == 0:
                progress(len(self.spool))
        if not len(self.spool):
            raise UnreadableFile(
                "The file has the columns of an order export but no orders. Choose other orders or "
                "another period in your seller centre, and export again."
            )
        if self._sheet.ends_mid_row and 0 < width < len(self.layout.header):
            self.cut_row = number

    def _find_header(self) -> Layout:
        start = list(islice(self._rows, HEADER_WITHIN_ROWS))
        at = header_at([cells for _, cells in start])
        if at is None:
            raise no_header()
        self._rows = chain(start[at + 1 :], self._rows)
        return read_header(start[at][1])

    def _add(self, number: int, cells: list[Cell]) -> None:
        if len(self.spool) >= MAX_ROWS:
            raise UnreadableFile(
                f"The file has more than {MAX_ROWS:,} rows. Export fewer orders at a time, for "
                "example one month."
            )
        while len(cells) > len(self.layout.header) and is_blank(cells[-1:]):
            cells.pop()
        cells = [
            unguarded(cell) if isinstance(cell, str) and cell.startswith("'") else cell
            for cell in cells
        ]
        self.survey.see(cells)
        at = self.layout.at["order_id"]
        identifier = cells[at] if at < len(cells) else ""
        if isinstance(identifier, str):
            identifier = clean(identifier)
        self._put_aside(number, cells, identifier)

    def _put_aside(self, number: int, cells: list[Cell], identifier: Cell) -> None:
        """Adds the row to its order; a row without an id is an order of its own."""
        groups = self.ids
        if order_id_fault(identifier):
            groups = self._strange_ids
            self.damaged = True
        name = text(identifier)
        group = self.spool.add(groups.get(name) if name else None, number, cells)
        if name:
            groups[name] = group
