"""A list declared complete: orders of that stage which it does not name are no longer there for
the channel, so nobody may ship them before looking. They are held and listed.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db.models import Exists, OuterRef

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source
from shipboard.orders.holds import MOST_CHARACTERS, AlreadyHeld, place_hold
from shipboard.orders.models import OPEN_STAGES, Hold, Order
from shipboard.orders.overlays import Gone
from shipboard.orders.stages import STAGE_LABELS, in_stage


def hold_missing(
    shop: Shop, stage: Stage, named: set[str], as_of: datetime, source: Source
) -> tuple[list[str], int]:
    """Hold the shop's orders that are in `stage`, are not newer than the list (`as_of`, UTC) and
    are not in `named`; returns their order ids, and how many were left alone because something
    newer was heard of them. Nothing is held for a stage that is not open."""
    if stage not in OPEN_STAGES:
        return [], 0
    # Somebody looked at an order that this list or a newer one had held, and released it.
    looked_at = Hold.objects.filter(
        order=OuterRef("pk"), as_of__gte=as_of, released_at__isnull=False
    )
    there = Order.objects.filter(in_stage(stage, source.now), shop=shop)
    ordered = there.annotate(is_looked_at=Exists(looked_at)).order_by("order_id")
    unnamed = [order for order in ordered if order.order_id not in named]
    missing = [order for order in unnamed if order.as_of <= as_of]
    reason = f"Missing from the complete list of {STAGE_LABELS[stage]} ({source.by})"
    reason = reason[:MOST_CHARACTERS]  # the file's name may be long
    for order in missing:
        if not order.is_looked_at:
            with suppress(AlreadyHeld, Gone):
                place_hold(order, reason=reason, by=source.by, now=source.now, as_of=as_of)
    return [order.order_id for order in missing], len(unnamed) - len(missing)
