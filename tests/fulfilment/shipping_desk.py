"""The person and the worker at one connected shop, with a clock that moves when told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from shipboard.channels.models import Shop
from shipboard.fulfilment import runner, sending
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.runs import begin_each
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.ingest.sync import sync
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from shipboard.orders.parts import with_parts
from tests.fulfilment.conftest import MAI
from tests.fulfilment.shipping_channel import NUMBER, ShippingChannel
from tests.ingest.fake_channel import Clock

#: Of a shop that was not told otherwise, in seconds.
WINDOW = 120
WISH = ("contents", "despite_request", "carrier")


class Desk:
    def __init__(self, shop: Shop, clock: Clock, channel: ShippingChannel) -> None:
        self.shop, self.clock, self.channel = shop, clock, channel

    def read(self) -> None:
        sync(self.shop, self.clock)

    def order(self, order_id: str = "1") -> Order:
        (order,) = with_parts(Order.objects.filter(order_id=order_id), self.clock.now)
        return order

    def ask(self, order_id: str = "1", number: str = NUMBER, **given: Any) -> Attempt:
        wish = {name: given.pop(name) for name in WISH if name in given}
        return ask_to_ship(
            self.order(order_id),
            ShipWish(tracking_number=number, **{"carrier": "USPS"} | wish),
            access=given.pop("access", MAI),
            now=self.clock.now,
            wall=self.clock.now,
            **given,
        )

    def begin(self, numbers: Mapping[str, str], **given: Any) -> Run:
        """A run that ships these orders under these numbers, asked for but not sent."""
        wishes: Sequence[tuple[int, Mapping[str, Any]]] = [
            (
                Order.objects.get(order_id=order_id).pk,
                ShipWish(tracking_number=number, carrier="USPS").stored(),
            )
            for order_id, number in numbers.items()
        ]
        values = {"key": uuid4(), "access": MAI, "chosen": "some"} | given
        return begin_each(wishes, Verb.ADD_SHIPMENT, now=self.clock.now, **values)

    def carry_on(self, run: Run) -> Run:
        runner.carry_on(run.pk, self.clock)
        run.refresh_from_db()
        return run

    def work(self, seconds: float = WINDOW) -> None:
        self.clock.pass_(seconds=seconds)
        sending.carry_on(self.shop.pk, self.clock, self.clock)

    def attempt(self) -> Attempt:
        return Attempt.objects.latest("pk")
