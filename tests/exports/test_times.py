"""When schedules run: once for every day or week that their zone has, whatever its clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.exports.models import ExportSchedule
from shipboard.exports.times import days_of, latest_slot, next_slot, slot_on

Period = ExportSchedule.Period
ZONES = [
    "UTC",
    "America/New_York",
    "America/Santiago",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Bangkok",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
]
moments = st.integers(0, 25 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2010, 1, 5, tzinfo=UTC) + timedelta(seconds=seconds)
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
times = st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0))
weekdays = st.none() | st.integers(0, 6)


@given(at=times, weekday=weekdays, zone=zones, now=moments)
def test_times_follow_each_other_without_gap_or_overlap(
    at: time, weekday: int | None, zone: ZoneInfo, now: datetime
) -> None:
    last, following = (slot(at, weekday, zone, now) for slot in (latest_slot, next_slot))
    assert last <= now < following
    assert next_slot(at, weekday, zone, last) == following
    assert latest_slot(at, weekday, zone, following) == following
    assert latest_slot(at, weekday, zone, following - timedelta(seconds=1)) == last
    usual = timedelta(days=1 if weekday is None else 7)
    assert timedelta(0) < following - last <= 2 * usual


@given(at=times, zone=zones, start=moments)
def test_every_day_has_one_time(at: time, zone: ZoneInfo, start: datetime) -> None:
    first = start.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(30)]
    slots = {slot_on(day, at, zone) for day in days}
    walked, moment = set(), min(slots) - timedelta(seconds=1)
    while (moment := next_slot(at, None, zone, moment)) <= max(slots):
        walked.add(moment)
    assert walked == slots
    # Apia has skipped a day once: then two days of the calendar are one of the clock.
    assert len(slots) >= (29 if zone.key == "Pacific/Apia" else 30)


def test_a_time_that_does_not_exist_comes_later_and_one_that_comes_twice_first() -> None:
    zone = ZoneInfo("America/New_York")
    assert slot_on(date(2026, 3, 8), time(2, 30), zone) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert slot_on(date(2026, 11, 1), time(1, 30), zone) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.TODAY, date(2026, 11, 23), date(2026, 11, 23)),
        (Period.YESTERDAY, date(2026, 11, 22), date(2026, 11, 22)),
        (Period.LAST_7_DAYS, date(2026, 11, 16), date(2026, 11, 22)),
        (Period.LAST_WEEK, date(2026, 11, 16), date(2026, 11, 22)),
        (Period.THIS_MONTH, date(2026, 11, 1), date(2026, 11, 23)),
        (Period.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_periods_are_days_of_the_schedules_zone(period: Period, first: date, last: date) -> None:
    slot = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # Monday 01:00 in Bangkok
    assert days_of(period, slot, ZoneInfo("Asia/Bangkok")) == (first, last)
    assert days_of(Period.ANY, slot, ZoneInfo("Asia/Bangkok")) is None
