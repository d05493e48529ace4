"""What people do at a desk that labels: they ask for labels of one and of many, twice, at once, of
what cannot go; mend what was rejected, put labels away, and hold orders.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import cast
from uuid import UUID

from shipboard.accounts.access import Access
from shipboard.channels.contract import Size
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.fetching import fetch_again
from shipboard.fulfilment.label_wishes import LabelWish
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.runs import begin_each
from shipboard.fulfilment.shipping import ShipWish
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label
from shipboard.orders.models import Case, Line, Order
from shipboard.orders.overlays import Refused
from tests.shipping_proofs.people import MAI, WAITING, People


class LabelPeople(People):
    """Two of them, at one desk."""

    def act(self, random: Random) -> None:
        acts: dict[Callable[[Random], str], int] = {
            self.ship: 8,
            self.ship_twice: 3,
            self.ship_many: 5,
            self.ship_despite: 2,
            self.create_again: 4,
            self.fetch: 1,
            self.pause: 1,
            self.go_on: 2,
            self.call_off: 1,
            self.retry: 1,
            self.hold: 1,
            self.release: 1,
        }
        (act,) = random.choices(list(acts), list(acts.values()))
        try:
            said = act(random)
        except Refused as refusal:
            said = f"refused: {refusal}"
        self.life.say(f"{act.__name__}: {said}")

    def _wish(self, order: Order, random: Random) -> ShipWish:
        """A LabelWish in truth: whoever ships in People only hands it on."""
        contents = None
        if self.life.region == "US" and random.random() < 0.4:
            lines = Line.objects.filter(order=order)
            contents = {each.position: random.randint(0, each.quantity) for each in lines}
        waiting = sorted(
            {
                each.parcel.package_id
                for each in order.contents.all()
                if each.parcel.package_id and not each.parcel.tracking_number
            }
        )
        package_id = random.choice(waiting) if len(waiting) > 1 else ""
        size = Size(weight_grams=random.choice((200, 900, 40_000)))
        wish = LabelWish(size=size, contents=contents, package_id=package_id)
        return cast(ShipWish, wish)

    def _ask(self, order: Order, wish: ShipWish, key: UUID, access: Access = MAI) -> Attempt:
        now = self.life.clock.now
        return ask_to_label(
            order,
            cast(LabelWish, wish),
            access=access,
            now=now,
            wall=now,
            seen=order.version,
            key=key,
        )

    def ship_despite(self, random: Random) -> str:
        asking = Case.objects.filter(is_open=True, kind="cancellation").values("order")
        order = self._order(random, pk__in=asking)
        now = self.life.clock.now
        wish = LabelWish(size=Size(weight_grams=200), despite_request=True)
        attempt = ask_to_label(order, wish, access=MAI, now=now, wall=now)
        self.life.wire.watch.despite.add(order.order_id)
        return self._said(attempt)

    def ship_many(self, random: Random) -> str:
        """A run, in which an order may come twice, and of which some cannot go."""
        known = list(Order.objects.filter(shop=self.life.shop, stage__in=WAITING).order_by("pk"))
        if not known:
            raise Refused("There is no such order.")
        orders = random.choices(known, k=random.randint(1, 8))
        wish = LabelWish(size=Size(weight_grams=random.choice((200, 900)))).stored()
        key = UUID(int=random.getrandbits(128))
        for _ in range(random.choice((1, 1, 2))):
            run = begin_each(
                [(each.pk, wish) for each in orders],
                Verb.CREATE_LABEL,
                key=key,
                access=MAI,
                now=self.life.clock.now,
                chosen="some",
            )
        return f"run {run.pk}: {[each.order_id for each in orders]}"

    def create_again(self, random: Random) -> str:
        rejected = Label.objects.filter(state=Label.State.REJECTED, arranged_at=None)
        order = self._order(random, labels__label__in=rejected, stage__in=WAITING)
        return self._said(
            self._ask(order, self._wish(order, random), UUID(int=random.getrandbits(128)))
        )

    def fetch(self, random: Random) -> str:
        labels = list(Label.objects.filter(arranged_at__isnull=False).order_by("pk"))
        some, now = random.sample(labels, min(len(labels), 3)), self.life.clock.now
        return str(fetch_again(some, now, now))
