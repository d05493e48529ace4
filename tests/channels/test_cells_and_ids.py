"""What cells may hold, how text is cleaned, and ids that a spreadsheet program damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipboard.channels.file.xlsx_rows import unescaped
from shipboard.channels.text import UNWANTED

from .files import (
    ID,
    ORDINARY,
    OTHER_ID,
    OTHER_SKU,
    TH,
    csv_text,
    raw_file,
    read,
    read_csv,
    read_xlsx,
)


def test_surrounding_whitespace_goes_without_a_trace(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {"Seller SKU": "\t A 1 \t", "Recipient": "\u00a0Ana\u3000"}).fact
    assert fact.lines[0].item.seller_sku == "A 1"
    assert fact.recipient["name"] == "Ana"
    assert not any(key.startswith("raw:") for key in fact.extra)


def test_controls_are_removed_and_the_original_kept(tmp_path: Path) -> None:
    changes = {"Buyer Message": "ring\x07 twice\ttabs\nlines", "Variation": "a\x00b\x1bc"}
    path = raw_file(tmp_path, csv_text([{**changes, "Variation": "a\x1bc"}]).encode())
    fact = read(path).fact
    assert fact.buyer_message == "ring twice\ttabs\nlines"
    assert fact.extra["raw:Buyer Message"] == "ring\\x07 twice\ttabs\nlines"
    assert fact.lines[0].item.sku_name == "ac"
    assert fact.lines[0].extra["raw:Variation"] == "a\\x1bc"


def test_nothing_that_a_database_refuses_comes_through(tmp_path: Path) -> None:
    evil = "x_x0000_y_xD800_z_xFFFF_"
    result = read_xlsx(
        tmp_path, {"Recipient": evil}, {"Order ID": OTHER_ID, "Quantity": "0", "Recipient": evil}
    )
    assert unescaped("x_x0041_") == "xA"
    fact = result.accepted[0].fact
    assert fact.recipient["name"] == "xyz"
    assert fact.extra["raw:Recipient"] == "x\\x00y\\ud800z\\uffff"
    everything = repr(fact) + "".join(cell for _, row in result.rejection.rows for cell in row)
    assert not UNWANTED.search(everything)


def test_formulas_stay_text(tmp_path: Path) -> None:
    name = '=HYPERLINK("http://x","deal")'
    assert read_csv(tmp_path, {"Product Name": name}).fact.lines[0].item.product_name == name


def test_real_numbers_and_dates(tmp_path: Path) -> None:
    changes = {
        "Quantity": 2.0,
        "Sku Quantity of return": 1,
        "Order Amount": 0.1 + 0.2,
        "SKU Unit Original Price": 19.5,
        "Zipcode": 10110,
        "Created Time": datetime(2026, 11, 20, 10, 0, 0),  # noqa: DTZ001
        "Paid Time": datetime(2026, 11, 20, 10, 1, 0, 600_000),  # noqa: DTZ001
    }
    fact = read_xlsx(tmp_path, changes, shop=TH).fact
    assert fact.created_at == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert fact.paid_at == datetime(2026, 11, 20, 3, 1, 1, tzinfo=UTC)
    assert (fact.lines[0].quantity, fact.lines[0].returned) == (2, 1)
    assert (str(fact.total), str(fact.lines[0].unit_price)) == ("0.3", "19.5")
    assert fact.recipient["postal_code"] == "10110"


@pytest.mark.parametrize(
    ("identifier", "says"),
    [
        ("", "no order ID"),
        ("5.76856E+17", "spreadsheet program rounded"),
        ("5,76856e+17", "spreadsheet program rounded"),
        ("TOTAL", "not an order ID"),
        ("57685640A845718259", "not an order ID"),
    ],
)
def test_bad_order_ids(tmp_path: Path, identifier: str, says: str) -> None:
    result = read_csv(tmp_path, {}, {"Order ID": identifier})
    assert says in result.rejection.reason
    assert (result.rejection.row, result.rejection.order_id) == (3, identifier)
    assert result.ids == [ID]
    assert result.has_damaged_ids
    assert len(result.accepted) == 1


def test_rows_without_an_id_are_not_one_order(tmp_path: Path) -> None:
    assert [
        entry.row for entry in read_csv(tmp_path, {"Order ID": ""}, {"Order ID": " "}).rejected
    ] == [2, 3]


def test_an_id_as_a_long_number_is_rejected_and_a_short_one_taken(tmp_path: Path) -> None:
    result = read_xlsx(tmp_path, {"Order ID": int(ID)}, {"Order ID": 123456789012345})
    assert "5.76856403845718E+17" in result.rejection.reason
    assert result.ids == ["123456789012345"]


@pytest.mark.parametrize("column", ["SKU ID", "Package ID", "Tracking ID"])
def test_damaged_other_ids(tmp_path: Path, column: str) -> None:
    result = read_csv(tmp_path, {column: "1.729E+18"}, {"Order ID": OTHER_ID})
    assert result.rejection.reason.startswith(f"{column} reads 1.729E+18")
    assert not result.has_damaged_ids
    number = read_xlsx(tmp_path, {column: 1729000000005408677})
    assert "rounded" in number.rejection.reason


def test_a_tracking_number_may_have_letters(tmp_path: Path) -> None:
    fact = read_csv(tmp_path, {"Tracking ID": "12E34567"}).fact
    assert fact.parcels[0].tracking_number == "12E34567"


def test_rounded_ids_are_known_by_their_zeros(tmp_path: Path) -> None:
    rows = [{"Order ID": "576856403845718000"}, {"Order ID": "576992905654770000"}]
    result = read_csv(tmp_path, *rows)
    assert len(result.rejected) == 2
    assert "All order IDs of the file end in zeros" in result.rejected[0].reason
    assert result.ids == []
    assert result.has_damaged_ids
    assert len(read_csv(tmp_path, *rows, {"Order ID": ID}).accepted) == 3
    assert len(read_csv(tmp_path, rows[0]).accepted) == 1


def test_rounded_sku_ids(tmp_path: Path) -> None:
    rows = [{"SKU ID": "1729000000005400000"}, {"SKU ID": "1729000000003120000"}]
    assert read_csv(tmp_path, *rows).rejection.reason.startswith("SKU ID reads 1729000000005400000")


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "", "x", "2000000", "１"])
def test_bad_quantities(tmp_path: Path, quantity: str) -> None:
    result = read_csv(tmp_path, {"Quantity": quantity})
    assert "Quantity is" in result.rejection.reason
    assert "whole number from 1 to 1,000,000" in result.rejection.reason


@pytest.mark.parametrize("quantity", ["2", "2.0", "2.00", 2, 2.0])
def test_good_quantities(tmp_path: Path, quantity: object) -> None:
    assert read_xlsx(tmp_path, {"Quantity": quantity}).fact.lines[0].quantity == 2


def test_an_order_without_any_product_name_or_id(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("SKU ID", "Seller SKU", "Product Name"), "")
    assert "names no SKU ID" in read_csv(tmp_path, nothing).rejection.reason


def test_reasons_and_warnings_name_no_person(tmp_path: Path) -> None:
    bad = [
        {"Quantity": "0"},
        {"Order ID": OTHER_ID, "Created Time": ""},
        {"Order ID": "576992905654770832", "Order Amount": "many"},
        {"Order ID": "576992905654770833", "Recipient": "Someone Else"},
        {"Order ID": "576992905654770833", **OTHER_SKU, "Phone #": "12345"},
    ]
    result = read_csv(tmp_path, *bad)
    said = " ".join([*(entry.reason for entry in result.rejected), *result.warnings])
    assert len(result.rejected) == 3
    for key in ("Recipient", "Phone #", "Detail Address"):
        assert ORDINARY[key] not in said
    assert "Someone" not in said
