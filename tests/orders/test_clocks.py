"""Clocks in every zone of the world, at the instants at which its clocks jump, and over every
calendar of holidays: each against a reference that counts step by step.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import holidays
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import Deadlines, OrderType, Stage
from shipboard.desk import wording
from shipboard.desk.run_form import instant as typed
from shipboard.orders.days import last_second_of, start_of
from shipboard.orders.filters import parse
from shipboard.orders.models import Order
from shipboard.orders.queries import by_days
from shipboard.orders.sla import (
    COLLECTED,
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SATURDAY,
    Calendar,
    Preset,
    Profile,
    Rule,
)
from shipboard.orders.stages import closes_at, hold_ends_at, is_presumed_canceled, stage_now
from tests import make
from tests.soak import examples

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
#: All there are; without those that are files of the machine and no places.
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
COUNTRIES = sorted(holidays.list_supported_countries())
#: The years in which every zone's jumps are looked at one by one.
NOW_ON, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)

zones = st.sampled_from(ZONES)
moments = st.integers(0, int((LAST - FIRST).total_seconds())).map(lambda s: FIRST + s * SECOND)
seconds = st.integers(-3 * 86400, 3 * 86400).map(lambda s: s * SECOND)
many = settings(max_examples=examples(120))


@cache
def jumps(zone_name: str, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """The instants at which the zone's clocks change, to the second."""
    zone, found = ZoneInfo(zone_name), []

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(zone).utcoffset()

    before, step = since, timedelta(days=6)
    while before < until:
        after = before + step
        if offset(before) != offset(after):
            low, high = before, after
            while high - low > SECOND:
                middle = low + ((high - low) // 2 // SECOND) * SECOND
                low, high = (middle, high) if offset(middle) == offset(before) else (low, middle)
            found.append(high)
        before = after
    return tuple(found)


@st.composite
def instants_in(draw: st.DrawFn, zone: str) -> datetime:
    """Any instant; half of them within a few days of a jump of the zone's clocks."""
    at = draw(moments)
    year = datetime(at.year, 1, 1, tzinfo=UTC)
    edges = jumps(zone, year, year + 365 * DAY)
    if edges and draw(st.booleans()):
        return draw(st.sampled_from(edges)) + draw(st.one_of(st.just(0 * SECOND), seconds))
    return at


placed = zones.flatmap(lambda zone: st.tuples(st.just(zone), instants_in(zone)))


# The shop's day.


def test_at_every_jump_of_every_zone_the_days_neither_overlap_nor_leave_a_gap() -> None:
    checked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        for jump in jumps(name, NOW_ON, UNTIL):
            for at in (jump - HOUR, jump - SECOND, jump, jump + SECOND, jump + HOUR):
                day = at.astimezone(zone).date()
                assert start_of(day, zone) <= at < start_of(day + DAY, zone), (name, at)
                checked += 1
    assert checked > 4000


@many
@given(placed)
def test_an_instant_is_in_the_day_that_a_clock_on_the_wall_shows(
    given: tuple[str, datetime],
) -> None:
    zone, at = ZoneInfo(given[0]), given[1]
    shown = at.astimezone(zone).date()
    assert start_of(shown, zone) <= at < start_of(shown + DAY, zone)
    last = last_second_of(shown, zone)
    assert last.astimezone(zone).date() == shown
    assert (last + SECOND).astimezone(zone).date() > shown
    assert start_of(shown, zone).astimezone(zone).date() == shown


@pytest.mark.django_db
@settings(max_examples=examples(25))
@given(st.lists(placed, min_size=1, max_size=6, unique_by=lambda each: each[0]), st.data())
def test_the_filter_by_days_finds_what_the_wall_shows(
    given: list[tuple[str, datetime]], data: st.DataObject
) -> None:
    """Shops of several zones at once, each by its own days."""
    day = data.draw(st.sampled_from([at.astimezone(ZoneInfo(zone)).date() for zone, at in given]))
    last = day + data.draw(st.integers(0, 2)) * DAY
    filter_ = parse([("paid_from", day.isoformat()), ("paid_to", last.isoformat())])
    with transaction.atomic():
        shops = [make.shop(f"Shop {n}", timezone=zone) for n, (zone, _) in enumerate(given)]
        rows = [
            make.row(shop, f"{number}-{other}", paid_at=at)
            for number, shop in enumerate(shops)
            for other, (_, at) in enumerate(given)
        ]
        Order.objects.bulk_create(rows)
        found = set(Order.objects.filter(by_days(filter_, shops)).values_list("pk", flat=True))
        transaction.set_rollback(True)
    wanted = {
        row.pk
        for row in rows
        if row.paid_at and day <= row.paid_at.astimezone(row.shop.zone).date() <= last
    }
    assert found == wanted


# Deadlines of a market.

weeks = st.sampled_from([MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, EVERY_DAY])
counts = st.one_of(st.none(), st.integers(0, 12))
rules = st.builds(
    Rule,
    dispatch_days=counts,
    collect_days=counts,
    cancel_days=counts,
    cancel_collect_days=counts,
    deliver_days=counts,
    cut_off=st.one_of(st.none(), st.times().map(lambda at: at.replace(microsecond=0))),
    from_working_day=st.booleans(),
)


def reference(
    zone: ZoneInfo, week: frozenset[int], country: str, rule: Rule, stage: Stage, at: datetime
) -> dict[str, datetime | None]:
    """The rule in plain words: the order's day on the wall, then day by day on the calendar."""

    def is_off(day: date) -> bool:
        public = holidays.country_holidays(country, years=day.year) if country else ()
        return day.weekday() not in week or day in public

    wall = at.astimezone(zone)
    day = wall.date()
    if rule.cut_off and wall.time() >= rule.cut_off:
        day += DAY
    while rule.from_working_day and is_off(day):
        day += DAY

    def end(days: int | None) -> datetime | None:
        if days is None:
            return None
        last = day
        while days == 0 and is_off(last):
            last += DAY
        for _ in range(days):
            last += DAY
            while is_off(last):
                last += DAY
        # The last instant at which the wall shows that day.
        guess = datetime.combine(last, time(12), zone).astimezone(UTC) + timedelta(hours=40)
        while guess.astimezone(zone).date() > last:
            guess -= timedelta(minutes=5)
        while (guess + SECOND).astimezone(zone).date() <= last:
            guess += SECOND
        return guess.replace(microsecond=0)

    cancel = rule.cancel_days
    if stage == Stage.PENDING_COLLECTION:
        cancel = rule.cancel_collect_days
    elif stage in COLLECTED:
        cancel = None
    return {
        "ship_by": end(rule.dispatch_days),
        "collect_by": end(rule.collect_days),
        "auto_cancel_at": end(cancel),
        "deliver_by": end(rule.deliver_days),
    }


@many
@given(placed, weeks, st.sampled_from(["", *COUNTRIES]), rules, st.sampled_from(list(Stage)))
def test_deadlines_as_counted_on_a_calendar_on_the_wall(
    given: tuple[str, datetime],
    week: frozenset[int],
    country: str,
    rule: Rule,
    stage: Stage,
) -> None:
    name, at = given
    preset = Preset("", "", (), Calendar(name, week, country), {OrderType.NORMAL: rule})
    profile = Profile("mine", presets={"mine": preset})
    due = profile.deadlines(stage=stage, order_type=OrderType.NORMAL, created_at=at)
    wanted = reference(ZoneInfo(name), week, country, rule, stage, at)
    assert due == Deadlines(**wanted)


@pytest.mark.parametrize("country", ["US", "VN", "TH", "GB", "ID", "MY", "PH", "SG", "DE", "JP"])
def test_no_deadline_ends_on_a_holiday_of_ten_years(country: str) -> None:
    calendar = Calendar("UTC", MONDAY_TO_SATURDAY, country)
    for year in range(2022, 2032):
        public = holidays.country_holidays(country, years=year)
        for day in public:
            assert not calendar.counts(day)
            assert calendar.add(day, 0) > day
            assert calendar.add(day - DAY, 1) > day


def test_a_shop_whose_clocks_are_put_back_at_midnight_has_the_whole_day() -> None:
    """In Asunción's last year with summer time 24:00 was 23:00 once more."""
    zone = ZoneInfo("America/Asuncion")
    last = last_second_of(date(2024, 3, 23), zone)
    assert last.astimezone(zone).strftime("%d %H:%M:%S %z") == "23 23:59:59 -0400"


# Time left.


def plainly(seconds: int) -> str:
    """As a person would count it out, the two biggest units."""
    sign, left = ("−", -seconds) if seconds < 0 else ("", seconds)
    days = 0
    while left >= 86400:
        days, left = days + 1, left - 86400
    hours = 0
    while left >= 3600:
        hours, left = hours + 1, left - 3600
    minutes, left = left // 60, left % 60
    if days:
        return f"{sign}{days}d {hours}h"
    if hours:
        return f"{sign}{hours}h {minutes}m"
    return f"{sign}{minutes}m" if minutes else f"{sign}{left}s"


@many
@given(placed, st.integers(-40 * 86400, 40 * 86400))
def test_time_left_is_elapsed_time_whatever_the_clocks_do(
    given: tuple[str, datetime], left: int
) -> None:
    _, at = given
    due = at + left * SECOND
    assert wording.time_left(due, at) == plainly(left)
    assert wording.urgency(due, at) == ("late" if left < 0 else "soon" if left < 43200 else "")


def shown(at: datetime, zone: ZoneInfo) -> str:
    return f"{wording.local_instant(at, zone, FIRST)} {wording.zone_name(at, zone)}"


def test_an_hour_that_comes_twice_is_told_apart_by_its_zones_name() -> None:
    for name in ZONES:
        zone = ZoneInfo(name)
        for jump in jumps(name, NOW_ON, UNTIL):
            back = (jump - SECOND).astimezone(zone).utcoffset() - jump.astimezone(zone).utcoffset()  # type: ignore[operator]
            if back > timedelta(0):
                assert shown(jump - back / 2, zone) != shown(jump + back / 2, zone), name


@many
@given(placed)
def test_what_is_typed_as_it_is_shown_is_the_same_instant(given: tuple[str, datetime]) -> None:
    zone, at = ZoneInfo(given[0]), given[1].replace(second=0)
    wall = at.astimezone(zone)
    if wall.fold or wall.second:  # a form cannot say which of two hours; offsets to the minute only
        return
    assert typed(wall.strftime("%Y-%m-%dT%H:%M"), zone, "It") == at


# Windows.


@many
@given(placed, st.integers(0, 90), st.one_of(st.none(), seconds))
def test_the_after_sales_window_is_so_many_times_24_hours_or_the_channels_word(
    given: tuple[str, datetime], days: int, off: timedelta | None
) -> None:
    _, delivered = given
    said = None if off is None else delivered + 14 * DAY + off
    closes = closes_at(delivered, said, days)
    wanted = [delivered + days * DAY] + ([said] if said else [])
    assert closes == min(wanted)
    order = make.row(make.Shop(), stage=Stage.DELIVERED, closes_at=closes)
    for now in (closes - SECOND, closes, closes + SECOND):
        assert stage_now(order, now) == (Stage.CLOSED if now >= closes else Stage.DELIVERED)


@many
@given(placed)
def test_the_hour_of_free_cancellation_is_sixty_minutes_at_every_jump(
    given: tuple[str, datetime],
) -> None:
    at = given[1]
    held = {"order_type": "normal", "created_at": at - DAY, "paid_at": at, "release_at": None}
    assert hold_ends_at(**held, is_cod=False) == at + HOUR  # type: ignore[arg-type]
    assert hold_ends_at(**held, is_cod=True) == at - DAY + HOUR  # type: ignore[arg-type]


def steps() -> Iterator[timedelta]:
    yield from (-DAY, -SECOND, 0 * SECOND, SECOND, DAY)


@pytest.mark.parametrize("stage", list(Stage))
def test_an_automatic_cancellation_is_presumed_of_shops_fed_by_files_alone(stage: Stage) -> None:
    """Only where it is past, nothing newer is known, and the stage is one that is canceled."""
    moving = {
        Stage.AWAITING_SHIPMENT,
        Stage.PARTIALLY_SHIPPED,
        Stage.PENDING_COLLECTION,
        Stage.IN_TRANSIT,
    }
    for past in steps():
        for known in steps():
            order = make.row(make.Shop(), stage=stage)
            order.auto_cancel_at, order.as_of = make.NOW + past, make.NOW + past + known
            wanted = stage in moving and past <= 0 * SECOND and known < 0 * SECOND
            assert is_presumed_canceled(order, make.NOW, is_connected=False) is wanted
            assert not is_presumed_canceled(order, make.NOW, is_connected=True)
    order = make.row(make.Shop(), stage=stage, auto_cancel_at=None)
    assert not is_presumed_canceled(order, make.NOW, is_connected=False)
