"""Notices: what people must be told of a shop's line to its marketplace. Each is told when it
begins and when it is over, however often it is found to last; telling.py says what is told again.
Never with personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from shipboard.channels.models import Shop
from shipboard.ingest.models import Notice

KEPT = timedelta(days=90)


class About(StrEnum):
    """What a notice may be about; one at a time of each shop."""

    STALE = "stale"
    RECONNECT = "reconnect"
    EXPIRING = "expiring"
    CLOCK = "clock"
    HOOKS_UNSIGNED = "hooks_unsigned"
    HOOKS_TOO_BIG = "hooks_too_big"
    UNREADABLE = "unreadable"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something to be told: what is so, in a sentence, and what to do."""

    sentence: str
    next_step: str = ""


def begin(shop: Shop, about: About, trouble: Trouble, now: datetime) -> bool:
    """Say that something began, unless it is said already: the first sentence stands for as long
    as it lasts. Tells whether it is new."""
    _, is_new = Notice.objects.get_or_create(
        shop=shop,
        about=about.value,
        over_at=None,
        defaults={"sentence": trouble.sentence, "next_step": trouble.next_step, "since": now},
    )
    return is_new


def over(shop: Shop, about: Iterable[About], now: datetime) -> int:
    """These are over, those of them that were said; tells how many."""
    return standing(shop).filter(about__in=[each.value for each in about]).update(over_at=now)


def settle(shop: Shop, found: Mapping[About, Trouble], now: datetime) -> None:
    """Make the shop's notices be what was `found`: all that is so now."""
    with transaction.atomic():
        for about, trouble in found.items():
            begin(shop, about, trouble, now)
        over(shop, [each for each in About if each not in found], now)


def standing(shop: Shop) -> QuerySet[Notice]:
    return Notice.objects.filter(shop=shop, over_at=None)


def forget_old(now: datetime) -> int:
    """Delete those that have been over for 90 days; returns how many."""
    return Notice.objects.filter(over_at__lt=now - KEPT).delete()[0]
