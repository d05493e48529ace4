"""The questions behind metrics.py and metrics_against.py: orders of each shop's own days, each
counted on one day and by one rule. What each measure means is said in metric_rules.py; %(now)s is
the present instant.
"""

from __future__ import annotations

from shipboard.channels.contract import Stage
from shipboard.orders.metric_rules import SPARED, Measure
from shipboard.orders.models import TO_SHIP

#: Goes before each: the shops with the midnights between their days, and the orders of which
#: something may count. All that is asked of those is in the index order_measured.
TOLD = """
with told as materialized (
    select shop_id, midnights::timestamptz[] as midnights, since, start, until
      from unnest(%(shops)s::bigint[], %(midnights)s::text[], %(since)s::timestamptz[],
        %(start)s::timestamptz[], %(until)s::timestamptz[])
        as given(shop_id, midnights, since, start, until)
), seen as not materialized (
    select id, o.shop_id, stage, order_type, is_cod, hold_ends_at, created_at, paid_at, ship_by,
        collect_by, arranged_at, collected_at, canceled_at, midnights, since, start, until
      from "order" o join told on told.shop_id = o.shop_id
     where greatest(created_at, paid_at, ship_by, collect_by, arranged_at, collected_at,
        canceled_at) >= %(reach)s and not is_platform_fulfilled
)
"""


def _texts(*values: str) -> str:
    return ", ".join(f"'{value}'" for value in values)


#: Not dispatched, whatever its times say: those are of the first parcel where an order has several.
OPEN_STAGES = {
    Measure.ARRANGED: tuple(TO_SHIP),
    Measure.COLLECTED: (*TO_SHIP, Stage.PENDING_COLLECTION),
}
OPEN = {measure: _texts(*stages) for measure, stages in OPEN_STAGES.items()}
DEADLINE = {Measure.ARRANGED: "ship_by", Measure.COLLECTED: "collect_by"}
DONE = {Measure.ARRANGED: "arranged_at", Measure.COLLECTED: "collected_at"}

#: Rows are what an order (a package, where those are judged) adds to Share.of, bad, unknown and
#: undated at the instant `at`; `key` is its own. The number of a day is its place among the
#: midnights, from 1.
_COUNTED = """
select shop_id, '{measure}' as measure, width_bucket(at, midnights) as day,
    sum("of"), sum(bad), sum(unknown), sum(undated)
  from ({rows}) as counted
 where at >= since and at < until
 group by 1, 3
"""
#: Of the same rows, those that are counted as bad on the period's own days, from a place on.
_AGAINST = """
select at, key from ({rows}) as counted
 where at >= since and at < until and width_bucket(at, midnights) > %(days)s and bad > 0
   and (%(at)s::timestamptz is null or (at, key) {beyond} (%(at)s::timestamptz, %(key)s))
 order by at {way}, key {way}
 limit %(many)s
"""

#: An open order counts once it is late; on hold, only if its hold is over. Of what has left, or is
#: said to, and when is not told, the outcome is not known.
_DISPATCHED = """
select id as key, shop_id, midnights, since, until, coalesce({deadline}, created_at) as at,
    (is_late is not null)::int as "of", coalesce(is_late, false)::int as bad,
    ({deadline} is not null and is_late is null
        and stage not in ({open}, 'unpaid', 'canceled'))::int as unknown,
    ({deadline} is null and stage not in ('unpaid', 'on_hold')
        and (stage <> 'canceled' or {done} is not null))::int as undated
  from (select *, case
        when stage = 'unpaid' then null
        when stage not in ({open}) then {done} > {deadline}
        when {deadline} < %(now)s and (stage <> 'on_hold' or hold_ends_at <= %(now)s) then true
    end as is_late from seen) as judged
"""

#: A payment that is made with the delivery confirms nothing: such orders are confirmed when placed.
_CONFIRMED = """
select id as key, shop_id, midnights, since, until,
    case when is_cod then created_at else coalesce(paid_at, created_at) end as at,
    (is_cod or paid_at is not null)::int as "of", 0 as bad, 0 as unknown,
    (not is_cod and paid_at is null)::int as undated
  from seen
 where order_type <> 'sample' and stage <> 'unpaid'
   and (is_cod or paid_at is not null or stage <> 'canceled')
"""
#: Lost on its way is nobody's fault here. Who canceled is text of the channel's, and in no index.
_CANCELED = """
select seen.id, seen.shop_id, midnights, since, until, coalesce(seen.canceled_at, seen.created_at),
    0,
    (seen.canceled_at is not null and (o.canceled_by = 'seller' and not exists (
            select from "case" c where c.order_id = o.id and c.kind = 'cancellation'
               and c.by = 'seller' and c.reason_name similar to '%%({spared})%%')
        or o.canceled_by = 'system'
        and seen.collected_at is null and not o.extra ? 'parcel_trouble'))::int,
    (seen.canceled_at is not null and o.canceled_by = '')::int, (seen.canceled_at is null)::int
  from seen join "order" o on o.id = seen.id
 where seen.order_type <> 'sample' and seen.stage = 'canceled'
   and (seen.is_cod or seen.paid_at is not null)
   and coalesce(seen.canceled_at, seen.created_at) >= since
"""

#: A package of several orders counts once, on the day of the first of them. Orders that went, and
#: nobody told when, have no day.
_TRACKED = """
select parcel as key, shop_id, midnights, since, until, at + %(judged)s as at,
    (parcel is not null)::int as "of",
    (parcel is not null and not (has_number and is_scanned))::int as bad,
    (parcel is null and is_dated)::int as unknown, (not is_dated)::int as undated
  from (
    select seen.shop_id, parcel.id as parcel, is_dated,
        min(coalesce(arranged_at, seen.created_at)) as at,
        bool_or(parcel.tracking_number <> '') as has_number,
        bool_or(collected_at is not null or stage in ('in_transit', 'delivered', 'closed'))
            as is_scanned
      from (select *, arranged_at is not null as is_dated from seen
             where coalesce(arranged_at, created_at) >= %(reach)s
               and coalesce(arranged_at, created_at) < %(last)s - %(judged)s
               and stage not in ('unpaid', 'unknown', {open})
               and (stage <> 'canceled' or collected_at is not null)) as seen
      left join parcel_content c on c.order_id = seen.id and c.is_current and is_dated
      left join parcel on parcel.id = c.parcel_id
     group by seen.shop_id, parcel.id, is_dated,
        case when parcel.id is null then seen.id end
  ) as packages join told using (shop_id)
"""


def _dispatched(measure: Measure) -> str:
    return _DISPATCHED.format(deadline=DEADLINE[measure], done=DONE[measure], open=OPEN[measure])


_ROWS = {
    Measure.ARRANGED: _dispatched(Measure.ARRANGED),
    Measure.COLLECTED: _dispatched(Measure.COLLECTED),
    Measure.CANCELED: f"{_CONFIRMED} union all {_CANCELED.format(spared='|'.join(SPARED))}",
    Measure.TRACKED: _TRACKED.format(open=OPEN[Measure.ARRANGED]),
}
COUNTS = {
    measure: _COUNTED.format(measure=measure.value, rows=rows) for measure, rows in _ROWS.items()
}
#: The newest first, and backwards.
OLDER, NEWER = (
    {measure: _AGAINST.format(rows=rows, beyond=beyond, way=way) for measure, rows in _ROWS.items()}
    for beyond, way in (("<", "desc"), (">", "asc"))
)

_SPAN = """
select id as key, shop_id, '{meaning}' as meaning, {meaning}_at >= start as is_now,
    {meaning}_at - case when is_cod then created_at else paid_at end as took
  from seen
 where {meaning}_at >= since and {meaning}_at < until and stage not in ({open})
"""
#: A shipment before its payment is a mistake in the facts and no time.
_SPANS_OF = {
    measure.value: _SPAN.format(meaning=measure.value, open=OPEN[measure]) for measure in DONE
}
#: Seconds.
SPANS = """
select shop_id, meaning, is_now, count(*),
    percentile_cont(0.5) within group (order by extract(epoch from took)::float8),
    percentile_cont(0.9) within group (order by extract(epoch from took)::float8)
  from ({rows}) as spans
 where took >= interval '0'
 group by grouping sets ((shop_id, meaning, is_now), (meaning, is_now))
""".format(rows=" union all ".join(_SPANS_OF.values()))
_SLOWEST = """
select key from ({rows}) as spans
 where took >= interval '0' and is_now
 order by took desc, key desc
 limit %(many)s
"""
SLOWEST = {meaning: _SLOWEST.format(rows=rows) for meaning, rows in _SPANS_OF.items()}
