"""The word of a person that the canceled units are out of a parcel, on the label's own page."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment.clearing import clear, to_take_out
from shipboard.fulfilment.printing import lock, printables
from shipboard.orders.labels import Label
from shipboard.orders.overlays import Refused


class NotToBeSaid(Refused):
    """Other units are to come out than those that the person saw, or none."""


@transaction.atomic
def say_taken_out(label: Label, seen: int, *, access: Access, now: datetime) -> None:
    """`seen`: how many units the page said are to come out. Raises NotToBeSaid and NotAllowed."""
    access.need(Right.WORK)
    lock([label.pk])
    (fresh,) = printables([label.pk], now)
    if sum(to_take_out(fresh).values()) != seen or not seen:
        raise NotToBeSaid(
            "What is to come out of the parcel has changed meanwhile. Look at it again."
        )
    clear(fresh, access.by, now)
