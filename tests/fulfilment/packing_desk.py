"""The person and the worker at a shop whose orders are split, combined and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shipboard.channels.models import Shop
from shipboard.fulfilment import fetching, sending
from shipboard.fulfilment.label_wishes import LabelWish
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.repacking import ask_to_combine, ask_to_split, ask_to_uncombine
from shipboard.ingest.sync import sync
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Event, Order
from shipboard.orders.parts import with_parts
from tests.fulfilment.conftest import MAI
from tests.fulfilment.packing_channel import PackingChannel
from tests.ingest.fake_channel import Clock


class PackingDesk:
    def __init__(self, shop: Shop, clock: Clock, channel: PackingChannel) -> None:
        self.shop, self.clock, self.channel = shop, clock, channel

    def read(self) -> None:
        self.clock.pass_(seconds=1)
        sync(self.shop, self.clock)

    def order(self, order_id: str = "1") -> Order:
        (order,) = with_parts(Order.objects.filter(order_id=order_id), self.clock.now)
        return order

    def split(self, *groups: Sequence[str], order_id: str = "1", **given: Any) -> Attempt:
        return ask_to_split(self.order(order_id), groups, **self._by(given))

    def combine(self, order_id: str, *others: str, **given: Any) -> Attempt:
        rest = [self.order(each) for each in others]
        return ask_to_combine(self.order(order_id), rest, **self._by(given))

    def uncombine(self, order_id: str, *leaving: str, **given: Any) -> Attempt:
        return ask_to_uncombine(self.order(order_id), leaving, **self._by(given))

    def label(self, order_id: str = "1", package_id: str = "", **given: Any) -> Attempt:
        wish = LabelWish(package_id=package_id)
        return ask_to_label(self.order(order_id), wish, **self._by(given))

    def _by(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"access": MAI, "now": self.clock.now, "wall": self.clock.now} | given

    def work(self, seconds: float = 1) -> None:
        self.clock.pass_(seconds=seconds)
        sending.carry_on(self.shop.pk, self.clock, self.clock)

    def fetch(self) -> None:
        self.clock.pass_(seconds=1)
        fetching.carry_on(self.shop.pk, self.clock, self.clock)

    def packed(self, order_id: str = "1") -> list[list[tuple[int, int]]]:
        """Units by line in each package of the order, by the facts."""
        held: dict[int, list[tuple[int, int]]] = {}
        for each in self.order(order_id).contents.all():
            held.setdefault(each.parcel_id, []).append((each.line, each.quantity))
        return sorted(sorted(each) for each in held.values())

    def events(self, order_id: str = "1") -> list[str]:
        found = Event.objects.filter(order__order_id=order_id).order_by("pk")
        return [kind for kind in found.values_list("kind", flat=True) if "repack" in kind]
