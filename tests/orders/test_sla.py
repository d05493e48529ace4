"""SLA profiles: deadlines where the channel gives none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.channels.contract import Deadlines, OrderType, Stage
from shipboard.channels.regions import REGIONS
from shipboard.orders.sla import (
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SATURDAY,
    PRESETS,
    Calendar,
    Profile,
    presets_for,
)

PACIFIC, HANOI = ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Ho_Chi_Minh")
CALENDARS = [
    Calendar("America/Los_Angeles", MONDAY_TO_FRIDAY, "US"),
    Calendar("Asia/Ho_Chi_Minh", MONDAY_TO_SATURDAY, "VN"),
    Calendar("Asia/Bangkok", MONDAY_TO_SATURDAY, "TH"),
    Calendar("UTC", EVERY_DAY),
]
calendars = st.sampled_from(CALENDARS)
days = st.dates(date(2015, 1, 1), date(2035, 1, 1))
instants = st.timedeltas(timedelta(0), timedelta(days=7300)).map(
    lambda since: datetime(2015, 1, 1, tzinfo=UTC) + since
)


def of(
    preset: str,
    created: datetime,
    stage: Stage = Stage.AWAITING_SHIPMENT,
    kind: OrderType = OrderType.NORMAL,
) -> Deadlines:
    return Profile(preset).deadlines(
        stage=stage, order_type=kind, created_at=created.astimezone(UTC)
    )


def local(instant: datetime | None, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%m-%d %H:%M:%S") if instant else ""


@pytest.mark.parametrize(
    ("placed", "ship_by"),
    [
        ((2026, 11, 16, 9), "11-18"),  # Monday
        ((2026, 11, 16, 23, 59), "11-18"),
        ((2026, 11, 19, 9), "11-23"),  # Thursday: Friday, Monday
        ((2026, 11, 21, 9), "11-24"),  # Saturday: Monday, Tuesday
        ((2026, 11, 25, 9), "11-30"),  # Thanksgiving is the 26th: Friday, Monday
        ((2026, 7, 1, 9), "07-06"),  # Independence Day, a Saturday, is kept on Friday the 3rd
        ((2026, 10, 30, 9), "11-03"),  # over the end of summer time
    ],
)
def test_united_states(placed: tuple[int, ...], ship_by: str) -> None:
    due = of("us-standard", datetime(*placed, tzinfo=PACIFIC))  # type: ignore[misc,arg-type]
    assert local(due.ship_by, PACIFIC) == f"{ship_by} 23:59:59"
    assert due.collect_by == due.ship_by


def test_the_order_day_is_the_presets_day_not_utcs() -> None:
    evening = datetime(2026, 11, 16, 20, tzinfo=PACIFIC)
    assert evening.astimezone(UTC).day == 17
    assert local(of("us-standard", evening).ship_by, PACIFIC) == "11-18 23:59:59"


@pytest.mark.parametrize(
    ("placed", "ship_by", "cancel"),
    [
        ((2026, 11, 16, 13, 59), "11-16", "11-18"),
        ((2026, 11, 16, 14, 0), "11-17", "11-19"),
        ((2026, 11, 14, 14, 0), "11-16", "11-18"),  # Saturday afternoon: Sunday does not count
        ((2026, 11, 15, 9, 0), "11-16", "11-18"),  # Sunday
        ((2026, 9, 1, 14, 0), "09-03", "09-05"),  # National Day is the 2nd, and the 1st
    ],
)
def test_viet_nam(placed: tuple[int, ...], ship_by: str, cancel: str) -> None:
    due = of("vn-standard", datetime(*placed, tzinfo=HANOI))  # type: ignore[misc,arg-type]
    assert local(due.ship_by, HANOI) == f"{ship_by} 23:59:59"
    assert local(due.auto_cancel_at, HANOI) == f"{cancel} 23:59:59"


def test_auto_cancel_follows_the_stage() -> None:
    placed = datetime(2026, 11, 16, 9, tzinfo=HANOI)
    by_stage = {stage: of("vn-standard", placed, stage).auto_cancel_at for stage in Stage}
    assert local(by_stage[Stage.AWAITING_SHIPMENT], HANOI) == "11-18 23:59:59"
    assert local(by_stage[Stage.PENDING_COLLECTION], HANOI) == "11-19 23:59:59"
    assert by_stage[Stage.IN_TRANSIT] is by_stage[Stage.DELIVERED] is None


def test_thailand_makes_up_no_ship_by() -> None:
    zone = ZoneInfo("Asia/Bangkok")
    due = of("th-standard", datetime(2026, 11, 21, 9, tzinfo=zone))
    assert (due.ship_by, due.collect_by, due.deliver_by) == (None, None, None)
    assert local(due.auto_cancel_at, zone) == "11-24 23:59:59"


@pytest.mark.parametrize("kind", [OrderType.PRE_ORDER, OrderType.MADE_TO_ORDER])
def test_what_no_rule_covers_stays_unknown(kind: OrderType) -> None:
    assert of("us-standard", datetime(2026, 11, 16, tzinfo=UTC), kind=kind) == Deadlines()
    assert of("", datetime(2026, 11, 16, tzinfo=UTC)) == Deadlines()
    assert of("gone", datetime(2026, 11, 16, tzinfo=UTC)) == Deadlines()


def test_flat_hours_and_nothing_else() -> None:
    placed = datetime(2026, 11, 1, 5, tzinfo=UTC)
    flat = Profile(dispatch_hours=48, auto_cancel_hours=72)
    due = flat.deadlines(
        stage=Stage.AWAITING_SHIPMENT, order_type=OrderType.NORMAL, created_at=placed
    )
    assert due == Deadlines(
        ship_by=placed + timedelta(hours=48), auto_cancel_at=placed + timedelta(hours=72)
    )
    only_one = Profile(dispatch_hours=48).deadlines(
        stage=Stage.UNPAID, order_type=OrderType.NORMAL, created_at=placed
    )
    assert only_one == Deadlines(ship_by=placed + timedelta(hours=48))


def test_presets_name_their_source_and_their_regions() -> None:
    for name, preset in PRESETS.items():
        assert len(preset.source) > 40
        assert preset.regions
        assert all(name in presets_for(region) for region in preset.regions)
        assert set(preset.regions) <= set(REGIONS)
    assert presets_for("GB") == []


@given(calendars, days, st.integers(1, 15))
def test_the_result_counts_and_so_many_counting_days_lie_between(
    calendar: Calendar, start: date, number: int
) -> None:
    end = calendar.add(start, number)
    between = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    assert calendar.counts(end)
    assert sum(calendar.counts(day) for day in between) == number


@given(calendars, days, st.integers(0, 15), st.integers(0, 30), st.integers(0, 5))
def test_later_orders_and_longer_times_never_end_earlier(
    calendar: Calendar, start: date, number: int, later: int, more: int
) -> None:
    end = calendar.add(start, number)
    assert end >= start
    assert calendar.add(start + timedelta(days=later), number) >= end
    assert number == 0 or calendar.add(start, number + more) >= end


@given(st.sampled_from(list(PRESETS)), instants, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_later_order_is_never_due_earlier(
    preset: str, placed: datetime, later: timedelta
) -> None:
    first, second = of(preset, placed), of(preset, placed + later)
    for name in ("ship_by", "collect_by", "auto_cancel_at", "deliver_by"):
        mine, theirs = getattr(first, name), getattr(second, name)
        assert (mine is None and theirs is None) or placed < mine <= theirs
        assert mine is None or mine.utcoffset() == timedelta(0)
