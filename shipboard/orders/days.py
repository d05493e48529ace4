"""The days of a zone as stretches of time: the one place that knows how its clocks may jump."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the day in `zone`, in UTC. Where midnight is left out by a clock that is
    put forward, the day begins when that happens; where it comes twice, with the first."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def last_second_of(day: date, zone: ZoneInfo) -> datetime:
    """23:59:59 of the day in `zone`, in UTC; the later one where it comes twice."""
    return start_of(day + timedelta(days=1), zone) - timedelta(seconds=1)
