"""The desk's one clock. Everything that asks "what time is it" asks here, so that tests, demos and
the sandbox can own the answer through SHIPBOARD_NOW. Signatures, tokens and waiting use real time.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

SHIFT = re.compile(r"^([+-])(\d+)([smhd])$")
#: Far enough for any test, near enough for every sum of days.
YEARS = range(2000, 2100)
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
    try:
        moment = _moment(setting, real)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in YEARS:
        raise BadClock(
            f"SHIPBOARD_NOW is {setting!r}; write an instant such as 2026-11-22T12:00:00+00:00 "
            f"or a shift such as +3h or -2d, between {YEARS.start} and {YEARS.stop - 1}."
        )
    return moment


def wall() -> datetime:
    """Real time, aware, in UTC, whatever SHIPBOARD_NOW says: for how long a person has to undo
    something, and how long to wait for a machine."""
    return datetime.now(UTC)


def _moment(setting: str, real: datetime) -> datetime:
    if shift := SHIFT.match(setting):
        sign, amount, unit = shift.groups()
        delta = timedelta(**{UNITS[unit]: int(amount)})
        return real + delta if sign == "+" else real - delta
    fixed = datetime.fromisoformat(setting)
    return fixed.astimezone(UTC) if fixed.tzinfo else fixed.replace(tzinfo=UTC)


def override() -> str:
    """SHIPBOARD_NOW as set, blank when the desk runs on real time; shown in a banner."""
    return os.environ.get("SHIPBOARD_NOW", "").strip()
