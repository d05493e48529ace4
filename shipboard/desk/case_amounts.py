"""An amount of money as people write it, read only where it can mean one thing: 1,250 is a thousand
to some and one and a quarter to others, and 100,50 may be a slip where amounts have a point. So
nobody's guess is sent to a marketplace.
"""

from __future__ import annotations

import re
from decimal import Decimal

from shipboard.fulfilment.refusals import BadAnswer
from shipboard.orders.value_words import NO_MINOR_UNIT

#: Currencies with a minor unit whose markets write it behind a comma; some of their programs write
#: a point, which then can mean nothing else.
DECIMAL_COMMA = frozenset({"BRL", "EUR"})
PLAIN = re.compile(r"([0-9]{1,12})(?:([.,])([0-9]{1,2}))?")
#: Two groups and more, or one with decimals after the other mark.
GROUPED = re.compile(
    r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3}){2,3}|(?:\.[0-9]{3}){2,3}"
    r"|(?:,[0-9]{3}){1,3}\.[0-9]{1,2}|(?:\.[0-9]{3}){1,3},[0-9]{1,2})"
)
#: Thousands to some, three decimals to others.
EITHER = re.compile(r"([1-9][0-9]{0,2})[.,]([0-9]{3})")
DECIMALS = re.compile(r"[.,]([0-9]{1,2})$")


def amount_from(text: str, currency: str) -> Decimal:
    """Raises BadAnswer with how to write it."""
    text, has_minor = text.strip(), currency not in NO_MINOR_UNIT
    plain = PLAIN.fullmatch(text)
    if not (plain or GROUPED.fullmatch(text)):
        raise BadAnswer("amount", _unread(text, has_minor=has_minor))
    decimals = DECIMALS.search(text)
    if decimals and not has_minor:
        raise BadAnswer("amount", f"{currency} has no decimals; {_how(has_minor=False)}")
    if plain and plain[2] == "," and currency not in DECIMAL_COMMA:
        raise BadAnswer("amount", _comma(plain[1], plain[3], currency))
    whole = re.sub("[.,]", "", text[: decimals.start()] if decimals else text)
    return Decimal(f"{whole}.{decimals[1]}" if decimals else whole)


def _how(*, has_minor: bool) -> str:
    if has_minor:
        return "write the amount in plain digits, such as 1250.50."
    return "write the amount in whole units without a mark, such as 125000."


def _unread(text: str, *, has_minor: bool) -> str:
    how = _how(has_minor=has_minor)
    if either := EITHER.fullmatch(text):
        part = ".".join(either.groups()).rstrip("0").rstrip(".")
        return f"{text} may be {''.join(either.groups())} or {part}; {how}"
    return how.capitalize()


def _comma(whole: str, part: str, currency: str) -> str:
    unit = f"in {currency} " if currency else ""
    return (
        f"{whole},{part} is not clear, for amounts {unit}are written with a point: if you mean "
        f"{whole}.{part.ljust(2, '0')}, write that."
    )
