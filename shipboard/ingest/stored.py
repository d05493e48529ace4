"""Orders as the tables hold them, read back so that new accounts can be merged into them. Without
models: there may be a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

import psycopg
from django.db import connection

from shipboard.channels.contract import ItemFact, LineFact, OrderFact
from shipboard.ingest.contents import Row, said_parcels
from shipboard.ingest.copying import array
from shipboard.ingest.merge import LINE_FIELDS, PARCELS, Known, heard, line_keys
from shipboard.ingest.parcels import Identity
from shipboard.ingest.rows import READ, case_fact, fact_from, loads, with_ages
from shipboard.orders.models import Case

#: Of an order besides its facts.
OWN = ("id", "digest", "field_ages", "first_seen_at", "changed_at")
ITEM = ItemFact.__slots__
OF_LINE = ("quantity", "returned", *LINE_FIELDS)
JSON = {"field_ages", "channel_deadlines", "charges", "recipient", "extra"}


def _columns(names: Iterable[str]) -> str:
    return ", ".join(f"{name}::text" if name in JSON else name for name in names)


ORDERS = f"""
select {_columns((*OWN, *READ))} from "order" where id = any(%s::bigint[])
"""  # noqa: S608 - our column names, here and below
LINES = f"""
select order_id, {_columns((*ITEM, *OF_LINE))}
  from line join item on item.id = line.item_id
 where order_id = any(%s::bigint[]) order by position
"""  # noqa: S608
CONTENTS = """
select order_id, parcel_id, line, quantity, is_current, package_id, tracking_number
  from parcel_content join parcel on parcel.id = parcel_id
 where order_id = any(%s::bigint[]) order by parcel_content.id
"""


@dataclass(frozen=True)
class Stored:
    """An order before a batch. `fact`: what it shows; `ages`: the column field_ages; `contents`:
    its rows of the table, past parcels included; `current`: (what names the parcel, line, quantity)
    of those it is in."""

    pk: int
    digest: bytes
    ages: Mapping[str, Any]
    first_seen_at: datetime
    changed_at: datetime
    fact: OrderFact
    contents: tuple[Row, ...]
    current: tuple[tuple[Identity, int, int], ...]

    @property
    def is_of_one_account(self) -> bool:
        """Whether all that is known is what is shown, said at one instant."""
        return all(entry is None for entry in self.ages.values())

    @cached_property
    def known(self) -> Known:
        known = heard(self.fact)
        if self.current:
            shown = said_parcels(self.current, line_keys(self.fact.lines))
            said = {**known.said, PARCELS: (shown, known.head.age)}
            known = Known(known.order_id, known.head, said)
        return with_ages(known, self.ages)


def load(pks: Sequence[int]) -> dict[int, Stored]:
    """Orders by primary key, in four queries."""
    if not pks:
        return {}
    lines, contents = _by_order(LINES, pks), _by_order(CONTENTS, pks)
    cases: dict[int, list[Case]] = {}
    for case in Case.objects.filter(order__in=pks).order_by("kind", "case_id"):
        cases.setdefault(case.order_id, []).append(case)
    return {
        pk: _stored(pk, row, lines.get(pk, []), contents.get(pk, []), cases.get(pk, []))
        for pk, *row in _rows(ORDERS, pks)
    }


def _rows(query: str, pks: Sequence[int]) -> list[tuple[Any, ...]]:
    """Asked past Django, in binary: most of the time went to instants written out and read back."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(query, [array(pks)], binary=True).fetchall()


def _by_order(query: str, pks: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    grouped: dict[int, list[tuple[Any, ...]]] = {}
    for row in _rows(query, pks):
        grouped.setdefault(row[0], []).append(row)
    return grouped


def _stored(
    pk: int,
    own: Sequence[Any],
    lines: Sequence[tuple[Any, ...]],
    contents: Sequence[tuple[Any, ...]],
    cases: Sequence[Case],
) -> Stored:
    digest, ages, first_seen_at, changed_at = own[: len(OWN) - 1]
    row = dict(zip(READ, own[len(OWN) - 1 :], strict=True))
    kept = loads(ages)
    fact = fact_from(row, map(_line, lines), map(case_fact, cases), kept)
    rows = tuple(each[:5] for each in contents)
    current = tuple(_named(contents))
    return Stored(pk, bytes(digest), kept, first_seen_at, changed_at, fact, rows, current)


def _line(row: tuple[Any, ...]) -> LineFact:
    said = dict(zip(OF_LINE, row[len(ITEM) + 1 :], strict=True))
    said |= {"unit_ids": tuple(said["unit_ids"]), "extra": loads(said["extra"])}
    return LineFact(item=_item(*row[1 : len(ITEM) + 1]), **said)


@lru_cache(4096)  # orders share what a shop sells
def _item(*values: str) -> ItemFact:
    return ItemFact(**dict(zip(ITEM, values, strict=True)))


def _named(contents: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Identity, int, int]]:
    for _, _, line, quantity, is_current, package_id, number in contents:
        if is_current:
            yield (package_id, "" if package_id else number.upper()), line, quantity
