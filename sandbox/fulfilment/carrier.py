"""What the sandbox knows of a carrier: whom it serves, and what its tracking numbers look like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


def _is_anything(number: str) -> bool:
    return True


@dataclass(frozen=True)
class Carrier:
    """`form` is a pattern of its tracking numbers, `is_right` looks at their check digit, `sample`
    is how they are made: # is a digit of the serial, ? the check digit.
    """

    id: str
    name: str
    regions: tuple[str, ...]
    form: str
    sample: str
    is_right: Callable[[str], bool] = _is_anything

    def fits(self, number: str) -> bool:
        return re.fullmatch(self.form, number) is not None and self.is_right(number)


def number_of(carrier: Carrier, serial: int) -> str:
    """The carrier's tracking number with this serial."""
    digits = f"{serial * 7919 % 10**12:0{carrier.sample.count('#')}}"
    taken = iter(digits[-carrier.sample.count("#") :])
    made = "".join(next(taken) if sign == "#" else sign for sign in carrier.sample)
    return next(
        (tried for last in range(10) if carrier.fits(tried := made.replace("?", str(last)))), made
    )
