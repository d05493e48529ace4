"""The parcels of an order on screen, each with what the channel last said of where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shipboard.channels.contract import ParcelState, Stage, Travel
from shipboard.channels.registry import parcel_states
from shipboard.desk.rows import Row
from shipboard.ingest.models import Payload
from shipboard.ingest.payloads import unfolded
from shipboard.orders.models import Order, Parcel

STATES: Mapping[Travel, str] = {
    Travel.WAITING: "Waits to be arranged",
    Travel.ARRANGED: "Arranged, awaits the carrier",
    Travel.COLLECTED: "Collected, on its way",
    Travel.DELIVERED: "Delivered",
    Travel.LOST: "Lost on its way",
    Travel.DAMAGED: "Damaged on its way",
    Travel.CANCELED: "Canceled",
    Travel.UNKNOWN: "The channel's word",
}
BAD = (Travel.LOST, Travel.DAMAGED)


@dataclass(frozen=True)
class Shown:
    """A parcel with where it is; `state` is blank where nobody said. `at` is UTC."""

    parcel: Parcel
    travel: str = ""
    state: str = ""
    words: str = ""
    at: datetime | None = None
    is_bad: bool = False


def parcels_of(order: Order, row: Row) -> list[Shown]:
    """The order's parcels, and those that were lost or damaged and travel no more. One query."""
    said = {_key(each): each for each in _said(order)}
    if not said and len(row.parcels) == 1:
        said = {_key(row.parcels[0]): state} if (state := _of_order(order, row)) else {}
    shown = [_shown(parcel, said.get(_key(parcel))) for parcel in row.parcels]
    here = {_key(parcel) for parcel in row.parcels}
    return shown + list(_gone(each for key, each in said.items() if key not in here))


def _key(parcel: Parcel | ParcelState) -> str:
    return parcel.package_id or parcel.tracking_number.upper()


def _said(order: Order) -> tuple[ParcelState, ...]:
    kept = Payload.objects.filter(order=order).values_list("body", flat=True).first()
    return parcel_states(order.shop.channel, unfolded(bytes(kept))) if kept else ()


def _of_order(order: Order, row: Row) -> ParcelState | None:
    """Of an order's only parcel its own times speak, where the channel says no more."""
    (parcel,) = row.parcels
    travel, at = {
        Stage.PENDING_COLLECTION: (Travel.ARRANGED, order.arranged_at),
        Stage.IN_TRANSIT: (Travel.COLLECTED, order.collected_at),
        Stage.DELIVERED: (Travel.DELIVERED, order.delivered_at),
        Stage.CLOSED: (Travel.DELIVERED, order.delivered_at),
        Stage.CANCELED: (Travel.CANCELED, order.canceled_at),
    }.get(row.stage, (None, None))
    if travel is None:
        return None
    return ParcelState(
        package_id=parcel.package_id, tracking_number=parcel.tracking_number, travel=travel, at=at
    )


def _shown(parcel: Parcel, state: ParcelState | None) -> Shown:
    if state is None:
        return Shown(parcel)
    is_bad = state.travel in BAD
    return Shown(parcel, state.travel, STATES[state.travel], state.words, state.at, is_bad)


def _gone(states: Iterable[ParcelState]) -> Iterable[Shown]:
    for each in states:
        if each.travel in BAD:
            parcel = Parcel(
                package_id=each.package_id,
                tracking_number=each.tracking_number,
                carrier=each.carrier,
            )
            yield _shown(parcel, each)
