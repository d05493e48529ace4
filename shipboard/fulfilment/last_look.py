"""The very last look before a parcel's call is made: a buyer may have asked to cancel, or somebody
here may cancel, since its order was read and its turn among the callers came.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, Q

from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.canceling import is_asked_for, is_canceling
from shipboard.orders.models import Order

#: Kinds whose call sets a parcel going.
GOING = (Attempt.Kind.SHIP, Attempt.Kind.LABEL)


def is_being_canceled(attempt_pk: int, now: datetime) -> bool:
    """Whether, at `now` (the desk's clock), an order in the parcel is being canceled, or its buyer
    asks for that and nobody has chosen to ship it all the same. One query."""
    attempt = Attempt.objects.filter(pk=attempt_pk)
    inside = ClaimedUnit.objects.filter(attempt=attempt_pk).values("order")
    orders = Order.objects.filter(Q(pk__in=attempt.values("order")) | Q(pk__in=inside))
    despite = attempt.filter(despite_request=True)
    stops = is_canceling(now) | is_asked_for() & ~Q(Exists(despite))
    return orders.filter(stops).exists()
