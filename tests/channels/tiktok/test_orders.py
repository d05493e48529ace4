"""An order's payload as the desk reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Deadlines,
    Heard,
    OrderType,
    ParcelContent,
    ParcelFact,
    Shipping,
    Stage,
    Unheard,
)
from shipboard.channels.tiktok.orders import Reading, read_order
from shipboard.ingest.merge import heard, merge
from shipboard.ingest.shown import fact_of
from tests.channels.tiktok.payloads import (
    AT,
    HOUR,
    ID,
    NOW,
    READING,
    SKU,
    at,
    fact,
    order,
    refusal,
    unit,
)


def test_an_ordinary_order() -> None:
    told = fact()
    assert (told.order_id, told.stage, told.as_of) == (ID, Stage.AWAITING_SHIPMENT, NOW)
    assert (told.created_at, told.paid_at) == (at(0), at(60))
    assert (told.currency, told.total) == ("USD", Decimal("21.00"))
    assert told.charges == {"shipping_fee": Decimal("3.50"), "taxes": Decimal(0)}
    assert (told.shipping, told.warehouse) == (Shipping.PLATFORM, "Portland")
    assert (told.buyer_username, told.payment_method) == ("ana.s", "Visa")
    assert told.recipient == {
        "name": "Ana Souza",
        "phone": "(+1)2025550102",
        "country": "US",
        "state": "Oregon",
        "district": "Multnomah",
        "city": "Portland",
        "postal_code": "97201",
        "address": "12 Main St, Apt 4",
    }
    assert told.cases == ()
    assert not told.names_all_cases


@pytest.mark.parametrize(
    ("status", "stage", "words"),
    [
        ("UNPAID", Stage.UNPAID, ""),
        ("ON_HOLD", Stage.ON_HOLD, ""),
        ("PARTIALLY_SHIPPING", Stage.PARTIALLY_SHIPPED, ""),
        ("AWAITING_COLLECTION", Stage.PENDING_COLLECTION, ""),
        ("IN_TRANSIT", Stage.IN_TRANSIT, ""),
        ("DELIVERED", Stage.DELIVERED, ""),
        ("COMPLETED", Stage.CLOSED, ""),
        ("CANCELLED", Stage.CANCELED, ""),
        ("CANCEL", Stage.CANCELED, ""),
        ("TO_BE_PONDERED", Stage.UNKNOWN, "TO_BE_PONDERED"),
        (None, Stage.UNKNOWN, ""),
    ],
)
def test_statuses(status: str | None, stage: Stage, words: str) -> None:
    told = fact(status=status)
    assert (told.stage, told.status_words) == (stage, words)


@pytest.mark.parametrize(
    ("said", "order_type", "extra"),
    [
        ({"order_type": ""}, OrderType.NORMAL, {}),
        ({"order_type": "PRE_ORDER"}, OrderType.PRE_ORDER, {}),
        ({"order_type": "BACK_ORDER"}, OrderType.BACK_ORDER, {}),
        ({"order_type": "AUCTION"}, OrderType.NORMAL, {"order_type": "AUCTION"}),
        ({"is_sample_order": True, "order_type": "NORMAL"}, OrderType.SAMPLE, {}),
        (
            {"is_replacement_order": True, "replaced_order_id": "5768"},
            OrderType.NORMAL,
            {"is_replacement_order": "true", "replaced_order_id": "5768"},
        ),
    ],
)
def test_types(said: dict[str, Any], order_type: OrderType, extra: dict[str, str]) -> None:
    told = fact(**said)
    assert told.order_type == order_type
    assert {**told.extra, "warehouse_id": ""} == {**extra, "warehouse_id": ""}


@pytest.mark.parametrize(
    ("fulfilled", "shipped", "shipping", "is_platforms"),
    [
        ("FULFILLMENT_BY_SELLER", "SELLER", Shipping.SELLER, False),
        ("FULFILLMENT_BY_TIKTOK", "TIKTOK", Shipping.PLATFORM, True),
        ("FULFILLMENT_BY_DILAYANI_TOKOPEDIA", "TIKTOK", Shipping.PLATFORM, True),
        ("FULFILLMENT_BY_SELLER", "TIKTOK_DIGITAL", Shipping.UNSAID, True),
        ("FULFILLMENT_BY_SELLER", "IN-STORE PICKUP", Shipping.UNSAID, True),
        # Nobody knows these; whoever may have to ship such an order must see it.
        ("FULFILLMENT_BY_DRONE", "DRONE", Shipping.UNSAID, False),
        (None, None, Shipping.UNSAID, False),
    ],
)
def test_who_ships(
    fulfilled: str | None, shipped: str | None, shipping: Shipping, is_platforms: bool
) -> None:
    told = fact(fulfillment_type=fulfilled, shipping_type=shipped)
    assert (told.shipping, told.is_platform_fulfilled) == (shipping, is_platforms)


def test_units_of_a_sku_at_a_price_are_a_line() -> None:
    other = "1729000000003120086"
    units = [
        unit(3),
        unit(1),
        unit(2, sku_id=other, original_price="5", platform_discount=None),
        unit(4, is_gift=True, original_price="0", sale_price="0"),
    ]
    first, second, gift = fact(line_items=units).lines
    assert (first.item.sku_id, first.quantity) == (SKU, 2)
    assert first.unit_ids == (f"{ID}01", f"{ID}03")
    assert (first.unit_price, first.subtotal) == (Decimal("20.00"), Decimal("40.00"))
    assert (first.platform_discount, first.seller_discount) == (Decimal("1.00"), Decimal("4.00"))
    assert first.total == Decimal("35.00")
    assert (second.item.sku_id, second.quantity, second.platform_discount) == (other, 1, None)
    assert (gift.item.sku_id, gift.extra["is_gift"]) == (SKU, "true")
    assert first.returned == 0


def test_canceled_units_stay_in_the_line_and_are_told_apart() -> None:
    units = [unit(1), unit(2, display_status="CANCELLED", cancel_user="BUYER"), unit(3)]
    (line,) = fact(line_items=units).lines
    assert line.quantity == 3
    assert line.extra["canceled_units"] == "1"
    assert line.extra["unit_statuses"] == "AWAITING_SHIPMENT 1, CANCELLED 1, AWAITING_SHIPMENT 1"


def test_what_no_longer_differs_is_said_so_that_it_is_not_left_standing() -> None:
    mixed = fact(
        status="PARTIALLY_SHIPPING", line_items=[unit(1, display_status="IN_TRANSIT"), unit(2)]
    )
    alike = replace(
        fact(status="AWAITING_COLLECTION", line_items=[unit(1), unit(2)]),
        as_of=NOW + timedelta(minutes=1),
    )
    (line,) = fact_of(merge(heard(mixed), alike)).lines
    assert line.extra == {"unit_statuses": ""}


def test_parcels_hold_what_travels() -> None:
    units = [
        unit(1, package_id="1152", tracking_number="T2", shipping_provider_name="USPS"),
        unit(2, package_id="1151"),
        unit(3, package_id="1151", display_status="CANCELLED"),
        unit(4, package_id="1150", package_status="CANCELLED"),
    ]
    told = fact(line_items=units, packages=[{"id": "1151"}, {"id": "1152"}, {"id": "1199"}])
    assert told.parcels == (
        ParcelFact(
            package_id="1152",
            tracking_number="T2",
            carrier="USPS",
            contents=(ParcelContent(0, 1),),
        ),
        ParcelFact(package_id="1151", contents=(ParcelContent(0, 1),)),
        ParcelFact(package_id="1199"),
    )
    assert told.carrier == "USPS"


def test_a_canceled_order_keeps_its_parcels() -> None:
    gone = {"display_status": "CANCELLED", "package_id": "1151", "package_status": "CANCELLED"}
    told = fact(
        status="CANCELLED",
        line_items=[unit(**gone)],
        cancellation_initiator="BUYER",
        cancel_reason="Too slow",
        cancel_time=AT + 9,
    )
    assert [each.package_id for each in told.parcels] == ["1151"]
    assert (told.canceled_by, told.cancel_reason, told.canceled_at) == ("buyer", "Too slow", at(9))
    assert told.lines[0].extra == {"unit_statuses": ""}


@pytest.mark.parametrize("status", ["TO_FULFILL", "PROCESSING"])
def test_the_number_of_a_parcel_that_is_no_more_is_no_other_parcels(status: str) -> None:
    """Half of an order was shipped, lost and canceled; the other half has no number yet."""
    lost = {"display_status": "CANCELLED", "package_status": "CANCELLED", "tracking_number": "T1"}
    told = fact(
        tracking_number="T1",
        shipping_provider="DHL",
        line_items=[
            unit(1, package_id="1151", **lost),
            unit(2, package_id="1152", package_status=status, tracking_number=""),
        ],
    )
    [parcel] = told.parcels
    assert (parcel.package_id, parcel.tracking_number, parcel.carrier) == ("1152", "", "")


def test_the_only_parcel_has_the_orders_tracking_number() -> None:
    told = fact(tracking_number="T1", shipping_provider="DHL", line_items=[unit(package_id="1151")])
    assert (told.parcels[0].tracking_number, told.parcels[0].carrier) == ("T1", "DHL")


def test_a_request_that_was_withdrawn_leaves_no_reason_on_the_order() -> None:
    told = fact(cancellation_initiator="BUYER", cancel_reason="Changed my mind")
    assert (told.canceled_by, told.cancel_reason) == ("", "")


DUE = {
    "shipping_due_time": AT + 3 * HOUR,
    "collection_due_time": AT + 4 * HOUR,
    "delivery_due_time": AT + 5 * HOUR,
    "cancel_order_sla_time": AT + 6 * HOUR,
}


@pytest.mark.parametrize(
    ("status", "hours"),
    [
        ("UNPAID", 6),
        ("ON_HOLD", 3),
        ("AWAITING_SHIPMENT", 3),
        ("PARTIALLY_SHIPPING", 3),
        ("AWAITING_COLLECTION", 4),
        ("IN_TRANSIT", 5),
        ("DELIVERED", None),
        ("CANCELLED", None),
        ("ODD", 6),
    ],
)
def test_the_channel_cancels_by_stage(status: str, hours: int | None) -> None:
    due = at(hours * HOUR) if hours else None
    assert fact(status=status, **DUE).deadlines.auto_cancel_at == due


def test_the_old_instant_counts_where_the_new_one_is_not_set() -> None:
    said = DUE | {"collection_due_time": 0}
    told = fact(status="AWAITING_COLLECTION", **said)
    assert told.deadlines.auto_cancel_at == at(6 * HOUR)


def test_the_end_of_a_stage_that_is_over_is_no_deadline_any_more() -> None:
    waits = fact(rts_sla_time=AT + HOUR, shipping_due_time=AT + 3 * HOUR)
    moves = replace(
        fact(status="IN_TRANSIT", rts_sla_time=AT + HOUR), as_of=NOW + timedelta(minutes=1)
    )
    for first, second in ((waits, moves), (moves, waits)):
        shown = fact_of(merge(heard(first), second))
        assert shown.deadlines == Deadlines(ship_by=at(HOUR))


def test_deadlines() -> None:
    told = fact(
        rts_sla_time=AT + 2,
        fast_rts_sla_time=AT + 1,
        tts_sla_time=str(AT + 3),
        delivery_option_required_delivery_time=AT + 4,
    )
    assert told.deadlines == Deadlines(ship_by=at(1), collect_by=at(3), deliver_by=at(4))
    assert fact(rts_sla_time=AT + 2, fast_rts_sla_time=0).deadlines.ship_by == at(2)
    both = fact(delivery_sla_time=AT + 5, delivery_option_required_delivery_time=AT + 4)
    assert both.deadlines.deliver_by == at(5)


def test_the_first_unit_arranged_tells_when_the_order_does_not() -> None:
    units = [unit(1, rts_time=AT + 7), unit(2, rts_time=AT + 5), unit(3)]
    assert fact(line_items=units).arranged_at == at(5)
    assert fact(line_items=units, rts_time=AT + 9).arranged_at == at(9)


def test_a_street_changes_as_a_whole() -> None:
    before = fact()
    moved = {**order()["recipient_address"], "address_line1": "5 Oak Rd", "address_line2": ""}
    after = replace(fact(recipient_address=moved), as_of=NOW + timedelta(minutes=1))
    assert fact_of(merge(heard(before), after)).recipient["address"] == "5 Oak Rd"


def test_what_is_masked_does_not_replace_what_was_open() -> None:
    masked = {
        "name": "A** S****",
        "address_line1": "*****",
        "address_line2": "*****",
        "region_code": "US",
    }
    told = fact(recipient_address=masked)
    assert told.recipient == {"name": "A** S****", "address": "*****", "country": "US"}
    later = replace(told, as_of=NOW + timedelta(minutes=1))
    assert fact_of(merge(heard(fact()), later)).recipient["name"] == "Ana Souza"


@pytest.mark.parametrize(
    ("region", "levels", "wanted"),
    [
        ("TH", ["Thailand", "Bangkok", "Bang Rak", "Silom"], ("Bangkok", "", "Bang Rak", "Silom")),
        ("ID", ["Indonesia", "Bali", "Denpasar", "Kuta", "Legian"], ("Bali", "Denpasar", "Kuta")),
        ("US", ["USA", "Oregon", "Multnomah", "Portland"], ("Oregon", "Portland", "Multnomah")),
    ],
)
def test_districts_without_names_go_by_their_level(
    region: str, levels: list[str], wanted: tuple[str, ...]
) -> None:
    info = [{"address_level": f"L{n}", "address_name": name} for n, name in enumerate(levels)]
    told = read_order(order(recipient_address={"district_info": info}), Reading(NOW, region))
    assert isinstance(told, Heard)
    recipient = told.fact.recipient
    keys = ("state", "city", "district", "subdistrict")
    assert tuple(recipient.get(key, "") for key in keys)[: len(wanted)] == wanted


def test_a_warehouse_without_a_name_goes_by_its_id() -> None:
    assert fact(warehouse_id="7309").warehouse == "7309"


def test_no_personal_data_in_extra() -> None:
    told = fact(buyer_email="ana@chat.example.com", cpf="123", cpf_name="Ana", user_id="7494")
    assert told.extra == {"warehouse_id": "7300000000000000001"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"id": None}, "The order has no id."),
        ({"id": "57; drop"}, "id is not an id."),
        ({"create_time": None}, "The order has no create_time."),
        ({"create_time": AT * 1000}, "create_time is not a time in Unix seconds."),
        ({"paid_time": "yesterday"}, "paid_time is not a time in Unix seconds."),
        ({"rts_sla_time": True}, "rts_sla_time is not a time in Unix seconds."),
        ({"payment": {"total_amount": "1,50"}}, "total_amount is not an amount."),
        ({"payment": {"total_amount": "-1"}}, "total_amount is negative."),
        ({"payment": {"total_amount": "1e99"}}, "total_amount is not an amount."),
        ({"payment": {"currency": "DOLLARS"}}, "currency is not a code of three letters."),
        ({"payment": [1]}, "payment is not an object."),
        ({"line_items": {"1": 1}}, "line_items is not a list of objects."),
        ({"line_items": [unit(sale_price="?")]}, "sale_price is not an amount."),
        ({"is_cod": "perhaps"}, "is_cod is neither true nor false."),
    ],
)
def test_what_cannot_be_read_is_said_by_its_name(said: dict[str, Any], reason: str) -> None:
    told = refusal(**said)
    assert told.reason == reason
    assert told.order_id in (ID, "")
    assert json.loads(told.payload) == order(**said)


def test_nulls_everywhere_but_in_what_names_the_order() -> None:
    nulls = dict.fromkeys(order()) | {"id": ID, "create_time": AT}
    told = fact(nulls)
    assert (told.stage, told.lines, told.recipient) == (Stage.UNKNOWN, (), {})
    in_lists = fact(line_items=[None, unit()], packages=[None])
    assert len(in_lists.lines) == 1
    assert len(fact(line_items=[{}]).lines) == 1


def test_the_payload_is_kept_in_its_own_order() -> None:
    payload = {"zebra": "ก", **order(), "half": "\ud83d"}
    told = read_order(payload, READING)
    assert isinstance(told, Heard)
    assert list(json.loads(told.payload)) == list(payload)
    assert told.payload.encode()


def test_an_entry_that_is_no_object() -> None:
    told = read_order("order", READING)
    assert told == Unheard(
        order_id="", reason="The entry is not an order object.", payload='"order"'
    )


def test_text_is_fit_for_storing() -> None:
    told = fact(buyer_message=" a\x00b\r\nc\ud800 ", buyer_nickname="n" * 9_000)
    assert told.buyer_message == "ab\nc"
    assert len(told.buyer_username) == 400


def asked(**more: Any) -> dict[str, Any]:
    return order(is_buyer_request_cancel=True, request_cancel_time=AT + 30, **more)


C1 = CaseFact(kind=CaseKind.CANCELLATION, case_id="C1", is_open=True)
C1_OVER = replace(C1, is_open=False)
RETURN = CaseFact(kind=CaseKind.RETURN, case_id="R1", is_open=True)


@pytest.mark.parametrize(
    ("is_asked", "told", "wanted"),
    [
        (False, None, []),
        (True, None, [("", True)]),
        (True, [], [("", True)]),
        (True, [C1], [("C1", True)]),
        # An older request is over, and the new one is not listed yet.
        (True, [C1_OVER], [("C1", False), ("", True)]),
        (True, [RETURN], [("R1", True), ("", True)]),
        (False, [C1_OVER], [("C1", False)]),
        (False, [RETURN], [("R1", True)]),
        # Somebody looked and there is none: what the mark stood for is over.
        (False, [], [("", False)]),
    ],
)
def test_a_buyers_request(
    is_asked: bool, told: list[CaseFact] | None, wanted: list[tuple[str, bool]]
) -> None:
    answer = read_order(asked() if is_asked else order(), READING, told)
    assert isinstance(answer, Heard)
    assert [(case.case_id, case.is_open) for case in answer.fact.cases] == wanted
    if is_asked and told is None:
        assert answer.fact.cases[0].requested_at == at(30)


def _later(payload: dict[str, Any], minutes: int, told: list[CaseFact] | None) -> Any:
    reading = replace(READING, as_of=NOW + timedelta(minutes=minutes))
    answer = read_order(payload, reading, told)
    assert isinstance(answer, Heard)
    return answer.fact


def test_a_request_known_by_its_id_takes_the_place_of_the_nameless_one() -> None:
    known = heard(_later(asked(), 0, None))
    known = merge(known, _later(asked(), 1, [C1]))
    assert fact_of(known).cases == (C1,)
    known = merge(known, _later(order(), 2, [C1_OVER]))
    assert fact_of(known).cases == (C1_OVER,)
    known = merge(known, _later(asked(), 3, None))
    assert [(case.case_id, case.is_open) for case in fact_of(known).cases] == [
        ("", True),
        ("C1", False),
    ]


def test_a_request_that_is_gone_when_somebody_looks_is_over() -> None:
    known = merge(heard(_later(asked(), 0, None)), _later(order(), 1, []))
    assert [(case.case_id, case.is_open) for case in fact_of(known).cases] == [("", False)]
