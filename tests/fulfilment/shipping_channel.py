"""A marketplace that takes shipments, and loses answers when a test wants it to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shipboard.channels.contract import (
    Accepted,
    ChannelFailure,
    FailureKind,
    LineFact,
    Outcome,
    ParcelContent,
    ParcelFact,
    Shipping,
    ShipTarget,
    Stage,
)
from shipboard.channels.models import Carrier, Shop
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, failure

USPS, UPS = "7150000000000000101", "7150000000000000102"
NUMBER = "9400111899223100000001"


def lost(**given: Any) -> ChannelFailure:
    """An answer that never came, of a call that may have been carried out."""
    return failure(
        FailureKind.TRANSIENT, operation="mark_shipped", outcome=Outcome.UNKNOWN, **given
    )


def carriers(shop: Shop) -> None:
    for remote_id, name in ((USPS, "USPS"), (UPS, "UPS")):
        Carrier.objects.create(shop=shop, remote_id=remote_id, name=name, as_of=make.NOW)


class ShippingChannel(FakeChannel):
    """`shipped`: (order id, units, number) of every shipment that was carried out. `hears`: called
    with each shipping call's number before (`"before"`) and after (`"after"`) its effect; what it
    raises is what the desk hears."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, page_size=50)
        self.shipped: list[tuple[str, tuple[str, ...], str]] = []
        self.corrected: list[tuple[str, str]] = []
        self.hears: Callable[[str, int], None] = lambda when, number: None

    def place_order(self, order_id: str, units: int = 1, **given: Any) -> None:
        lines = (self._line(order_id, units),)
        self.place(order_id, **{"lines": lines, "shipping": Shipping.SELLER, **given})

    def _line(self, order_id: str, units: int, sent: int = 0) -> LineFact:
        ids = tuple(f"{order_id}-{number}" for number in range(units))
        runs = [("AWAITING_COLLECTION", sent), ("AWAITING_SHIPMENT", units - sent)]
        words = ", ".join(f"{word} {count}" for word, count in runs if count)
        is_mixed = 0 < sent < units
        return make.line(
            quantity=units, unit_ids=ids, extra={"unit_statuses": words if is_mixed else ""}
        )

    def ship(self, target: ShipTarget, *, tracking_number: str, carrier_id: str) -> Accepted:
        self._called("ship", target, tracking_number, carrier_id)
        number = len([each for each in self.calls if each[0] == "ship"])
        self.hears("before", number)
        order = self.remote[target.order_id]
        if order.stage not in (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED):
            raise failure(FailureKind.ALREADY_DONE, outcome=Outcome.DONE, code="21011040")
        self._carry_out(target, tracking_number)
        self.hears("after", number)
        return Accepted(package_id=f"P{number}")

    def _carry_out(self, target: ShipTarget, number: str) -> None:
        self.shipped.append((target.order_id, target.unit_ids, number))
        order = self.remote[target.order_id]
        units = order.given["lines"][0].quantity
        gone = [each for each in self.shipped if each[0] == target.order_id]
        sent = sum(len(ids) or units for _, ids, _ in gone)
        parcels = tuple(
            ParcelFact(
                package_id=f"P-{target.order_id}-{at}",
                tracking_number=tracking,
                contents=(ParcelContent(0, len(ids) or units),),
            )
            for at, (_, ids, tracking) in enumerate(gone)
        )
        whole = sent >= units
        self.change(
            target.order_id,
            Stage.PENDING_COLLECTION if whole else Stage.PARTIALLY_SHIPPED,
            parcels=parcels,
            arranged_at=self.clock.now,
            lines=(self._line(target.order_id, units, sent),),
        )

    def correct_tracking(
        self, target: ShipTarget, *, tracking_number: str, carrier_id: str, is_only: bool
    ) -> Accepted:
        self._called("correct", target, tracking_number, carrier_id, is_only)
        self.hears("before", len(self.corrected) + 1)
        self.corrected.append((target.order_id, tracking_number))
        [parcel] = self.remote[target.order_id].given["parcels"]
        changed = ParcelFact(
            package_id=parcel.package_id,
            tracking_number=tracking_number,
            contents=parcel.contents,
        )
        self.change(target.order_id, parcels=(changed,))
        self.hears("after", len(self.corrected))
        return Accepted()
