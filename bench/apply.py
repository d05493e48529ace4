"""How much more taking orders costs than the least it could: COPY of the same rows into the same
indexed tables. Both are measured in one run, in turns, so that a noisy machine is noisy to both.

    SHIPBOARD_DATABASE_URL=... python -m bench.apply [--orders N]
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
from psycopg.conninfo import make_conninfo

from shipboard.channels.contract import (
    ItemFact,
    LineFact,
    OrderFact,
    ParcelContent,
    ParcelFact,
    Shipping,
    Stage,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
#: In the order in which a COPY must fill them.
TABLES = ("item", "order", "line", "parcel", "parcel_content", "event")
BATCH = 1000
ROUNDS = 5
STAGES = (Stage.DELIVERED,) * 7 + (Stage.AWAITING_SHIPMENT, Stage.IN_TRANSIT, Stage.CANCELED)
FIRST = ("Anna", "Minh", "Somchai", "Maria", "Wei", "Jonas")
LAST = ("Berg", "Nguyen", "Chaiya", "Lopez", "Zhang", "Okafor")


def facts(orders: int, *, seed: int = 1) -> list[OrderFact]:
    """Orders like those of an export: 1.6 lines each, most in one parcel, 500 SKUs."""
    chance = random.Random(seed)
    items = [_item(number) for number in range(500)]
    return [_order(number, items, chance) for number in range(orders)]


def _item(number: int) -> ItemFact:
    return ItemFact(
        sku_id=f"17294{number:014d}",
        seller_sku=f"SKU-{number:04d}",
        product_name=f"Enamel mug number {number // 3}, 350 ml, dishwasher safe",
        sku_name=("Blue", "Green", "Red")[number % 3],
        category="Kitchen",
    )


def _line(item: ItemFact, chance: random.Random) -> LineFact:
    price = Decimal(chance.randrange(300, 9000)) / 100
    return LineFact(
        item=item,
        quantity=1,
        unit_price=price,
        subtotal=price,
        platform_discount=Decimal("0.50"),
        seller_discount=Decimal(0),
        total=price - Decimal("0.50"),
    )


def _order(number: int, items: list[ItemFact], chance: random.Random) -> OrderFact:
    lines = tuple(_line(each, chance) for each in chance.sample(items, chance.choice((1, 1, 2, 3))))
    stage = chance.choice(STAGES)
    created = NOW - timedelta(seconds=chance.randrange(90 * 86_400))
    shipped = stage in (Stage.DELIVERED, Stage.IN_TRANSIT)
    total = sum((line.total or Decimal(0) for line in lines), Decimal(0))
    return OrderFact(
        order_id=f"5769{number:014d}",
        as_of=NOW,
        stage=stage,
        status_words="Completed" if shipped else "To ship",
        shipping=Shipping.PLATFORM,
        currency="USD",
        total=total,
        charges={"shipping_fee": Decimal("4.99"), "taxes": Decimal("1.13")},
        created_at=created,
        paid_at=created + timedelta(minutes=2),
        arranged_at=created + timedelta(hours=20) if shipped else None,
        collected_at=created + timedelta(hours=30) if shipped else None,
        warehouse="Main",
        delivery_option="Standard shipping",
        payment_method="Card",
        buyer_username=f"buyer{number:07d}",
        recipient=_recipient(number, chance),
        lines=lines,
        parcels=(_parcel(number, lines),) if shipped else (),
        names_all_cases=True,
        extra={"Order Substatus": "Delivered"},
    )


def _recipient(number: int, chance: random.Random) -> dict[str, str]:
    return {
        "name": f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        "phone": f"(+1)555{number:07d}",
        "country": "United States",
        "state": "California",
        "city": "Oakland",
        "postal_code": f"9{number % 10_000:04d}",
        "address": f"{number % 999} Harbour Street",
    }


def _parcel(number: int, lines: tuple[LineFact, ...]) -> ParcelFact:
    return ParcelFact(
        package_id=f"1152{number:014d}",
        tracking_number=f"94001118992231{number:08d}",
        carrier="USPS",
        weight_kg=Decimal("0.350"),
        contents=tuple(ParcelContent(place, line.quantity) for place, line in enumerate(lines)),
    )


@contextmanager
def scratch() -> Iterator[None]:
    """A database of the benchmark's own on the server of SHIPBOARD_DATABASE_URL, dropped at the
    end; Django is set up on it. BENCH_TEMPLATE names a database whose tables are there already."""
    server, name = os.environ["SHIPBOARD_DATABASE_URL"], f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        template = os.environ.get("BENCH_TEMPLATE", "template1")
        admin.execute(f'create database "{name}" template "{template}"')
    os.environ["SHIPBOARD_DATABASE_URL"] = make_conninfo(server, dbname=name)
    os.environ["DJANGO_SETTINGS_MODULE"] = "shipboard.settings"
    import django
    from django.core.management import call_command
    from django.db import connection

    try:
        django.setup()
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        os.environ["SHIPBOARD_DATABASE_URL"] = server
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'drop database if exists "{name}" with (force)')


def measure(orders: int = 20_000, rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each way in, and how many times the floor taking new orders costs."""
    told = facts(orders)
    later = [_later(fact, number) for number, fact in enumerate(told)]
    gc.freeze()  # the accounts are the benchmark's; a real source hands them over in batches
    rounds_taken = [_round(told, later) for _ in range(rounds + 1)]
    del rounds_taken[0]  # it warms caches and imports
    medians = {
        name: statistics.median(taken[name] for taken in rounds_taken) for name in rounds_taken[0]
    }
    return {
        "orders": orders,
        **{f"{name}_seconds": value for name, value in medians.items()},
        **{f"{name}_ratio": medians[name] / medians["copy"] for name in medians if name != "copy"},
    }


def _round(told: list[OrderFact], later: list[OrderFact]) -> dict[str, float]:
    """Seconds of each way in, one after the other."""
    _empty()
    taken = {"new": _timed(lambda: _apply(told))}
    _analyze()
    rows = {table: _dump(table) for table in TABLES}
    taken["again"] = _timed(lambda: _apply(told))
    taken["changed"] = _timed(lambda: _apply(later))
    _empty()
    return taken | {"copy": _timed(lambda: _copy(rows))}


def _later(fact: OrderFact, number: int) -> OrderFact:
    """The order an hour later: three in ten have moved on."""
    if number % 10 >= 3:
        return fact
    return replace(
        fact, as_of=NOW + timedelta(hours=1), stage=Stage.CLOSED, status_words="Completed"
    )


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _apply(told: list[OrderFact]) -> None:
    from shipboard.channels.models import Shop
    from shipboard.ingest.apply import Source, apply

    shop = Shop.objects.get()
    source = Source(by="bench", now=NOW)
    for start in range(0, len(told), BATCH):
        apply(shop, told[start : start + BATCH], source)


def _empty() -> None:
    """No rows at all but a shop; the same as new tables for an index."""
    from django.db import connection

    from shipboard.channels.models import Shop

    with connection.cursor() as cursor:
        cursor.execute('truncate shop, "order", tally restart identity cascade')
        cursor.execute("checkpoint")
    Shop.objects.create(
        id=1,
        slug="bench",
        name="Bench",
        channel="file",
        region="US",
        timezone="UTC",
        sla="us-standard",
        added_at=NOW,
    )


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("analyze")


def _dump(table: str) -> bytes:
    from django.db import connection

    with (
        connection.cursor() as cursor,
        cursor.copy(f'copy (select * from "{table}" order by 1) to stdout') as copy,
    ):
        return b"".join(copy)


def _copy(rows: dict[str, bytes]) -> None:
    """The floor: text that is ready already, in one transaction."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, text in rows.items():
            with cursor.copy(f'copy "{table}" from stdin') as copy:
                copy.write(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with scratch():
        found = measure(given.orders, given.rounds)
    print(f"{given.orders:,} orders, median of {given.rounds}")
    for name in ("copy", "new", "again", "changed"):
        ratio = f"  {found[f'{name}_ratio']:.2f} x COPY" if name != "copy" else "  (floor)"
        print(f"  {name:8} {found[f'{name}_seconds']:7.2f} s{ratio}")


if __name__ == "__main__":
    main()
