"""So many calls a second for each API, app and shop."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable


class Limits:
    """A sliding second. `most` gives the number allowed; 0 allows any."""

    def __init__(self, most: Callable[[], int], tell: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._tell = tell
        self._lock = threading.Lock()
        self._calls: dict[Hashable, deque[float]] = {}

    def allows(self, key: Hashable) -> bool:
        """Counts a call, unless it is one too many."""
        most = self._most()
        if not most:
            return True
        now = self._tell()
        with self._lock:
            calls = self._calls.setdefault(key, deque())
            while calls and calls[0] <= now - 1:
                calls.popleft()
            if len(calls) >= most:
                return False
            calls.append(now)
            return True
