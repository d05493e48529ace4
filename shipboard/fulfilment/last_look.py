"""The very last look before a parcel's call is made: a buyer may have asked to cancel, or somebody
here may cancel, since its order was read and its turn among the callers came.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from shipboard.channels.contract import CaseKind
from shipboard.orders.attempts import Attempt, ClaimedUnit, cancels, granted
from shipboard.orders.models import Case, Order

#: Kinds whose call sets a parcel going.
GOING = (Attempt.Kind.SHIP, Attempt.Kind.LABEL)


def is_being_canceled(attempt_pk: int, now: datetime) -> bool:
    """Whether, at `now` (the desk's clock), an order in the parcel is being canceled, or its buyer
    asks for that and nobody has chosen to ship it all the same. One query."""
    attempt = Attempt.objects.filter(pk=attempt_pk)
    inside = ClaimedUnit.objects.filter(attempt=attempt_pk).values("order")
    orders = Order.objects.filter(Q(pk__in=attempt.values("order")) | Q(pk__in=inside))
    asked = Case.objects.filter(order=OuterRef("pk"), is_open=True, kind=CaseKind.CANCELLATION)
    despite = attempt.filter(despite_request=True)
    lately = Case.objects.filter(granted(now), order=OuterRef("pk"))
    ours = Attempt.objects.filter(cancels(now), order=OuterRef("pk"))
    stops = Q(Exists(ours)) | Q(Exists(lately)) | Q(Exists(asked)) & ~Q(Exists(despite))
    return orders.filter(stops).exists()
