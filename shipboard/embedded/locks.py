"""Who may start and stop a database: locks that the kernel frees when their holder dies.
What a lock file says is for people; only the lock on it decides anything.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from shipboard.embedded.files import open_beside

Check = Callable[[], None]


class FileLock:
    """An flock on one file. Its descriptor is never inherited by programs that we start, so a
    `kill -9` of this process frees the lock whatever it left running."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = open_beside(path, os.O_RDWR)

    def try_take(self, *, shared: bool = False) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take(
        self,
        *,
        within: float = float("inf"),
        unless: Callable[[], bool] = lambda: False,
        check: Check = lambda: None,
    ) -> bool:
        """Wait for the lock, for `within` seconds or until `unless()`; whether it was taken.

        `check` is called while waiting and may raise.
        """
        deadline = time.monotonic() + within
        while not self.try_take():
            if time.monotonic() >= deadline or unless():
                return False
            check()
            time.sleep(0.05)
        return True

    def write(self, told: dict[str, object]) -> None:
        """Tell others about the holder, in place: renaming would leave the lock behind."""
        text = json.dumps(told).encode()
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, text, 0)

    def read(self) -> dict[str, object]:
        """What the holder told; {} when it is unreadable (it may be writing just now)."""
        with contextlib.suppress(ValueError, OSError):
            told = json.loads(os.pread(self.fd, 4096, 0))
            if isinstance(told, dict):
                return told
        return {}

    def let_go(self) -> None:
        """Give the lock back and keep the file open, to take it again."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)

    def release(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
