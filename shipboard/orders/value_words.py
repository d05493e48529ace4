"""Amounts and spans of time in words, the same in sentences that are kept and on screens."""

from __future__ import annotations

from decimal import Decimal

#: Amounts in these currencies have no minor unit.
NO_MINOR_UNIT = frozenset({"IDR", "JPY", "KRW", "VND"})
SIGNS = {"USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥", "THB": "฿", "VND": "₫", "PHP": "₱"}


def money(value: Decimal | None, currency: str) -> str:
    """`$12.50`, `THB 1,200.00` style: sign where it is unmistakable, else the code."""
    if value is None:
        return "—"
    places = 0 if currency in NO_MINOR_UNIT and value == value.to_integral_value() else 2
    text = f"{abs(value):,.{places}f}"
    sign = SIGNS.get(currency, f"{currency} " if currency else "")
    return f"{'−' if value < 0 else ''}{sign}{text}"


def span_words(minutes: int) -> str:
    """`21 h 49 min`; with days from two on."""
    days, rest = divmod(minutes, 1440) if minutes >= 2880 else (0, minutes)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "min"))
    return " ".join(f"{many:,} {unit}" for many, unit in parts if many) or "0 min"
