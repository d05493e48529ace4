"""What every overlay of ours (note, flag, hold) has in common: it is written on an order as
somebody saw it, and whoever looks at that order learns of it.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from django.db.models import F

from shipboard.orders.models import Order
from shipboard.orders.values import is_storable

#: Letters to Unicode, and nothing to the eye.
FILLERS = "\u115f\u1160\u3164\uffa0"


class Refused(Exception):
    """A verb that was not done; the message is a sentence for whoever asked."""


class Stale(Refused):
    """The order has changed since the actor saw it; nothing was written."""


class Gone(Refused):
    """The order is not there any more."""


class BadWords(Refused):
    """What was written cannot be taken."""


def touch(order: Order, *, now: datetime, seen: int | None = None) -> None:
    """Take the order's row, for the rest of the transaction, as about to change. `seen` is the
    version on which the actor decided; None: any will do (a run, or a thing that cannot clash).
    Raises Stale when the row is newer than that, Gone when there is none."""
    rows = Order.objects.filter(pk=order.pk)
    if seen is not None:
        rows = rows.filter(version=seen)
    if rows.update(version=F("version") + 1, changed_at=now):
        return
    if seen is None or not Order.objects.filter(pk=order.pk).exists():
        raise Gone("The order is not here any more.")
    raise Stale(
        f"Order {order.order_id} has changed since you saw it. Nothing was done; look at it "
        "as it is now, and decide again."
    )


def words(given: str, most: int, what: str) -> str:
    """`given` without blanks around it, at least one character and at most `most`. Raises BadWords,
    which calls it `what`."""
    text = given.replace("\r\n", "\n").strip()
    if not text:
        raise BadWords(f"Write {what} first; it is empty.")
    if len(text) > most:
        raise BadWords(f"{len(text):,} characters are too many for {what}; it holds {most:,}.")
    if not is_storable(text):
        raise BadWords(f"There is a character in {what} that cannot be kept; take it out.")
    return text


def reason_words(given: str, most: int) -> str:
    """The `words` of a reason, among which is at least one letter or digit of any script. Raises
    BadWords."""
    text = words(given, most, "the reason")
    if not any(unicodedata.category(sign)[0] in "LN" and sign not in FILLERS for sign in text):
        raise BadWords("Say the reason in a few words; what was written has no letter or digit.")
    return text
