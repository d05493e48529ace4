"""The line of a shop to its marketplace: whoever reads orders of it and stores what was read takes
turns over processes and machines, so that an older answer is never stored after a newer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from shipboard.channels.models import Shop

#: First key of the advisory locks that are the lines.
LINE_LOCK = 5_1006


class LineLost(Exception):
    """The database connection that held the line has gone, and somebody newer may have been here
    since; what was read must not be stored."""


@dataclass(frozen=True, slots=True)
class Line:
    """Holds for as long as the database session lasts in which it was taken."""

    shop: Shop
    session: Any

    @property
    def is_held(self) -> bool:
        return connection.connection is self.session and not self.session.closed

    def check(self) -> None:
        """Called within the transaction that stores: it commits in that session or not at all, so
        the line was held from the request to the commit. Raises LineLost."""
        if not self.is_held:
            raise LineLost("The database was away for a moment; this is read again.")


@contextmanager
def line_of(shop: Shop) -> Iterator[Line]:
    """Wait for the line and hold it: for a few pages (streams.ENOUGH_SECONDS), from before the
    first request until after all are stored, never while waiting to try again. Whoever waits gets
    it in the order of coming, so a webhook comes in between two steps of a long pull. Not inside a
    transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", [LINE_LOCK, shop.pk])
    line = Line(shop, connection.connection)
    try:
        yield line
    finally:
        if line.is_held:
            _let_go(shop)


def _let_go(shop: Shop) -> None:
    """A line that cannot be given back goes with the connection: it must not stay held."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", [LINE_LOCK, shop.pk])
    except (DatabaseError, InterfaceError):
        connection.close()
