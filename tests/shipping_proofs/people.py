"""What people do at the desk: they ask for shipments of one and of many, twice, at once, of things
that cannot go; and undo, pause, call off, correct and hold.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from sandbox.fulfilment.carriers import number_of, of_region
from shipboard import carriers
from shipboard.accounts.access import Access
from shipboard.channels.providers import offered
from shipboard.fulfilment import outbox, pausing
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.correcting import ask_to_correct
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.runs import begin_each, retry_failed
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.orders.attempts import Attempt
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.models import Case, Hold, Line, Order, ParcelContent
from shipboard.orders.overlays import Refused
from shipboard.orders.parts import with_parts

if TYPE_CHECKING:
    from tests.shipping_proofs.life import Life

MAI, LEE = Access(by="mai"), Access(by="lee")
WAITING = ("awaiting_shipment", "partially_shipped")


class People:
    """Two of them, at one desk."""

    def __init__(self, life: Life) -> None:
        self.life, self.serial, self.asked = life, 0, 0
        self.numbers: set[str] = set()

    def act(self, random: Random) -> None:
        """One of them does something; what is refused is told to them, and no matter."""
        acts: dict[Callable[[Random], str], int] = {
            self.ship: 8,
            self.ship_twice: 3,
            self.ship_many: 5,
            self.ship_despite: 2,
            self.undo: 3,
            self.pause: 1,
            self.go_on: 2,
            self.call_off: 1,
            self.retry: 1,
            self.correct: 2,
            self.hold: 1,
            self.release: 1,
        }
        (act,) = random.choices(list(acts), list(acts.values()))
        try:
            said = act(random)
        except Refused as refusal:
            said = f"refused: {refusal}"
        self.life.say(f"{act.__name__}: {said}")

    def number(self, random: Random) -> tuple[str, str]:
        """A new tracking number, and the id of its carrier."""
        known = {one.remote_id: one.name for one in offered(self.life.shop, "")}
        region = self.life.region
        while True:
            self.serial += 1
            carrier = random.choice(of_region(region))
            number = number_of(carrier, 1_000_000 + self.serial)
            name = known.get(carrier.id)
            if name and carriers.verdict(number, name, region).kind != "refused":
                self.numbers.add(number)
                return number, carrier.id

    def _order(self, random: Random, **wanted: object) -> Order:
        found = Order.objects.filter(shop=self.life.shop, **wanted).order_by("pk")
        if not found:
            raise Refused("There is no such order.")
        (order,) = with_parts(
            Order.objects.filter(pk=random.choice(found.values_list("pk", flat=True))),
            self.life.clock.now,
        )
        return order

    def _wish(self, order: Order, random: Random) -> ShipWish:
        number, carrier_id = self.number(random)
        contents = None
        if self.life.region != "TH" and random.random() < 0.4:
            lines = Line.objects.filter(order=order)
            contents = {each.position: random.randint(0, each.quantity) for each in lines}
        waiting = [
            each.parcel.package_id
            for each in order.contents.all()
            if each.parcel.package_id and not each.parcel.tracking_number
        ]
        package_id = random.choice(waiting) if len(set(waiting)) > 1 else ""
        return ShipWish(
            tracking_number=number,
            carrier_id=carrier_id,
            contents=contents,
            package_id=package_id,
        )

    def _ask(self, order: Order, wish: ShipWish, key: UUID, access: Access = MAI) -> Attempt:
        now = self.life.clock.now
        return ask_to_ship(
            order, wish, access=access, now=now, wall=now, seen=order.version, key=key
        )

    def ship(self, random: Random) -> str:
        stages = {"stage__in": WAITING} if random.random() < 0.9 else {}
        order = self._order(random, **stages)
        return self._said(self._ask(order, self._wish(order, random), _key(random)))

    def ship_twice(self, random: Random) -> str:
        """A double click, another tab, or somebody else with another parcel."""
        order = self._order(random, stage__in=WAITING)
        wish, key = self._wish(order, random), _key(random)
        first = self._ask(order, wish, key)
        again = {
            "click": lambda: self._ask(order, wish, key),
            "tab": lambda: self._ask(self._order(random, pk=order.pk), wish, _key(random)),
            "other": lambda: self._ask(
                self._order(random, pk=order.pk), self._wish(order, random), _key(random), LEE
            ),
        }
        how = random.choice(list(again))
        try:
            second = again[how]()
        except Refused as refusal:
            return f"{self._said(first)}, {how}: {refusal}"
        is_other_part = second.pk != first.pk and (second.is_part or first.is_part)
        assert (second.pk == first.pk) == (how == "click") or is_other_part
        return f"{self._said(first)}, {how}: {self._said(second)}"

    def ship_despite(self, random: Random) -> str:
        asking = Case.objects.filter(is_open=True, kind="cancellation").values("order")
        order = self._order(random, pk__in=asking)
        number, carrier_id = self.number(random)
        self.life.wire.watch.despite.add(number)
        wish = ShipWish(tracking_number=number, carrier_id=carrier_id, despite_request=True)
        return self._said(self._ask(order, wish, _key(random)))

    def ship_many(self, random: Random) -> str:
        """A run, in which an order may come twice, and of which some cannot go."""
        shop = Order.objects.filter(shop=self.life.shop).order_by("pk")
        known = list(shop.filter(stage__in=WAITING))
        orders = (
            random.choices(known or list(shop), k=random.randint(1, 8)) if known or shop else []
        )
        wishes = []
        for order in orders:
            number, carrier_id = self.number(random)
            wishes.append((order.pk, ShipWish(tracking_number=number, carrier_id=carrier_id)))
        if random.random() < 0.3 and wishes:
            wishes.append(wishes[0])
        key = _key(random)
        for _ in range(random.choice((1, 1, 2))):
            run = begin_each(
                [(pk, wish.stored()) for pk, wish in wishes],
                Verb.ADD_SHIPMENT,
                key=key,
                access=MAI,
                now=self.life.clock.now,
                chosen="some",
            )
        return f"run {run.pk}: {[each.order_id for each in orders]}"

    def undo(self, random: Random) -> str:
        found = list(Attempt.objects.filter(state__in=("waiting", "calling", "unknown", "done")))
        waits = [each for each in found if each.state == "waiting"] or found
        if not waits:
            raise Refused("Nothing to undo.")
        return self._said(outbox.revoke(random.choice(waits), access=LEE, now=self.life.clock.now))

    def _run(self, random: Random) -> Run:
        runs = Run.objects.order_by("pk")
        if not runs:
            raise Refused("There is no run.")
        return random.choice(runs)

    def pause(self, random: Random) -> str:
        run = self._run(random)
        pausing.pause(run, access=MAI)
        return f"run {run.pk}"

    def go_on(self, random: Random) -> str:
        run = self._run(random)
        pausing.go_on(run, access=MAI, wall=self.life.clock.now)
        return f"run {run.pk}"

    def call_off(self, random: Random) -> str:
        run = self._run(random)
        return f"run {run.pk}: {pausing.call_off(run, access=MAI, now=self.life.clock.now)}"

    def retry(self, random: Random) -> str:
        run = self._run(random)
        return f"run {run.pk}: {retry_failed(run, access=MAI)}"

    def correct(self, random: Random) -> str:
        sent = ParcelContent.objects.filter(is_current=True).exclude(parcel__tracking_number="")
        if not sent:
            raise Refused("Nothing to correct.")
        content = random.choice(sent.select_related("parcel").order_by("pk"))
        number, carrier_id = self.number(random)
        now = self.life.clock.now
        attempt = ask_to_correct(
            self._order(random, pk=content.order_id),
            content.parcel,
            tracking_number=number,
            carrier_id=carrier_id,
            access=LEE,
            now=now,
            wall=now,
            key=_key(random),
        )
        return self._said(attempt)

    def hold(self, random: Random) -> str:
        order = self._order(random)
        place_hold(order, reason="wait", by="mai", now=self.life.clock.now)
        self.life.wire.watch.held[order.order_id] = self.life.wire.watch.requests
        return order.order_id

    def release(self, random: Random) -> str:
        held = Hold.objects.values_list("order", flat=True)
        order = self._order(random, pk__in=held)
        release_hold(order, by="mai", now=self.life.clock.now)
        self.life.wire.watch.held.pop(order.order_id, None)
        return order.order_id

    def _said(self, attempt: Attempt) -> str:
        self.asked += 1
        return f"{attempt.pk} {attempt.order_id} {attempt}"


def _key(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128))
