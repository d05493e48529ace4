"""Put created labels on a running desk, as a program of its own: `seed_labels.py MANY` makes them
for so many orders of a demo shop that wait for one, and prints their keys and tracking numbers.
"""

from __future__ import annotations

import json
import sys

from shipboard.cli.django_setup import desk


def main(many: int) -> None:
    with desk():
        from shipboard import clock
        from shipboard.channels.contract import Document, Shipping, Stage
        from shipboard.fulfilment import storing
        from shipboard.orders.labels import Label, LabelOrder
        from shipboard.orders.models import Order
        from tests.fulfilment.label_stock import file_of, number

        now, made = clock.now(), []
        waiting = Order.objects.filter(
            shop__slug="demo-northwind-us",
            stage=Stage.AWAITING_SHIPMENT,
            shipping=Shipping.PLATFORM,
            labels=None,
            cases=None,
            holds=None,
            collected_at=None,
        )
        for order in waiting.order_by("pk")[:many]:
            label = Label.objects.create(
                shop=order.shop,
                state=Label.State.CREATING,
                tracking_number=number(order.pk),
                carrier="Gull Express",
                by="tests",
                asked_at=now,
                arranged_at=now,
            )
            LabelOrder.objects.create(label=label, order=order, units=order.units)
            content = file_of(order.pk)
            storing.store(label, Document(content=content, media_type="application/pdf"), now)
            label.save()
            made.append({"pk": label.pk, "number": label.tracking_number, "order": order.order_id})
        print(json.dumps(made))


if __name__ == "__main__":
    main(int(sys.argv[1]))
