"""Which orders a list of search values means. Ids, tracking numbers, SKUs and user names (for
those who may see them) must match whole, case aside; product names match by a part. Every value is
looked up on its own, so that the values which find nothing can be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right

#: Numbers of so many digits are ids; shorter ones may stand in a product's name.
SHORTEST_ID = 8


@dataclass(frozen=True)
class Hits:
    """Primary keys of the orders found, and the values that found none."""

    order_pks: tuple[int, ...]
    not_found: tuple[str, ...]


#: Each finds (value, order pk) for the values in %(values)s, by one index each: an OR over several
#: columns would read every item for every value. Case is folded by PostgreSQL on both sides.
EXACT = """
select given.value, "order".id
  from given join "order" on "order".order_id = given.value
union all
select given.value, "order".id
  from given join "order" on lower("order".buyer_username) = lower(given.value)
  where %(sees_buyers)s
union all
select given.value, parcel_content.order_id
  from given
  join parcel on upper(parcel.tracking_number) = upper(given.value)
  join parcel_content on parcel_content.parcel_id = parcel.id
union all
select given.value, attempt.order_id
  from given join attempt on upper(attempt.tracking_number) = upper(given.value)
  where attempt.state <> 'revoked'
union all
select given.value, parcel_content.order_id
  from given
  join parcel on parcel.package_id = given.value
  join parcel_content on parcel_content.parcel_id = parcel.id
union all
select given.value, parcel_content.order_id
  from given
  join parcel on parcel.former_ids @> array[upper(given.value)] and not parcel.former_ids = '{}'
  join parcel_content on parcel_content.parcel_id = parcel.id
union all
select given.value, label_order.order_id
  from given
  join label on upper(label.tracking_number) = upper(given.value)
  join label_order on label_order.label_id = label.id
union all
select given.value, label_order.order_id
  from given
  join label on label.package_id = given.value and not label.package_id = ''
  join label_order on label_order.label_id = label.id
union all
select sold.value, line.order_id
  from (
    select given.value, item.id from given join item on item.sku_id = given.value
    union
    select given.value, item.id from given join item on item.product_id = given.value
    union
    select given.value, item.id
      from given join item on lower(item.seller_sku) = lower(given.value)
    union
    select given.value, item.id
      from given join item on lower(item.sku_name) = lower(given.value)
  ) as sold
  join line on line.item_id = sold.id
"""
PART_OF_NAME = """
select given.value, line.order_id
  from given
  join item on item.product_name ilike given.pattern
  join line on line.item_id = item.id
"""


def find(values: Sequence[str], access: Access) -> Hits:
    """Orders that any of `values` names, of the shops that `access` allows. Two queries."""
    found = _run(EXACT, values, access)
    if names := [value for value in values if is_part_of_name(value)]:
        found += _run(PART_OF_NAME, names, access)
    known = {value for value, _ in found}
    return Hits(
        tuple(set().union(*(pks for _, pks in found))),
        tuple(value for value in values if value not in known),
    )


def is_part_of_name(value: str) -> bool:
    """Whether to look for `value` within product names: not for long numbers, which are ids, nor
    for a single letter; a single sign of Chinese or Thai is a word."""
    if value.isdigit():
        return 2 <= len(value) < SHORTEST_ID
    return len(value) > 1 or not value.isascii()


def _run(statement: str, values: Sequence[str], access: Access) -> list[tuple[str, list[int]]]:
    """Each value that finds orders, with their keys; a key may be there twice."""
    parameters: dict[str, Any] = {
        "values": list(values),
        "patterns": [f"%{_literal(value)}%" for value in values],
        "sees_buyers": access.may(Right.SEE_BUYERS),
        "shops": None if access.shop_ids is None else list(access.shop_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "with given as materialized (select * from "  # noqa: S608 - constant
            "unnest(%(values)s::text[], %(patterns)s::text[]) as given(value, pattern)) "
            f"select hit.value, array_agg(hit.id) from ({statement}) as hit(value, id) "
            'where %(shops)s::bigint[] is null or exists (select from "order" '
            'where "order".id = hit.id and "order".shop_id = any(%(shops)s::bigint[])) '
            "group by hit.value",
            parameters,
        )
        found: list[tuple[str, list[int]]] = cursor.fetchall()
    return found


def _literal(text: str) -> str:
    """`text` for LIKE, its wildcards taken literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
