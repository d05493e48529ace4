"""Parcels of a shop. A parcel is named by the channel's package id or, where an account gives none,
by its order and tracking number. Several orders may be in one parcel and speak of it, so tracking
number, carrier and weight are registers of the parcel itself (see merge.py), and its ids of the
past are never forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from shipboard.channels.contract import OrderFact, ParcelFact, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.copying import array, copy_rows, next_ids, update_rows
from shipboard.ingest.merge import Age, Said, age_of, heavier, identity_of, realness
from shipboard.ingest.rows import dumps

REGISTERS = ("tracking_number", "carrier", "weight_kg")
COLUMNS = (
    "id",
    "shop_id",
    "key",
    "package_id",
    *REGISTERS,
    "former_ids",
    "as_of",
    "rank",
    "field_ages",
)
UNSENT = "unsent"
GRAM = Decimal("0.001")

Identity = tuple[str, str]


def key_of(order_id: str, identity: Identity) -> str:
    """What names a parcel in its shop; a tracking number alone only within its order."""
    package_id, tracking_number = identity
    return package_id or f"~{order_id}/{tracking_number}"


def unsent_age(fact: OrderFact) -> Age:
    """How old an account's word is that a parcel waits to be arranged. Of a canceled order it is
    told as it was then, while another order in the same parcel goes on."""
    as_of, rank = age_of(fact)
    if fact.stage is Stage.CANCELED and fact.canceled_at:
        as_of = min(as_of, fact.canceled_at)
    return as_of, rank


@dataclass(slots=True)
class Box:
    """A parcel while accounts of it are merged."""

    pk: int
    key: str
    package_id: str
    age: Age
    said: dict[str, Said] = field(default_factory=dict)
    #: When an account last said that it waits to be arranged.
    unsent: Age | None = None
    #: Every tracking number it ever had, in capitals.
    numbers: set[str] = field(default_factory=set)
    #: What the table has of `shown`; None: the parcel is new.
    stored: tuple[Any, ...] | None = None
    is_dirty: bool = False

    @property
    def is_new(self) -> bool:
        return self.stored is None

    @property
    def is_changed(self) -> bool:
        """Whether a stored parcel shows something else at the end of it all. Many accounts speak of
        one, so what the first of them changes a later one may change back."""
        return self.stored is not None and self.stored != self.shown

    @property
    def shown(self) -> tuple[Any, ...]:
        return tuple(self.value(name) for name in REGISTERS)

    @property
    def tracking_number(self) -> str:
        number: str = self.value("tracking_number") or ""
        return number

    def value(self, name: str) -> Any:
        return self.said[name][0] if name in self.said else None

    def hear(self, parcel: ParcelFact, age: Age, unsent: Age) -> None:
        """What an account of this `age` says; `unsent`: the age of its word that it waits."""
        weight = parcel.weight_kg
        if weight is not None and int(weight.as_tuple().exponent) < -3:
            weight = weight.quantize(GRAM)
        self._take("tracking_number", (parcel.tracking_number, age))
        self._take("carrier", (parcel.carrier, age))
        self._take("weight_kg", (weight, age))
        waits = parcel.is_unsent and parcel.package_id
        if waits and (self.unsent is None or unsent > self.unsent):
            self.unsent, self.is_dirty = unsent, True
        self._take_back()
        if age > self.age:
            self.age, self.is_dirty = age, True

    def hear_of(self, other: Box) -> None:
        """What was said of the same parcel before its package id was known."""
        for name, said in other.said.items():
            self._take(name, said)
        self._take_back()
        if other.age > self.age:
            self.age, self.is_dirty = other.age, True

    def _take(self, name: str, said: Said) -> None:
        if not realness(name, said[0]):
            return
        if name == "tracking_number" and said[0].upper() not in self.numbers:
            self.numbers.add(said[0].upper())
            self.is_dirty = True
        ours = self.said.get(name)
        kept = said if ours is None else heavier(name, ours, said)
        if kept != ours:
            self.said[name], self.is_dirty = kept, True

    def _take_back(self) -> None:
        """A parcel that waits to be arranged has no number and no carrier any more. Ages only
        grow, so they may be forgotten here."""
        for name in ("tracking_number", "carrier"):
            if self.unsent and name in self.said and self.said[name][1] < self.unsent:
                del self.said[name]
                self.is_dirty = True

    def row(self, shop: Shop) -> tuple[Any, ...]:
        former = sorted(self.numbers - {self.tracking_number.upper()})
        ages = {name: [*age] for name, (_, age) in self.said.items() if age != self.age}
        ages |= {UNSENT: [*self.unsent]} if self.unsent else {}
        return (
            self.pk,
            shop.pk,
            self.key,
            self.package_id,
            self.tracking_number,
            self.value("carrier") or "",
            self.value("weight_kg"),
            former or "{}",
            *self.age,
            dumps(ages),
        )


class Shelf:
    """The parcels that a batch of orders speaks of, by their keys."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.boxes: dict[str, Box] = {}
        self.by_pk: dict[int, Box] = {}
        #: Stored packages that got a tracking number they never had.
        self.grown: set[int] = set()

    def load(self, keys: Iterable[str], pks: Iterable[int] = ()) -> None:
        """Read the stored ones among `keys` and `pks`, unless they are here already."""
        wanted, others = [key for key in keys if key not in self.boxes], list(pks)
        if not wanted and not others:
            return
        names = ", ".join(COLUMNS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {names} from parcel where shop_id = %s and key = any(%s::text[]) "  # noqa: S608
                f"union select {names} from parcel where id = any(%s::bigint[])",
                [self.shop.pk, array(wanted), array(others)],
            )
            for row in cursor.fetchall():
                box = _box(dict(zip(COLUMNS, row, strict=True)))
                if box.key not in self.boxes:
                    self.boxes[box.key] = self.by_pk[box.pk] = box

    def hear(self, accounts: Sequence[tuple[OrderFact, ParcelFact]]) -> None:
        """Take what orders say of parcels; those that are not here yet are new."""
        fresh: dict[str, tuple[str, Age]] = {}
        keyed = [
            (key_of(fact.order_id, identity_of(parcel)), parcel, age_of(fact), unsent_age(fact))
            for fact, parcel in accounts
        ]
        for key, parcel, age, _ in keyed:
            if key not in self.boxes:
                fresh.setdefault(key, (parcel.package_id, age))
        for pk, (key, (package_id, age)) in zip(
            next_ids("parcel", len(fresh)), fresh.items(), strict=True
        ):
            self.boxes[key] = self.by_pk[pk] = Box(pk, key, package_id, age)
        for key, parcel, age, unsent in keyed:
            box = self.boxes[key]
            before = len(box.numbers)
            box.hear(parcel, age, unsent)
            if len(box.numbers) > before and not box.is_new and box.package_id:
                self.grown.add(box.pk)

    def find(self, order_id: str, identity: Identity) -> Box:
        return self.boxes[key_of(order_id, identity)]

    def changed(self) -> set[int]:
        """Keys of stored parcels that show something else now."""
        return {pk for pk, box in self.by_pk.items() if box.is_changed}

    def write(self) -> None:
        every = self.boxes.values()
        copy_rows("parcel", COLUMNS, (box.row(self.shop) for box in every if box.is_new))
        dirty = [box.row(self.shop) for box in every if box.is_dirty and not box.is_new]
        if dirty:
            update_rows("parcel", COLUMNS, dirty)


def _box(row: Mapping[str, Any]) -> Box:
    age = (row["as_of"], row["rank"])
    ages: dict[str, Age] = {
        name: (datetime.fromisoformat(as_of), rank)
        for name, (as_of, rank) in json.loads(row["field_ages"]).items()
    }
    said: dict[str, Said] = {
        name: (row[name], ages.get(name, age)) for name in REGISTERS if realness(name, row[name])
    }
    numbers = {*row["former_ids"], row["tracking_number"].upper()} - {""}
    box = Box(row["id"], row["key"], row["package_id"], age, said, ages.get(UNSENT), numbers)
    box.stored = box.shown
    return box
