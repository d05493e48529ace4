"""A desk with very many orders, made inside PostgreSQL: 71 % closed, 6 % canceled, 8 % delivered or
in transit, 5 % pending shipping, 3 % pending collection, 1.6 lines each, three shops.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
#: Orders of one statement.
STEP = 100_000
ITEMS = 20_000
#: Stages, how many in a thousand have them, and between which ages (hours) those were created.
STAGES = {
    "closed": (710, 700, 9600),
    "canceled": (60, 1, 9600),
    "delivered": (40, 96, 456),
    "in_transit": (40, 24, 200),
    "awaiting_shipment": (42, 1, 60),
    "partially_shipped": (8, 10, 60),
    "pending_collection": (30, 10, 80),
    "on_hold": (30, 0, 1.02),
    "unpaid": (35, 0, 24),
    "unknown": (5, 1, 9600),
}

#: A number from 0 to 1 that is the same in every run.
CHANCE = """
create or replace function pg_temp.chance(n bigint, salt bigint) returns float8
    language sql immutable as
    'select (hashint8extended(n, salt) & 1048575) / 1048576.0::float8'
"""
SHOPS = """
insert into shop (slug, name, channel, region, timezone, currency, sla, dispatch_hours,
    auto_cancel_hours, after_sales_days, is_demo, added_at)
select 'bench-' || n, 'Bench ' || n, 'file', 'US', 'UTC', 'USD', '', 48, 96, 14, false, %(now)s
  from generate_series(1, 3) as n
"""
ITEM_ROWS = """
insert into item (shop_id, digest, sku_id, seller_sku, product_id, product_name, sku_name, category,
    image_url)
select (select min(id) from shop) + n %% 3, int8send(n), '1729' || lpad(n::text, 14, '0'),
    'SKU-' || n, '1730' || lpad((n / 3)::text, 14, '0'),
    (array['Enamel mug', 'Linen apron', 'Oak board', 'Wool blanket', 'Steel bottle'])[1 + n %% 5]
        || ' number ' || n / 3 || ' ' || substr(md5((n / 3)::text), 1, 8),
    (array['Blue', 'Green', 'Red'])[1 + n %% 3] || ' ' || n, 'Home', ''
  from generate_series(1, %(items)s) as n
"""
ORDERS = """
with rolled as (
    select n, stage, %(now)s::timestamptz
        - (youngest + (oldest - youngest) * pg_temp.chance(n, 2)) * interval '1 hour' as created_at
      from generate_series(%(first)s::bigint, %(last)s::bigint) as n
      join (values {stages}) as share(stage, above, below, youngest, oldest)
        on floor(pg_temp.chance(n, 1) * 1000) >= above
       and floor(pg_temp.chance(n, 1) * 1000) < below
), timed as (
    select *, case when stage <> 'unpaid' and n %% 33 > 0 then created_at + interval '2 min' end
        as paid_at,
        case when stage in ('delivered', 'closed') then created_at + interval '4 days' end
        as delivered_at
      from rolled
)
insert into "order" (id, shop_id, order_id, as_of, digest, field_ages, stage, stage_source,
    status_words, hold_ends_at, order_type, shipping, is_platform_fulfilled, is_cod, currency,
    total, charges, created_at, paid_at, delivered_at, ship_by, collect_by, auto_cancel_at,
    channel_deadlines, closes_at, canceled_by, cancel_reason, warehouse, delivery_option,
    delivery_option_type, carrier, payment_method, buyer_username, buyer_message, seller_note,
    recipient, extra, units, skus, is_split, first_seen_at, changed_at)
select n, (select min(id) from shop) + (n %% 10) / 4, '5769' || lpad(n::text, 14, '0'), %(now)s,
    int8send(n), '{{}}', stage, 'channel', initcap(replace(stage, '_', ' ')),
    case when stage = 'on_hold' then created_at + interval '1 hour' end, 'normal',
    case n %% 5 when 0 then 'seller' else 'platform' end, n %% 50 = 0, n %% 33 = 0,
    (array['USD', 'GBP', 'THB'])[1 + (n %% 10) / 4],
    round((5 + 90 * pg_temp.chance(n, 3))::numeric, 2),
    '{{"taxes": "1.13"}}', created_at, paid_at, delivered_at, paid_at + interval '48 hours',
    case when stage = 'pending_collection' then created_at + interval '72 hours' end,
    case when stage not in ('closed', 'canceled', 'delivered')
         then created_at + interval '96 hours' end,
    '{{}}', delivered_at + interval '14 days',
    case when stage = 'canceled' then 'buyer' else '' end,
    case when stage = 'canceled' then 'No longer needed' else '' end,
    (array['East', 'West'])[1 + n %% 2], 'Standard shipping', '',
    (array['USPS', 'DHL', 'Royal Mail', 'Flash'])[1 + n %% 4], 'Card', 'buyer' || n,
    case when n %% 40 = 0 then 'Please ring the bell' else '' end, '',
    jsonb_build_object('name', 'A** B**', 'country', 'United States', 'state', 'California'),
    '{{}}', 1 + n %% 2, 1 + n %% 2, false, %(now)s, %(now)s
  from timed
"""
LINES = """
insert into line (order_id, position, item_id, quantity, returned, unit_price, subtotal, total,
    unit_ids, extra)
select n, place, (select min(id) from item) + (hashint8extended(n, place) & 1048575) %% %(items)s,
    1, 0, 9.50, 9.50, 9.50, '{{}}', '{{}}'
  from generate_series(%(first)s::bigint, %(last)s::bigint) as n,
    generate_series(0, case when n %% 5 < 3 then 1 else 0 end) as place
"""
#: Of whatever has been sent, or is about to be collected.
PARCELS = """
with sent as (
    select id, shop_id, carrier from "order" where id between %(first)s and %(last)s and stage in (
        'closed', 'delivered', 'in_transit', 'pending_collection', 'partially_shipped')
), boxes as (
    insert into parcel (id, shop_id, key, package_id, tracking_number, carrier, weight_kg,
        former_ids, as_of, rank, field_ages)
    select id, shop_id, '1152' || lpad(id::text, 14, '0'), '1152' || lpad(id::text, 14, '0'),
        '94001118992231' || lpad(id::text, 8, '0'), carrier, 0.350, '{{}}', %(now)s, 0, '{{}}'
      from sent
)
insert into parcel_content (order_id, parcel_id, line, quantity, is_current)
select id, id, 0, 1, true from sent
"""
#: One order in so many, of those that are not over.
OVERLAYS = """
insert into "case" (order_id, kind, case_id, is_open, reason, requested_at)
select id, (array['cancellation', 'return', 'refund'])[1 + id / 57 %% 3], id::text, true,
    'Too large', %(now)s from "order" where stage not in ('closed', 'canceled') and id %% 57 = 0;
insert into "case" (order_id, kind, case_id, is_open, reason, requested_at)
select id, 'return', id::text, false, '', %(now)s from "order"
 where stage = 'closed' and id %% 97 = 0;
insert into hold (order_id, reason, by, placed_at, released_by)
select id, 'Address to be checked', 'mai@shop.example', %(now)s, '' from "order"
 where stage = 'awaiting_shipment' and id %% 40 = 0;
insert into note (order_id, text, by, at, removed_by)
select id, 'Gift wrap', 'mai@shop.example', %(now)s, '' from "order" where id %% 311 = 0;
insert into flag (order_id, colour, by, at)
select id, (array['red', 'green', 'blue'])[1 + id / 211 %% 3], 'mai@shop.example', %(now)s
  from "order" where id %% 211 = 0;
"""


def fill(orders: int) -> None:
    """`orders` orders with all that belongs to them, in place of whatever is there; vacuumed."""
    with connection.cursor() as cursor:
        cursor.execute('truncate shop, "order", tally, facet restart identity cascade')
        cursor.execute(CHANCE)
        given: dict[str, datetime | int] = {"now": NOW, "items": ITEMS}
        cursor.execute(SHOPS, given)
        cursor.execute(ITEM_ROWS, given)
        _add(cursor, 1, orders, STAGES)
        cursor.execute(OVERLAYS, given)
        for table in ("order", "parcel"):
            cursor.execute(
                f"select setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id))"
                f' from "{table}"'
            )
        cursor.execute("vacuum analyze")


def add_closed(orders: int) -> None:
    """As many closed orders besides the `orders` that fill has made; vacuumed."""
    with connection.cursor() as cursor:
        _add(cursor, orders + 1, 2 * orders, {"closed": (1000, 700, 9600)})
        cursor.execute("vacuum analyze")


def _add(
    cursor: CursorWrapper, first: int, last: int, stages: Mapping[str, tuple[int, float, float]]
) -> None:
    bounds, above = [], 0
    for stage, (share, youngest, oldest) in stages.items():
        bounds.append(f"('{stage}', {above}, {above + share}, {youngest}, {oldest})")
        above += share
    for start in range(first, last + 1, STEP):
        step: dict[str, datetime | int] = {
            "now": NOW,
            "items": ITEMS,
            "first": start,
            "last": min(start + STEP - 1, last),
        }
        for statement in (ORDERS, LINES, PARCELS):
            cursor.execute(statement.format(stages=", ".join(bounds)), step)
