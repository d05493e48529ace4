"""Check digits of tracking numbers, as carriers publish them: each takes a whole number, the check
digit in its place, and says whether it is right.
"""

from __future__ import annotations

from collections.abc import Sequence

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def s10(number: str) -> bool:
    """The postal union's thirteen signs, such as RB123456785GB: a weighted sum modulo 11."""
    digits = number[2:11]
    rest = 11 - _weighted(digits[:8], S10_WEIGHTS) % 11
    return int(digits[8]) == {10: 0, 11: 5}.get(rest, rest)


def mod10(number: str) -> bool:
    """Every second digit from the right of the check digit counts three times (USPS, GS1)."""
    total = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(number))
    )
    return total % 10 == 0


def ups(number: str) -> bool:
    """Sixteen signs behind 1Z."""
    return lettered(number[2:])


def lettered(number: str) -> bool:
    """Letters count as digits from A = 2, and every second sign twice (UPS, OnTrac)."""
    values = [int(sign) if sign.isdigit() else (ord(sign) - ord("A") + 2) % 10 for sign in number]
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values[:-1]))
    return -total % 10 == values[-1]


def fedex(number: str) -> bool:
    """Twelve digits: weights 3, 1, 7 over and over, modulo 11, then modulo 10."""
    total = _weighted(number[:-1], (3, 1, 7) * 4)
    return total % 11 % 10 == int(number[-1])


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
