"""Which orders a filter matches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shipboard.accounts.access import COMMAND_LINE, Access
from shipboard.channels.contract import CaseFact, CaseKind, OrderType, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.models import Colour, Hold, Order
from shipboard.orders.notes import add_note, remove_note
from shipboard.orders.queries import listing, matching, shops_in_view
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)


def found(query: str, access: Access = COMMAND_LINE) -> list[str]:
    filter_ = parse(query)
    orders = matching(filter_, shops_in_view(filter_, access), make.NOW, None)
    return sorted(orders.values_list("order_id", flat=True))


def test_fields_of_the_order() -> None:
    two = (make.line(), make.line(sku_id="2"))
    plain: dict[str, Any] = {"currency": "THB"}
    special = make.order(
        "2",
        shipping=Shipping.PLATFORM,
        warehouse="East",
        delivery_option="Express",
        order_type=OrderType.PRE_ORDER,
        canceled_by="buyer",
        buyer_message="Please hurry",
        lines=two,
    )
    apply(make.shop(), [make.order("1", **plain), special], SOURCE)
    for query in (
        "shipping=platform",
        "shipping=platform&shipping=seller",
        "warehouse=East",
        "delivery_option=Express",
        "order_type=pre_order",
        "canceled_by=buyer",
        "currency=usd",
        "has=buyer_message",
        "contents=multi_sku",
    ):
        assert found(query) == ["2"], query
    assert found("contents=single_sku") == ["1"]
    assert found("has=buyer_message&has=seller_note") == []
    assert found("currency=usd&currency=thb") == ["1", "2"]


def test_parcels_split_combined_and_by_carrier() -> None:
    shared, own = make.parcel(package_id="P"), make.parcel(package_id="Q", carrier="DHL")
    apply(
        make.shop(),
        [
            make.order("1", parcels=(shared,)),
            make.order("2", parcels=(shared, own)),
            make.order("3", carrier="DHL"),
            make.order("4"),
        ],
        SOURCE,
    )
    assert found("packages=combined") == ["1", "2"]
    assert found("packages=split") == ["2"]
    assert found("carrier=DHL") == ["2", "3"]
    apply(make.shop("Other"), [make.order("5", parcels=(shared,))], SOURCE)
    assert found("packages=combined") == ["1", "2"]


def test_a_parcel_that_an_order_has_left_counts_no_more() -> None:
    shop, later = make.shop(), make.NOW + make.HOUR
    shared = make.parcel(package_id="P", carrier="DHL")
    apply(shop, [make.order("1", parcels=(shared,)), make.order("2", parcels=(shared,))], SOURCE)
    alone = make.parcel(package_id="Q", tracking_number="T", carrier="USPS")
    apply(shop, [make.order("2", parcels=(alone,), as_of=later)], SOURCE)
    assert found("packages=combined") == []
    assert found("carrier=DHL") == ["1"]


def test_held_and_cases() -> None:
    asked = CaseFact(kind=CaseKind.CANCELLATION, is_open=True)
    over = CaseFact(kind=CaseKind.RETURN, is_open=False)
    apply(make.shop(), [make.order("1", cases=(asked, over)), make.order("2")], SOURCE)
    order = Order.objects.get(order_id="2")
    place_hold(order, reason="Wait", by="mai", now=make.NOW)
    assert (found("held=yes"), found("held=no")) == (["2"], ["1"])
    release_hold(order, by="mai", now=make.NOW)
    assert (found("held=yes"), found("held=no")) == ([], ["1", "2"])
    until = make.NOW + make.HOUR
    place_hold(order, reason="Wait", by="mai", now=make.NOW, until=until)
    assert found("held=due") == []
    Hold.objects.update(remind_at=make.NOW)
    assert found("held=due") == found("held=yes") == ["2"]
    Hold.objects.update(until=make.NOW)
    assert (found("held=yes"), found("held=due"), found("held=no")) == ([], [], ["1", "2"])
    assert found("case=cancellation") == found("case=return&case=refund") == ["1"]


def test_flags_and_notes_of_ours() -> None:
    facts = [make.order(name) for name in "1234"]
    apply(make.shop(), [*facts, make.order("5", seller_note="Fragile")], SOURCE)
    orders = {order.order_id: order for order in Order.objects.all()}
    for name, colour in {"1": Colour.RED, "2": Colour.RED, "3": Colour.BLUE}.items():
        set_flag(orders[name], colour, by="mai", now=make.NOW)
    assert found("flag=red") == ["1", "2"]
    assert found("flag=red&flag=blue") == found("flag=any") == found("flag=any&flag=red")
    assert found("flag=any") == ["1", "2", "3"]
    assert found("flag=none") == ["4", "5"]
    assert found("flag=none&flag=blue") == ["3", "4", "5"]
    assert found("flag=green") == []
    note = add_note(orders["4"], text="Call back", by="mai", now=make.NOW)
    assert found("has=seller_note") == ["4", "5"]
    remove_note(note, by="mai", now=make.NOW)
    assert found("has=seller_note") == ["5"]


def test_stages_within_a_tab_and_across_all() -> None:
    on_hold = make.order("1", stage=Stage.ON_HOLD, paid_at=make.NOW)
    presumed = make.order("2", stage=Stage.ON_HOLD)
    apply(make.shop(), [on_hold, presumed, make.order("3", stage=Stage.IN_TRANSIT)], SOURCE)
    assert found("tab=processing&stage=on_hold") == ["1"]
    assert found("tab=pending_shipping") == found("tab=processing&stage=awaiting_shipment") == ["2"]
    assert found("stage=on_hold&stage=in_transit") == ["1", "3"]


def test_a_shop_that_may_not_be_seen_does_not_exist() -> None:
    ours, theirs = make.shop("Ours"), make.shop("Theirs")
    for shop in (ours, theirs):
        apply(shop, [make.order(shop.slug)], SOURCE)
    narrow = Access(by="mai", shop_ids=frozenset({ours.pk}))
    assert found("", narrow) == ["ours"]
    assert found("shop=ours&shop=ours", narrow) == ["ours"]
    assert found("shop=theirs") == ["theirs"]
    with pytest.raises(BadFilter, match=r"shop=theirs is not one of your shops; they are: ours\."):
        found("shop=theirs", narrow)
    assert listing(parse(""), narrow, make.NOW).counts.tabs["all"] == 1
    nobody = Access(by="x", shop_ids=frozenset())
    assert (found("", nobody), listing(parse(""), nobody, make.NOW).count) == ([], 0)


def at(shop: Shop, order_id: str, created: datetime) -> None:
    make.row(shop, order_id, created_at=created, paid_at=created, ship_by=created).save()


@pytest.mark.parametrize(
    ("zone", "day", "hours", "begins"),
    [
        ("America/New_York", "2026-03-08", 23, datetime(2026, 3, 8, 5, tzinfo=UTC)),
        ("America/New_York", "2026-11-01", 25, datetime(2026, 11, 1, 4, tzinfo=UTC)),
        ("Asia/Bangkok", "2026-11-01", 24, datetime(2026, 10, 31, 17, tzinfo=UTC)),
        # Clocks go forward at midnight there: the day begins at one o'clock.
        ("Asia/Beirut", "2026-03-29", 23, datetime(2026, 3, 28, 22, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("field", ["created", "paid", "ship_by"])
def test_a_day_is_the_shops_own_whatever_its_length(
    zone: str, day: str, hours: int, begins: datetime, field: str
) -> None:
    shop, tick = make.shop(timezone=zone), timedelta(microseconds=1)
    ends = begins + timedelta(hours=hours)
    for name, instant in {
        "before": begins - tick,
        "first": begins,
        "last": ends - tick,
        "after": ends,
    }.items():
        at(shop, name, instant)
    assert found(f"{field}_from={day}&{field}_to={day}") == ["first", "last"]
    assert found(f"{field}_from={day}") == ["after", "first", "last"]
    assert found(f"{field}_to={day}") == ["before", "first", "last"]


def test_each_shop_has_days_of_its_own() -> None:
    east, west = make.shop("East", timezone="Asia/Tokyo"), make.shop("West", timezone="UTC")
    evening = datetime(2026, 11, 1, 20, tzinfo=UTC)
    at(east, "east", evening)
    at(west, "west", evening)
    assert found("created_from=2026-11-01&created_to=2026-11-01") == ["west"]
    assert found("created_from=2026-11-02&created_to=2026-11-02") == ["east"]
    assert found("created_from=2026-11-01&paid_to=2026-11-02") == ["east", "west"]


def test_an_order_without_the_instant_is_on_no_day() -> None:
    make.row(make.shop(), "1").save()
    assert found("paid_from=1990-01-01") == found("ship_by_to=2990-01-01") == []
