"""SLA profiles: how a shop's marketplace sets deadlines when the channel does not give them.
A preset is data with its source; flat hours are the other kind. Deadlines that no rule covers
stay unknown: none is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

from shipboard.channels.contract import Deadlines, OrderType, Stage
from shipboard.orders.days import last_second_of

MONDAY_TO_FRIDAY = frozenset(range(5))
MONDAY_TO_SATURDAY = frozenset(range(6))
EVERY_DAY = frozenset(range(7))
#: Once the carrier has it, no rule here cancels an order any more; the channel's own word may.
COLLECTED = frozenset({Stage.IN_TRANSIT, Stage.DELIVERED, Stage.CLOSED, Stage.CANCELED})


@dataclass(frozen=True)
class Calendar:
    """Which days count. `country`: its public holidays do not (ISO code; blank: no holidays)."""

    zone: str
    weekdays: frozenset[int]
    country: str = ""

    def counts(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in public_holidays(self.country, day.year)

    def add(self, start: date, days: int) -> date:
        """The `days`-th counting day after `start`; 0: `start` itself or the next that counts."""
        day = start
        while days == 0 and not self.counts(day):
            day += timedelta(days=1)
        while days > 0:
            day += timedelta(days=1)
            days -= self.counts(day)
        return day


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays by the `holidays` library; none where it does not know the country."""
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


@lru_cache(maxsize=4096)
def end_of(calendar: Calendar, start: date, days: int) -> datetime:
    """23:59:59 local of the `days`-th counting day after `start`, in UTC. Cached: the orders of a
    day share it."""
    return last_second_of(calendar.add(start, days), ZoneInfo(calendar.zone))


@dataclass(frozen=True)
class Rule:
    """Counting days after the order day for each deadline; None: this rule knows none.

    An order placed at or after `cut_off` (local) counts as placed on the next day, and with
    `from_working_day` one placed on a day that does not count as placed on the next that does.
    `collect_days` and `cancel_collect_days` concern the first scan; all ends are 23:59:59 local.
    """

    dispatch_days: int | None = None
    collect_days: int | None = None
    cancel_days: int | None = None
    cancel_collect_days: int | None = None
    deliver_days: int | None = None
    cut_off: time | None = None
    from_working_day: bool = False


@dataclass(frozen=True)
class Preset:
    title: str
    source: str
    regions: tuple[str, ...]
    calendar: Calendar
    rules: Mapping[OrderType, Rule]


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "us-standard": Preset(
            title="United States: 2 business days, cancelled after 7",
            source=(
                "Seller University US, fulfilment SLA table and late dispatch page (January 2026): "
                "dispatch in 2 business days from the order date, cut-off 23:59 Pacific, scanned "
                "by the carrier; cancelled after 7 business days; deliver in 6; federal holidays "
                "off."
            ),
            regions=("US",),
            calendar=Calendar("America/Los_Angeles", MONDAY_TO_FRIDAY, "US"),
            rules={
                OrderType.NORMAL: Rule(
                    dispatch_days=2, collect_days=2, cancel_days=7, deliver_days=6
                ),
            },
        ),
        "vn-standard": Preset(
            title="Vietnam: same working day before 14:00",
            source=(
                "Seller University VN, handover and automatic cancellation: orders before 14:00 on "
                "a working day are handed over by 23:59 that day, others the next working day; "
                "cancelled when not awaiting collection by working day +2, or not collected by "
                "working day +3; Monday to Saturday."
            ),
            regions=("VN",),
            calendar=Calendar("Asia/Ho_Chi_Minh", MONDAY_TO_SATURDAY, "VN"),
            rules={
                OrderType.NORMAL: Rule(
                    dispatch_days=0,
                    collect_days=0,
                    cancel_days=2,
                    cancel_collect_days=3,
                    cut_off=time(14, 0),
                    from_working_day=True,
                ),
            },
        ),
        "th-standard": Preset(
            title="Thailand: cancelled after working day +2 / +3",
            source=(
                "Seller University TH, automatic cancellation: not awaiting collection by 23:59 on "
                "working day +2, or not collected by 23:59 on working day +3; Monday to Saturday. "
                "The page states no dispatch time, so none is set here."
            ),
            regions=("TH",),
            calendar=Calendar("Asia/Bangkok", MONDAY_TO_SATURDAY, "TH"),
            rules={
                OrderType.NORMAL: Rule(cancel_days=2, cancel_collect_days=3, from_working_day=True)
            },
        ),
    }
)


@dataclass(frozen=True)
class Profile:
    """A shop's rules: a preset by name, or flat hours from the order's creation, or nothing."""

    preset: str = ""
    dispatch_hours: int | None = None
    auto_cancel_hours: int | None = None
    presets: Mapping[str, Preset] = field(default_factory=lambda: PRESETS)

    def deadlines(self, *, stage: Stage, order_type: OrderType, created_at: datetime) -> Deadlines:
        """Deadlines of an order placed at `created_at` (UTC), whose channel gave none; in UTC."""
        if self.dispatch_hours is not None or self.auto_cancel_hours is not None:
            return self._flat(stage, created_at)
        preset = self.presets.get(self.preset)
        rule = preset.rules.get(order_type) if preset else None
        return (
            _by_rule(preset.calendar, rule, stage, created_at) if preset and rule else Deadlines()
        )

    def _flat(self, stage: Stage, created_at: datetime) -> Deadlines:
        def after(hours: int | None) -> datetime | None:
            return None if hours is None else created_at + timedelta(hours=hours)

        return Deadlines(
            ship_by=after(self.dispatch_hours),
            auto_cancel_at=None if stage in COLLECTED else after(self.auto_cancel_hours),
        )


def _by_rule(calendar: Calendar, rule: Rule, stage: Stage, created_at: datetime) -> Deadlines:
    local = created_at.astimezone(ZoneInfo(calendar.zone))
    is_late = rule.cut_off is not None and local.time() >= rule.cut_off
    day = local.date() + timedelta(days=1) if is_late else local.date()
    if rule.from_working_day:
        day = calendar.add(day, 0)

    def end(days: int | None) -> datetime | None:
        return None if days is None else end_of(calendar, day, days)

    cancel_days = rule.cancel_days
    if stage == Stage.PENDING_COLLECTION:
        cancel_days = rule.cancel_collect_days
    elif stage in COLLECTED:
        cancel_days = None
    return Deadlines(
        ship_by=end(rule.dispatch_days),
        collect_by=end(rule.collect_days),
        auto_cancel_at=end(cancel_days),
        deliver_by=end(rule.deliver_days),
    )


def presets_for(region: str) -> list[str]:
    return [name for name, preset in PRESETS.items() if region in preset.regions]
