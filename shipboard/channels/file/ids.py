"""Ids as text, and the damage that spreadsheet programs do to them: they show an 18-digit number
as 5.76E+17 and keep only its first 15 digits.
"""

from __future__ import annotations

import re

from .cells import EXACT_DIGITS, Cell, text
from .errors import quoted

ORDER_ID = re.compile(r"[0-9]{1,30}")
SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+[0-9]+|[0-9]+[.,][0-9]+E[0-9]+", re.IGNORECASE)
LONG = EXACT_DIGITS + 1
AGAIN = (
    "Export the orders again and upload the file without opening it in a spreadsheet program, or "
    "format the id columns as text first."
)


def is_damaged(cell: Cell) -> bool:
    """Whether an id cell has lost digits: 5.76E+17, or a number of 16 digits or more."""
    if isinstance(cell, str):
        return bool(SCIENTIFIC.fullmatch(cell))
    return not isinstance(cell, int)


def is_order_id(value: str) -> bool:
    return bool(ORDER_ID.fullmatch(value))


def order_id_fault(cell: Cell) -> str:
    """What is wrong with an order id, as a sentence; "" when nothing is."""
    value = text(cell)
    if not value:
        return "The row has no order ID. Fill it in, or remove the row if it is not an order."
    if is_damaged(cell):
        return f"The order ID reads {quoted(value)}: a spreadsheet program rounded it. {AGAIN}"
    if not is_order_id(value):
        return (
            f"{quoted(value)} is not an order ID (digits only). Remove the row if it is not an "
            "order, or put the ID right."
        )
    return ""


def is_zero_tailed(value: str) -> bool:
    """Whether a long id has only zeros after its 15th digit, as a rounded one has."""
    return len(value) >= LONG and value.isdigit() and not value[EXACT_DIGITS:].strip("0")


class Tails:
    """Watches one column of ids for rounding: one long id that ends in zeros is chance, two
    different ones and no other is not."""

    __slots__ = ("_is_intact", "_one", "_several")

    def __init__(self) -> None:
        self._is_intact = False
        self._several = False
        self._one = ""

    def see(self, value: str) -> None:
        if self._is_intact or len(value) < LONG or not value.isdigit():
            return
        if not is_zero_tailed(value):
            self._is_intact = True
        elif not self._one:
            self._one = value
        elif value != self._one:
            self._several = True

    @property
    def are_rounded(self) -> bool:
        return self._several and not self._is_intact
