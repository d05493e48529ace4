"""Reading what carriers said of an order's parcels, at most every ten minutes an order, and what is
odd about it: scans older than the order, a delivery to another ZIP code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from shipboard.channels import registry
from shipboard.channels.contract import ScanFact, Shipping
from shipboard.orders.models import Order
from shipboard.orders.overlays import touch
from shipboard.orders.scans import LogisticsTag, Scan, Tracking

#: Scans are not asked for again before.
FRESH = timedelta(minutes=10)
#: A scan that is older than its order by more is of another parcel (the marketplace's rule).
EARLIER = timedelta(hours=24)
ARRIVING = re.compile(r"out for delivery|delivered", re.I)
NOT_ARRIVED = re.compile(r"\b(un|not|never|be)[ -]?delivered", re.I)
ZIP = re.compile(r"\b[A-Z]{2},? (\d{5})(?:-\d{4})?\b")


def is_fresh(order: Order, now: datetime) -> bool:
    """Whether its scans were read a moment ago."""
    read = Tracking.objects.filter(order=order, read_at__gt=now - FRESH)
    return read.exists()


def read_scans(order: Order, now: datetime) -> bool:
    """Ask the order's marketplace for its scans and keep them; False: they were read a moment ago.
    `order` comes with its shop. Never inside a transaction. Raises ChannelFailure and
    NotConnected."""
    if is_fresh(order, now):
        return False
    told = registry.open_channel(order.shop).scans(order.order_id)
    tags = sorted(tags_of(order, told))
    with transaction.atomic():
        before = Tracking.objects.filter(order=order).values_list("tags", flat=True).first()
        if tags != (before or []):
            touch(order, now=now)  # whoever has it on screen learns of it
        Scan.objects.bulk_create((_row(order, scan) for scan in told), ignore_conflicts=True)
        Tracking.objects.update_or_create(order=order, defaults={"read_at": now, "tags": tags})
    return True


def _row(order: Order, scan: ScanFact) -> Scan:
    return Scan(
        order=order,
        at=scan.at,
        words=scan.words[:500],
        code=scan.code[:40],
        tracking_number=scan.tracking_number[:60],
    )


def tags_of(order: Order, scans: Iterable[ScanFact]) -> set[LogisticsTag]:
    """What the marketplace would find odd: only of what the seller ships, and of a ZIP code only
    where both are known, in the United States."""
    if order.shipping != Shipping.SELLER:
        return set()
    told, tags = list(scans), set()
    if any(order.created_at - scan.at > EARLIER for scan in told):
        tags.add(LogisticsTag.TIMESTAMP)
    home = re.match(r"\d{5}", order.recipient.get("postal_code", ""))
    if order.shop.region == "US" and home:
        named = {code for scan in told if _arrives(scan) for code in ZIP.findall(scan.words)}
        if named - {home[0]}:
            tags.add(LogisticsTag.ADDRESS)
    return tags


def _arrives(scan: ScanFact) -> bool:
    return bool(ARRIVING.search(scan.words)) and not NOT_ARRIVED.search(scan.words)
