"""The deadlines of an order that has been paid, by the working days of its market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox import shapes
from sandbox.kinds import Doc

DAY = 86400
TO_FRIDAY, TO_SATURDAY = 5, 6


@dataclass(frozen=True)
class Rule:
    """Working days after the day of the order, each until 23:59:59 there. From `cut_off` on, and
    on a day that is none, it counts as placed on the next working day (None: on its own day).
    """

    zone: str
    week: int
    rts: int
    tts: int
    ship: int
    collect: int
    cut_off: int | None = None
    arrive: int = 0

    def end(self, at: int, days: int) -> int:
        """Unix second of the end of so many working days after `at`."""
        placed = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(self.zone))
        day = placed.date()
        if self.cut_off is not None and placed.hour >= self.cut_off:
            day += timedelta(days=1)
        while self.cut_off is not None and day.weekday() >= self.week:
            day += timedelta(days=1)
        while days > 0:
            day += timedelta(days=1)
            days -= day.weekday() < self.week
        last = datetime.combine(day, time(23, 59, 59), ZoneInfo(self.zone))
        return int(last.timestamp())


def _sea(zone: str) -> Rule:
    return Rule(f"Asia/{zone}", TO_SATURDAY, rts=0, tts=1, ship=2, collect=3, cut_off=14)


RULES: Mapping[str, Rule] = {
    "US": Rule("America/Los_Angeles", TO_FRIDAY, rts=2, tts=2, ship=7, collect=9, arrive=6),
    "GB": Rule("Europe/London", TO_FRIDAY, rts=2, tts=3, ship=5, collect=7, arrive=5),
    "TH": _sea("Bangkok"),
    "VN": _sea("Ho_Chi_Minh"),
    "MY": _sea("Kuala_Lumpur"),
    "SG": _sea("Singapore"),
    "PH": _sea("Manila"),
    "ID": _sea("Jakarta"),
}
PRE_ORDER_RTS, PRE_ORDER_SHIP = 1, 5
DELIVER_DAYS = 30


def deadlines(region: str, at: int, release: int = 0) -> Doc:
    """What an order paid at `at` has, or a pre-order that is released at `release`."""
    rule = RULES.get(region)
    if rule is None:
        made = shapes.paid({}, release or at)
        del made["paid_time"]
        return made
    start = release or at
    rts, ship = (PRE_ORDER_RTS, PRE_ORDER_SHIP) if release else (rule.rts, rule.ship)
    late = ship - rule.ship
    told = {
        "rts_sla_time": rule.end(start, rts),
        "tts_sla_time": rule.end(start, max(rts, rule.tts)),
        "shipping_due_time": rule.end(start, ship),
        "collection_due_time": rule.end(start, rule.collect + max(late, 0)),
        "delivery_due_time": start + DELIVER_DAYS * DAY,
    }
    return told | ({"delivery_sla_time": rule.end(start, rule.arrive)} if rule.arrive else {})
