"""Every exchange, kept so that tests can hold it against the description of the API and the control
page can show it. What is secret is masked.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.books import dump

ROOM = 64 * 1024 * 1024
SECRETS = re.compile(r'((?:app_secret|access_token|refresh_token|auth_code)(?:=|":"))[^&"]+')


@dataclass(frozen=True)
class Exchange:
    """`query` as it came, `body` and `response` as text, what is secret masked."""

    at: int
    operation: str
    method: str
    path: str
    query: str
    content_type: str
    body: str
    status: int
    response: str
    response_type: str
    fault: str


class Record:
    """The latest exchanges, up to 64 MB of them; all of them in `file`, if one is given."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque()
        self._size = 0
        self._file = file.open("a", encoding="utf-8") if file else None

    def add(self, exchange: Exchange) -> None:
        with self._lock:
            self._kept.append(exchange)
            self._size += _size(exchange)
            while self._size > ROOM:
                self._size -= _size(self._kept.popleft())
            if self._file:
                self._file.write(dump(asdict(exchange)) + "\n")
                self._file.flush()

    def exchanges(self) -> list[Exchange]:
        """Oldest first."""
        with self._lock:
            return list(self._kept)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0


def masked(text: str) -> str:
    return SECRETS.sub(r"\1***", text)


def _size(exchange: Exchange) -> int:
    return len(exchange.body) + len(exchange.response) + 500
