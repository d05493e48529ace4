"""The sandbox's time. Orders and deadlines live by `now()`, which SHIPBOARD_NOW shifts or fixes as
it does for the desk; signatures, tokens and the waits of webhooks live by `real()`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class BadSetting(ValueError):
    """The setting is neither an instant nor a shift."""


class Clock:
    """Follows SHIPBOARD_NOW until `hold`, `shift` or `follow` give it a setting of its own."""

    def __init__(self, setting: str | None = None, real: Callable[[], float] = time.time) -> None:
        self._own = setting
        self._read = real
        if setting:
            instant(setting, 0.0)

    def now(self) -> int:
        """Whole unix seconds of the marketplace's time."""
        return int(instant(self.setting(), self._read()))

    def moment(self) -> datetime:
        """`now()` as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def real(self) -> float:
        """Unix seconds of the true time."""
        return self._read()

    def setting(self) -> str:
        """What shifts or fixes the time; blank for true time."""
        if self._own is not None:
            return self._own
        return os.environ.get("SHIPBOARD_NOW", "").strip()

    def follow(self, setting: str | None) -> None:
        """Sets the time as SHIPBOARD_NOW would; None goes back to that variable."""
        if setting:
            instant(setting, 0.0)
        self._own = setting

    def hold(self, at: int) -> None:
        """Fixes the time at unix second `at`."""
        self._own = datetime.fromtimestamp(at, UTC).isoformat()

    def advance(self, seconds: int) -> None:
        """Moves the time on; a fixed time stays fixed, at the later instant."""
        setting, real = self.setting(), self._read()
        ahead = instant(setting, real) + seconds
        if setting and not _is_shift(setting):
            self.hold(int(ahead))
        else:
            self._own = f"{ahead - real:+.0f}s"


def instant(setting: str, real: float) -> float:
    """Unix seconds meant by `setting` (`2026-11-22T12:00:00+00:00`, `+3h`, `-2d`, blank) at `real`.

    Raises BadSetting.
    """
    if not setting:
        return real
    try:
        if _is_shift(setting):
            return real + int(setting[:-1]) * SECONDS[setting[-1]]
        fixed = datetime.fromisoformat(setting)
    except (ValueError, KeyError) as error:
        raise BadSetting(f"{setting!r} is neither an instant nor a shift such as +3h") from error
    return (fixed if fixed.tzinfo else fixed.replace(tzinfo=UTC)).timestamp()


def _is_shift(setting: str) -> bool:
    return setting[0] in "+-"
