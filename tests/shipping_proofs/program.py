"""Programs of the tests that kill a desk while it ships, with its settings in their environment:
`begin` (read all orders and ship them in one run; prints how many), `hurry` (what each minute
brings comes at once, again and again).
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from random import Random
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import django
from django import db

django.setup()

from procrastinate.exceptions import ProcrastinateException  # noqa: E402

from shipboard import clock, tasks  # noqa: E402
from shipboard.channels import registry  # noqa: E402
from shipboard.channels.models import Shop  # noqa: E402
from shipboard.channels.providers import refresh_carriers  # noqa: E402
from shipboard.fulfilment.allowed import Verb  # noqa: E402
from shipboard.fulfilment.runs import begin_each  # noqa: E402
from shipboard.fulfilment.shipping import ShipWish  # noqa: E402
from shipboard.ingest.sync import sync  # noqa: E402
from shipboard.orders.models import Order  # noqa: E402
from tests.shipping_proofs.life import Life  # noqa: E402
from tests.shipping_proofs.people import MAI, People  # noqa: E402


def begin() -> str:
    Shop.objects.update(undo_seconds=0, in_flight=6)
    shop = Shop.objects.get()
    sync(shop, clock.now)
    refresh_carriers(shop, registry.open_channel(shop), clock.now())
    people = People(cast(Life, SimpleNamespace(shop=shop, region=shop.region)))
    wishes = []
    for order in Order.objects.filter(stage="awaiting_shipment").order_by("pk"):
        number, carrier_id = people.number(Random(order.pk))
        wishes.append((order.pk, ShipWish(tracking_number=number, carrier_id=carrier_id).stored()))
    now = clock.now()
    begin_each(wishes, Verb.ADD_SHIPMENT, key=uuid4(), access=MAI, now=now, chosen="all")
    return str(len(wishes))


def hurry() -> None:
    """The database may go meanwhile, and come back."""
    while True:
        for task in (tasks.resume_runs, tasks.resume_sending, tasks.retry_stalled):
            with suppress(db.Error, ProcrastinateException):
                task.defer(timestamp=0)
        db.connection.close()
        time.sleep(0.5)


if __name__ == "__main__":
    print({"begin": begin, "hurry": hurry}[sys.argv[1]]() or "")
