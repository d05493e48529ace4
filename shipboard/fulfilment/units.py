"""The units of an order, one by one: which of them still wait to be shipped by the channel's word,
and which a shipment of ours lays claim to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.orders.attempts import ClaimedUnit
from shipboard.orders.models import Line, Order, ParcelContent

#: Position that stands for "the channel does not say what the parcel holds" (ParcelContent.line).
WHOLE = -1


@dataclass(frozen=True, slots=True)
class Unit:
    """`key` names it within its order for good; `line` is its line's position; `unit_id` is the
    channel's own id, blank where it has none; `package_id` the channel's package that it is in,
    said where the units of its line are in several."""

    key: str
    line: int
    unit_id: str = ""
    package_id: str = ""


def open_units(
    order: Order, lines: Sequence[Line], contents: Iterable[ParcelContent]
) -> tuple[Unit, ...]:
    """Units that wait to be shipped by the facts. `lines` in order and with their items,
    `contents` the current ones with their parcels. Where the channel names units, its word for
    each counts; elsewhere what is in parcels with a tracking number has gone."""
    waiting = capabilities(order.shop, Shipping(order.shipping)).waiting_unit
    gone = _gone(contents)
    return tuple(
        unit for line, units in _units(lines) for unit in _still_open(line, units, waiting, gone)
    )


def inside(
    lines: Sequence[Line], contents: Mapping[int, int], package_id: str = ""
) -> tuple[Unit, ...]:
    """All units that a parcel with these contents (by line position) holds, gone or not."""
    units = [unit for _, of_line in _units(lines) for unit in of_line]
    return tuple(units) if WHOLE in contents else chosen(in_package(units, package_id), contents)


def in_package(units: Iterable[Unit], package_id: str) -> list[Unit]:
    """Those that are in the package as far as is said, which may be more than it holds."""
    return [unit for unit in units if not package_id or unit.package_id in ("", package_id)]


def packages_of(lines: Sequence[Line]) -> Mapping[str, str]:
    """The package of each unit, by the unit's key, where it is said."""
    return {
        unit.key: unit.package_id
        for _, of_line in _units(lines)
        for unit in of_line
        if unit.package_id
    }


def _units(lines: Sequence[Line]) -> Iterator[tuple[Line, list[Unit]]]:
    counted: Counter[str] = Counter()
    for line in lines:
        units = []
        said = [word.partition("@")[2] for word in _words(line.extra.get("unit_statuses", ""))]
        packages = said if len(said) == line.quantity else [""] * line.quantity
        for at in range(line.quantity):
            name = _sku(line)
            counted[name] += 1
            unit_id = line.unit_ids[at] if len(line.unit_ids) == line.quantity else ""
            units.append(
                Unit(unit_id or f"{name}#{counted[name]}", line.position, unit_id, packages[at])
            )
        yield line, units


def _sku(line: Line) -> str:
    return line.item.sku_id or line.item.seller_sku or line.item.product_name


def _still_open(line: Line, units: list[Unit], waiting: str, gone: Mapping[int, int]) -> list[Unit]:
    words = _words(line.extra.get("unit_statuses", "")) if waiting else []
    if len(words) == len(units):
        return [
            unit
            for unit, word in zip(units, words, strict=True)
            if word.partition("@")[0] == waiting
        ]
    if WHOLE in gone:
        return []
    return units[gone.get(line.position, 0) :]


def _words(runs: str) -> list[str]:
    """ "IN_TRANSIT 2, CANCELLED@115 1" as a word for each unit."""
    words: list[str] = []
    for run in filter(None, (piece.strip() for piece in runs.split(","))):
        word, _, count = run.rpartition(" ")
        words += [word] * (int(count) if count.isdecimal() else 0)
    return words


def _gone(contents: Iterable[ParcelContent]) -> Mapping[int, int]:
    gone: Counter[int] = Counter()
    for content in contents:
        if content.parcel.tracking_number:
            gone[content.line] += content.quantity
    return gone


def chosen(units: Sequence[Unit], contents: Mapping[int, int]) -> tuple[Unit, ...]:
    """So many of the open units of each line position; fewer when there are fewer."""
    picked: list[Unit] = []
    for line, of_line in groupby(sorted(units, key=lambda unit: unit.line), lambda u: u.line):
        picked += list(of_line)[: contents.get(line, 0)]
    return tuple(picked)


def claimed_keys(order: Order) -> set[str]:
    """Of its units those that some shipment has."""
    return set(ClaimedUnit.objects.filter(order=order).values_list("unit", flat=True))
