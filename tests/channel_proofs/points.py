"""Numbered points between any two steps of what the desk does: each statement to the database and
each request to the marketplace. At one of them everything may end, as by a kill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

#: What rolls back and gives back what was held: a killed process leaves that to the database.
TIDYING = ("SAVEPOINT", "RELEASE", "ROLLBACK", "select pg_advisory_unlock")


class Killed(BaseException):
    """As if the process had ended here: nothing that catches errors sees it."""


class Points:
    """Counts them, and kills at the one it is set to."""

    def __init__(self) -> None:
        self.passed = 0
        self.left = 0
        self.kills = 0

    def __call__(self) -> None:
        self.passed += 1
        if self.left:
            self.left -= 1
            if not self.left:
                self.kills += 1
                raise Killed

    def statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """For connection.execute_wrapper."""
        if not str(sql).startswith(TIDYING):
            self()
        return execute(sql, params, many, context)

    @contextmanager
    def kill_at(self, number: int) -> Iterator[None]:
        """The `number`-th point from here on kills, once; what the session held is gone then."""
        self.left = number
        try:
            yield
        except Killed:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock_all()")
        finally:
            self.left = 0
