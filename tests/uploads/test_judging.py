"""What is said of each row before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import CaseFact, CaseKind, Shipping, Stage
from shipboard.channels.file.tracking import ShipmentRow
from shipboard.channels.models import Shop
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.orders.models import Order
from shipboard.uploads.judging import Judgement, judge
from tests import make
from tests.uploads.conftest import MAI, MUG, PLATE, number, order_id, place, two_skus

GOOD, WARNED, REFUSED, UNCHANGED = "good", "warned", "refused", "unchanged"


def row(at: int, tracking: str | None = None, *, line: int = 0, **given: Any) -> ShipmentRow:
    values = {"carrier": "UPS", **given}
    return ShipmentRow(
        line or at + 2, order_id(at), number(at) if tracking is None else tracking, **values
    )


def judged(shop: Shop, *rows: ShipmentRow) -> tuple[list[str], list[str], Judgement]:
    found = judge(shop, rows, make.NOW)
    assert [each.row for each in found.rows] == list(rows)
    return [each.verdict.value for each in found.rows], [e.reason for e in found.rows], found


def test_good_rows_become_shipments_of_the_whole_order(shop: Shop) -> None:
    orders = [place(shop, at) for at in (1, 2)]
    verdicts, reasons, found = judged(shop, row(1), row(2, service="Ground"))
    assert (verdicts, reasons) == ([GOOD, GOOD], ["", ""])
    assert [pk for pk, _ in found.shipments] == [order.pk for order in orders]
    first, second = (wish for _, wish in found.shipments)
    assert first == ShipWish(tracking_number=number(1), carrier="UPS", carrier_id="UPS")
    assert second.service == "Ground"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"stage": Stage.UNPAID}, "not paid yet"),
        ({"stage": Stage.ON_HOLD, "created_at": make.NOW, "paid_at": make.NOW}, "On hold"),
        ({"stage": Stage.IN_TRANSIT}, "on its way"),
        ({"stage": Stage.CANCELED}, "canceled"),
        ({"shipping": Shipping.PLATFORM}, "The platform chooses the carrier"),
        ({"is_platform_fulfilled": True}, "own warehouse"),
        (
            {"cases": (CaseFact(kind=CaseKind.CANCELLATION, case_id="9", is_open=True),)},
            "Decision needed",
        ),
    ],
)
def test_orders_that_cannot_go_are_refused(
    shop: Shop, given: dict[str, Any], sentence: str
) -> None:
    place(shop, 1, **given)
    verdicts, reasons, found = judged(shop, row(1))
    assert verdicts == [REFUSED]
    assert sentence in reasons[0]
    assert found.shipments == []


def test_an_order_of_another_shop_is_unknown(shop: Shop) -> None:
    place(make.shop("Other"), 1)
    verdicts, reasons, _ = judged(shop, row(1))
    assert (verdicts, reasons) == ([REFUSED], ["Northwind has no order with this ID."])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"tracking": ""}, "No tracking number is filled in"),
        ({"tracking": "1Z-99/9"}, "letters and digits only"),
        ({"carrier": "Pigeon"}, "is no carrier of this order"),
        ({"fault": "The order ID is damaged."}, "The order ID is damaged."),
    ],
)
def test_numbers_that_cannot_be_taken(shop: Shop, given: dict[str, Any], sentence: str) -> None:
    place(shop, 1)
    verdicts, reasons, _ = judged(shop, row(1, **given))
    assert verdicts == [REFUSED]
    assert sentence in reasons[0]


def test_a_doubtful_number_is_taken_with_a_warning(shop: Shop) -> None:
    place(shop, 1)
    verdicts, reasons, found = judged(shop, row(1, number(1), carrier="FedEx"))
    assert verdicts == [WARNED]
    assert "UPS" in reasons[0]
    assert len(found.shipments) == 1
    verdicts, reasons, _ = judged(shop, row(1, warning="Compare it with the label."))
    assert (verdicts, reasons) == ([WARNED], ["Compare it with the label."])


def test_the_same_row_twice_counts_once(shop: Shop) -> None:
    place(shop, 1)
    verdicts, reasons, found = judged(shop, row(1), row(1, line=9))
    assert verdicts == [GOOD, UNCHANGED]
    assert reasons[1] == "It repeats row 3, and counts once."
    assert len(found.shipments) == 1


def test_an_order_with_two_numbers_is_not_guessed(shop: Shop) -> None:
    place(shop, 1)
    verdicts, reasons, _ = judged(shop, row(1), row(1, number(2), line=9))
    assert verdicts == [REFUSED, REFUSED]
    assert "rows 3 and 9 with different tracking numbers" in reasons[0]
    verdicts, reasons, _ = judged(shop, row(1), row(1, line=9, carrier="FedEx"))
    assert verdicts == [REFUSED, REFUSED]
    assert "a different carrier" in reasons[0]


def test_a_split_order_goes_by_sku_and_quantity(shop: Shop) -> None:
    place(shop, 1, lines=two_skus())
    verdicts, _, found = judged(
        shop,
        row(1, sku_id=MUG, quantity=1),
        row(1, number(2), line=4, sku_id=MUG, quantity=1),
        row(1, number(2), line=5, sku_id="PLATE-01"),
    )
    assert verdicts == [GOOD, GOOD, GOOD]
    assert [wish.contents for _, wish in found.shipments] == [{0: 1}, {0: 1, 1: 1}]
    assert [each.shipment for each in found.rows] == [1, 2, 2]


def test_skus_that_come_to_the_whole_order_are_the_whole_order(shop: Shop) -> None:
    place(shop, 1, lines=two_skus())
    _, _, found = judged(
        shop, row(1, sku_id=MUG, quantity=2), row(1, line=4, sku_id=PLATE, quantity=1)
    )
    assert [wish.contents for _, wish in found.shipments] == [None]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sku_id": MUG, "quantity": 3}, "ships 3 of SKU"),
        ({"sku_id": "999"}, "The order has no SKU 999"),
        ({"quantity": 2}, "the order has 2 SKUs"),
    ],
)
def test_contents_that_do_not_wait(shop: Shop, given: dict[str, Any], sentence: str) -> None:
    place(shop, 1, lines=two_skus())
    verdicts, reasons, _ = judged(shop, row(1, **given))
    assert verdicts == [REFUSED]
    assert sentence in reasons[0]


def test_a_quantity_alone_is_of_the_only_sku(shop: Shop) -> None:
    place(shop, 1, lines=(make.line(quantity=3),))
    _, _, found = judged(shop, row(1, quantity=2))
    assert found.shipments[0][1].contents == {0: 2}
    _, _, found = judged(shop, row(1, quantity=3))
    assert found.shipments[0][1].contents is None


def test_two_rows_cannot_ship_one_unit(shop: Shop) -> None:
    place(shop, 1, lines=(make.line(quantity=2),))
    verdicts, reasons, found = judged(
        shop,
        row(1, sku_id=MUG, quantity=2),
        row(1, number(2), line=4, sku_id=MUG, quantity=1),
    )
    assert verdicts == [REFUSED, REFUSED]
    assert "is in no other row" in reasons[0]
    assert found.shipments == []


def test_half_an_order_stays_when_the_other_half_is_refused(shop: Shop) -> None:
    place(shop, 1, lines=two_skus())
    verdicts, reasons, found = judged(
        shop,
        row(1, sku_id=MUG),
        row(1, "bad number!", line=4, sku_id=PLATE),
    )
    assert verdicts == [REFUSED, REFUSED]
    assert reasons[0].startswith("Another row of this order is refused")
    assert found.shipments == []


def ship(order: Order, tracking: str, **given: Any) -> None:
    wish = ShipWish(tracking_number=tracking, carrier="UPS", **given)
    ask_to_ship(order, wish, access=MAI, now=make.NOW, wall=make.NOW)


def test_what_goes_under_that_number_already_is_unchanged(shop: Shop) -> None:
    ship(place(shop, 1), number(1))
    place(shop, 2, stage=Stage.IN_TRANSIT, parcels=(make.parcel(tracking_number=number(2)),))
    verdicts, reasons, _ = judged(shop, row(1), row(2))
    assert verdicts == [UNCHANGED, UNCHANGED]
    assert reasons[0] == f"mai ships it already under {number(1)}."
    verdicts, reasons, _ = judged(shop, row(1, number(9)))
    assert verdicts == [REFUSED]
    assert "ships it already" in reasons[0]


def test_what_a_part_shipment_left_can_go(shop: Shop) -> None:
    ship(place(shop, 1, lines=two_skus()), number(1), contents={0: 2})
    verdicts, _, found = judged(shop, row(1, number(2)), row(1, number(1), line=9))
    assert verdicts == [GOOD, UNCHANGED]
    assert found.shipments[0][1].contents is None
    verdicts, reasons, _ = judged(shop, row(1, number(2), sku_id=MUG, quantity=1))
    assert verdicts == [REFUSED]
    assert "none of it" in reasons[0]


def test_one_parcel_for_orders_of_one_buyer(shop: Shop) -> None:
    for at in (1, 2):
        place(shop, at, buyer_username="anna")
    verdicts, _, found = judged(shop, row(1, number(1), group="A"), row(2, number(1), group="A"))
    assert verdicts == [GOOD, GOOD]
    assert [wish.group for _, wish in found.shipments] == ["A", "A"]
    verdicts, reasons, _ = judged(shop, row(1, number(1)), row(2, number(1)))
    assert verdicts == [WARNED, WARNED]
    assert reasons[0] == f"Row 4 has this number too, order {order_id(2)}."


def test_one_number_for_different_buyers_is_a_slip(shop: Shop) -> None:
    for at in (1, 2, 3):
        place(shop, at)
    verdicts, reasons, found = judged(shop, row(1, number(1)), row(2, number(1)), row(3))
    assert verdicts == [REFUSED, REFUSED, GOOD]
    assert "of different buyers have this number" in reasons[0]
    assert len(found.shipments) == 1
    verdicts, reasons, _ = judged(shop, row(1, number(1), group="A"), row(2, number(1), group="A"))
    assert verdicts == [REFUSED, REFUSED]
    verdicts, reasons, _ = judged(shop, row(1, group="A"), row(2, group="A"))
    assert "Group A has several tracking numbers" in reasons[0]


def test_addresses_tell_where_user_names_do_not(shop: Shop) -> None:
    where = {"name": "Anna Lee", "postal_code": "94016", "address": "1 Main St"}
    place(shop, 1, buyer_username="", recipient=where)
    place(shop, 2, buyer_username="", recipient=where | {"address": "2 Main St"})
    place(shop, 3, buyer_username="", recipient=where | {"name": "A**", "address": "*"})
    rows = [row(at, number(1), group="G") for at in (1, 2, 3)]
    assert judged(shop, *rows[::2])[0] == [GOOD, GOOD]
    verdicts, reasons, _ = judged(shop, *rows[:2])
    assert verdicts == [REFUSED, REFUSED]
    assert "different recipients" in reasons[0]


def test_no_more_than_twenty_orders_under_one_number(shop: Shop) -> None:
    for at in range(21):
        place(shop, at, buyer_username="anna")
    rows = [row(at, number(1), group="A") for at in range(21)]
    assert set(judged(shop, *rows[:20])[0]) == {GOOD}
    verdicts, reasons, _ = judged(shop, *rows)
    assert set(verdicts) == {REFUSED}
    assert "at most 20" in reasons[0]


def test_a_number_of_another_buyer_outside_the_file_is_refused(shop: Shop) -> None:
    ship(place(shop, 1), number(1))
    place(shop, 2)
    verdicts, reasons, _ = judged(shop, row(2, number(1)))
    assert verdicts == [REFUSED]
    assert "of another buyer goes under this number already" in reasons[0]


def test_the_queries_do_not_grow_with_the_rows(shop: Shop) -> None:
    for at in range(40):
        place(shop, at)

    def asked(many: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            judge(shop, [row(at) for at in range(many)], make.NOW)
        return len(captured)

    assert asked(40) == asked(2) <= 15


CHOICES = st.tuples(
    st.integers(0, 6),
    st.sampled_from([number(1), number(2), number(3), "", "bad!", "1Z"]),
    st.sampled_from(["", MUG, PLATE, "999"]),
    st.sampled_from([None, 1, 2, 5]),
    st.sampled_from(["", "A", "B"]),
    st.sampled_from(["UPS", "", "FedEx", "Pigeon"]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(CHOICES, min_size=1, max_size=12))
@pytest.mark.django_db
def test_every_row_has_one_verdict_and_every_shipment_its_rows(
    shop: Shop, chosen: list[tuple[Any, ...]]
) -> None:
    if not Order.objects.exists():
        for at in range(5):
            place(shop, at, lines=two_skus(), buyer_username="anna" if at < 2 else f"b{at}")
    rows = [
        ShipmentRow(
            line, order_id(at), tracking, carrier, sku_id=sku, quantity=quantity, group=group
        )
        for line, (at, tracking, sku, quantity, group, carrier) in enumerate(chosen, 3)
    ]
    found = judge(shop, rows, make.NOW)
    assert [each.row for each in found.rows] == rows
    named = {each.shipment for each in found.rows} - {None}
    assert named == set(range(1, len(found.shipments) + 1))
    for each in found.rows:
        assert (each.shipment is not None) == (each.verdict in (GOOD, WARNED))
        assert bool(each.reason) == (each.verdict != GOOD)
