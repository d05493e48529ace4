"""Orders of which a carrier is handed nothing: each with why, in words for its row of the carrier's
file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Case, Q, TextField, Value, When

from shipboard.channels.contract import Shipping, Stage
from shipboard.orders.canceling import is_asked_for, is_canceling
from shipboard.orders.holds import held
from shipboard.orders.models import Order
from shipboard.orders.stages import in_stage

#: Stages at which the seller's parcel is still to be handed over.
GOES = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED, Stage.PENDING_COLLECTION)
#: Stages at which its carrier has had it.
GONE = (Stage.IN_TRANSIT, Stage.DELIVERED, Stage.CLOSED)


def kept_back(order_pks: Sequence[int], now: datetime) -> dict[int, str]:
    """Of the orders with these keys, those that a carrier is handed nothing of at `now`, each with
    why: canceled or about to be, held here, shipped by the marketplace, not to be shipped yet, or
    with the carrier already. One query."""
    found = Order.objects.filter(pk__in=order_pks).annotate(kept_back=_why(now))
    return dict(found.exclude(kept_back="").order_by().values_list("pk", "kept_back"))


def _why(now: datetime) -> Case:
    goes = Q()
    for stage in GOES:
        goes |= in_stage(stage, now)
    whys = (
        (Q(stage=Stage.CANCELED), "The order is canceled: no parcel goes."),
        (
            is_canceling(now) | is_asked_for(),
            "The order is being canceled, or its buyer asks for that: keep it back.",
        ),
        (held(now), "The order is held here: keep it back until the hold is released."),
        (Q(is_platform_fulfilled=True), "The marketplace ships this order from its own warehouse."),
        (
            Q(shipping=Shipping.PLATFORM),
            "The marketplace arranges the carrier of this order: create its shipping label.",
        ),
        (Q(stage__in=GONE), "The carrier has had its parcel already."),
        (~goes, "The order is not to be shipped yet."),
    )
    return Case(
        *(When(applies, then=Value(said)) for applies, said in whys),
        default=Value(""),
        output_field=TextField(),
    )
