"""Exporting the most that one file holds, 200,000 orders of 1,000,000, in the marketplace's layout
of 57 columns: against COPY of the same SELECT without guards, taken in turns. Run by
bench/__main__.py in a process of its own; prints one JSON object.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bench.apply import scratch
from bench.timing import Result

if TYPE_CHECKING:
    from shipboard.fulfilment.selection import Selection

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORDERS = int(os.environ.get("BENCH_EXPORT_ORDERS", "200000"))
ROUNDS = 5
#: Masked, as a file without personal data is.
FORMATS = ("csv", "xlsx")


class Nowhere(io.RawIOBase):
    """Takes what is written and keeps none of it."""

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return len(data)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.export", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="of the desk that is filled")
    parser.add_argument("--memory", choices=FORMATS, help="of one export of a filled desk")
    given = parser.parse_args()
    if given.memory:
        print(json.dumps(memory(given.memory)))
        return
    with scratch():
        from bench.many_orders import fill

        fill(given.orders)
        print(json.dumps([astuple(result) for result in results(measure())]))


def results(found: dict[str, float]) -> list[Result]:
    """Lines of the table."""
    floor = found["floor_seconds"]
    return [
        Result(
            f"Export {found['rows']:,.0f} rows of 57 columns, {name.upper()}, "
            f"{found[f'{name}_mebibytes']:.0f} MiB above idle",
            f"{found[f'{name}_seconds']:.1f} s",
            f"COPY of the same SELECT without guards: {floor:.1f} s",
            f"{found[f'{name}_seconds'] / floor:.2f}",
        )
        for name in FORMATS
    ]


def measure() -> dict[str, float]:
    """Median seconds of floor, CSV and XLSX, MiB of each above an idle process, and rows."""
    found: dict[str, float] = {}
    taken: dict[str, list[float]] = {"floor": [], "csv": [], "xlsx": []}
    for turn in range(ROUNDS + 1):
        for name in taken:
            seconds = timed(floor if name == "floor" else partial(export, name))
            if turn:  # the first warms caches
                taken[name].append(seconds)
    for name, seconds_of in taken.items():
        found[f"{name}_seconds"] = statistics.median(seconds_of)
    for name in FORMATS:
        process = subprocess.run(
            [sys.executable, "-m", "bench.export", "--memory", name],
            capture_output=True,
            check=True,
        )
        found |= json.loads(process.stdout)
    return found


def timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def export(format_: str) -> int:
    """Rows of the file."""
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.exports.write import Wanted, write

    wanted = Wanted(newest(), "tiktok", format_)
    out = io.BufferedWriter(Nowhere())
    return write(wanted, COMMAND_LINE, NOW, out, lambda rows: None, lambda: False).rows


def newest() -> Selection:
    """The newest days with ORDERS orders at most."""
    from shipboard.exports.periods import days_of
    from shipboard.fulfilment.selection import Selection
    from shipboard.orders.filters import parse
    from shipboard.orders.models import Order

    first, found = "", 0
    for day, orders in reversed(days_of(Order.objects.all())):
        found += orders
        if found > ORDERS:
            break
        first = str(day)
    return Selection(found, filter=parse(f"created_from={first}"))


def floor() -> None:
    """COPY of the same joined, zone-formatted, masked SELECT without guards, by the same steps, as
    one statement for all takes longer; nothing is done with the rows."""
    from django.db import transaction

    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.channels.models import Shop
    from shipboard.exports.layouts import Format, marketplace_layout
    from shipboard.exports.source import STEP, Source, in_page_order, keys_of
    from shipboard.orders.filters import OrderFilter

    layout = marketplace_layout(list(Shop.objects.all()), with_description=False)
    source = Source(layout, Format.CSV, NOW, unmasked=False, guards=False)
    with transaction.atomic():
        orders = newest().orders(COMMAND_LINE, NOW)
        pks, _ = keys_of(in_page_order(orders, OrderFilter().sorting, NOW))
        for start in range(0, len(pks), STEP):
            for _row in source.rows(pks[start : start + STEP]):
                pass


def memory(format_: str) -> dict[str, float]:
    """Peak MiB of an export above what the process takes when idle, and its rows."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "shipboard.settings"
    import django

    django.setup()
    import shipboard.exports.write  # noqa: F401 - part of what an idle worker holds
    from shipboard.orders.models import Order

    Order.objects.exists()  # so is a connection
    newest()
    idle = peak()
    rows = export(format_)
    return {f"{format_}_mebibytes": peak() - idle, "rows": rows}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
