"""Questions to a marketplace that change nothing there, several at once: threads with a line each.
Whatever goes wrong is an answer too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Barrier, local
from typing import TypeVar

from django.db import connection

from shipboard.channels.contract import Channel, ChannelFailure, FailureKind

What = TypeVar("What")
Told = TypeVar("Told")
logger = logging.getLogger(__name__)


class Readers:
    """So many threads, as a context manager; a single one works in the thread of whoever asks."""

    def __init__(self, open_channel: Callable[[], Channel], threads: int) -> None:
        self._open, self._own, self._threads = open_channel, local(), threads
        self._pool = ThreadPoolExecutor(threads, "reader") if threads > 1 else None

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._pool is None:
            return
        # Each thread waits for all the others, so that each closes its own connection.
        all_here = Barrier(self._threads)

        def close() -> None:
            try:
                connection.close()
            finally:
                all_here.wait()

        for _ in range(self._threads):
            self._pool.submit(close)
        self._pool.shutdown()

    def ask(
        self, questions: Iterable[tuple[What, Callable[[Channel], Told]]]
    ) -> Iterator[tuple[What, Told | ChannelFailure]]:
        """Each with its answer, as they come."""
        if self._pool is None:
            for what, question in questions:
                yield what, self._answer(question)
            return
        asked = {self._pool.submit(self._answer, question): what for what, question in questions}
        for done in as_completed(asked):
            yield asked[done], done.result()

    def _answer(self, question: Callable[[Channel], Told]) -> Told | ChannelFailure:
        try:
            if not hasattr(self._own, "channel"):
                self._own.channel = self._open()
            return question(self._own.channel)
        except ChannelFailure as failure:
            return failure
        except Exception as problem:
            logger.error("A question broke: %s", type(problem).__name__)
            connection.close_if_unusable_or_obsolete()
            return ChannelFailure(
                FailureKind.TRANSIENT,
                operation="read",
                sentence="Something broke here while the marketplace was asked.",
                next_step="It is asked again.",
            )
