"""Values of a payload, one by one. Anything may be null or missing. Text of an odd type reads as
blank; a number, an instant or a structure of an odd type is refused, since an order read wrongly is
worse than one that a person is asked to look at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from shipboard.channels.text import clean

Payload = Mapping[str, Any]

#: Longer text is cut: the payload keeps it whole, and the tables' indexes hold no more.
SHORT = 400
LONG = 4_000
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
MONEY = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")
#: 2000 and 2100: seconds beyond them are milliseconds, or nonsense.
FIRST_SECOND, LAST_SECOND = 946_684_800, 4_102_444_800
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0", "")


class Odd(ValueError):
    """A value that cannot be what its field is. The message is a sentence that names the field and
    never quotes the value, which may be personal."""


def text(source: Payload, name: str, most: int = SHORT) -> str:
    """The field as cleaned text; blank for null and for what is neither text nor a number."""
    value = source.get(name)
    if type(value) is str:
        if not value:
            return value
        if value.isprintable() and value[0] != " " and value[-1] != " " and len(value) <= most:
            return value  # nearly all: clean as it is
        return clean(value)[:most].rstrip()
    if value.__class__ is int or value.__class__ is float:
        return repr(value)[:most]
    return ""


def ident(source: Payload, name: str) -> str:
    """An id as text, blank for null, blank text and 0. Raises Odd for what cannot be one."""
    value = source.get(name)
    if type(value) is str and value.isascii() and value.isalnum() and value != "0":
        if len(value) <= 64:
            return value  # nearly all
    elif value is None or value == "" or (value == 0 and value.__class__ is int):
        return ""
    if value.__class__ is int:
        value = repr(value) if 0 < value < 10**40 else ""
    if value.__class__ is str:
        value = value.strip()
        if value in ("", "0"):
            return ""
        if ID.fullmatch(value):
            return str(value)
    raise Odd(f"{name} is not an id.")


def flag(source: Payload, name: str) -> bool:
    """True only where the payload says so. Raises Odd for what is no truth value."""
    value = source.get(name)
    if value.__class__ is bool:
        return bool(value)
    if value is None or str(value) in FALSE:
        return False
    if str(value) in TRUE:
        return True
    raise Odd(f"{name} is neither true nor false.")


def money(source: Payload, name: str) -> Decimal | None:
    """An amount; None when it is not said. Raises Odd."""
    value = source.get(name)
    if value is None or value == "":
        return None
    if type(value) is int or type(value) is float:
        value = repr(value)
    amount = _amount(value) if type(value) is str else None
    if amount is None:
        raise Odd(f"{name} is not an amount.")
    return amount


@lru_cache(4096)  # the same few fees and prices over and over
def _amount(value: str) -> Decimal | None:
    return Decimal(value) if MONEY.fullmatch(value) else None


def instant(source: Payload, name: str) -> datetime | None:
    """Unix seconds as an aware instant in UTC; None for null, blank and 0. Raises Odd."""
    value = source.get(name)
    if value is None:
        return None
    if value.__class__ is int and FIRST_SECOND <= value <= LAST_SECOND:
        return datetime.fromtimestamp(value, UTC)  # nearly all
    if not value and value.__class__ is not bool:
        return None if value in (0, "") else _no_instant(name)
    if value.__class__ is str and value.isascii() and value.isdecimal():
        value = int(value[:13])
        if not value:
            return None
    elif value.__class__ is float and value.is_integer():
        value = int(value)
    if value.__class__ is int and FIRST_SECOND <= value <= LAST_SECOND:
        return datetime.fromtimestamp(value, UTC)
    return _no_instant(name)


def _no_instant(name: str) -> datetime:
    raise Odd(f"{name} is not a time in Unix seconds.")


def part(source: Payload, name: str) -> Payload:
    """An object of the payload; an empty one for null. Raises Odd."""
    value = source.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise Odd(f"{name} is not an object.")


def parts(source: Payload, name: str) -> list[Payload]:
    """The objects of a list; nulls are left out, a null list is empty. Raises Odd."""
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(
        one is None or isinstance(one, dict) for one in value
    ):
        raise Odd(f"{name} is not a list of objects.")
    return [one for one in value if one is not None]


def rows(source: Payload, name: str) -> list[object]:
    """A list whose entries are read, and refused, one by one. Raises Odd when it is none."""
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Odd(f"{name} is not a list.")
    return value


def as_sent(payload: object) -> str:
    """The payload as JSON text, its fields in the order in which they came."""
    try:
        return orjson.dumps(payload).decode()
    except TypeError:
        # Half a character, written as \ud800, or a number beyond 64 bits.
        return json.dumps(payload, separators=(",", ":"))
