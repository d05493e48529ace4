"""The bar on every page that says what is wrong with the shops' lines, until it is over: nobody
puts it away, but several fold into one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from shipboard.desk.door import access_for
from shipboard.ingest.models import Notice
from shipboard.ingest.notices import About

#: Something may be lost or late while these last; the others can wait a day.
SEVERE = (About.STALE, About.RECONNECT, About.CLOCK)


@dataclass(frozen=True)
class Told:
    """A notice as it is shown; `slug` is its shop's."""

    pk: int
    sentence: str
    next_step: str
    slug: str
    is_severe: bool

    @property
    def severity(self) -> str:
        return "Problem" if self.is_severe else "Warning"


def standing(request: HttpRequest, beside: str = "") -> list[Told]:
    """What stands of the reader's shops but the one called `beside`, the severe first, the newest
    first. One query."""
    if not request.user.is_authenticated:
        return []
    found = Notice.objects.filter(over_at=None).exclude(shop__slug=beside)
    if (shop_ids := access_for(request).shop_ids) is not None:
        found = found.filter(shop__in=shop_ids)
    rows = found.order_by("-since", "-pk").values_list(
        "pk", "sentence", "next_step", "shop__slug", "about"
    )
    told = [
        Told(pk, sentence, step, slug, about in SEVERE) for pk, sentence, step, slug, about in rows
    ]
    return sorted(told, key=lambda each: not each.is_severe)


def mark(told: Iterable[Told]) -> str:
    """What differs when other notices stand; the words of one that stands do not change."""
    return ".".join(str(each.pk) for each in told)
