"""One order: masked until asked, held until released, amounts that add up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from shipboard.channels.contract import CaseFact, CaseKind, OrderFact, Shipping, Stage
from shipboard.fulfilment.allowed import OURS, Verb, allowed, why_not
from shipboard.ingest.apply import Source, apply
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Event, Line, Order
from shipboard.orders.overlays import touch
from shipboard.orders.prices import breakdown
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
PATH = "/orders/576000000000000001/"
RECIPIENT = {
    "name": "Ada Marlow",
    "phone": "(+1)2025550142",
    "address": "12 Harbor St",
    "city": "Oakland",
    "country": "US",
}


def stored(**given: object) -> Order:
    apply(make.shop(), [make.order(**given)], SOURCE)
    return Order.objects.get()


def test_the_recipient_is_masked_until_revealed_and_that_is_logged(desk: Client) -> None:
    order = stored(recipient=RECIPIENT)
    page = desk.get(PATH).content.decode()
    assert not [value for value in ("Marlow", "5550142", "Harbor", "Oakland") if value in page]
    page = desk.post(f"{PATH}reveal/", follow=True).content.decode()
    assert "Ada Marlow" in page
    assert "12 Harbor St" in page
    seen = Event.objects.get(order=order, kind="address_revealed")
    assert (seen.by, seen.detail) == ("mai@shop.example", {})
    assert "Marlow" not in desk.get(PATH).content.decode()
    assert desk.get(f"{PATH}reveal/").status_code == 302
    assert Event.objects.filter(kind="address_revealed").count() == 1


def test_an_id_of_two_shops_asks_which(desk: Client) -> None:
    apply(make.shop("One"), [make.order()], SOURCE)
    apply(make.shop("Two"), [make.order()], SOURCE)
    assert "Which shop?" in desk.get(PATH).content.decode()
    assert desk.get(f"{PATH}?shop=two").status_code == 200
    assert desk.post(f"{PATH}reveal/").status_code == 404
    assert desk.get("/orders/999/").status_code == 404


def test_a_hold_blocks_shipping_until_it_is_released_once(desk: Client) -> None:
    order = stored()
    place_hold(order, reason="Ask the buyer", by="mai", now=make.NOW)
    page = desk.get(PATH).content.decode()
    assert "Ask the buyer" in page
    assert "release the hold first" in page
    for _ in range(2):
        order.refresh_from_db()
        answer = desk.post(f"{PATH}release/", {"seen": order.version})
    assert answer.status_code == 409
    assert "mai@shop.example released it already" in answer.content.decode()
    assert list(order.events.order_by("pk").values_list("kind", flat=True)) == [
        "order_received",
        "hold_placed",
        "hold_released",
    ]


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_says_why_it_cannot_be_shipped(stage: Stage) -> None:
    stored(stage=stage, shipping=Shipping.SELLER, delivered_at=make.NOW)
    found = allowed(Order.objects.get(), make.NOW)
    actions = {each.verb: each for each in found if each.verb not in OURS}
    assert set(actions) == {Verb.ADD_SHIPMENT, Verb.CANCEL}
    can_ship = stage in (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
    assert actions[Verb.ADD_SHIPMENT].is_possible == can_ship
    assert all(action.why_not.endswith(".") or action.is_possible for action in actions.values())


def test_a_cancellation_request_and_a_presumption_come_before_shipping() -> None:
    case = CaseFact(kind=CaseKind.CANCELLATION, is_open=True)
    order = stored(cases=(case,))
    add, despite = allowed(order, make.NOW)[:2]
    assert add.why_not.startswith("Decision needed: the buyer asks to cancel")
    assert (despite.verb, despite.is_possible) == (Verb.SHIP_DESPITE, False)
    presumed = make.order("2", stage=Stage.ON_HOLD, paid_at=make.NOW - timedelta(hours=2))
    apply(order.shop, [presumed], SOURCE)
    refusal = allowed(Order.objects.get(order_id="2"), make.NOW)[0].why_not
    assert "import a newer export" in refusal


def test_how_the_desk_hears_of_it_differs_by_what_the_channel_can() -> None:
    order = stored()
    assert "fed by files" in why_not(Verb.CANCEL, order, make.NOW)
    order.shop.channel = "tiktok"
    assert why_not(Verb.CANCEL, order, make.NOW) == ""
    order.stage, order.hold_ends_at = Stage.ON_HOLD, make.NOW
    assert "it will within minutes" in why_not(Verb.ADD_SHIPMENT, order, make.NOW)


amounts = st.decimals(0, 5000, places=2)


@given(
    prices=st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=4),
    charges=st.dictionaries(
        st.sampled_from(["shipping_fee", "taxes", "retail_delivery_fee", "handling_fee"]), amounts
    ),
    total=amounts,
)
def test_the_breakdown_always_adds_up(
    prices: list[tuple[Decimal, ...]], charges: dict[str, Decimal], total: Decimal
) -> None:
    order = Order(
        pk=1, total=total, currency="USD", charges={k: str(v) for k, v in charges.items()}
    )
    order._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "lines": [
            Line(subtotal=subtotal, seller_discount=seller, platform_discount=platform)
            for subtotal, seller, platform in prices
        ]
    }
    rows = breakdown(order)
    assert sum(row.amount for row in rows if not row.is_total) == total
    assert rows[-1].amount == total


def test_the_timeline_is_newest_first_and_names_who(desk: Client) -> None:
    order = stored()
    newer: OrderFact = make.order(stage=Stage.IN_TRANSIT, as_of=make.NOW + timedelta(hours=1))
    apply(order.shop, [newer], Source(by="mai, file b.csv", now=make.NOW + timedelta(hours=2)))
    page = desk.get(PATH).content.decode()
    assert page.index("Changed by the channel") < page.index("First seen here")
    assert page.index("First seen here") < page.index("Order placed")
    assert "mai, file b.csv" in page
    assert "Awaiting shipment → In transit" in page


def test_a_page_that_knows_the_order_hears_nothing_until_it_changes(desk: Client) -> None:
    order = stored(recipient=RECIPIENT)
    known = f"{PATH}?shop={order.shop.slug}"
    page = desk.get(PATH).content.decode()
    assert f'data-version="{order.version}" data-changes="{known}"' in page
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(f"{known}&seen={order.version}").status_code == 204
    assert len(asked) == 3  # session, person, version
    desk.post(f"{PATH}reveal/")  # not followed yet: what it shows is for whoever asked
    touch(order, now=make.NOW)
    order.refresh_from_db()
    fresh = desk.get(f"{known}&seen={order.version - 1}").content.decode()
    assert f'data-version="{order.version}"' in fresh
    assert "Ada Marlow" not in fresh
    revealed = desk.get(PATH).content.decode()
    assert "Ada Marlow" in revealed
    assert 'class="detail is-kept"' in revealed


def test_the_drawer_is_the_same_order_without_the_frame(desk: Client) -> None:
    stored(recipient=RECIPIENT)
    page = desk.get(PATH, headers={"HX-Request": "true", "HX-Target": "drawer-body"})
    assert b"<html" not in page.content
    assert b"What can be done now" in page.content


@pytest.mark.parametrize("path", ["/orders/%00/", "/orders/1/?shop=%00", "/orders/a%2Fb/"])
def test_odd_addresses_are_not_found(desk: Client, path: str) -> None:
    assert desk.get(path).status_code == 404


def test_a_cancellation_in_part_says_units_and_refund(desk: Client) -> None:
    case = CaseFact(
        kind=CaseKind.CANCELLATION,
        case_id="401",
        is_open=False,
        status="CANCELLATION_REQUEST_COMPLETE",
        amount=Decimal("9.50"),
    )
    lines = (make.line(quantity=2, extra={"canceled_units": "1"}),)
    stored(lines=lines, cases=(case,))
    page = desk.get(PATH).content.decode()
    assert "1 of 2 units is canceled" in page
    assert "(canceled and refunded), refund of $9.50" in page


def test_the_same_refusal_is_said_once(desk: Client) -> None:
    order = stored(stage=Stage.DELIVERED, shipping=Shipping.SELLER)
    refused = [each.why_not for each in allowed(order, make.NOW) if each.verb not in OURS]
    twice = next(each for each in refused if refused.count(each) > 1 and each)
    assert desk.get(PATH).content.decode().count(f'<p class="why">{twice}') == 1
