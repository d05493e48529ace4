"""Amounts: what is clear is taken, what could be two amounts is not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from shipboard.channels.file.money import BadMoney, read_money

from .files import OTHER_SKU, read_csv


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("56.96", "USD", "56.96"),
        ("0", "USD", "0"),
        ("-5.86", "USD", "-5.86"),
        ("1,234.56", "USD", "1234.56"),
        ("1.234,56", "EUR", "1234.56"),
        ("12,34", "EUR", "12.34"),
        ("12,3", "EUR", "12.3"),
        ("1,234", "USD", "1234"),
        ("1,234,567", "IDR", "1234567"),
        ("1.234.567", "IDR", "1234567"),
        ("1.234.567,5", "IDR", "1234567.5"),
        ("120.000", "VND", "120000"),
        ("120.5", "VND", "120.5"),
        ("12.500", "USD", "12.500"),
        ("0.125", "EUR", "0.125"),
        ("1 234,56", "EUR", "1234.56"),
        ("1\u202f234.56", "EUR", "1234.56"),
        ("1'234.56", "EUR", "1234.56"),
        ("$12.30", "USD", "12.30"),
        ("-$12.30", "USD", "-12.30"),
        ("$-12.30", "USD", "-12.30"),
        ("USD 12.30", "USD", "12.30"),
        ("12.30 usd", "USD", "12.30"),
        ("US$12.30 USD", "USD", "12.30"),
        ("$12.30", "SGD", "12.30"),
        ("120.000 ₫", "VND", "120000"),
        ("Rp120.000", "IDR", "120000"),
        ("Rp. 120.000", "IDR", "120000"),
        ("RM12.30", "MYR", "12.30"),
        ("฿1,234.50", "THB", "1234.50"),
        ("￥1200", "JPY", "1200"),
        (19.54, "USD", "19.54"),
        (0.1 + 0.2, "USD", "0.3"),
        (100.00000000000001, "USD", "100"),
        (1.234, "EUR", "1.234"),
        (7, "USD", "7"),
    ],
)
def test_clear_amounts(value: str | float, currency: str, amount: str) -> None:
    assert read_money(value, currency) == (Decimal(amount), "")


@pytest.mark.parametrize("value", ["", "-", "--"])
def test_blank_is_not_nothing(value: str) -> None:
    assert read_money(value, "USD") == (None, "")


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        ("1.234", "EUR"),
        ("1.234", "BRL"),
        ("free", "USD"),
        ("12.30.1", "USD"),
        ("1,23,456", "USD"),
        ("12.", "USD"),
        (".5", "USD"),
        ("1.2E+05", "USD"),
        ("1.234,567.8", "USD"),
        ("12,345.678,9", "USD"),
        ("(5.00)", "USD"),
        ("12 34", "USD"),
        ("5-", "USD"),
        ("--5", "USD"),
        ("12.3456789", "USD"),
        ("9999999999999", "USD"),
        (1e15, "USD"),
        ("¥5", "USD"),
        ("$5", "EUR"),
        ("€5 $", "EUR"),
        ("5 XYZ", "USD"),
        ("#REF!", "USD"),
        ("TRUE", "USD"),
        ("٥", "USD"),
        ("1" * 100, "USD"),
        (" " * 30_000 + "x", "USD"),
    ],
)
def test_unclear_amounts(value: str | float, currency: str) -> None:
    with pytest.raises(BadMoney, match=r"^is “"):
        read_money(value, currency)


@pytest.mark.parametrize(
    ("value", "code"), [("£12.30", "GBP"), ("EUR 12,30", "EUR"), ("S$12.30", "SGD")]
)
def test_another_currency_is_the_orders(tmp_path: Path, value: str, code: str) -> None:
    result = read_csv(tmp_path, {"Order Amount": value})
    assert result.fact.currency == code
    assert result.fact.total == Decimal("12.30")
    assert f"Amounts are in {code} and the shop's currency is USD" in result.warnings[0]


def test_two_currencies_in_one_order(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {"Order Amount": "£12.30", "Taxes": "€1.00"})
    assert "several currencies (EUR, GBP)" in result.rejection.reason


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Order Amount": "-1.00"}, "Order Amount is negative"),
        ({"Order Refund Amount": "-1.00"}, "Order Refund Amount is negative"),
        ({"SKU Unit Original Price": "-1.00"}, "SKU Unit Original Price is negative"),
        ({"Taxes": "some"}, "Taxes is “some”, which is not an amount"),
        ({"SKU Seller Discount": "?"}, "SKU Seller Discount is “?”"),
    ],
)
def test_bad_money_rejects_the_order(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    assert says in read_csv(tmp_path, changes).rejection.reason


def test_blank_amounts_are_unsaid(tmp_path: Path) -> None:
    fact = read_csv(
        tmp_path, {"Order Amount": "", "Taxes": ""}, {**OTHER_SKU, "Order Amount": ""}
    ).fact
    assert fact.total is None
    assert "taxes" not in fact.charges
    one_row = read_csv(tmp_path, {"Order Amount": ""}, {**OTHER_SKU, "Order Amount": "5.00"}).fact
    assert one_row.total == Decimal("5.00")
