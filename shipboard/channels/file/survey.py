"""What the whole file shows before its first order is read: how its dates are written, its newest
instant, and whether a spreadsheet program rounded its ids.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .cells import Cell, text
from .columns import TIMES, Layout
from .dates import (
    AHEAD,
    EARLIEST,
    FARTHEST,
    BadDate,
    Clock,
    DateReader,
    Evidence,
    Numeric,
    Order,
    numeric,
)
from .ids import Tails

Fields = tuple[int, int, int, int, int, int]
NONE: Fields = (0, 0, 0, 0, 0, 0)
ID_COLUMNS = ("order_id", "sku_id", "package_id")


class Survey:
    """Sees every data row once. `tails` are the id columns' watchers by key."""

    def __init__(self, layout: Layout, zone: ZoneInfo, region: str, now: datetime) -> None:
        self._times = [layout.at[key] for key in TIMES if key in layout.at]
        self._ids = [(layout.at[key], key) for key in ID_COLUMNS if key in layout.at]
        self._zone = zone
        self._region = region
        self._now = now
        self._evidence = Evidence()
        self._newest = {(clock, order): NONE for clock in Clock for order in Order}
        self._newest_iso = EARLIEST
        latest = (now + FARTHEST).replace(tzinfo=None)
        self._years = range(EARLIEST.year, latest.year + 1)
        self._iso = DateReader(zone, {}, now)
        self._last: list[str] = [""] * len(self._times)
        self.tails = {key: Tails() for key in ID_COLUMNS}

    def see(self, cells: list[Cell]) -> None:
        """Notes the row; short rows are fine."""
        width = len(cells)
        for slot, at in enumerate(self._times):
            if at < width and (cell := cells[at]):
                value = cell.strip() if isinstance(cell, str) else text(cell)
                if value != self._last[slot]:
                    self._last[slot] = value
                    self._see_time(value)
        for at, key in self._ids:
            if at < width and isinstance(cell := cells[at], str):
                self.tails[key].see(cell.strip())

    def orders(self) -> dict[Clock, Order]:
        """How to read each family of dates, after the last row."""
        return self._evidence.orders(self._region)

    def as_of(self) -> datetime:
        """The newest instant in any time column, UTC. Times ahead of `now` do not count: a file
        cannot know the future, and one wrong date must not make stale facts the newest. `now`
        when the file has no other time that can be read."""
        newest = self._newest_iso
        orders = self.orders()
        for clock in Clock:
            fields = max(self._newest[clock, orders[clock]], self._newest[clock, Order.UNSURE])
            if fields is not NONE:
                local = datetime(*fields, tzinfo=self._zone)
                newest = max(newest, local.astimezone(UTC))
        return self._now if newest == EARLIEST else min(newest, self._now)

    def _see_time(self, value: str) -> None:
        parts = numeric(value)
        if parts is None:
            self._see_iso(value)
            return
        self._evidence.see(parts)
        shown = parts.order_shown
        if shown is not Order.UNSURE:
            self._keep(parts, shown, Order.UNSURE)
        elif parts.first == parts.second:
            self._keep(parts, Order.DAY_FIRST, Order.UNSURE)
        else:
            self._keep(parts, Order.DAY_FIRST, Order.DAY_FIRST)
            self._keep(parts, Order.MONTH_FIRST, Order.MONTH_FIRST)

    def _keep(self, parts: Numeric, order: Order, under: Order) -> None:
        """Notes `parts` read in `order`; under UNSURE when no other reading is possible."""
        fields = parts.fields(order)
        if fields <= self._newest[parts.clock, under] or fields[0] not in self._years:
            return
        try:
            at = datetime(*fields, tzinfo=self._zone)
        except ValueError:
            return
        if at <= self._now + AHEAD:
            self._newest[parts.clock, under] = fields

    def _see_iso(self, value: str) -> None:
        try:
            instant = self._iso.read(value)
        except BadDate:
            return
        if instant and self._newest_iso < instant.at <= self._now + AHEAD:
            self._newest_iso = instant.at
