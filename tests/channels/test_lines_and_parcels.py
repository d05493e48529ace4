"""Rows of one order to lines and parcels; what they must agree on and what they need not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from shipboard.channels.contract import ParcelContent, ParcelFact

from .files import ID, OTHER_ID, OTHER_SKU, read_csv

ONE = {"Package ID": "115000000000000001", "Tracking ID": "T1", "Shipping Provider Name": "USPS"}
TWO = {"Package ID": "115000000000000002", "Tracking ID": "T2", "Shipping Provider Name": "UPS"}


def test_rows_of_an_order_need_not_be_adjacent(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {}, {"Order ID": OTHER_ID}, OTHER_SKU)
    assert [(entry.row, entry.fact.order_id) for entry in result.accepted] == [
        (2, ID),
        (3, OTHER_ID),
    ]
    assert [line.item.seller_sku for line in result.accepted[0].fact.lines] == ["RC-110", "ORG-B3"]


def test_the_same_row_twice_counts_once(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {}, {})
    assert result.fact.lines[0].quantity == 1
    assert result.warnings == [
        "The same row stands in the file twice; it was counted once (row 3)."
    ]


def test_a_sku_in_two_parcels_is_one_line(tmp_path: Path) -> None:
    both = {"SKU Unit Original Price": "10.00"}
    first = {
        **both,
        **ONE,
        "Quantity": "2",
        "SKU Subtotal Before Discount": "20.00",
        "SKU Seller Discount": "2.00",
    }
    second = {
        **both,
        **TWO,
        "Quantity": "1",
        "SKU Subtotal Before Discount": "10.00",
        "SKU Seller Discount": "1.00",
    }
    fact = read_csv(tmp_path, first, second).fact
    (line,) = fact.lines
    assert (line.quantity, line.subtotal, line.seller_discount) == (3, Decimal(30), Decimal(3))
    assert fact.parcels == (
        ParcelFact(
            package_id=ONE["Package ID"],
            tracking_number="T1",
            carrier="USPS",
            weight_kg=Decimal("0.300"),
            contents=(ParcelContent(0, 2),),
        ),
        ParcelFact(
            package_id=TWO["Package ID"],
            tracking_number="T2",
            carrier="UPS",
            weight_kg=Decimal("0.300"),
            contents=(ParcelContent(0, 1),),
        ),
    )


def test_a_split_line_that_repeats_the_whole_amount(tmp_path: Path) -> None:
    both = {"SKU Unit Original Price": "10.00", "SKU Subtotal Before Discount": "20.00"}
    (line,) = read_csv(tmp_path, {**both, **ONE}, {**both, **TWO}).fact.lines
    assert (line.quantity, line.subtotal, line.seller_discount) == (2, Decimal(20), Decimal(2))


def test_a_gift_of_the_same_sku_is_a_line_of_its_own(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, ONE, {**ONE, "SKU Unit Original Price": "0"}).fact
    assert [line.unit_price for line in fact.lines] == [Decimal(20), Decimal(0)]
    assert fact.parcels[0].contents == (ParcelContent(0, 1), ParcelContent(1, 1))


def test_the_same_sku_with_another_quantity_contradicts(tmp_path: Path) -> None:
    result = read_csv(tmp_path, ONE, {**ONE, "Quantity": "2"}, {"Order ID": OTHER_ID})
    assert "Rows 2 and 3 of the order disagree on Quantity (1 and 2)" in result.rejection.reason
    assert [entry.fact.order_id for entry in result.accepted] == [OTHER_ID]


def test_the_same_sku_with_another_discount_contradicts(tmp_path: Path) -> None:
    result = read_csv(tmp_path, ONE, {**ONE, "SKU Seller Discount": "1.00"})
    assert "disagree on SKU Seller Discount" in result.rejection.reason


def test_the_same_sku_with_other_order_details_counts_once(tmp_path: Path) -> None:
    result = read_csv(tmp_path, ONE, {**ONE, "Recipient": "Someone"})
    assert result.fact.lines[0].quantity == 1
    assert any("counted once" in warning for warning in result.warnings)


def test_two_skus_in_one_parcel(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {**ONE, "Quantity": "3"}, {**ONE, **OTHER_SKU}).fact
    assert fact.parcels[0].contents == (ParcelContent(0, 3), ParcelContent(1, 1))


def test_one_package_with_two_tracking_numbers(tmp_path: Path) -> None:
    result = read_csv(tmp_path, ONE, {**ONE, **OTHER_SKU, "Tracking ID": "T9"})
    assert "disagree on Tracking ID of one package (T1 and T9)" in result.rejection.reason


def test_a_tracking_number_on_one_row_is_enough(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {**ONE, "Tracking ID": ""}, {**ONE, **OTHER_SKU}).fact
    assert [parcel.tracking_number for parcel in fact.parcels] == ["T1"]


def test_parcels_without_a_package_id(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {"Tracking ID": "T1"}, {**OTHER_SKU, "Tracking ID": "T1"}).fact
    (parcel,) = fact.parcels
    assert (parcel.package_id, parcel.tracking_number, len(parcel.contents)) == ("", "T1", 2)
    same = read_csv(tmp_path, ONE, {**OTHER_SKU, "Tracking ID": "T1"}).fact
    assert len(same.parcels) == 1


def test_no_parcel_yet_keeps_the_weight(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {}).fact
    assert fact.parcels == ()
    assert fact.extra["Weight(kg)"] == "0.300"


@pytest.mark.parametrize(
    ("weight", "kilos"), [("0.300", "0.300"), ("0,300", "0.300"), ("heavy", None), ("", None)]
)
def test_weights(tmp_path: Path, weight: str, kilos: str | None) -> None:
    result = read_csv(tmp_path, {**ONE, "Weight(kg)": weight})
    assert result.fact.parcels[0].weight_kg == (Decimal(kilos) if kilos else None)
    assert len(result.warnings) == (weight == "heavy")


def test_a_sku_without_an_id_goes_by_its_seller_sku(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {"SKU ID": ""}, {"SKU ID": "", "Seller SKU": "X"}).fact
    assert [line.item.seller_sku for line in fact.lines] == ["RC-110", "X"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Order Status", "Shipped"),
        ("Order Substatus", "In transit"),
        ("Order Amount", "22.00"),
        ("Taxes", "9"),
        ("Order Refund Amount", "1"),
        ("Created Time", "11/20/2026 10:00:01 AM"),
        ("Paid Time", "11/20/2026 10:02:00 AM"),
        ("Cancelled Time", "11/21/2026 10:02:00 AM"),
        ("RTS Time", "11/21/2026 10:02:00 AM"),
    ],
)
def test_rows_that_contradict_each_other(tmp_path: Path, column: str, value: str) -> None:
    known = {
        "Taxes": "1",
        "Cancelled Time": "11/20/2026 10:02:00 AM",
        "RTS Time": "11/20/2026 10:02:00 AM",
    }
    result = read_csv(tmp_path, known, {**known, **OTHER_SKU, column: value})
    assert f"Rows 2 and 3 of the order disagree on {column}" in result.rejection.reason
    assert result.rejection.row == 3


def test_rows_that_say_the_same_differently_agree(tmp_path: Path) -> None:
    other = {"Order Amount": "$21", "Created Time": "2026-11-20 10:00", "Order Status": "TO SHIP"}
    assert len(read_csv(tmp_path, {}, {**OTHER_SKU, **other}).fact.lines) == 2


@pytest.mark.parametrize(
    "column", ["Recipient", "Phone #", "Buyer Message", "Buyer Username", "Payment Method"]
)
def test_people_may_differ_between_rows(tmp_path: Path, column: str) -> None:
    rows = [
        {column: ""},
        {**OTHER_SKU, column: "A"},
        {"SKU ID": "1729000000004102042", column: "B"},
    ]
    result = read_csv(tmp_path, *rows)
    fact = result.fact
    values = [
        *fact.recipient.values(),
        fact.buyer_message,
        fact.buyer_username,
        fact.payment_method,
    ]
    assert "A" in values
    assert "B" not in values
    assert result.warnings == [
        f"{column} differs between the rows of one order; the first row's was taken, so look the "
        "order up in your seller centre before you rely on it (row 4)."
    ]


def test_parcels_have_times_of_their_own(tmp_path: Path) -> None:
    shipped = {"Order Status": "Shipped", "Order Substatus": "In transit"}
    first = {
        **shipped,
        **ONE,
        "RTS Time": "11/20/2026 11:00:00 AM",
        "Delivered Time": "11/21/2026 11:00:00 AM",
    }
    second = {**shipped, **TWO, **OTHER_SKU, "RTS Time": "11/20/2026 11:30:00 AM"}
    fact = read_csv(tmp_path, first, second).fact
    assert fact.arranged_at is not None
    assert fact.arranged_at.hour == 11
    assert fact.delivered_at is None
    both = read_csv(tmp_path, first, {**second, "Delivered Time": "11/22/2026 11:00:00 AM"}).fact
    assert both.delivered_at is not None
    assert both.delivered_at.day == 22
    clash = {
        **first,
        **OTHER_SKU,
        "RTS Time": "11/20/2026 11:45:00 AM",
        "SKU ID": "1729000000004102042",
    }
    assert "disagree on RTS Time" in read_csv(tmp_path, first, second, clash).rejection.reason


def test_more_returned_than_sold(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {"Sku Quantity of return": "5"})
    assert result.fact.lines[0].returned == 1
    assert "More units are returned" in result.warnings[0]


def test_an_order_with_absurdly_many_rows(tmp_path: Path) -> None:
    rows = [{"SKU ID": f"{number}"} for number in range(5_002)]
    result = read_csv(tmp_path, *rows, {"Order ID": OTHER_ID})
    assert "more than 5,000 rows" in result.rejection.reason
    assert len(result.accepted) == 1
