"""Whether a tracking number's check digit fits the signs before it. The ones that are widely used
are asked of the library `tracking-numbers`, loaded with the first question; the rest are here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache, partial
from itertools import cycle
from typing import Any

#: Says whether the check digit of a number, whose shape is known to be right, fits.
Check = Callable[[str], bool]

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def library(product: str) -> Check:
    """The library's check for a product that it names, such as "USPS 91"."""
    return partial(_asked, product)


def seven(number: str) -> bool:
    """The last digit is the rest that the digits before it leave when divided by 7."""
    return int(number[:-1]) % 7 == int(number[-1])


def gs1(number: str) -> bool:
    """GS1's weights: 3 and 1 in turn from the right, the last digit filling up to a full ten."""
    return (_threes_and_ones(number[:-1]) + int(number[-1])) % 10 == 0


def colissimo(number: str) -> bool:
    """GS1's check over the digits behind the two signs of the product."""
    return gs1(number[2:])


def gls(number: str) -> bool:
    """As GS1's, begun with one instead of nothing."""
    return (_threes_and_ones(number[:-1]) + 1 + int(number[-1])) % 10 == 0


def ontrac_d(number: str) -> bool:
    """Every second digit doubled, where the letter D counts as a 5."""
    digits = [int(sign) for sign in f"5{number[1:-1]}"]
    total = sum(digits) + sum(digits[1::2])
    return (total + int(number[-1])) % 10 == 0


def dpd(number: str) -> bool:
    """ISO 7064, modulus 37 and 36: digits and letters, the last sign the check."""
    product = 36
    for sign in number[:-1]:
        total = (product + SIGNS.index(sign)) % 36 or 36
        product = total * 2 % 37
    return (product + SIGNS.index(number[-1])) % 36 == 1


def _threes_and_ones(digits: str) -> int:
    weighted = zip(reversed(digits), cycle((3, 1)), strict=False)
    return sum(int(digit) * weight for digit, weight in weighted)


@lru_cache(maxsize=4096)
def _asked(product: str, number: str) -> bool:
    """What the library finds beside the check digit (unknown services) is no reason to doubt."""
    try:
        read = _definitions()[product].test(number)
    except ValueError:  # it takes a letter in the digit's place for a number
        return False
    return read is not None and all(fault != "checksum" for fault, _ in read.validation_errors)


@cache
def _definitions() -> dict[str, Any]:
    from tracking_numbers import DEFINITIONS

    return {definition.product.name: definition for definition in DEFINITIONS}
