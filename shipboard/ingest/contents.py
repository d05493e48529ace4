"""Which parcels an order is in. An account may name a parcel by its tracking number alone; once any
package of the order is known to have (or have had) that number, the parcel is that package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from shipboard.channels.contract import OrderFact
from shipboard.ingest.copying import array, copy_rows
from shipboard.ingest.merge import PARCELS, Known, SaidParcel
from shipboard.ingest.parcels import Box, Identity, Shelf
from shipboard.ingest.shown import positions

#: (order, parcel, line or -1, quantity, is_current)
Row = tuple[int, int, int, int, bool]
COLUMNS = ("order_id", "parcel_id", "line", "quantity", "is_current")


@dataclass(frozen=True, slots=True)
class Contents:
    """An order's rows of the table, and whether they say all that was said of its parcels; where
    not, the register is kept in field_ages."""

    rows: tuple[Row, ...]
    parcels: int
    is_as_said: bool

    @property
    def current(self) -> list[Row]:
        return [row for row in self.rows if row[4]]

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset() if self.is_as_said else frozenset({PARCELS})


def is_plain(fact: OrderFact) -> bool:
    """Whether one account's parcels can be written as they stand: named once, all by package id or
    all by tracking number, holding lines that there are. Cases named once go with that."""
    parcels = fact.parcels
    if len(fact.cases) > 1:
        return False
    if not parcels:
        return True
    if len(parcels) > 1 or not (parcels[0].package_id or parcels[0].tracking_number):
        return False
    lines = [each.line for each in parcels[0].contents]
    return len(lines) == len(set(lines)) and all(0 <= line < len(fact.lines) for line in lines)


def plain_contents(order_pk: int, fact: OrderFact, pks: Sequence[int]) -> Contents:
    """The rows of a plain account, whose parcels have the keys `pks`."""
    rows: list[Row] = []
    for pk, parcel in zip(pks, fact.parcels, strict=True):
        if not parcel.contents:
            rows.append((order_pk, pk, -1, 0, True))
        rows.extend((order_pk, pk, each.line, each.quantity, True) for each in parcel.contents)
    return Contents(tuple(sorted(rows)), len(pks), is_as_said=True)


def contents_of(
    order_pk: int, known: Known, heard: Iterable[Identity], past: Sequence[Row], shelf: Shelf
) -> Contents:
    """The rows of an order: the parcels it is in, and, as history, those that an account has ever
    named (`heard` of now, `past` rows of before)."""
    said: tuple[SaidParcel, ...] = known.said[PARCELS][0] if PARCELS in known.said else ()
    named = {shelf.find(known.order_id, identity).pk for identity in heard}
    known_past = {row[1] for row in past}
    ever = {pk: shelf.by_pk[pk] for pk in named | known_past}
    belongs = _belongs(ever.values())
    place = positions(known)
    current: dict[int, dict[int, int]] = {}
    for package_id, number, contents in said:
        box = shelf.find(known.order_id, (package_id, number))
        of = current.setdefault(belongs.get(box.pk, box).pk, {})
        for key, quantity in contents:
            if key in place:
                of[place[key]] = max(of.get(place[key], 0), quantity)
    rows: list[Row] = [
        (order_pk, pk, line, quantity, True)
        for pk, of in current.items()
        for line, quantity in (of or {-1: 0}).items()
    ]
    rows.extend((*row[:4], False) for row in past if row[1] not in current)
    rows.extend((order_pk, pk, -1, 0, False) for pk in named - known_past - current.keys())
    shown = said_parcels(
        [(_identity(ever[pk]), line, quantity) for _, pk, line, quantity, now in rows if now],
        list(place),
    )
    return Contents(tuple(sorted(rows)), len(current), is_as_said=shown == said)


def _identity(box: Box) -> Identity:
    return box.package_id, "" if box.package_id else box.tracking_number.upper()


def _belongs(ever: Iterable[Box]) -> dict[int, Box]:
    """The package that each parcel named by number alone has turned out to be. Should several have
    had the number, each hears what was said, and the greatest id stands for all: any choice will
    do that does not depend on what came first."""
    boxes = list(ever)
    packages = [box for box in boxes if box.package_id]
    found: dict[int, Box] = {}
    for nameless in boxes:
        if nameless.package_id:
            continue
        same = [box for box in packages if nameless.numbers & box.numbers]
        for box in same:
            box.hear_of(nameless)
        if same:
            found[nameless.pk] = max(same, key=lambda box: box.package_id)
    return found


def said_parcels(
    rows: Iterable[tuple[Identity, int, int]], keys: Sequence[str]
) -> tuple[SaidParcel, ...]:
    """What an account with these contents (parcel, line, quantity) would have said."""
    contents: dict[Identity, list[tuple[str, int]]] = {}
    for identity, line, quantity in rows:
        of = contents.setdefault(identity, [])
        if line >= 0:
            of.append((keys[line], quantity))
    return tuple((*identity, tuple(sorted(of))) for identity, of in sorted(contents.items()))


def write_contents(rows: Iterable[Row]) -> None:
    copy_rows("parcel_content", COLUMNS, rows)


def rewrite_contents(changed: Mapping[int, Sequence[Row]]) -> None:
    """Replace the rows of orders, by order."""
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from parcel_content where order_id = any(%s::bigint[])", [array(changed)]
        )
    write_contents(row for rows in changed.values() for row in rows)


def others_to_settle(shelf: Shelf, batch: Iterable[int]) -> list[int]:
    """Orders outside the batch that may now learn which package a number of theirs is: they are in
    a package that has just got a number, and have named some parcel by number alone."""
    if not shelf.grown:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct here.order_id from parcel_content here "
            "join parcel_content there on there.order_id = here.order_id "
            "join parcel on parcel.id = there.parcel_id "
            "where here.parcel_id = any(%s) and parcel.package_id = '' "
            "and not here.order_id = any(%s)",
            [list(shelf.grown), list(batch)],
        )
        return [pk for (pk,) in cursor.fetchall()]
