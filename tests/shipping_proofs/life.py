"""A desk that ships, and all that can happen to it: a life drawn from a seed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.db import connection

from sandbox.errors import codes_of
from sandbox.faults import CALL
from shipboard.channels import registry
from shipboard.channels.providers import refresh_carriers
from shipboard.fulfilment import calling, outbox, runner, sending
from shipboard.fulfilment.models import Run
from shipboard.orders.attempts import LIVE, Attempt
from tests.channel_proofs.rig import Rig
from tests.shipping_proofs.people import People
from tests.shipping_proofs.process import Process
from tests.shipping_proofs.wire import ShippingWire

SHIPPING = ("mark_package_shipped", "ship_package")
EDITING = ("update_order_shipping_info", "update_package_shipping_info")
PAUSES = (1, 5, 20, 45, 80, 125, 400, 1500)
#: What happens over there meanwhile, and how often.
WORLD = {
    "place": 4,
    "buyer_cancels": 4,
    "buyer_withdraws": 2,
    "seller": 4,
    "step_back": 1,
    "collect": 1,
}
#: Minutes after which all must have come to an end.
QUIET = 40


class Life(Rig):
    """One shop whose orders its seller ships."""

    wire: ShippingWire
    wires: type[ShippingWire] = ShippingWire
    peoples: type[People] = People
    #: What is ordered, and the calls that go wrong most often.
    shape = "seller"
    operations: tuple[str, ...] = (*SHIPPING, *EDITING)
    modules: tuple[Any, ...] = (calling, sending)

    def __init__(self, region: str, random: Random, *, is_kept: bool = False) -> None:
        super().__init__(region, has_hooks=False, is_kept=is_kept)
        self.random, self.points = random, Process()

    def __enter__(self) -> Life:
        super().__enter__()
        time = SimpleNamespace(monotonic=lambda: self.clock.now.timestamp())
        for module in self.modules:
            self._stack.enter_context(patch.object(module, "time", time))
        self._stack.enter_context(patch.object(runner, "wall", self.clock))
        type(self.shop).objects.update(
            in_flight=4 if self.is_kept else 1, undo_seconds=self.random.choice((0, 20, 120))
        )
        self.shop.refresh_from_db()
        self.people = self.peoples(self)
        self.wire.watch.ours = self.people.numbers
        self.does("place", self.random, shape=self.shape, count=str(self.random.randint(3, 7)))
        self.pass_(3700)
        self.sync()
        self.wire.lingering = self.random.choice((0.0, 0.4))
        refresh_carriers(self.shop, registry.open_channel(self.shop), self.clock.now)
        return self

    def make_wire(self) -> ShippingWire:
        wire = self.wires(self.market, self.points, self.clock, self.spend)
        wire.random = self.random
        return wire

    def spend(self, seconds: float) -> None:
        """Time that passes while the desk waits."""
        self.clock.now += timedelta(seconds=seconds)
        self.market.clock.hold(self._there())

    def pass_(self, seconds: float) -> None:
        """What lingers on the wire arrives in its turn."""
        ends = self.clock.now + timedelta(seconds=seconds)
        for at in sorted(at for at, _ in self.wire.late if at <= ends):
            self.spend(max(0.0, (at - self.clock.now).total_seconds()))
            self.wire.arrive()
        super().pass_(max(0.0, (ends - self.clock.now).total_seconds()))
        with connection.cursor() as cursor:
            # The limit of calls takes real time, of which none has passed.
            cursor.execute("delete from call_rate")

    def live(self, turns: int) -> None:
        """Turns in which everything goes on at once and little goes well."""
        for _ in range(turns):
            for _ in range(self.random.randint(0, 3)):
                self._world()
            for _ in range(self.random.randint(1, 4)):
                with self._perhaps_killed(25, 0.2):
                    self.people.act(self.random)
            if self.random.random() < 0.3:
                self._faults()
            self.pass_(self.random.choice(PAUSES))
            for _ in range(self.random.randint(1, 3)):
                with self._perhaps_killed(150, 0.4):
                    self._work()

    def _world(self) -> None:
        (verb,) = self.random.choices(list(WORLD), list(WORLD.values()))
        if verb == "seller":
            self.world(self.random, "seller")
        else:
            given = {
                "place": {"shape": self.shape},
                "buyer_cancels": {"status": "AWAITING_SHIPMENT"},
            }
            self.does(verb, self.random, **given.get(verb, {}))

    def _perhaps_killed(self, steps: int, chance: float) -> AbstractContextManager[None]:
        if self.random.random() < chance:
            self.say("(may be killed)")
            return self.points.kill_at(self.random.randint(1, steps))
        return nullcontext()

    def _faults(self) -> None:
        faults, random = self.market.faults, self.random
        faults.clear()
        faults.seed(random.randrange(2**32))
        self.wire.lingering = random.choice((0.0, 0.3, 0.7))
        chosen = random.sample(sorted(CALL), random.randint(0, 3))
        for fault in chosen:
            operation = random.choice((*self.operations, "*"))
            faults.switch(fault, random.choice((0.1, 0.4, 0.8)), operation)
        if random.random() < 0.5:
            operation = random.choice((*self.operations[:2], *self.operations))
            code = random.choice(codes_of(operation))
            faults.switch(f"reject:{code}", random.choice((0.2, 1.0)), operation)
            chosen.append(f"{operation} {code}")
        self.say(f"faults: {chosen}, lingering {self.wire.lingering}")

    def _work(self) -> None:
        what = self.random.random()
        if what < 0.15:
            self.sync()
        elif what < 0.4:
            self.run_on()
        elif what < 0.6:
            with self.meanwhile(self.random, 0.2):
                self.send()
        else:
            self.send()

    def run_on(self) -> None:
        for run in Run.objects.exclude(state=Run.State.DONE).order_by("pk"):
            runner.carry_on(run.pk, self.clock)
        self.say("runs carried on")

    def send(self) -> None:
        self.wire.watch.turn += 1
        sending.carry_on(self.shop.pk, self.clock, self.clock)
        self.say("sent")

    def quiet(self) -> None:
        """Nothing goes wrong any more; the desk is left to itself until all has come to an end."""
        self.market.faults.clear()
        self.wire.lingering = 0.0
        for run in Run.objects.filter(state=Run.State.PAUSED):
            Run.objects.filter(pk=run.pk).update(state=Run.State.WAITING)
        for _ in range(QUIET):
            self.authorise_again()
            self.pass_(60)
            self.run_on()
            outbox.queue_due(self.clock.now)
            if outbox.due(self.clock.now).exists():
                self.send()
            if not self.is_busy():
                break

    def is_busy(self) -> bool:
        live = Attempt.objects.filter(state__in=LIVE)
        return live.exists() or Run.objects.exclude(state=Run.State.DONE).exists()
