"""The desk's one clock. Everything that asks "what time is it" asks here, so that tests, demos and
the sandbox can own the answer through SHIPBOARD_NOW. Signatures and tokens use real time instead.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

SHIFT = re.compile(r"^([+-])(\d+)([smhd])$")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class BadClock(ValueError):
    """SHIPBOARD_NOW is neither an instant nor a shift."""


def now() -> datetime:
    """The present instant, aware, in UTC.

    SHIPBOARD_NOW fixes it (`2026-11-22T12:00:00+00:00`; without an offset: UTC) or shifts it
    (`+3h`, `-2d`; s, m, h, d). Raises BadClock for anything else.
    """
    real = datetime.now(UTC)
    setting = os.environ.get("SHIPBOARD_NOW", "").strip()
    if not setting:
        return real
    if shift := SHIFT.match(setting):
        sign, amount, unit = shift.groups()
        delta = timedelta(**{UNITS[unit]: int(amount)})
        return real + delta if sign == "+" else real - delta
    try:
        fixed = datetime.fromisoformat(setting)
    except ValueError:
        raise BadClock(
            f"SHIPBOARD_NOW is {setting!r}; write an instant such as 2026-11-22T12:00:00+00:00 "
            "or a shift such as +3h or -2d."
        ) from None
    return fixed.astimezone(UTC) if fixed.tzinfo else fixed.replace(tzinfo=UTC)


def override() -> str:
    """SHIPBOARD_NOW as set, blank when the desk runs on real time; shown in a banner."""
    return os.environ.get("SHIPBOARD_NOW", "").strip()
