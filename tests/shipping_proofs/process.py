"""A process of the desk that may end at any step: from that step on it does nothing any more, so
that whatever it would have tidied up stays for the next one to find.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.channel_proofs.points import Killed, Points


class Process(Points):
    """Points of which none can be passed once it was killed, until the next process begins."""

    def __init__(self) -> None:
        super().__init__()
        self.is_dead = False

    def __call__(self) -> None:
        """In a thread of its own a call that has left is on its way, whatever ends."""
        if threading.current_thread() is not threading.main_thread():
            return
        if self.is_dead:
            raise Killed
        try:
            super().__call__()
        except Killed:
            self.is_dead = True
            raise

    @contextmanager
    def kill_at(self, number: int) -> Iterator[None]:
        try:
            with super().kill_at(number):
                yield
        finally:
            self.is_dead = False
