"""The rows behind a file: one SELECT, joined, zone-formatted, guarded and masked by PostgreSQL and
streamed by COPY, some thousand orders at a time, in the order of the page.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from shipboard.channels.file.columns import RECIPIENT
from shipboard.channels.file.money import CODES
from shipboard.exports.cells import guarded, local, masked, money, serial
from shipboard.exports.columns import LABEL_WORD, Column, Kind, labels
from shipboard.exports.kept_back import kept_back
from shipboard.exports.layouts import Format, Layout, Name
from shipboard.exports.marketplace import CASES
from shipboard.orders.filters import Sort, SortKey
from shipboard.orders.models import TOTAL_OR_ZERO, Order
from shipboard.orders.stages import RANK, in_stage
from shipboard.orders.staleness import TAKEN_BACK_AFTER

#: For a few thousand orders out of millions, wherever they lie: by their keys, whatever the
#: planner makes of an order's parcels, of which it has no statistics.
BY_KEYS = (
    "set local enable_seqscan = off; set local enable_mergejoin = off; set local work_mem = '64MB'"
)
#: Orders of one statement: enough that planning costs little, few enough to sort in memory.
STEP = 2_500

#: Units of a line in a parcel, or in none.
_SHARES = """
content as materialized (
    select held.order_id, held.line, held.quantity, held.parcel_id
      from chosen join parcel_content held on held.order_id = chosen.id
     where held.is_current
), packed_line as (
    select order_id, line, sum(quantity) as quantity from content where line >= 0 group by 1, 2
), loose as (
    select distinct on (content.order_id) content.order_id, parcel.id as parcel_id
      from content join parcel on parcel.id = content.parcel_id
     where content.line < 0
     order by content.order_id, parcel.package_id, parcel.tracking_number, parcel.id
), share as (
    select order_id, line, quantity, parcel_id from content where line >= 0 and quantity > 0
    union all
    select line.order_id, line.position, line.quantity - coalesce(packed_line.quantity, 0),
           loose.parcel_id
      from chosen
      join line on line.order_id = chosen.id
      left join packed_line
        on packed_line.order_id = line.order_id and packed_line.line = line.position
      left join loose on loose.order_id = line.order_id
     where line.quantity > coalesce(packed_line.quantity, 0)
)"""
_PIECE = """
piece as (
    select share.order_id, share.line, share.quantity, share.parcel_id,
           sum(share.quantity) over (partition by share.order_id, share.line) as whole,
           sum(share.quantity) over (partition by share.order_id, share.line order by
               parcel.package_id, parcel.tracking_number, parcel.id) as upto,
           count(share.parcel_id) over (partition by share.order_id) as parcels,
           row_number() over (partition by share.order_id order by share.line,
               parcel.package_id, parcel.tracking_number, parcel.id) as place
      from share left join parcel on parcel.id = share.parcel_id
)"""
_PACKING = """
packing as (
    select held.order_id, held.parcel_id, nullif(sum(held.quantity), 0) as units,
           string_agg(held.quantity || ' x ' || coalesce(nullif(item.seller_sku, ''),
               nullif(item.product_name, ''), item.sku_id), '; ' order by held.line) as contents
      from chosen
      join parcel_content held on held.order_id = chosen.id and held.is_current
      left join line on line.order_id = held.order_id and line.position = held.line
      left join item on item.id = line.item_id
     group by 1, 2
)"""
_BASE = 'chosen join "order" o on o.id = chosen.id join shop s on s.id = o.shop_id'
#: By layout: what goes before the SELECT, where its rows come from, and their order.
_ROWS: dict[Name, tuple[str, str, str]] = {
    Name.TIKTOK: (
        f"{_SHARES}, {_PIECE}",
        """left join piece on piece.order_id = chosen.id
        left join line l on l.order_id = chosen.id and l.position = piece.line
        left join item i on i.id = l.item_id
        left join parcel p on p.id = piece.parcel_id""",
        "piece.place",
    ),
    Name.ORDERS: ("", "", "o.id"),
    Name.HANDOFF: ("", "", "o.id"),
    Name.LINES: (
        "",
        """left join line l on l.order_id = chosen.id
        left join item i on i.id = l.item_id""",
        "l.position",
    ),
    Name.PARCELS: (
        _PACKING,
        """join packing on packing.order_id = chosen.id
        join parcel p on p.id = packing.parcel_id""",
        "p.package_id, p.tracking_number, p.id",
    ),
}
#: How many rows that makes, with what goes before: without the joins that only add to a row. An
#: order of which there is nothing is a row still.
_COUNTED: dict[Name, tuple[str, str]] = {
    Name.TIKTOK: (
        _SHARES,
        "select (select count(*) from chosen) - count(*) + coalesce(sum(n), 0) "
        "from (select count(*) as n from share group by order_id) of",
    ),
    Name.LINES: ("", "select count(*) from chosen left join line on line.order_id = chosen.id"),
    Name.PARCELS: (
        "",
        "select count(*) from (select distinct held.order_id, held.parcel_id from chosen "
        "join parcel_content held on held.order_id = chosen.id and held.is_current) of",
    ),
}
#: The recipient's fields without which no parcel arrives.
ADDRESS = tuple(key for key in RECIPIENT if key not in ("phone", "delivery_instruction"))
_CASE_WORD = labels("kind", CASES)
#: What a column may need besides: one row for an order at most.
_EXTRA: dict[str, str] = {
    "said": f"select order_id, array_agg(distinct {_CASE_WORD}) as words "  # noqa: S608
    'from chosen join "case" of on of.order_id = chosen.id group by 1',
    "cases": "select order_id, string_agg(distinct kind, ', ') as kinds "
    'from chosen join "case" of on of.order_id = chosen.id group by 1',
    "notes": "select order_id, string_agg(text, e'\\n' order by of.id) as texts "
    "from chosen join note of on of.order_id = chosen.id where removed_at is null group by 1",
    "hold": "select order_id, reason, until from chosen join hold of on of.order_id = chosen.id "
    "where released_at is null and (until is null or until > %(now)s)",
    "flag": "select order_id, colour from chosen join flag of on of.order_id = chosen.id",
    "goods": "select line.order_id, string_agg(line.quantity || ' x ' || "
    "coalesce(nullif(item.seller_sku, ''), nullif(item.product_name, ''), item.sku_id), '; ' "
    "order by line.position) as names from chosen join line on line.order_id = chosen.id "
    "join item on item.id = line.item_id group by 1",
    # Without the units that are canceled (Line.kept).
    "kept": "select order_id, sum(units) as units, string_agg(units || ' x ' || "
    "coalesce(nullif(item.seller_sku, ''), nullif(item.product_name, ''), item.sku_id), '; ' "
    "order by position) filter (where units > 0) as names from (select line.*, greatest(0, "
    "line.quantity - coalesce((line.extra->>'canceled_units')::int, 0)) as units "
    "from chosen join line on line.order_id = chosen.id) as line "
    "join item on item.id = line.item_id group by 1",
    # The latest number of each parcel that was asked for; not of what the channel took back.
    "asked": "select order_id, string_agg(tracking_number, ', ' order by id) as numbers, "
    "string_agg(distinct nullif(carrier, ''), ', ') as carriers, "
    "string_agg(distinct nullif(service, ''), ', ') as services from (select distinct on "
    "(of.order_id, coalesce(nullif(of.package_id, ''), of.id::text)) of.* from chosen "
    'join attempt of on of.order_id = chosen.id join "order" its on its.id = of.order_id '
    "where of.state in ('waiting', 'calling', 'unknown', 'recorded', 'done') and not "
    "(of.state = 'done' and its.stage = 'awaiting_shipment' and "
    "of.ended_at + %(taken_back)s <= its.as_of) "
    "order by of.order_id, coalesce(nullif(of.package_id, ''), of.id::text), of.id desc) latest "
    "group by 1",
    "labelled": f"select order_id, string_agg(distinct {LABEL_WORD}, ', ') as words, "  # noqa: S608
    "max(label.printed_at) as printed_at from chosen "
    "join label_order on label_order.order_id = chosen.id "
    "join label on label.id = label_order.label_id and label.state <> 'voided' group by 1",
    # Whether a parcel may go, and would arrive by what is known of its recipient.
    "reach": "select its.id as order_id, strpos(concat("  # noqa: S608
    + ", ".join(f"its.recipient->>'{key}'" for key in ADDRESS)
    + "), '*') > 0 as is_masked, coalesce(its.recipient->>'name', '') = '' or "
    "coalesce(its.recipient->>'country', '') = '' or "
    "concat(its.recipient->>'address', its.recipient->>'house') = '' as is_lacking, "
    "coalesce(its.recipient->>'phone', '*') ~ '^$|[*]' as no_phone, "
    'kept_back.why as kept_back from chosen join "order" its on its.id = chosen.id '
    "left join unnest(%(kept_back)s::bigint[], %(whys)s::text[]) as kept_back(id, why) "
    "on kept_back.id = chosen.id",
    "packed": "select order_id, count(*) as parcels, string_agg(nullif(package_id, ''), ', ' "
    "order by package_id, parcel.id) as ids, string_agg(nullif(tracking_number, ''), ', ' "
    "order by package_id, parcel.id) as numbers, sum(weight_kg) as weight_kg "
    "from (select distinct order_id, parcel_id from chosen join parcel_content held "
    "on held.order_id = chosen.id and held.is_current) of "
    "join parcel on parcel.id = of.parcel_id group by 1",
}


def in_page_order(orders: QuerySet[Order], sorting: Sort, now: datetime) -> QuerySet[Order]:
    """`orders` as the page lists them (orders/paging.py): those without the instant come last.
    What ties is told apart by order id, which is the same on every desk."""
    down = sorting.descending
    match sorting.key:
        case SortKey.CREATED:
            names = ["created_at"]
        case SortKey.PAID:
            names = ["paid_at"]
        case SortKey.SHIP_BY:
            names = ["ship_by"]
        case SortKey.TOTAL:
            orders = orders.annotate(by_total=TOTAL_OR_ZERO)
            names = ["currency", "by_total"]
        case SortKey.STATUS:
            ranks = [When(in_stage(stage, now), then=Value(rank)) for stage, rank in RANK.items()]
            orders = orders.annotate(rank=Case(*ranks, output_field=IntegerField()))
            names = ["rank", "ship_by"]
    places = [F(name) for name in (*names, "order_id", "id")]
    return orders.order_by(
        *(each.desc(nulls_last=True) if down else each.asc(nulls_last=True) for each in places)
    )


def count_rows(orders: QuerySet[Order], name: Name, many: int) -> int:
    """How many rows `orders`, `many` of them, are in the layout `name`. Many are never joined row
    by row: the planner may not know yet that so many came in, and compare each with each."""
    if name not in _COUNTED:
        return many
    before, counted = _COUNTED[name]
    chosen, given = orders.order_by().values("pk").query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        nested = "off" if many > STEP else "on"
        cursor.execute(f"set local enable_nestloop = {nested}; set local work_mem = '64MB'")
        cursor.execute(
            f"with chosen(id) as materialized ({chosen}){', ' if before else ''}{before} {counted}",
            given,
        )
        (rows,) = cursor.fetchone()
        # The transaction may be a longer one.
        cursor.execute("set local enable_nestloop to default; set local work_mem to default")
    return int(rows)


class Source:
    """Rows of orders in a layout, as COPY gives them: CSV, or, for a workbook, text with \\x1f
    between cells and before them all a cell that says whether amounts are text."""

    def __init__(
        self, layout: Layout, format_: Format, now: datetime, *, unmasked: bool, guards: bool = True
    ) -> None:
        self.layout, self.now = layout, now
        self._is_typed = format_ == Format.XLSX
        self._unmasked, self._guards = unmasked, guards
        self.statement = self._statement()

    def rows(self, order_pks: Sequence[int]) -> Iterator[bytes | memoryview]:
        """Rows of these orders, in their order, each with the line feed that ends it."""
        how = "format text, delimiter e'\\x1f', null ''" if self._is_typed else "format csv"
        reaches = any("reach" in column.needs for column in self.layout.columns)
        stays = kept_back(order_pks, self.now) if reaches else {}
        given = {
            "orders": list(order_pks),
            "now": self.now,
            "kept_back": list(stays),
            "whys": list(stays.values()),
            "taken_back": TAKEN_BACK_AFTER,
        }
        with connection.cursor() as cursor:
            cursor.execute(BY_KEYS)
            with cursor.copy(f"copy ({self.statement}) to stdout ({how})", given) as copy:
                yield from copy

    def _statement(self) -> str:
        before, joined, order = _ROWS[self.layout.name]
        needs = sorted({name for column in self.layout.columns for name in column.needs})
        sources = [
            "chosen(id, n) as materialized "
            "(select id, n from unnest(%(orders)s::bigint[]) with ordinality as given(id, n))",
            *([before] if before else []),
            *(f"{name} as ({_EXTRA[name]})" for name in needs),
        ]
        joins = [joined, *(f"left join {name} on {name}.order_id = chosen.id" for name in needs)]
        stated = (
            f"case when o.currency = any('{{{','.join(CODES)}}}') and o.currency <> s.currency "
            "then o.currency || ' ' else '' end"
            if self.layout.is_marketplace
            else "''"
        )
        plain = [f"{each.sql} as c{at}" for at, each in enumerate(self.layout.columns)]
        cells = [self._cell(each, f"c{at}") for at, each in enumerate(self.layout.columns)]
        if self._is_typed:
            cells.insert(0, "stated")
        # OFFSET 0 keeps PostgreSQL from working a value out anew wherever its cell names it.
        return (
            f"with {', '.join(sources)} select {', '.join(cells)} from ("  # noqa: S608
            f"select s.timezone as zone, {stated} as stated, {', '.join(plain)} "
            f"from {_BASE} {' '.join(joins)} order by n, {order} offset 0) as plain"
        )

    def _cell(self, column: Column, value: str) -> str:
        tab = " || e'\\t'" if self.layout.is_marketplace and not self._is_typed else ""
        match column.kind:
            case Kind.MONEY:
                return self._amount(value)
            case Kind.INSTANT if self._is_typed:
                return serial(value)
            case Kind.INSTANT:
                return local(value, self.layout.dates) + tab
            case Kind.NUMBER:
                return f"{value}::text"
            case Kind.YES:
                return f"case when {value} then 'yes' else 'no' end"
        text = value if self._unmasked or not column.mask else f"({masked(column.mask, value)})"
        text = guarded(text) if self._guards else f"nullif({text}, '')"
        return f"({text}){tab}" if column.kind == Kind.ID else text

    def _amount(self, value: str) -> str:
        if not self.layout.is_marketplace:
            return f"{value}::text" if self._is_typed else money(value)
        if self._is_typed:
            return f"case when stated = '' then {value}::text else stated || ({money(value)}) end"
        return f"stated || ({money(value)})"


def keys_of(orders: QuerySet[Order]) -> tuple[array[int], set[int]]:
    """Primary keys in order, eight bytes each, and the keys of their shops."""
    pks, shops = array("q"), set[int]()
    found = orders.values_list("pk", "shop_id").iterator(chunk_size=10_000)
    for pk, shop in found:
        pks.append(pk)
        shops.add(shop)
    return pks, shops
