"""The carriers that a shop may name for its own shipments: by delivery option, as its channel says,
kept for a day; for shops fed by files, as the marketplace writes them in that region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from shipboard.channels import carrier_names, registry
from shipboard.channels.contract import (
    CarrierFact,
    Channel,
    ChannelFailure,
    FailureKind,
    Shipping,
    Stage,
)
from shipboard.channels.models import Carrier, Shop

#: Carriers are read again when they are older.
FRESH = timedelta(days=1)
#: Orders that may still be shipped, or whose number may still be corrected.
OPEN = (Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED, Stage.PENDING_COLLECTION)


@dataclass(frozen=True, slots=True)
class Offered:
    """A carrier to choose. Where no channel gives ids, the name is the id."""

    remote_id: str
    name: str


def offered(shop: Shop, delivery_option_id: str) -> list[Offered]:
    """The carriers to choose from for an order of this delivery option, as they are known here;
    nobody is called. Where the option is blank, those of all the shop's options."""
    if shop.channel == Shop.Channel.FILE:
        return [Offered(name, name) for name in carrier_names.known_in(shop.region)]
    if not delivery_option_id:
        return [Offered(remote_id, name) for remote_id, name in names(shop).items()]
    return [Offered(row.remote_id, row.name) for row in _kept(shop, delivery_option_id)]


def names(shop: Shop) -> Mapping[str, str]:
    """What the shop's carriers are called, by the channel's ids, over all delivery options; in the
    order of their names."""
    rows = Carrier.objects.filter(shop=shop).order_by("name", "remote_id", "as_of")
    return dict(rows.values_list("remote_id", "name"))


def carriers_of(
    shop: Shop, delivery_option_id: str, now: datetime, channel: Channel | None = None
) -> list[Carrier]:
    """The carriers of one delivery option, read again from the `channel` (None: the shop's own)
    when they are older than a day. Never called inside a transaction.

    When they cannot be read, the old ones serve; raises ChannelFailure or NotConnected when there
    are none."""
    kept = _kept(shop, delivery_option_id)
    if kept and all(row.as_of > now - FRESH for row in kept):
        return kept
    try:
        told = (channel or registry.open_channel(shop)).carriers(delivery_option_id)
    except (ChannelFailure, registry.NotConnected):
        if kept:
            return kept
        raise
    _keep(shop, delivery_option_id, told, now)
    return _kept(shop, delivery_option_id)


def refresh_carriers(shop: Shop, channel: Channel, now: datetime) -> int:
    """Read the carriers of those delivery options of open orders of which none is known that is not
    older than a day; gives how many options were read. What the channel refuses for good, such as
    an option that is no more, is left as it was. Never called inside a transaction. Raises
    ChannelFailure for the rest."""
    read = 0
    for option in unknown_options(shop, now):
        try:
            told = channel.carriers(option)
        except ChannelFailure as failure:
            if failure.kind is not FailureKind.FINAL:
                raise
            continue
        _keep(shop, option, told, now)
        read += 1
    return read


def _kept(shop: Shop, delivery_option_id: str) -> list[Carrier]:
    rows = Carrier.objects.filter(shop=shop, delivery_option_id=delivery_option_id)
    return list(rows.order_by("name", "remote_id"))


def _keep(shop: Shop, option: str, told: Sequence[CarrierFact], now: datetime) -> None:
    """Those that the channel does not name any more go; that it names none at all is no news. In
    the order of their ids, so that two who write at once wait for each other and nothing else."""
    if not told:
        return
    rows = [
        Carrier(
            shop=shop, delivery_option_id=option, remote_id=one.remote_id, name=one.name, as_of=now
        )
        for one in sorted(told, key=lambda one: one.remote_id)
    ]
    with transaction.atomic():
        Carrier.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["shop", "delivery_option_id", "remote_id"],
            update_fields=["name", "as_of"],
        )
        gone = Carrier.objects.filter(shop=shop, delivery_option_id=option, as_of__lt=now)
        gone.delete()


#: Orders belong to a later station: read, never imported.
SEEN = """select distinct extra ->> 'delivery_option_id' from "order"
where stage = any(%s) and shop_id = %s and shipping = %s
  and extra ->> 'delivery_option_id' <> '' order by 1"""


def unknown_options(shop: Shop, now: datetime) -> list[str]:
    """The delivery options by which open orders go, but for those of which carriers are known that
    are not older than a day."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [list(OPEN), shop.pk, Shipping.SELLER])
        seen = [option for (option,) in cursor.fetchall()]
    fresh = Carrier.objects.filter(shop=shop, delivery_option_id__in=seen, as_of__gt=now - FRESH)
    known = set(fresh.values_list("delivery_option_id", flat=True))
    return [option for option in seen if option not in known]
