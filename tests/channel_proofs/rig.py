"""A marketplace and a desk in one process, with their clocks driven: a shop connected through the
real exchange of tokens, and webhooks that end at the desk's real address.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any
from unittest.mock import patch

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from sandbox import shops, tokens, verbs
from sandbox.kinds import Doc
from sandbox.limits import Limits
from sandbox.market import Market
from sandbox.verbs import CannotDo
from sandbox.world import living
from shipboard.channels import http, sealed
from shipboard.channels.models import Connection, Grant, Shop
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok import hooking, oauth
from shipboard.ingest import hook_work
from shipboard.ingest.models import Hook
from shipboard.ingest.reconcile import reconcile
from shipboard.ingest.sync import Synced, sync
from shipboard.orders.models import Order
from tests import make
from tests.channel_proofs.points import Killed, Points
from tests.channel_proofs.seller import Seller
from tests.channel_proofs.traces import Logs, follow
from tests.channel_proofs.wire import Wire
from tests.channels.tiktok import made
from tests.ingest.fake_channel import Clock

SHOP = "7495000000000000001"
#: Faults that lose an answer of what has been done.
LOSE_ANSWERS = {"timeout_after_effect", "reset_mid_body", "null_data"}
ADDRESS = "https://desk.example/hooks/tiktok/"


class Rig:
    """Use it as a context manager, within a test that has the database; all is gone after."""

    def __init__(
        self,
        region: str = "TH",
        facts: Mapping[str, Any] | None = None,
        *,
        has_hooks: bool = True,
        skew: int = 0,
        is_kept: bool = False,
    ) -> None:
        """`is_kept`: what is written is committed, for threads of the desk's to see."""
        self.is_kept = is_kept
        self.region, self.given, self.has_hooks, self.skew = region, facts or {}, has_hooks, skew
        self.clock, self.points = Clock(), Points()
        self.answered: set[bytes] = set()
        self.happened: list[str] = []
        self._stack = ExitStack()
        self._slept = 0.0

    def __enter__(self) -> Rig:
        stack = self._stack
        if not self.is_kept:
            stack.enter_context(transaction.atomic())
            stack.callback(transaction.set_rollback, True)
        self.market = Market()
        stack.callback(self.market.close)
        self._set_facts()
        self.market.limits = Limits(
            lambda: int(self.market.facts.value("calls_per_second")),
            lambda: time.monotonic() + self._slept,
        )
        self.market.clock.hold(self._there())
        self.history = follow(self.market)
        self.wire = self.make_wire()
        stack.enter_context(patch("shipboard.clock.now", self.clock))
        stack.enter_context(patch.object(http, "TRANSPORT", self.wire))
        stack.enter_context(patch.object(client_module, "sleep", self._sleep))
        cache.clear()
        self.shop = self._connect()
        self.seller = Seller(self.market, SHOP, self.region)
        self.market.hooks.post = self.receive
        self.logs = stack.enter_context(Logs())
        stack.enter_context(connection.execute_wrapper(self.points.statement))
        return self

    def __exit__(self, *problem: Any) -> None:
        with connection.cursor() as cursor:
            if not connection.needs_rollback:
                cursor.execute("select pg_advisory_unlock_all()")
        self._stack.close()

    def make_wire(self) -> Wire:
        return Wire(self.market, self.points)

    def _set_facts(self) -> None:
        """Carriers make labels in no time, as true time is not ours to drive."""
        for key, value in {"label_seconds": 0, **self.given}.items():
            self.market.facts.set(key, value)

    def _connect(self) -> Shop:
        store = {"id": "9495000000000000001", "name": "Main store", "region": self.region}
        given = {"id": SHOP, "name": "Northwind", "region": self.region, "warehouses": [store]}
        shops.add_shop(self.market.books, given)
        shops.add_app(self.market.books, "key1", "secret1", "https://desk.example/back")
        app = made.app(api_host="https://sandbox.test", auth_host="https://sandbox.test")
        there = shops.app(self.market.books, "key1")
        assert there is not None
        grant = oauth.exchange(app, tokens.give_code(self.market, there, SHOP))
        [found] = oauth.shops(grant)
        shop = make.shop(
            found.name,
            channel="tiktok",
            remote_id=found.remote_id,
            region=self.region,
            dispatch_hours=None,
            auto_cancel_hours=None,
        )
        line = Connection(
            shop=shop, grant=grant, state_at=self.clock.now, connected_at=self.clock.now
        )
        sealed.set_cipher(line, found.cipher)
        line.save()
        if self.has_hooks:
            assert not hooking.ask(line, ADDRESS)
        return shop

    def _there(self) -> int:
        return int(self.clock.now.timestamp()) + self.skew

    def _sleep(self, seconds: float) -> None:
        """Nobody waits; the marketplace's limit of calls a second takes it for true."""
        self._slept += seconds

    # The world.

    def say(self, what: str) -> None:
        self.happened.append(f"{self.clock.now:%d %H:%M:%S} {what}")

    def pass_(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)
        self.market.clock.hold(self._there())
        self.market.tick()
        self.say(f"{seconds:.0f} s pass")

    def world(self, random: Random, verb: str = "") -> None:
        """One thing that buyers, carriers or the platform do, or the seller over there."""
        if verb == "seller" or (not verb and random.random() < 0.3):
            self.say(f"seller: {self.seller.act(random)}")
            return
        try:
            event = living.step(self.market, random, SHOP)
        except CannotDo:
            return
        self.say(f"{event.verb} {event.came}")

    def grow(self, random: Random) -> None:
        """A few days, after which there are orders of every kind at every stage."""
        for _ in range(12):
            for _ in range(5):
                self.world(random)
            self.pass_(random.choice((600, 3600, 20_000)))

    def does(self, verb: str, random: Random, **given: str) -> None:
        """Something of the sandbox's verbs, if it can be done now."""
        given["seed"] = str(random.getrandbits(40) + 1)
        try:
            came = verbs.do(self.market, verb, SHOP, given)
        except CannotDo:
            return
        self.say(f"{verb} {came}")

    @contextmanager
    def meanwhile(self, random: Random, rate: float) -> Iterator[None]:
        """While the desk talks to the marketplace, the world does not stand still."""

        def move() -> None:
            if random.random() < rate:
                self.wire.meanwhile = lambda: None
                try:
                    self.clock.now += timedelta(seconds=random.choice((0, 1, 2)))
                    self.market.clock.hold(self._there())
                    self.world(random)
                finally:
                    self.wire.meanwhile = move

        self.wire.meanwhile = move
        try:
            yield
        finally:
            self.wire.meanwhile = lambda: None

    # The desk.

    def sync(self) -> Synced:
        done = sync(self.shop, self.clock)
        self.say(f"sync {done.failed or ''}")
        return done

    def reconcile(self) -> Synced:
        done = reconcile(self.shop, self.clock, anew=True)
        self.say(f"reconcile {done.failed or ''}")
        return done

    def receive(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> int:
        """The desk's endpoint, for the marketplace and for whoever pretends to be it."""
        given = {name.lower(): value for name, value in headers.items()}
        try:
            answer = Client().post(
                "/hooks/tiktok/", body, content_type="application/json", headers=given
            )
        except Killed:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock_all()")
            return 0
        if answer.status_code == 200:
            self.answered.add(sha256(body).digest())
        return int(answer.status_code)

    def deliver(self, random: Random, ahead: float = 0.0, most: int = 1000) -> None:
        """Webhooks that are due within `ahead` seconds, or some of them, in any order."""
        due = self.market.hooks.waiting(self.market.clock.real() + ahead)
        if random.random() < 0.3:
            random.shuffle(due)
        for shop, hook in due[: min(most, random.randint(0, len(due)))]:
            self.market.hooks.deliver(shop, hook)
        self.say(f"{len(due)} webhooks due")

    def work(self) -> None:
        while hook_work.work(self.shop, self.clock):
            pass
        self.say("webhooks worked on")

    def rest(self) -> None:
        """Quiet: nothing goes wrong any more, everything is read once, and once more by night.
        What a clock ahead of ours dates in our future is listed once that has come."""
        self.market.faults.clear()
        self.authorise_again()
        self.pass_(20 * 60)
        self.clock.now += timedelta(seconds=max(0, self.skew))
        self.market.clock.hold(self._there())
        synced = self.sync()
        assert not synced.failed, synced.failed
        assert synced.is_done
        night = self.reconcile()
        assert not night.failed, night.failed

    def authorise_again(self) -> None:
        """An answer with new tokens that never arrives, or a kill before they are stored, costs the
        access: the old ones are of no use any more. The desk says so, and a person connects the
        shop again."""
        grant = Grant.objects.get()
        if self.market.books.get("token", "", sealed.access_token(grant)):
            return
        struck = self.market.faults.struck().keys()
        assert self.points.kills or struck & LOSE_ANSWERS, "access was lost for no reason"
        self.connect_again()

    def connect_again(self) -> None:
        """A person does, and the desk asks for webhooks again."""
        grant = Grant.objects.get()
        there = shops.app(self.market.books, "key1")
        assert there is not None
        oauth.exchange(grant.app, tokens.give_code(self.market, there, SHOP))
        if self.has_hooks:
            line = Connection.objects.select_related("grant__app", "shop").get()
            assert not hooking.ask(line, ADDRESS)
        self.say("connected again")

    # What came of it.

    def documents(self, kind: str = "order") -> list[Doc]:
        return self.market.books.find(kind, SHOP)

    def stages(self) -> dict[str, str]:
        rows = Order.objects.filter(shop=self.shop)
        return dict(rows.values_list("order_id", "stage"))

    def unkept(self) -> set[bytes]:
        """Digests of what was answered with 200 and is not in the inbox. The same once more may be
        counted on a row whose body differs only where nobody signs; here bodies are the key."""
        kept = {bytes(each) for each in Hook.objects.values_list("sha256", flat=True)}
        return self.answered - kept
