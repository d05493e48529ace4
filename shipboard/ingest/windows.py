"""What a reader of a stream has left to read, and what it remembers of an instant of which there is
more than a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shipboard.channels.contract import ChannelFailure, FailureKind

#: How often one instant is read again because orders changed meanwhile; later polls overlap.
MOST_PASSES = 3
#: Failures that say nothing against a page token.
TOKEN_IS_WELL = (
    FailureKind.AUTH,
    FailureKind.SCOPE,
    FailureKind.THROTTLED,
    FailureKind.TRANSIENT,
)


@dataclass(frozen=True, slots=True)
class Window:
    """What is left to read: changes from `since` to `until`, beginning with the page of that token
    (blank: the first)."""

    since: datetime
    until: datetime
    page: str = ""


@dataclass(slots=True)
class Pass:
    """What a reader remembers of an instant that it reads by page tokens, and the failure of a page
    that was asked for before those ahead of it had been stored."""

    total: int | None = None
    passes: int = 1
    refusals: int = 0
    failed: tuple[Window, Exception] | None = None

    def raise_failed(self, window: Window) -> None:
        """Its turn has come."""
        failed, self.failed = self.failed, None
        if failed and failed[0] == window:
            raise failed[1]

    def is_disturbed(self, total: int | None, token: str) -> bool:
        """Whether rows have moved since the pass's first page, which is asked for without token."""
        if not token or self.total is None or total is None:
            self.total = total
            return False
        if total == self.total or self.passes >= MOST_PASSES:
            return False
        self.passes += 1
        return True

    def may_begin_again(self, failure: ChannelFailure, token: str) -> bool:
        """A token may be refused once it is old; the instant is then read from its beginning."""
        self.refusals += bool(token)
        is_refused = bool(token) and failure.kind not in TOKEN_IS_WELL
        return is_refused and self.refusals <= MOST_PASSES
