"""Amounts as people and programs write them, to Decimal. What could mean two amounts is refused.

`1,234.56` and `1.234,56` are clear, and so is `12,34`. `1,234` is one thousand and some. A point
before exactly three digits separates thousands in currencies without a minor unit ("120.000" dong
cannot be 120 and a fraction), is refused for currencies whose countries write it either way, and
is a decimal point elsewhere.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from .cells import Cell, text
from .errors import quoted

WITHOUT_MINOR_UNIT = frozenset(("VND", "IDR", "JPY", "KRW"))
POINT_MAY_BE_EITHER = frozenset(("EUR", "BRL"))
DOLLARS = ("USD", "SGD", "AUD", "CAD", "HKD", "MXN", "NZD", "TWD")
CODES = (*DOLLARS, "GBP", "EUR", "THB", "VND", "IDR", "MYR", "PHP", "JPY", "KRW", "BRL", "CNY")
SYMBOLS: dict[str, tuple[str, ...]] = {
    **{code.casefold(): (code,) for code in CODES},
    "$": DOLLARS,
    "us$": ("USD",),
    "s$": ("SGD",),
    "a$": ("AUD",),
    "c$": ("CAD",),
    "hk$": ("HKD",),
    "mx$": ("MXN",),
    "nt$": ("TWD",),
    "r$": ("BRL",),
    "£": ("GBP",),
    "€": ("EUR",),
    "฿": ("THB",),
    "บาท": ("THB",),
    "₫": ("VND",),
    "đ": ("VND",),
    "vnđ": ("VND",),
    "rp": ("IDR",),
    "rm": ("MYR",),
    "₱": ("PHP",),
    "¥": ("JPY", "CNY"),
    "￥": ("JPY", "CNY"),
    "円": ("JPY",),
    "元": ("CNY",),
    "₩": ("KRW",),
    "원": ("KRW",),
}
BLANKS = ("", "-", "--", "–")
AMOUNT = re.compile(r"([^0-9.,+-]*)([+-]?)([^0-9.,+-]*)([0-9](?:[0-9.,'’\s]*[0-9])?)([^0-9.,+-]*)")
SPACED = re.compile(r"[0-9]{1,3}(?:[\s'’][0-9]{3})+(?:[.,][0-9]+)?")
PLAIN = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,2})?")
TOO_LARGE = Decimal(10) ** 12
MOST_PLACES = 6
MOST_CHARS = 40
ADVICE = "Put the amount right, for example 1234.56, or export the orders again."


class BadMoney(Exception):
    """A cell that is no clear amount; `str(error)` says why, after the column's name."""


def read_money(cell: Cell, currency: str) -> tuple[Decimal | None, str]:
    """The amount in `cell` (None when blank) and the currency code that the cell itself states
    and that is not `currency`, the shop's ("" when it states none, or that one).

    Raises BadMoney."""
    if isinstance(cell, int | float):
        return _checked(_from_number(cell), text(cell)), ""
    return _read_text(text(cell), currency)


def _from_number(cell: int | float) -> Decimal:
    """A number cell by its shortest text, without the noise of binary fractions."""
    amount = Decimal(repr(cell))
    places = -int(amount.as_tuple().exponent)
    if places <= MOST_PLACES:
        return amount
    rounded = round(amount, MOST_PLACES).normalize()
    return rounded if int(rounded.as_tuple().exponent) <= 0 else round(rounded, 0)


@lru_cache(maxsize=1_024)
def _read_text(value: str, currency: str) -> tuple[Decimal | None, str]:
    if value in BLANKS:
        return None, ""
    if PLAIN.fullmatch(value):
        return Decimal(value), ""
    found = None
    if len(value) <= MOST_CHARS:
        found = AMOUNT.fullmatch(re.sub(r"(?i)\brp\.", "rp", value))
    if not found:
        raise _not_money(value)
    before, sign, between, digits, after = found.groups()
    stated = _stated_currency((before, between, after), currency, value)
    amount = _number(digits, stated or currency, value)
    return _checked(-amount if sign == "-" else amount, value), stated


def _stated_currency(tokens: tuple[str, ...], currency: str, value: str) -> str:
    candidates: set[str] | None = None
    for token in tokens:
        name = token.strip().casefold()
        if name:
            if name not in SYMBOLS:
                raise _not_money(value)
            named = set(SYMBOLS[name])
            candidates = named if candidates is None else candidates & named
    if candidates is None or currency in candidates:
        return ""
    if len(candidates) != 1:
        raise BadMoney(
            f"is {quoted(value)}, whose currency is not the shop's ({currency}). Check that the "
            "file belongs to this shop."
        )
    return candidates.pop()


def _number(digits: str, currency: str, value: str) -> Decimal:
    if SPACED.fullmatch(digits):
        digits = re.sub(r"[\s'’]", "", digits)
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        mark = max(".,", key=digits.rindex)
        whole, _, fraction = digits.rpartition(mark)
        return _joined(_ungrouped(whole, "," if mark == "." else ".", value), fraction, value)
    if points + commas == 0:
        return _joined(digits, "0", value)
    mark = "." if points else ","
    if points + commas > 1:
        return _joined(_ungrouped(digits, mark, value), "0", value)
    whole, _, fraction = digits.partition(mark)
    if len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0"):
        if mark == "," or currency in WITHOUT_MINOR_UNIT:
            return _joined(whole + fraction, "0", value)
        if currency in POINT_MAY_BE_EITHER:
            raise BadMoney(
                f"is {quoted(value)}, which may be {whole}.{fraction} or {whole}{fraction}. "
                f"{ADVICE}"
            )
    return _joined(whole, fraction, value)


def _ungrouped(whole: str, mark: str, value: str) -> str:
    if not re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+", whole):
        raise _not_money(value)
    return whole.replace(mark, "")


def _joined(whole: str, fraction: str, value: str) -> Decimal:
    if not (whole.isdigit() and fraction.isdigit() and len(fraction) <= MOST_PLACES):
        raise _not_money(value)
    return Decimal(f"{whole}.{fraction}") if int(fraction) or len(fraction) > 1 else Decimal(whole)


def _checked(amount: Decimal, value: str) -> Decimal:
    if abs(amount) >= TOO_LARGE:
        raise BadMoney(f"is {quoted(value)}, more than any order can cost. {ADVICE}")
    return amount


def _not_money(value: str) -> BadMoney:
    return BadMoney(f"is {quoted(value)}, which is not an amount. {ADVICE}")
