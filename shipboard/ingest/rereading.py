"""Reading orders again by their ids: for a webhook, for somebody who asks, and for the nightly
reconciliation; and their cases that wait, so that one that has ended there ends here. What the
channel says then is stored; an order it does not know is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from shipboard.channels import registry
from shipboard.channels.contract import Channel, OrdersPage, Stream
from shipboard.channels.models import Shop
from shipboard.ingest import findings
from shipboard.ingest.asking import orders_by_id
from shipboard.ingest.findings import Kind
from shipboard.ingest.line import line_of
from shipboard.ingest.models import Cursor
from shipboard.ingest.pages import Taken, take
from shipboard.orders.models import OPEN_STAGES, Order

#: Read and stored under one turn of the line.
BATCH = 50


class Why(StrEnum):
    """Only what the reconciliation finds changed should have been told of before."""

    WEBHOOK = "webhook"
    ASKED = "asked"
    RECONCILE = "reconcile"


def reread(
    shop: Shop,
    order_ids: Sequence[str],
    why: Why,
    now: datetime,
    channel: Channel | None = None,
) -> Taken:
    """Read these orders and store what is said of them; fifty at a time, each fifty under the
    shop's line. Raises ChannelFailure (the fifties before it are stored), NotConnected and
    LineLost. Not inside a transaction."""
    channel = channel or registry.open_channel(shop)
    ids = list(dict.fromkeys(order_ids))
    taken = Taken()
    for at in range(0, len(ids), BATCH):
        taken += _batch(shop, ids[at : at + BATCH], why, now, channel)
    return taken


def _batch(shop: Shop, ids: list[str], why: Why, now: datetime, channel: Channel) -> Taken:
    with line_of(shop) as line:
        page = orders_by_id(channel, ids)

        def note(taken: Taken) -> Taken:
            named = {each.fact.order_id for each in page.heard}
            named |= {each.order_id for each in page.unheard}
            taken = _note_absent(shop, [each for each in ids if each not in named], taken, now)
            return _note_missed(shop, page, taken, now) if why is Why.RECONCILE else taken

        return take(line, channel, page, now, returns=True, then=note)


def _note_absent(shop: Shop, ids: list[str], taken: Taken, now: datetime) -> Taken:
    if not ids:
        return taken
    here = dict(Order.objects.filter(shop=shop, order_id__in=ids).values_list("order_id", "stage"))
    gone = tuple(each for each in ids if here.get(each) in OPEN_STAGES)
    findings.note(shop, findings.plain(Kind.GONE, gone), now)
    return replace(taken, gone=gone, absent=tuple(each for each in ids if each not in here))


def _note_missed(shop: Shop, page: OrdersPage, taken: Taken, now: datetime) -> Taken:
    """What changed since the polls' last overlap they may still tell of."""
    cursor = Cursor.objects.filter(shop=shop, stream=Stream.ORDERS).exclude(seen_until=None).first()
    if cursor is None or cursor.seen_until is None:
        return taken
    told_until = cursor.seen_until - settings.SYNC_OVERLAP
    old = {
        each.fact.order_id
        for each in page.heard
        if each.changed_at is None or each.changed_at < told_until
    }
    missed = tuple(each for each in taken.applied.changed if each in old)
    findings.note(shop, findings.plain(Kind.MISSED_CHANGE, missed), now)
    return replace(taken, missed=missed)
