"""Orders that are about to be canceled: their parcels go nowhere until that is settled."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from shipboard.channels.contract import CaseKind
from shipboard.orders.attempts import Attempt, cancels, granted
from shipboard.orders.models import Case


def is_canceling(now: datetime, order: str = "pk") -> Q:
    """Of what names an order at `order`: it is being canceled from here, or its cancellation was
    decided for, here or over there, so short a time ago that it may not show that yet."""
    ours = Attempt.objects.filter(cancels(now), order=OuterRef(order))
    lately = Case.objects.filter(granted(now), order=OuterRef(order))
    return Q(Exists(ours)) | Q(Exists(lately))


def is_asked_for(order: str = "pk") -> Q:
    """Of what names an order at `order`: a request to cancel waits for an answer."""
    asked = Case.objects.filter(order=OuterRef(order), is_open=True, kind=CaseKind.CANCELLATION)
    return Q(Exists(asked))
