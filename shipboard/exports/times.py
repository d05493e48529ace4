"""When a schedule runs and which days it means: by the calendar and the clock of its own zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shipboard.exports.models import ExportSchedule
from shipboard.orders.filters import OrderFilter

DAY = timedelta(days=1)
#: Two weeks hold a slot of every weekly schedule, wherever a zone has dropped a day.
FAR = 15
Period = ExportSchedule.Period


def slot_on(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of `at` on `day`. A time that comes twice is the first of the two; one
    that the clock jumps over is as much later as the jump is long."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def latest_slot(at: time, weekday: int | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The last time to run at or before `now`; `weekday` None is every day, 0 is Monday."""
    today = now.astimezone(zone).date() + DAY
    days = (today - DAY * back for back in range(FAR + 2))
    slots = (slot_on(day, at, zone) for day in days if weekday in (None, day.weekday()))
    return next(slot for slot in slots if slot <= now)


def next_slot(at: time, weekday: int | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The first time to run after `now`."""
    today = now.astimezone(zone).date() - DAY
    days = (today + DAY * on for on in range(FAR + 2))
    slots = (slot_on(day, at, zone) for day in days if weekday in (None, day.weekday()))
    return next(slot for slot in slots if slot > now)


def days_of(period: Period, slot: datetime, zone: ZoneInfo) -> tuple[date, date] | None:
    """First and last day of a period as its schedule's zone counts them at `slot`; None: any."""
    today = slot.astimezone(zone).date()
    monday = today - DAY * today.weekday()
    first = today.replace(day=1)
    match period:
        case Period.TODAY:
            return today, today
        case Period.YESTERDAY:
            return today - DAY, today - DAY
        case Period.LAST_7_DAYS:
            return today - 7 * DAY, today - DAY
        case Period.LAST_WEEK:
            return monday - 7 * DAY, monday - DAY
        case Period.THIS_MONTH:
            return first, today
        case Period.LAST_MONTH:
            return (first - DAY).replace(day=1), first - DAY
    return None


def within(filter_: OrderFilter, schedule: ExportSchedule, slot: datetime) -> OrderFilter:
    """`filter_` for the schedule's period at `slot`. The zone of the schedule says which days these
    are; each shop's own midnights bound them, as everywhere in a filter."""
    days = days_of(Period(schedule.period), slot, ZoneInfo(schedule.timezone))
    if days is None:
        return filter_
    first, last = days
    return replace(
        filter_,
        **{f"{schedule.period_of}_from": first, f"{schedule.period_of}_to": last},  # type: ignore[arg-type]
    )
