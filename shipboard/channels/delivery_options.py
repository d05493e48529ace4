"""What parcels a shop's delivery options take: read from its channel by warehouse and kept for a
day, so that a parcel that is too big is known before anybody is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from shipboard.channels.contract import Channel, ChannelFailure, DeliveryOptionFact, FailureKind
from shipboard.channels.models import DeliveryOption, Shop, Warehouse

#: Options are read again when they are older.
FRESH = timedelta(days=1)


def limits_of(shop: Shop, delivery_option_id: str) -> DeliveryOptionFact | None:
    """What the option takes, as it is known here; nobody is called. None where nobody said."""
    if not delivery_option_id:
        return None
    row = DeliveryOption.objects.filter(shop=shop, remote_id=delivery_option_id).first()
    if row is None:
        return None
    return DeliveryOptionFact(
        remote_id=row.remote_id,
        name=row.name,
        least_grams=row.least_grams,
        most_grams=row.most_grams,
        most_sides=tuple(row.most_sides),
    )


def is_due(shop: Shop, now: datetime) -> bool:
    """Whether there are warehouses whose options are not known yet, or older than a day."""
    newest = DeliveryOption.objects.filter(shop=shop).order_by("-as_of").first()
    return (newest is None or newest.as_of <= now - FRESH) and bool(_warehouses(shop))


def refresh_options(shop: Shop, channel: Channel, now: datetime) -> int:
    """Read the options of every warehouse; gives how many there are. A warehouse that the channel
    refuses for good is passed over. Never called inside a transaction. Raises ChannelFailure for
    the rest, with nothing changed."""
    told: dict[str, DeliveryOptionFact] = {}
    for warehouse in _warehouses(shop):
        try:
            options = channel.delivery_options(warehouse)
        except ChannelFailure as failure:
            if failure.kind is not FailureKind.FINAL:
                raise
            continue
        for one in options:
            told[one.remote_id] = _narrower(told.get(one.remote_id), one)
    _keep(shop, [told[remote_id] for remote_id in sorted(told)], now)
    return len(told)


def _warehouses(shop: Shop) -> list[str]:
    rows = Warehouse.objects.filter(shop=shop).exclude(remote_id="").order_by("remote_id")
    return list(rows.values_list("remote_id", flat=True).distinct())


def _narrower(known: DeliveryOptionFact | None, other: DeliveryOptionFact) -> DeliveryOptionFact:
    """What the same option takes from both of two warehouses."""
    if known is None:
        return other
    sides = (known.most_sides, other.most_sides)
    return DeliveryOptionFact(
        remote_id=known.remote_id,
        name=known.name or other.name,
        least_grams=max(filter(None, (known.least_grams, other.least_grams)), default=None),
        most_grams=min(filter(None, (known.most_grams, other.most_grams)), default=None),
        most_sides=tuple(map(min, *sides)) if all(sides) else sides[0] or sides[1],
    )


def _keep(shop: Shop, told: Sequence[DeliveryOptionFact], now: datetime) -> None:
    """Those that the channel does not name any more go; that it names none at all is no news."""
    if not told:
        return
    rows = [
        DeliveryOption(
            shop=shop,
            remote_id=one.remote_id,
            name=one.name,
            least_grams=one.least_grams,
            most_grams=one.most_grams,
            most_sides=list(one.most_sides),
            as_of=now,
        )
        for one in told
    ]
    with transaction.atomic():
        DeliveryOption.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["shop", "remote_id"],
            update_fields=["name", "least_grams", "most_grams", "most_sides", "as_of"],
        )
        DeliveryOption.objects.filter(shop=shop, as_of__lt=now).delete()
