"""The order of a stack of parcels, and what the pick list says of it: pure functions, so that both
are always in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from shipboard.printing.records import MOST, PickLine, SlipLine

T = TypeVar("T")

_NEVER = datetime.max.replace(tzinfo=UTC)
_DIGITS = re.compile("([0-9]+)")


class Sorting(StrEnum):
    """As `PrintFile.sorting` has it."""

    SKU = "sku"
    QUANTITY = "quantity"
    SHIP_BY = "ship_by"
    GIVEN = "given"


@dataclass(frozen=True)
class Contents:
    """What a parcel's place in the stack depends on; `ship_by` is aware, None goes last."""

    lines: tuple[SlipLine, ...]
    ship_by: datetime | None = None


def in_stack_order(
    parcels: Iterable[T], sorting: Sorting, contents: Callable[[T], Contents]
) -> list[T]:
    """Parcels that are equal in what they are sorted by stay as given.

    By SKU: one unit of one SKU first, then several units of one SKU, then mixed ones; in each by
    SKU as people count, 2 before 15.
    """
    if sorting is Sorting.GIVEN:
        return list(parcels)
    key = _KEYS[sorting]
    return sorted(parcels, key=lambda parcel: key(contents(parcel)))


def in_files(parcels: Sequence[T], most: int = MOST) -> list[list[T]]:
    """Cuts a stack into files of at most `most`, in order."""
    return [list(parcels[start : start + most]) for start in range(0, len(parcels), most)]


def pick_lines(stack: Iterable[Iterable[SlipLine]]) -> tuple[PickLine, ...]:
    """One for each item, in the order in which the stack first wants it; places count from 1.

    Items are one when SKU and variant are: sellers do give one SKU to all colours.
    """
    shelves: dict[tuple[str, str], _Shelf] = {}
    for place, lines in enumerate(stack, 1):
        for line in lines:
            key = (line.code or line.name, line.variant)
            shelf = shelves.setdefault(key, _Shelf(line, {}))
            shelf.units[place] = shelf.units.get(place, 0) + line.quantity
    return tuple(shelf.line() for shelf in shelves.values())


@dataclass(frozen=True)
class _Shelf:
    first: SlipLine
    units: dict[int, int]

    def line(self) -> PickLine:
        return PickLine(
            sku=self.first.code,
            name=self.first.name,
            variant=self.first.variant,
            quantity=sum(self.units.values()),
            parcels=tuple(self.units.items()),
        )


#: Numbers compare as numbers, the rest as text without regard to case; the text itself settles
#: what is left ("007" and "7").
Natural = tuple[tuple[tuple[int, int, str], ...], str]


def natural(text: str) -> Natural:
    """A key that puts 2 before 15 and A2 before a10."""
    parts = _DIGITS.split(text.casefold())
    return tuple(map(_natural_part, enumerate(parts))), text


def _natural_part(part: tuple[int, str]) -> tuple[int, int, str]:
    """Every second part is a number, which compares by its length first: it may be of any."""
    place, text = part
    if place % 2 == 0:
        return 1, 0, text
    number = text.lstrip("0")
    return 0, len(number), number


def _by_sku(contents: Contents) -> tuple[int, list[tuple[Natural, str]], int]:
    skus = sorted({(natural(line.code or line.name), line.variant) for line in contents.lines})
    units = _units(contents)
    group = 2 if len(skus) != 1 else int(units > 1)
    return group, skus, units


def _by_quantity(contents: Contents) -> tuple[int, tuple[int, list[tuple[Natural, str]], int]]:
    return _units(contents), _by_sku(contents)


def _by_ship_by(
    contents: Contents,
) -> tuple[datetime, tuple[int, list[tuple[Natural, str]], int]]:
    return contents.ship_by or _NEVER, _by_sku(contents)


def _units(contents: Contents) -> int:
    return sum(line.quantity for line in contents.lines)


_KEYS: dict[Sorting, Callable[[Contents], tuple[object, ...]]] = {
    Sorting.SKU: _by_sku,
    Sorting.QUANTITY: _by_quantity,
    Sorting.SHIP_BY: _by_ship_by,
}
