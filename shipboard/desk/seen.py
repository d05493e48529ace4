"""What somebody saw when they looked at the list: signed into the page, and shown again when the
page asks what has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core import signing

from shipboard.orders.models import Order
from shipboard.orders.tally import pulse

SIGNER = signing.Signer(salt="shipboard.desk.seen", sep="~")


class NotSeen(ValueError):
    """A token that this desk has not given out."""


@dataclass(frozen=True)
class Seen:
    """`pulse` of the shops and the `newest` order's key as they were before the list was asked
    for: what commits meanwhile is told once more, never missed. `count`: what the list found.
    `notices`: which of them stood (notice_bar.mark)."""

    at: datetime
    shop_ids: frozenset[int]
    pulse: int
    newest: int
    count: int = 0
    notices: str = ""

    def seal(self) -> str:
        shops = sorted(self.shop_ids)
        values = [self.at.isoformat(), shops, self.pulse, self.newest, self.count, self.notices]
        return SIGNER.sign_object(values)


def looking(shop_ids: Iterable[int], now: datetime) -> Seen:
    """To be called before the list is asked for; its count is added afterwards."""
    shops = frozenset(shop_ids)
    moved = pulse(shops)
    newest = Order.objects.order_by("-pk").values_list("pk", flat=True).first()
    return Seen(now, shops, moved, newest or 0)


def open_token(token: str) -> Seen:
    """Raises NotSeen for a token that is not ours."""
    try:
        at, shop_ids, moved, newest, count, notices = SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError):  # or of an older version of this desk
        raise NotSeen("Reload the page: its place among the changes is not known.") from None
    return Seen(datetime.fromisoformat(at), frozenset(shop_ids), moved, newest, count, notices)
