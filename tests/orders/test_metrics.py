"""Metrics against a recount in plain Python: of any orders, from their columns; and of orders that
lived here, from nothing but their events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import quantiles
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import OrderType, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.metric_rules import Measure, dispatched_by
from shipboard.orders.metrics import (
    Meaning,
    Share,
    dates_of,
    metrics,
    period_of,
    seller_fault_rate,
    shown,
    total_where_counted,
)
from shipboard.orders.metrics_against import against, slowest
from shipboard.orders.metrics_forecast import counted_by, deciding, forecasts
from shipboard.orders.models import Case, Event, Order, Parcel, ParcelContent
from tests import make

pytestmark = pytest.mark.django_db
NOW, HOUR = make.NOW, make.HOUR
DAY = timedelta(days=1)
#: Around the present, the period's ends and what lies outside, some of them at once.
INSTANTS = st.sampled_from(
    [NOW + hours * HOUR for hours in (-700, -340, -200, -168, -60, -30, -20, -5, -1, 0, 1, 5, 30)]
)
MAYBE = st.none() | INSTANTS
OPEN = {
    "arranged": {"on_hold", "awaiting_shipment", "partially_shipped"},
    "collected": {"on_hold", "awaiting_shipment", "partially_shipped", "pending_collection"},
}
DUE = {"arranged": "ship_by", "collected": "collect_by"}


@st.composite
def some_order(draw: st.DrawFn) -> dict[str, Any]:
    """Columns of an order, sensible or not."""
    return {
        "stage": draw(st.sampled_from([stage.value for stage in Stage])),
        "order_type": draw(st.sampled_from(["normal", "normal", "sample"])),
        "is_cod": draw(st.integers(0, 4)) == 0,
        "is_platform_fulfilled": draw(st.integers(0, 5)) == 0,
        "created_at": draw(INSTANTS),
        "canceled_by": draw(st.sampled_from(["", "buyer", "seller", "system"])),
        "extra": draw(st.sampled_from([{}, {}, {"parcel_trouble": "lost"}])),
    } | {
        name: draw(MAYBE)
        for name in (
            "paid_at",
            "ship_by",
            "collect_by",
            "arranged_at",
            "collected_at",
            "canceled_at",
            "hold_ends_at",
        )
    }


def dispatch(order: Order, name: str, now: datetime) -> tuple[datetime, str]:
    """The instant that dates an order and what it is: good, bad, unknown, undated or nothing."""
    due, done = getattr(order, DUE[name]), getattr(order, f"{name}_at")
    stage = order.stage
    if due is None:
        is_out = stage in ("unpaid", "on_hold") or (stage == "canceled" and done is None)
        return order.created_at, "" if is_out else "undated"
    if stage == "unpaid":
        return due, ""
    if stage in OPEN[name]:
        is_held = stage == "on_hold" and not (order.hold_ends_at and order.hold_ends_at <= now)
        return due, "bad" if due < now and not is_held else ""
    if done:
        return due, "bad" if done > due else "good"
    return due, "" if stage == "canceled" else "unknown"


def confirmations(order: Order) -> Iterator[tuple[datetime, str]]:
    if order.order_type == "sample":
        return
    is_paid = order.is_cod or order.paid_at is not None
    if order.stage == "canceled" and is_paid:
        if order.canceled_at is None:
            yield order.created_at, "undated"
        elif order.canceled_by == "":
            yield order.canceled_at, "unknown"
        elif order.canceled_by == "seller" or (
            order.canceled_by == "system" and not order.collected_at and not order.extra
        ):
            yield order.canceled_at, "fault"
    if order.stage == "unpaid":
        return
    if order.is_cod:
        yield order.created_at, "good"
    elif order.paid_at:
        yield order.paid_at, "good"
    elif order.stage != "canceled":
        yield order.created_at, "undated"


def packages(order: Order) -> Iterator[tuple[datetime, str]]:
    """Of orders that have at most one package, which is nobody else's."""
    stage, after = order.stage, 7 * DAY
    if stage in ("unpaid", "unknown") or stage in OPEN["arranged"]:
        return
    if stage == "canceled" and not order.collected_at:
        return
    if order.arranged_at is None:
        yield order.created_at + after, "undated"
        return
    parcels = [each.parcel for each in order.contents.filter(is_current=True)]
    is_scanned = order.collected_at or stage in ("in_transit", "delivered", "closed")
    for parcel in parcels:
        yield order.arranged_at + after, "good" if parcel.tracking_number and is_scanned else "bad"
    if not parcels:
        yield order.arranged_at + after, "unknown"


def recounted(orders: Sequence[Order], now: datetime) -> Counter[tuple[Measure, datetime, str]]:
    found: Counter[tuple[Measure, datetime, str]] = Counter()
    for order in orders:
        if order.is_platform_fulfilled:
            continue
        found[Measure.ARRANGED, *dispatch(order, "arranged", now)] += 1
        found[Measure.COLLECTED, *dispatch(order, "collected", now)] += 1
        for told in confirmations(order):
            found[Measure.CANCELED, *told] += 1
        for told in packages(order):
            found[Measure.TRACKED, *told] += 1
    return found


def share(
    found: Counter[tuple[Measure, datetime, str]], of: Measure, zone: str, *days: date
) -> Share:
    """What was recounted of these days."""
    on = Counter[str]()
    for (measure, at, what), many in found.items():
        if measure is of and at.astimezone(ZoneInfo(zone)).date() in days:
            on[what] += many
    return Share(on["good"] + on["bad"], on["bad"] + on["fault"], on["unknown"], on["undated"])


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Apia"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given=st.lists(some_order(), max_size=12), numbers=st.lists(st.sampled_from("xy"), max_size=8)
)
def test_equal_to_a_plain_recount(
    zone: str, given: list[dict[str, Any]], numbers: list[str]
) -> None:
    shop = Shop.objects.filter(slug="northwind").first() or make.shop(timezone=zone)
    Order.objects.filter(shop=shop).delete()
    orders = [make.row(shop, str(number), **columns) for number, columns in enumerate(given)]
    Order.objects.bulk_create(orders)
    Parcel.objects.filter(shop=shop).delete()
    for order, number in zip(orders, numbers, strict=False):
        parcel = Parcel.objects.create(
            shop=shop,
            key=order.order_id,
            tracking_number="" if number == "x" else number,
            as_of=NOW,
            rank=0,
        )
        ParcelContent.objects.create(order=order, parcel=parcel, line=0, quantity=1)
    told, recount = metrics([shop], 7, NOW).of[shop.pk], recounted(orders, NOW)
    last = NOW.astimezone(ZoneInfo(zone)).date()
    days = [last - number * DAY for number in range(14)]
    for measure in Measure:
        assert told.now[measure] == share(recount, measure, zone, *days[:7]), measure
        assert len(against([shop], measure, 7, NOW).rows) == told.now[measure].bad, measure
        assert told.before[measure] == share(recount, measure, zone, *days[7:]), measure
        for day in days[:7]:
            assert told.days[day][measure] == share(recount, measure, zone, day), (measure, day)
    assert seller_fault_rate(shop, NOW) == told.now[Measure.CANCELED]
    _check_forecast(shop, orders)


def _check_forecast(shop: Shop, orders: list[Order]) -> None:
    """It is what the recount says at midnight, had nothing moved; and shipping the fewest, in the
    order told, keeps it under the limit, while one less does not."""
    found = metrics([shop], 7, NOW)
    of = forecasts([shop], found, 7, NOW)[shop.pk]
    measure = counted_by(shop, found.of[shop.pk])
    last = NOW.astimezone(shop.zone).date()
    days = [last - number * DAY for number in range(7)]
    later = share(recounted(orders, of.end), measure, shop.timezone, *days)
    # An hour's hold that ended before its order was due counts once it is late, as it does here.
    assert (of.at_end.of, of.at_end.bad) <= (later.of, later.bad)
    chosen = list(deciding(shop, measure, NOW))
    assert len(chosen) == of.open - of.held
    assert 0 <= of.fewest <= len(chosen)
    rate = of.at_end.rate or Decimal(0)
    assert (of.fewest == 0) == (rate <= of.limit or not chosen)
    if of.fewest and of.is_saved:
        one_less = Share(of.at_end.of, of.at_end.bad - of.fewest + 1)
        assert (one_less.rate or 0) > of.limit
    if of.fewest and not of.is_saved:
        assert of.fewest == len(chosen)


#: What an order does, and how many hours after the step before.
LIVES = st.lists(
    st.tuples(
        st.sampled_from(["ships", "ships", "waits", "cancels", "is canceled"]),
        st.integers(1, 150),
        st.integers(1, 90),
        st.integers(1, 60),
    ),
    max_size=10,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=LIVES)
def test_equal_to_a_recount_from_events(lives: list[tuple[str, int, int, int]]) -> None:
    """Orders live hour by hour; each change is heard as it happens. From the events alone, with
    the shop's flat 48 hours, the same is worked out."""
    shop = Shop.objects.filter(slug="northwind").first() or make.shop()
    Order.objects.filter(shop=shop).delete()
    for number, (what, ago, arranged, collected) in enumerate(lives):
        live(shop, str(number), what, NOW - ago * HOUR, arranged * HOUR, collected * HOUR)
    told = metrics([shop], 7, NOW).of[shop.pk].now
    late, faults, confirmed = Counter[bool](), 0, 0
    start = period_of(shop, 7, NOW).start
    for order in Order.objects.filter(shop=shop):
        stages = [(event.at, entered(event)) for event in Event.objects.filter(order=order)]
        at = {stage: at for at, stage in sorted(stages) if stage}
        begun = min(at.values())
        confirmed += begun >= start
        due = begun + 48 * HOUR
        done = at.get("pending_collection")
        is_settled = bool(done) or ("canceled" not in at and due < NOW)
        if is_settled and start <= due < period_of(shop, 7, NOW).end:
            late[(done or NOW) > due] += 1
        faults += order.canceled_by == "seller" and at.get("canceled", start - DAY) >= start
    assert told[Measure.ARRANGED] == Share(late[True] + late[False], late[True])
    assert (told[Measure.CANCELED].of, told[Measure.CANCELED].bad) == (confirmed, faults)


def entered(event: Event) -> str:
    stage = event.detail.get("stage")
    return str(stage[1] if isinstance(stage, list) else stage or "")


def live(
    shop: Shop, number: str, what: str, begun: datetime, arranged: timedelta, collected: timedelta
) -> None:
    def say(at: datetime, stage: Stage, **given: Any) -> bool:
        if at > NOW:
            return False
        given = {"created_at": begun, "paid_at": begun} | given
        apply(shop, [make.order(number, as_of=at, stage=stage, **given)], Source("tests", at))
        return True

    say(begun, Stage.AWAITING_SHIPMENT)
    at = begun + arranged
    if what == "ships" and say(at, Stage.PENDING_COLLECTION, arranged_at=at):
        then = at + collected
        say(then, Stage.IN_TRANSIT, arranged_at=at, collected_at=then)
    elif what in ("cancels", "is canceled"):
        by = "buyer" if what == "cancels" else "seller"
        say(at, Stage.CANCELED, canceled_at=at, canceled_by=by)


def test_the_time_from_payment_to_shipment(shop: Shop) -> None:
    took = [3, 5, 8, 13, 21, 34, 40, 41, 60, 70]
    rows = [
        make.row(
            shop,
            str(number),
            stage="in_transit",
            paid_at=NOW - 2 * DAY - hours * HOUR,
            arranged_at=NOW - 2 * DAY,
        )
        for number, hours in enumerate(took)
    ]
    paid_at_delivery = make.row(
        shop,
        "cod",
        stage="delivered",
        is_cod=True,
        created_at=NOW - 2 * DAY,
        paid_at=NOW,
        collected_at=NOW - DAY,
    )
    wrong = make.row(shop, "x", stage="in_transit", paid_at=NOW, arranged_at=NOW - DAY)
    Order.objects.bulk_create([*rows, paid_at_delivery, wrong])
    found = metrics([shop], 7, NOW)
    arranged, collected = (found.total.spans[meaning] for meaning in Meaning)
    assert arranged == found.of[shop.pk].spans[Meaning.ARRANGED]
    assert (arranged.orders, arranged.median) == (10, timedelta(hours=27.5))
    assert arranged.slow == timedelta(hours=quantiles(took, n=10, method="inclusive")[-1])
    assert (collected.orders, collected.median) == (1, DAY)
    assert found.total.spans_before[Meaning.ARRANGED].orders == 0


@pytest.fixture
def shop() -> Shop:
    return make.shop()


def due(shop: Shop, number: int, hours: int, **given: Any) -> Order:
    return make.row(shop, f"{number:04}", ship_by=NOW + hours * HOUR, **given)


def test_the_fewest_to_ship_are_the_first_due(shop: Shop) -> None:
    """24 in time, 1 late: 4 %. With 5 more that go late today 6 of 30, so 5 must ship, since one in
    30 is 3.3 % and two are 6.7 %."""
    gone = [due(shop, n, -30, stage="in_transit", arranged_at=NOW - 40 * HOUR) for n in range(24)]
    late = due(shop, 30, -30)
    today = [due(shop, 40 + n, 6 - n) for n in range(5)]
    tomorrow = due(shop, 50, 30)
    Order.objects.bulk_create([*gone, late, *today, tomorrow])
    found = metrics([shop], 7, NOW)
    assert found.of[shop.pk].now[Measure.ARRANGED] == Share(25, 1)
    of = forecasts([shop], found, 7, NOW)[shop.pk]
    assert (of.measure, of.open, of.fewest) == (Measure.ARRANGED, 5, 5)
    assert (of.at_end, of.if_shipped, of.is_saved) == (Share(30, 6), Share(30, 1), True)
    numbers = [order.order_id for order in deciding(shop, of.measure, NOW)]
    assert numbers == ["0044", "0043", "0042", "0041", "0040"]


def test_late_ones_may_leave_nothing_to_save(shop: Shop) -> None:
    Order.objects.bulk_create([due(shop, 1, -5), due(shop, 2, 5)])
    of = forecasts([shop], metrics([shop], 7, NOW), 7, NOW)[shop.pk]
    assert (of.fewest, of.is_saved, of.if_shipped) == (1, False, Share(2, 1))


def test_a_market_that_counts_scans_is_told_by_arranging_where_no_scan_is_due(shop: Shop) -> None:
    Order.objects.create(shop=shop, **_columns(due(shop, 1, -5, stage="in_transit")))
    found = metrics([shop], 7, NOW).of[shop.pk]
    assert dispatched_by(shop) is Measure.COLLECTED
    assert counted_by(shop, found) is Measure.ARRANGED
    assert found.now[Measure.COLLECTED].undated == 1
    assert found.now[Measure.ARRANGED].unknown == 1


def _columns(order: Order) -> dict[str, Any]:
    return {
        each.attname: getattr(order, each.attname)
        for each in Order._meta.concrete_fields
        if each.attname not in ("id", "shop_id")
    }


def test_what_more_cancellations_would_make_of_the_rate(shop: Shop) -> None:
    paid = [make.row(shop, str(n), paid_at=NOW - DAY) for n in range(39)]
    ours = make.row(
        shop, "x", stage="canceled", paid_at=NOW - DAY, canceled_at=NOW, canceled_by="seller"
    )
    Order.objects.bulk_create([*paid, ours])
    assert seller_fault_rate(shop, NOW).rate == Decimal("2.5")
    with CaptureQueriesContext(connection) as captured:
        assert seller_fault_rate(shop, NOW, more=3) == Share(40, 4)
    assert len(captured) == 1


@pytest.mark.parametrize(
    ("reason", "by", "counts"),
    [
        ("seller_cancel_reason_out_of_stock", "seller", 1),
        ("seller_cancel_paid_reason_buyer_requested", "seller", 0),
        ("seller_cancel_paid_reason_address_not_deliver_uk", "seller", 0),
        ("buyer_requested", "buyer", 1),
        ("", "seller", 1),
    ],
)
def test_what_the_seller_cancels_without_fault_is_spared(
    shop: Shop, reason: str, by: str, counts: int
) -> None:
    order = make.row(
        shop, "x", stage="canceled", paid_at=NOW - DAY, canceled_at=NOW, canceled_by="seller"
    )
    order.save()
    Case.objects.create(order=order, kind="cancellation", is_open=False, by=by, reason_name=reason)
    assert seller_fault_rate(shop, NOW) == Share(1, counts)


def test_a_package_of_two_orders_counts_once(shop: Shop) -> None:
    at = NOW - 9 * DAY
    orders = [make.row(shop, str(n), stage="in_transit", arranged_at=at + n * DAY) for n in (0, 1)]
    Order.objects.bulk_create(orders)
    parcel = Parcel.objects.create(shop=shop, key="P", tracking_number="1Z", as_of=NOW, rank=0)
    for order in orders:
        ParcelContent.objects.create(order=order, parcel=parcel, line=0, quantity=1)
    found = metrics([shop], 7, NOW).total
    assert found.now[Measure.TRACKED] == Share(1, 0)
    assert found.days[(at + 7 * DAY).date()][Measure.TRACKED] == Share(1, 0)


@pytest.mark.parametrize("shops", [1, 3])
def test_a_constant_number_of_queries(shops: int) -> None:
    made = [make.shop(f"Shop {n}", region="GB", timezone="Europe/London") for n in range(shops)]
    for shop in made:
        due(shop, 1, -5).save()
    with CaptureQueriesContext(connection) as captured:
        found = metrics(made, 30, NOW)
        forecasts(made, found, 30, NOW)
    assert len(captured) == 3
    assert found.total.now[Measure.ARRANGED] == Share(shops, shops)


@pytest.mark.parametrize(
    ("zone", "now", "first"),
    [
        ("America/Los_Angeles", datetime(2026, 11, 3, 7, tzinfo=UTC), "2026-10-27T07:00Z"),
        ("America/Los_Angeles", datetime(2026, 3, 10, 7, tzinfo=UTC), "2026-03-04T08:00Z"),
        ("Europe/London", datetime(2026, 10, 25, 23, 30, tzinfo=UTC), "2026-10-18T23:00Z"),
        ("Asia/Bangkok", datetime(2026, 10, 25, 23, 30, tzinfo=UTC), "2026-10-19T17:00Z"),
    ],
)
def test_a_period_begins_with_its_first_day_whatever_the_clocks_did(
    zone: str, now: datetime, first: str
) -> None:
    shop, begun = make.shop(timezone=zone), datetime.fromisoformat(first)
    for number, due_at in enumerate((begun - HOUR / 60, begun, begun + HOUR)):
        make.row(shop, str(number), ship_by=due_at).save()
    found = metrics([shop], 7, now).of[shop.pk]
    days = [begun.astimezone(shop.zone).date() + number * DAY for number in range(7)]
    assert list(found.days) == days
    assert dates_of([period_of(shop, 7, now)]) == (days[0], days[-1])
    assert days[-1] == now.astimezone(shop.zone).date()
    assert found.days[days[0]][Measure.ARRANGED] == found.now[Measure.ARRANGED] == Share(2, 2)
    rows = against([shop], Measure.ARRANGED, 7, now).rows
    assert [row.orders[0].order_id for row in rows] == ["2", "1"]


def test_without_shops() -> None:
    assert against([], Measure.ARRANGED, 7, NOW).rows == slowest([], Meaning.ARRANGED, 7, NOW) == []
    found = metrics([], 7, NOW)
    assert (found.total.now[Measure.ARRANGED], forecasts([], found, 7, NOW)) == (Share(), {})


def test_samples_and_what_is_shown() -> None:
    assert OrderType.SAMPLE == "sample"
    assert [shown(each) for each in (None, Decimal(0), Decimal("4.05"))] == ["—", "0.0", "4.1"]


def test_late_dispatch_is_judged_where_it_counts() -> None:
    """Together with shops whose rate it is not it would be another number."""
    uk = make.shop("UK", region="GB", timezone="Europe/London")
    us = make.shop("US", region="US", timezone="Europe/London")
    for number, shop in enumerate((uk, us, us)):
        due(shop, number, -5).save()
    found = metrics([uk, us], 7, NOW)
    assert found.total.now[Measure.ARRANGED].of == 3
    total = total_where_counted(found, {uk.pk: Measure.ARRANGED, us.pk: Measure.COLLECTED})
    assert total.now[Measure.ARRANGED] == found.of[uk.pk].now[Measure.ARRANGED]
    assert sum(row[Measure.ARRANGED].of for row in total.days.values()) == 1
    assert total.now[Measure.CANCELED] == found.total.now[Measure.CANCELED]
    nowhere = total_where_counted(found, {uk.pk: Measure.COLLECTED, us.pk: Measure.COLLECTED})
    assert nowhere.now[Measure.ARRANGED] == found.total.now[Measure.ARRANGED]
