"""An amount of money as people write it, read only where it can mean one thing: 1,250 is a thousand
to some and one and a quarter to others, so nobody's guess is sent to a marketplace.
"""

from __future__ import annotations

import re
from decimal import Decimal

from shipboard.fulfilment.refusals import BadAnswer
from shipboard.orders.value_words import NO_MINOR_UNIT

PLAIN = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,2})?")
#: Two groups and more, or one with decimals after the other mark.
GROUPED = re.compile(
    r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3}){2,3}|(?:\.[0-9]{3}){2,3}"
    r"|(?:,[0-9]{3}){1,3}\.[0-9]{1,2}|(?:\.[0-9]{3}){1,3},[0-9]{1,2})"
)
DECIMALS = re.compile(r"[.,]([0-9]{1,2})$")


def amount_from(text: str, currency: str) -> Decimal:
    """Raises BadAnswer with how to write it."""
    text, has_minor = text.strip(), currency not in NO_MINOR_UNIT
    how = "such as 1250.50" if has_minor else "in whole units without a mark, such as 125000"
    if not (PLAIN.fullmatch(text) or GROUPED.fullmatch(text)):
        raise BadAnswer("amount", f"Write the amount in plain digits, {how}.")
    decimals = DECIMALS.search(text)
    if decimals and not has_minor:
        raise BadAnswer("amount", f"{currency} has no decimals; write the amount {how}.")
    whole = re.sub("[.,]", "", text[: decimals.start()] if decimals else text)
    return Decimal(f"{whole}.{decimals[1]}" if decimals else whole)
