"""`shipboard orders`: what the Manage Orders page shows for the same query string."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.warehouses import logistics_of
from shipboard.desk.marks import marks_of
from shipboard.fulfilment.allowed import asks_to_cancel
from shipboard.orders.events import record
from shipboard.orders.filters import parse
from shipboard.orders.label_states import label_words
from shipboard.orders.models import Order
from shipboard.orders.queries import Listing, listing
from shipboard.orders.stages import stage_now
from shipboard.orders.summaries import order_summary


def run(query: str, *, limit: int | None, unmasked: bool) -> dict[str, Any]:
    """The listing as plain values; without a limit one page of it. Raises BadFilter."""
    now = clock.now()
    filter_ = parse(query.removeprefix("?"))
    found = listing(filter_, COMMAND_LINE, now)
    orders = list(found.page.rows)
    page: Listing = found
    while limit is not None and len(orders) < limit and page.page.after:
        filter_ = replace(filter_, after=page.page.after)
        page = listing(filter_, COMMAND_LINE, now)
        orders.extend(page.page.rows)
    if limit is not None:
        orders = orders[:limit]
    if unmasked:
        for order in orders:
            record(order, "address_revealed", by=COMMAND_LINE.by, at=now)
        audit.note(COMMAND_LINE.by, "addresses_listed", orders=len(orders))
    states = label_words(orders, now)
    known = logistics_of({order.shop_id for order in orders})
    return {
        "count": found.count,
        "tabs": dict(found.counts.tabs),
        "stages": dict(found.counts.stages),
        "cards": dict(found.counts.cards),
        "not_found": list(found.hits.not_found) if found.hits else [],
        "orders": [
            order_summary(
                order,
                now,
                unmasked=unmasked,
                logistics=known.get((order.shop_id, order.warehouse), ""),
                label=states[order.pk],
            )
            | _signs(order, now)
            for order in orders
        ],
        "after": page.page.after if limit is None else "",
    }


def _signs(order: Order, now: datetime) -> dict[str, Any]:
    """`marks`: what is out of the ordinary of it, in the words of the desk's rows."""
    marks = [mark.label for mark in marks_of(order, stage_now(order, now), now)]
    return {"asks_to_cancel": asks_to_cancel(order), "marks": marks}


def show(found: dict[str, Any]) -> None:
    tabs = "  ".join(f"{tab} {count:,}" for tab, count in found["tabs"].items())
    click.echo(f"{tabs}\nFound {found['count']:,} orders")
    for order in found["orders"]:
        click.echo(
            f"{order['order_id']}  {order['shop']}  {order['stage']}  "
            f"ship by {order['ship_by'] or '-'}  {order['total'] or '-'} {order['currency']}  "
            f"{', '.join(order['marks'])}".rstrip()
        )
    if found["not_found"]:
        click.echo(f"Not found: {', '.join(found['not_found'])}")
