"""What is typed on the page of a batch of labels, read back: one edit for many parcels, and the
fields of single rows, of which only those count that say something else than the page said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shipboard.channels.contract import Handover, Size
from shipboard.desk import wording
from shipboard.desk.label_form import MOST_GRAMS, MOST_SIDE
from shipboard.desk.quantities import number_of
from shipboard.fulfilment.batches import BatchParcel, Change
from shipboard.fulfilment.label_wishes import slot_of
from shipboard.fulfilment.limits import INCH, OUNCE, is_imperial
from shipboard.fulfilment.refusals import BadShipment
from shipboard.orders.measures import Box

#: Between the sides of a parcel, as people write it.
BETWEEN = str.maketrans("×*;/xX", "      ")
#: Weights as people write them, with the first two letters of their units.
GRAMS: Mapping[str, Decimal] = {
    "lb": 16 * OUNCE,
    "oz": OUNCE,
    "kg": Decimal(1000),
    "g": Decimal(1),
}
ONE_UNIT = re.compile(r"([\d.,]+)\s*(lbs?|oz|kg|g)\.?")
WITH_UNITS = re.compile(r"[\d.,]+\s*(?:(?:kg|g|oz)\.?|lbs?\.?(?:\s*[\d.,]+\s*oz\.?)?)")
SLOT_WITHOUT_PICKUP = (
    "A pick-up time is chosen, but the carrier does not pick these parcels up. Choose that the "
    "carrier picks them up, or no time."
)


@dataclass(frozen=True, slots=True)
class Units:
    """What a shop's market weighs and measures in."""

    weight: str
    side: str
    grams: Decimal
    centimetres: Decimal


def units_of(region: str) -> Units:
    if is_imperial(region):
        return Units("oz", "in", OUNCE, INCH)
    return Units("g", "cm", Decimal(1), Decimal(1))


def weight_text(size: Size, units: Units) -> str:
    """As short as it may be to mean these grams: 12 oz stay 12, although they are 340.19 g."""
    if not size.weight_grams:
        return ""
    weight = size.weight_grams / units.grams
    for places in range(2):
        text = _shown(weight, places)
        if _whole(Decimal(text) * units.grams) == size.weight_grams:
            return text
    return _shown(weight)


def sides_text(size: Size, units: Units) -> str:
    """Length, width and height in one text, in the order in which they were given."""
    sides = (size.length_cm, size.width_cm, size.height_cm)
    return " × ".join(_shown((side or 0) / units.centimetres) for side in sides if size.sides)


def _shown(number: Decimal, places: int = 2) -> str:
    text = f"{round(number, places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grams_of(text: str, units: Units) -> int:
    """A number in the market's unit, or with units of its own, such as "1 lb 4 oz" or "0.5 kg".
    Raises BadShipment."""
    named = WITH_UNITS.fullmatch(text.strip().lower())
    if named:
        pairs = ONE_UNIT.findall(named[0])
        grams = sum(
            (number_of(number, "weight", "the weight") * GRAMS[unit[:2]] for number, unit in pairs),
            Decimal(0),
        )
    else:
        grams = number_of(text, "weight", "the weight") * units.grams
    if not 0 < grams <= MOST_GRAMS:
        raise BadShipment("weight", "The weight of a packed parcel is more than 0.")
    return _whole(grams)


def _whole(grams: Decimal) -> int:
    """Never less than it weighs."""
    return int(grams.to_integral_value(ROUND_UP))


def sides_of(text: str, units: Units) -> tuple[Decimal, Decimal, Decimal]:
    """Three numbers with a sign or a space between. Raises BadShipment."""
    pieces = text.translate(BETWEEN).split()
    if len(pieces) != 3:
        raise BadShipment("sides", f"{text[:30]!r} are not three sides; write 30 × 20 × 10.")
    sides = [round(number_of(each, "sides", "a side") * units.centimetres, 2) for each in pieces]
    if not all(0 < side <= MOST_SIDE for side in sides):
        raise BadShipment("sides", "Every side of a parcel is more than 0.")
    return sides[0], sides[1], sides[2]


def change_for_many(given: Mapping[str, str], units: Units) -> Change:
    """The fields over the table; blank ones leave as it is. Raises BadShipment."""
    change = Change()
    if text := given.get("weight", "").strip():
        change = replace(change, grams=grams_of(text, units))
    if text := given.get("sides", "").strip():
        change = replace(change, sides=sides_of(text, units))
    if pk := given.get("box", ""):
        box = Box.objects.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 10 else None
        if box is None:
            raise BadShipment("box", "That box is gone; choose another, or give the sides.")
        length, width, height = (
            Decimal(each or 0) for each in (box.length_cm, box.width_cm, box.height_cm)
        )
        change = replace(change, sides=(length, width, height))
    if service := given.get("service", ""):
        change = replace(change, service=service[:100])
    said, slot = given.get("handover", ""), given.get("slot", "")
    if said or slot:
        change = replace(change, handover=_handover(said or Handover.PICKUP, slot))
    return change


def _handover(said: str, slot: str) -> tuple[Handover, tuple[datetime, datetime] | None]:
    """`warehouse` is as it is set there. A pick-up time is of a pick-up and of nothing else."""
    if slot and said != Handover.PICKUP:
        raise BadShipment("slot", SLOT_WITHOUT_PICKUP)
    if said == "warehouse":
        return Handover.UNSAID, None
    if said not in (Handover.PICKUP, Handover.DROP_OFF):
        raise BadShipment("handover", "Choose pick-up or drop-off.")
    return Handover(said), slot_of(slot) if slot else None


@dataclass(frozen=True, slots=True)
class RowEdits:
    """By key of the row. `problems`: what of a row cannot be read; `typed`: its fields then."""

    changes: dict[int, Change]
    problems: dict[int, str]
    typed: dict[int, tuple[str, str]]


def row_edits(given: Mapping[str, str], parcels: Iterable[BatchParcel], units: Units) -> RowEdits:
    """Fields weight-, sides- and service-<key> that say something else than the rows do."""
    found = RowEdits({}, {}, {})
    for each in parcels:
        pk, size = each.row.pk, each.wish.size
        shown = (weight_text(size, units), sides_text(size, units))
        typed = (
            given.get(f"weight-{pk}", shown[0]).strip(),
            given.get(f"sides-{pk}", shown[1]).strip(),
        )
        service = given.get(f"service-{pk}", each.wish.service_id)
        try:
            change = _row_change(typed, shown, service, each, units)
        except BadShipment as problem:
            found.problems[pk], found.typed[pk] = str(problem), typed
        else:
            if change != Change():
                found.changes[pk] = change
    return found


def _row_change(
    typed: tuple[str, str],
    shown: tuple[str, str],
    service: str,
    each: BatchParcel,
    units: Units,
) -> Change:
    is_other = bool(service) and service != each.wish.service_id
    return Change(
        grams=grams_of(typed[0], units) if typed[0] != shown[0] else None,
        sides=sides_of(typed[1], units) if typed[1] != shown[1] else None,
        service=service[:100] if is_other else None,
    )


def slots_of(
    handover: Mapping[str, Any], zone: ZoneInfo, now: datetime
) -> list[tuple[str, str, bool]]:
    """Pick-up times as a batch keeps them: what the form carries, in words, and whether open."""
    found = []
    for starts, ends, is_open in handover.get("slots", ()):
        slot = (datetime.fromisoformat(starts), datetime.fromisoformat(ends))
        found.append((f"{starts}/{ends}", slot_words(slot, zone, now), bool(is_open)))
    return found


def slot_words(slot: tuple[datetime, datetime], zone: ZoneInfo, now: datetime) -> str:
    starts, ends = (wording.local_instant(each, zone, now) for each in slot)
    return f"{starts} to {ends} {wording.zone_name(slot[0], zone)}"
