"""Counts that are kept as orders change, by triggers of the database, and the pulse that says
whether anything has changed at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Sum

from shipboard.orders.models import Tally


def pulse(shop_ids: Iterable[int]) -> int:
    """A number that grows with every committed change to an order of these shops."""
    total = Tally.objects.filter(shop__in=list(shop_ids)).aggregate(total=Sum("changes"))
    return total["total"] or 0


#: What another fold has taken is left to it; what a shop left behind goes with it.
FOLD = """
with taken as (
    delete from tally where id in (select id from tally for update skip locked) returning *
)
insert into tally (shop_id, stage, day, orders, changes)
select shop_id, stage, day, sum(orders), sum(changes)
  from taken
 where exists (select from shop where shop.id = taken.shop_id)
 group by shop_id, stage, day
"""


def fold() -> None:
    """Add up what has been appended, so that reading stays quick; the sums stay the same, with
    any number of these at once, and for whoever reads meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
