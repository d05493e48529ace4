"""What becomes of each row of a file before anything is sent: good, with a warning, refused with a
sentence, or unchanged; and the shipments that the good ones come to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shipboard import carriers
from shipboard.channels.file.tracking import ShipmentRow
from shipboard.channels.models import Shop
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.numbers import Given, checked_many
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.shipping import ShipWish
from shipboard.uploads.models import UploadRow
from shipboard.uploads.parcels import BadRows, Parcel, parcels_of
from shipboard.uploads.pictures import Picture, pictures
from shipboard.uploads.together import check_together

Verdict = UploadRow.Verdict
#: Orders looked at together.
CHUNK = 500
NO_NUMBER = "No tracking number is filled in, so the order stays as it is."
NOTHING_FILLED = "Neither a tracking number nor a carrier is filled in, so the row is left out."
#: What stands between numbers in one cell, in the desk's export of orders with several parcels.
_SEVERAL = re.compile(r"[,;\s]+")


@dataclass(slots=True)
class Judged:
    """One row. `shipment`: which of the shipments it belongs to (from 1), None: to none."""

    row: ShipmentRow
    verdict: Verdict
    reason: str = ""
    order_pk: int | None = None
    shipment: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every row, in the file's order, and what they ask for: key of the order and its wish."""

    rows: list[Judged]
    shipments: list[tuple[int, ShipWish]]


def judge(shop: Shop, rows: Sequence[ShipmentRow], now: datetime) -> Judgement:
    """Judge the rows of a file for `shop` at `now` (the desk's clock). Nothing is changed."""
    judging = _Judging(shop, rows, now)
    by_order: dict[str, list[ShipmentRow]] = {}
    for row in rows:
        if row.fault:
            judging.refuse([row], row.fault)
        else:
            by_order.setdefault(row.order_id, []).append(row)
    ids = list(by_order)
    parcels: list[Parcel] = []
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        parcels += judging.chunk({order_id: by_order[order_id] for order_id in some})
    check_together(parcels, judging.refuse_parcels)
    return judging.judgement(parcels)


class _Judging:
    """The verdicts while they gather."""

    def __init__(self, shop: Shop, rows: Sequence[ShipmentRow], now: datetime) -> None:
        self._shop, self._now = shop, now
        self._rows = rows
        self._said: dict[int, Judged] = {}
        self._order_pks: dict[str, int] = {}

    def say(self, rows: Sequence[ShipmentRow], verdict: Verdict, reason: str) -> None:
        for row in rows:
            self._said[row.number] = Judged(row, verdict, reason)

    def refuse(self, rows: Sequence[ShipmentRow], reason: str) -> None:
        self.say(rows, Verdict.REFUSED, reason)

    def refuse_parcels(self, parcels: Sequence[Parcel], reason: str) -> None:
        """Of an order that has a parcel among them nothing goes; the first reason stands."""
        for parcel in parcels:
            rows = [*parcel.rows, *parcel.repeats]
            self.refuse([row for row in rows if row.number not in self._said], reason)

    def chunk(self, by_order: dict[str, list[ShipmentRow]]) -> list[Parcel]:
        """The parcels that some orders' rows ask for, those refused left out."""
        found = pictures(self._shop, list(by_order), self._now)
        parcels: list[Parcel] = []
        for order_id, rows in by_order.items():
            picture = found.get(order_id)
            rows = self._filled(rows)
            if picture is None:
                self.refuse(rows, f"{self._shop.name} has no order with this ID.")
                continue
            self._order_pks[order_id] = picture.order.pk
            parcels += self._of_order(picture, rows)
        return self._with_carriers(parcels)

    def _filled(self, rows: list[ShipmentRow]) -> list[ShipmentRow]:
        """Those that ask for something: a template has a row for each order that waits."""
        filled = [row for row in rows if row.tracking or row.carrier]
        left = [row for row in rows if not (row.tracking or row.carrier)]
        self.say(left, Verdict.UNCHANGED, NOTHING_FILLED)
        return filled

    def _of_order(self, picture: Picture, rows: list[ShipmentRow]) -> list[Parcel]:
        rows = self._new(picture, rows)
        if rows and (reason := why_not(Verb.ADD_SHIPMENT, picture.order, self._now)):
            self.refuse(rows, reason)
            return []
        if not rows:
            return []
        try:
            return parcels_of(picture, rows)
        except BadRows as bad:
            self.refuse(bad.rows, str(bad))
            return []

    def _new(self, picture: Picture, rows: list[ShipmentRow]) -> list[ShipmentRow]:
        """Those that say something the order does not have yet."""
        new = []
        for row in rows:
            if not row.tracking:
                self.refuse([row], NO_NUMBER)
            elif said := _known(picture, row.tracking):
                self.say([row], Verdict.UNCHANGED, said)
            else:
                new.append(row)
        return new

    def _with_carriers(self, parcels: list[Parcel]) -> list[Parcel]:
        """Those whose numbers and carriers can be taken, which they have then."""
        given = [Given(each.picture.order, each.number, each.rows[0].carrier) for each in parcels]
        refused: dict[int, str] = {}
        for parcel, found in zip(parcels, checked_many(given, self._now), strict=True):
            if isinstance(found, BadShipment):
                refused[parcel.picture.order.pk] = str(found)
                self.refuse(parcel.rows, str(found))
                continue
            parcel.number = found.tracking_number
            parcel.carrier, parcel.carrier_id = found.carrier, found.carrier_id
            parcel.warnings += filter(None, (found.warning, *(row.warning for row in parcel.rows)))
        return [each for each in parcels if self._goes(each, refused)]

    def _goes(self, parcel: Parcel, refused: dict[int, str]) -> bool:
        reason = refused.get(parcel.picture.order.pk)
        if reason is None:
            return True
        for row in (*parcel.rows, *parcel.repeats):
            if row.number not in self._said:
                self.refuse([row], f"Another row of this order is refused: {reason}")
        return False

    def judgement(self, parcels: Sequence[Parcel]) -> Judgement:
        """All verdicts, with those of the parcels that nobody refused."""
        refused = {
            parcel.picture.order.pk for parcel in parcels if parcel.rows[0].number in self._said
        }
        shipments: list[tuple[int, ShipWish]] = []
        packages: dict[int, int] = {}
        for parcel in parcels:
            if parcel.picture.order.pk in refused:
                self._goes(parcel, {parcel.picture.order.pk: "its numbers do not fit together."})
                continue
            at = packages.get(parcel.package or 0)
            if at is None:
                shipments.append((parcel.picture.order.pk, _wish(parcel)))
                at = len(shipments)
                if parcel.package:
                    packages[parcel.package] = at
            self._take(parcel, at)
        for judged in self._said.values():
            judged.order_pk = self._order_pks.get(judged.row.order_id)
        return Judgement([self._said[row.number] for row in self._rows], shipments)

    def _take(self, parcel: Parcel, shipment: int) -> None:
        warning = " ".join(dict.fromkeys(parcel.warnings))
        self.say(parcel.rows, Verdict.WARNED if warning else Verdict.GOOD, warning)
        first = parcel.rows[0].number
        self.say(parcel.repeats, Verdict.UNCHANGED, f"It repeats row {first}, and counts once.")
        for row in parcel.rows:
            self._said[row.number].shipment = shipment


def _known(picture: Picture, tracking: str) -> str:
    """Who said so, when the order goes under all the numbers of a cell already."""
    numbers = [carriers.clean(tracking)]
    if numbers[0] not in picture.numbers:
        numbers = [carriers.clean(each) for each in _SEVERAL.split(tracking) if each]
    said = [picture.numbers.get(number, "") for number in numbers]
    return said[0] if said and all(said) else ""


def _wish(parcel: Parcel) -> ShipWish:
    return ShipWish(
        tracking_number=parcel.number,
        carrier=parcel.carrier,
        carrier_id=parcel.carrier_id,
        service=parcel.service,
        contents=parcel.contents,
        package_id=parcel.package_id,
        group=parcel.group,
    )
