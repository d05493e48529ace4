"""How long every call of the API takes at least, in real time, as calls over a network do. The
waiting holds up nobody else: no lock is held meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: More than any client waits.
MOST = 60_000


class Latency:
    """None at first. `milliseconds` may be changed at any time."""

    def __init__(self) -> None:
        self.milliseconds = 0
        self.sleep: Callable[[float], None] = time.sleep

    def set(self, milliseconds: int) -> None:
        """Raises ValueError for less than nothing, or for more than a minute."""
        if not 0 <= milliseconds <= MOST:
            raise ValueError(f"latency is from 0 to {MOST} milliseconds")
        self.milliseconds = milliseconds

    def wait(self) -> None:
        if self.milliseconds:
            self.sleep(self.milliseconds / 1000)
