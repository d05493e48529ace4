"""Labels for many parcels: bought at a sandbox that takes its time over every call, and their files
fetched.

    python -m bench.labels [--rows N] [--latency MS] [--profile] [--write]
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import astuple
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bench import page
from bench.apply import scratch
from bench.channel import server
from bench.marketplace import Marketplace, marketplace
from bench.shipments import IN_FLIGHT, carried_on, measured, stocked, timed
from bench.timing import Result

if TYPE_CHECKING:
    from shipboard.channels.models import Shop

#: A packed parcel of the cheapest service.
WISH = {"weight_grams": 300, "length_cm": "20", "width_cm": "15", "height_cm": "8"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=600, help="parcels that are labelled")
    parser.add_argument("--latency", type=int, default=200, help="of every call, in milliseconds")
    parser.add_argument("--profile", action="store_true", help="where the time goes, on stderr")
    parser.add_argument("--write", action="store_true", help="to docs/performance.md")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    os.environ.setdefault("SHIPBOARD_TIKTOK_CALLS_PER_SECOND", "100000")
    with server(), scratch(), marketplace(0, is_still=False) as market:
        found = _results(market, given)
    if given.write:
        page.write(page.LABELS, page.labels(found))
    if given.json:
        print(json.dumps([astuple(each) for each in found]))
        return
    for each in found:
        print(f"{each.what}: {each.measured}; {each.floor}; {each.ratio}")


def _results(market: Marketplace, given: argparse.Namespace) -> list[Result]:
    rows = given.rows
    market.control("fact", key="label_seconds", value="0")
    shop = stocked(market, rows, "plain")
    run, _ = timed(lambda: _begin(shop, rows))
    _, asked = timed(lambda: carried_on(run), given.profile)
    market.control("latency", milliseconds=given.latency)
    with measured() as waits:
        _, made = timed(lambda: _make(shop), given.profile)
    market.control("latency", milliseconds=0)
    _check(market, rows)
    floor = waits.seconds / IN_FLIGHT
    calls = sum(waits.calls.values())
    return [
        Result(
            f"Ask for {rows:,} labels in one run, row by row",
            f"{asked.whole:.1f} s",
            f"of processor {asked.a_row(rows)} a row",
            "",
        ),
        Result(
            f"Buy {rows:,} labels and fetch their files, {IN_FLIGHT} calls in flight, each "
            f"{given.latency} ms; of processor {made.a_row(rows)} a row",
            f"{made.whole:.1f} s",
            f"the waits of all {calls:,} calls / {IN_FLIGHT}: {floor:.1f} s",
            f"{made.whole / floor:.2f}",
        ),
    ]


def _begin(shop: Shop, rows: int) -> Any:
    from shipboard import clock
    from shipboard.accounts.access import Access
    from shipboard.fulfilment.allowed import Verb
    from shipboard.fulfilment.runs import begin_each
    from shipboard.orders.models import Order

    waiting = Order.objects.filter(shop=shop, stage="awaiting_shipment").order_by("pk")
    wishes = [(pk, WISH) for pk in waiting.values_list("pk", flat=True)]
    if len(wishes) != rows:
        raise SystemExit(f"{len(wishes)} orders wait instead of {rows}.")
    return begin_each(
        wishes,
        Verb.CREATE_LABEL,
        key=uuid4(),
        access=Access(by="bench"),
        now=clock.now(),
        chosen="all",
    )


def _make(shop: Shop) -> None:
    """First all are bought, then their files fetched, so that never more than ten calls are out; a
    worker does both at once."""
    from shipboard import clock
    from shipboard.fulfilment import fetching, outbox, sending

    while outbox.next_due(shop.pk):
        sending.carry_on(shop.pk, clock.now, clock.wall)
    while fetching.next_due(shop.pk):
        fetching.carry_on(shop.pk, clock.now, clock.wall)


def _check(market: Marketplace, rows: int) -> None:
    """Raises SystemExit unless each has one label, and its file is here."""
    from shipboard.orders.labels import Label

    made = Label.objects.filter(state=Label.State.CREATED).count()
    bought = len(market.told("label_purchases")["labels"])
    if (made, bought) != (rows, rows):
        raise SystemExit(f"{made} labels were made and {bought} bought, instead of {rows}.")
    if doubles := market.told("double_labels")["labels"]:
        raise SystemExit(f"{len(doubles)} were bought twice.")


if __name__ == "__main__":
    main()
