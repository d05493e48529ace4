"""Metrics of a desk of very many orders: the page's questions for 7 and 30 days, by the processor
time of the database's connection, against count(*) of the orders that count. Run in a process of
its own on SHIPBOARD_DATABASE_URL:

    SHIPBOARD_DATABASE_URL=... python -m bench.metrics [--orders N]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from bench.apply import scratch
from bench.running import processor

#: What many_orders.py leaves out: when each was arranged, scanned and canceled, and by whom.
LIVES = """
update "order" set
    arranged_at = case when stage in ('closed', 'delivered', 'in_transit', 'pending_collection')
        then paid_at + (2 + (id * 7919 % 480) / 10.0) * interval '1 hour' end,
    collected_at = case when stage in ('closed', 'delivered', 'in_transit')
        then paid_at + (12 + (id * 6101 % 560) / 10.0) * interval '1 hour' end,
    collect_by = paid_at + interval '64 hours',
    canceled_at = case when stage = 'canceled' then created_at + interval '10 hours' end,
    canceled_by = case when stage = 'canceled'
        then (array['buyer', 'buyer', 'seller', 'system'])[1 + id % 4] else '' end
"""
#: Orders of which something counts in the 14 days that 7 and those before them are.
FLOOR = """
select count(*) from "order" where greatest(created_at, paid_at, ship_by, collect_by, arranged_at,
    collected_at, canceled_at) >= %s
"""
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    orders = parser.parse_args().orders
    with scratch():
        measure(orders)


def measure(orders: int) -> None:
    """Prints a line for each question."""
    from django.db import connection

    from bench.many_orders import NOW, fill
    from shipboard.channels.models import Shop
    from shipboard.orders.metrics import metrics, period_of

    fill(orders)
    with connection.cursor() as cursor:
        cursor.execute(LIVES)
        cursor.execute('vacuum full analyze "order"')
        cursor.execute("vacuum analyze")
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    shops = list(Shop.objects.all())

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [period_of(shops[0], 7, NOW).before])
            cursor.fetchall()

    works: dict[str, Callable[[], object]] = {"count(*) of those that count": floor}
    for days in (7, 30):
        works[f"metrics of {days} days"] = lambda days=days: metrics(shops, days, NOW)
    for what, work in works.items():
        work()
        began, own = processor(pid), sum(os.times()[:2])
        for _ in range(ROUNDS):
            work()
        database, ours = processor(pid) - began, sum(os.times()[:2]) - own
        print(f"{what}: {database / ROUNDS:.3f} s database, {ours / ROUNDS:.3f} s desk")


if __name__ == "__main__":
    main()
