"""A desk that labels, and all that can happen to it: a life drawn from a seed."""

from __future__ import annotations

from datetime import timedelta

from shipboard.fulfilment import calling, fetching, finding, sending
from shipboard.orders.labels import Label
from tests.label_proofs.people import LabelPeople
from tests.label_proofs.wire import LabelWire
from tests.shipping_proofs.life import Life

#: Long enough for the last file, which is asked for every five minutes once it is late.
FILES = timedelta(minutes=30)


class LabelLife(Life):
    """One shop whose orders the platform ships."""

    wires = LabelWire
    peoples = LabelPeople
    shape = "lines"
    operations = ("create_packages", "ship_package", "shipping_document", "order_detail")
    modules = (calling, sending, fetching)

    def __enter__(self) -> LabelLife:
        super().__enter__()
        self.wire.watch.ours = set()
        return self

    def _work(self) -> None:
        if self.random.random() < 0.3:
            self.fetch()
        else:
            super()._work()

    def fetch(self) -> None:
        fetching.carry_on(self.shop.pk, self.clock, self.clock)
        self.say("files fetched")

    def send(self) -> None:
        super().send()
        if not self.random.randrange(3):
            self.fetch()

    def quiet(self) -> None:
        """What was bought over there is found in the end, too."""
        super().quiet()
        # What was taken back a moment after it was bought shows by then.
        self.pass_(180)
        self.reconcile()
        finding.find_new(self.clock.now, self.clock.now)
        for _ in range(int(FILES.total_seconds() // 60)):
            if not Label.objects.filter(fetch_at__isnull=False).exists():
                break
            self.authorise_again()
            self.pass_(60)
            self.fetch()
