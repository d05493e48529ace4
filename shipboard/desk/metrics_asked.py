"""What a page of metrics is asked for: which shops and how many days; and how its spans and dates
are said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest
from django.utils.http import urlencode

from shipboard.channels.models import Shop
from shipboard.desk.door import access_for
from shipboard.orders.filters import BadFilter, OrderFilter
from shipboard.orders.metrics import DAYS, dates_of, period_of
from shipboard.orders.queries import in_view, visible_shops
from shipboard.orders.value_words import span_words


@dataclass(frozen=True)
class Asked:
    shops: list[Shop]
    visible: list[Shop]
    days: int
    #: Slugs of the shops that were asked for; none of them means all.
    slugs: tuple[str, ...]

    @property
    def shop(self) -> str:
        """The slug of the only shop that was asked for."""
        return self.slugs[0] if len(self.slugs) == 1 else ""

    def query(self, shop: str = "") -> str:
        """The same of `shop` alone, or as it was asked."""
        return urlencode({"shop": [shop] if shop else self.slugs, "days": self.days}, doseq=True)

    def period(self, now: datetime) -> str:
        """The dates that count, and in which zone they are dates."""
        if not self.shops:
            return ""
        first, last = dates_of([period_of(shop, self.days, now) for shop in self.shops])
        whose = f"the last {self.days} days of each shop in its own zone"
        if len(self.shops) == 1:
            whose = f"{self.shops[0].name}’s days in {self.shops[0].timezone}"
        return f"{day_name(first)} to {day_name(last)}, {whose}"


def asked_of(request: HttpRequest, more: Sequence[str] = ()) -> Asked:
    """`more`: choices of the page beside the shop and the days. Raises BadFilter for what is not
    understood."""
    for name in request.GET:
        if name not in ("shop", "days", *more):
            raise BadFilter(f"{name!r} is not a choice of this page; there are shop and days.")
    days = request.GET.get("days") or str(DAYS[0])
    if days not in map(str, DAYS):
        raise BadFilter(f"days={days} is not offered; it can be 7, 14 or 30.")
    slugs = tuple(dict.fromkeys(each for each in request.GET.getlist("shop") if each))
    visible = list(visible_shops(access_for(request)))
    return Asked(in_view(OrderFilter(shop=slugs), visible), visible, int(days), slugs)


def took(span: timedelta | None) -> str:
    """`19 h 40 min`; days from two on."""
    if span is None:
        return "—"
    minutes = round(span.total_seconds() / 60)
    return span_words(minutes if minutes < 48 * 60 else minutes // 60 * 60)


def day_name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
