"""Local times in a file to UTC instants.

Seller Center writes MM/DD/YYYY hh:mm:ss AM in the US and DD/MM/YYYY HH:MM:SS elsewhere. A
spreadsheet program, or a file from another region, may bring the other order, so a value whose
day and month could be swapped is only taken when the region's format or the rest of the file
decides it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .cells import Cell, text
from .errors import quoted

CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
NUMERIC = re.compile(
    r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})[ T,]+"
    rf"{CLOCK}(?:\s*([AaPp])\.?[Mm]\.?)?"
)
ISO = re.compile(
    r"([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})[ Tt]+"
    rf"{CLOCK}\s*([Zz]|[+-][0-9]{{2}}:?[0-9]{{2}})?"
)
MONTHS_IN_YEAR = 12
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=366)
#: Clocks differ by minutes; more means another zone.
AHEAD = timedelta(minutes=10)
NO_TIMES = ("-", "--", "–")
ADVICE = "Export the orders again, or write the time as YYYY-MM-DD HH:MM:SS."


class Order(Enum):
    """Which of day and month comes first."""

    MONTH_FIRST = "month first"
    DAY_FIRST = "day first"
    UNSURE = "unsure"


class Clock(Enum):
    """The two families of numeric dates: with AM or PM, and without."""

    TWELVE = "12 hours"
    TWENTY_FOUR = "24 hours"


class BadDate(Exception):
    """A cell that is no instant we may believe; `str(error)` says why, after the column's name."""


class Numeric(NamedTuple):
    """A date like 03/04/2026: `first` and `second` are day and month in either order."""

    clock: Clock
    first: int
    second: int
    year: int
    hour: int
    minute: int
    second_of_minute: int

    @property
    def order_shown(self) -> Order:
        """The order that the value itself shows by a component above 12, else UNSURE."""
        if self.first > MONTHS_IN_YEAR >= self.second:
            return Order.DAY_FIRST
        if self.second > MONTHS_IN_YEAR >= self.first:
            return Order.MONTH_FIRST
        return Order.UNSURE

    def fields(self, order: Order) -> tuple[int, int, int, int, int, int]:
        """Year, month, day, hour, minute, second when read in `order`."""
        month, day = (
            (self.first, self.second) if order is Order.MONTH_FIRST else (self.second, self.first)
        )
        return self.year, month, day, self.hour, self.minute, self.second_of_minute


def numeric(value: str) -> Numeric | None:
    """`value` as a numeric date, or None when it is not one (or its hour cannot be)."""
    found = NUMERIC.fullmatch(value)
    if not found:
        return None
    first, _, second, year, hour, minute, seconds, half = found.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    clock = Clock.TWELVE if half else Clock.TWENTY_FOUR
    return Numeric(clock, int(first), int(second), int(year), hours, int(minute), int(seconds or 0))


@dataclass(slots=True)
class Evidence:
    """Which orders of day and month the values of a file show, for each family."""

    _shown: dict[Clock, set[Order]] = field(
        default_factory=lambda: {clock: set() for clock in Clock}
    )

    def see(self, value: Numeric) -> None:
        order = value.order_shown
        if order is not Order.UNSURE:
            self._shown[value.clock].add(order)

    def orders(self, region: str) -> dict[Clock, Order]:
        """How to read each family: as the file shows; where it shows nothing, as the region
        writes its own family; UNSURE where it shows both, or nothing of a strange family."""
        own_clock, own_order = (
            (Clock.TWELVE, Order.MONTH_FIRST)
            if region == "US"
            else (Clock.TWENTY_FOUR, Order.DAY_FIRST)
        )
        decided: dict[Clock, Order] = {}
        for clock, shown in self._shown.items():
            if len(shown) == 1:
                (decided[clock],) = shown
            elif not shown and clock is own_clock:
                decided[clock] = own_order
            else:
                decided[clock] = Order.UNSURE
        return decided


class Instant(NamedTuple):
    """A UTC instant and what to remark on it ("" for nothing)."""

    at: datetime
    remark: str = ""


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads the time cells of one file: `zone` is the shop's, `orders` what its dates show, `now`
    the present instant (UTC)."""

    zone: ZoneInfo
    orders: dict[Clock, Order]
    now: datetime

    def read(self, cell: Cell) -> Instant | None:
        """The instant in `cell`, None when it is blank; raises BadDate. Text and date cells are
        local time of the shop's zone unless the text names an offset."""
        if isinstance(cell, int | float):
            raise BadDate(f"is a bare number ({text(cell)[:20]}), not a time. {ADVICE}")
        value = text(cell)
        if not value or value in NO_TIMES:
            return None
        instant = self._instant(value)
        if instant.at < EARLIEST or instant.at > self.now + FARTHEST:
            raise BadDate(f"is {quoted(value)}, which no order of this shop can be from. {ADVICE}")
        if instant.at > self.now + AHEAD:
            return Instant(
                instant.at,
                "lies in the future, so the shop's time zone or region is likely another",
            )
        return instant

    def _instant(self, value: str) -> Instant:
        parts = numeric(value)
        if parts:
            return self._local(value, parts.fields(self._order(value, parts)))
        found = ISO.fullmatch(value)
        if not found:
            raise BadDate(f"is {quoted(value)}, which is not a date with a time. {ADVICE}")
        year, _, month, day, hour, minute, seconds, offset = found.groups()
        fields = (int(year), int(month), int(day), int(hour), int(minute), int(seconds or 0))
        if not offset:
            return self._local(value, fields)
        naive = _naive(value, fields)
        return Instant((naive - _offset(offset)).replace(tzinfo=UTC))

    def _order(self, value: str, parts: Numeric) -> Order:
        shown = parts.order_shown
        if shown is not Order.UNSURE:
            return shown
        order = self.orders[parts.clock]
        if order is Order.UNSURE and parts.first != parts.second:
            if max(parts.first, parts.second) > MONTHS_IN_YEAR or not min(
                parts.first, parts.second
            ):
                raise BadDate(f"is {quoted(value)}, which is no day of any month. {ADVICE}")
            readings = " or ".join(
                f"{_naive(value, parts.fields(order)):%Y-%m-%d}"
                for order in (Order.MONTH_FIRST, Order.DAY_FIRST)
            )
            raise BadDate(f"is {quoted(value)}, which may be {readings}. {ADVICE}")
        return Order.MONTH_FIRST if order is Order.UNSURE else order

    def _local(self, value: str, fields: tuple[int, int, int, int, int, int]) -> Instant:
        """To UTC. An hour that the clocks skipped is read with the offset before the change,
        which moves it forward; an hour that they repeated is the first of the two."""
        local = _naive(value, fields).replace(tzinfo=self.zone)
        before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
        at = local.astimezone(UTC)
        if before is None or after is None or before == after:
            return Instant(at)
        if before < after:
            return Instant(at, "was skipped by the clock change; the hour after it was taken")
        return Instant(at, "came twice by the clock change; the first of the two was taken")


def _naive(value: str, fields: tuple[int, int, int, int, int, int]) -> datetime:
    """The fields as a local time; raises BadDate for what is in no calendar, or centuries away,
    where arithmetic with zones would overflow."""
    try:
        if 1900 <= fields[0] <= 2999:
            return datetime(*fields)  # noqa: DTZ001 - the caller adds the zone
    except ValueError:
        pass
    raise BadDate(f"is {quoted(value)}, which is no date in the calendar. {ADVICE}")


def _offset(value: str) -> timedelta:
    if value in ("Z", "z"):
        return timedelta()
    sign = -1 if value[0] == "-" else 1
    hours, minutes = int(value[1:3]), int(value[-2:])
    if hours > 14 or minutes > 59:
        raise BadDate(f"has the offset {quoted(value)}, which no time zone has. {ADVICE}")
    return sign * timedelta(hours=hours, minutes=minutes)
