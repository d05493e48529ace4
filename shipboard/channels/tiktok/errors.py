"""What a refused call means: TikTok Shop's error codes as data, keyed by operation and code, for a
seller to read and for the desk to act on. What is not in the table says so, with the channel's own
words and the request id. The rows are in meanings.py.
"""

from __future__ import annotations

from functools import cache

from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.tiktok import codes_access, codes_cases, codes_labels, codes_orders
from shipboard.channels.tiktok.meanings import ANY, Meaning, Row
from shipboard.channels.tiktok.rejections import rejection
from shipboard.channels.tiktok.versions import OPERATIONS

ROWS: tuple[Row, ...] = (
    *codes_access.ACCESS,
    *codes_access.BUSY,
    *codes_access.OURS,
    *codes_labels.LABELS,
    *codes_labels.DONE,
    *codes_labels.ADDRESSES,
    *codes_labels.PARCELS,
    *codes_labels.SPLITS,
    *codes_orders.STATES,
    *codes_orders.TRACKING,
    *codes_cases.CASES,
)
UNKNOWN = Meaning(
    FailureKind.FINAL,
    "TikTok Shop refused this for a reason that is not known here.",
    "Read its own words; if they do not help, send it the request id.",
    ("retry", "copy_request_id"),
)
THROTTLED = Meaning(
    FailureKind.THROTTLED,
    "TikTok Shop asked for a pause: there were too many calls.",
    "It goes on by itself in a moment.",
    ("retry",),
)
AWAY = Meaning(
    FailureKind.TRANSIENT,
    "TikTok Shop could not answer just now.",
    "It is tried again by itself.",
    ("retry",),
)
#: What a write has done when it fails so: only "busy" leaves it open.
OUTCOMES = {
    FailureKind.TRANSIENT: Outcome.UNKNOWN,
    FailureKind.ALREADY_DONE: Outcome.DONE,
}
LOOK_FIRST = "Look what became of it before trying again."


def meaning(operation: str, code: str, status: int | None = None) -> Meaning:
    """What `code` means for `operation`; by the HTTP `status` where the code is not known."""
    table = _table()
    known = table.get((operation, code)) or table.get((ANY, code))
    if known:
        return known
    if status == 429:
        return THROTTLED
    return AWAY if status is not None and status >= 500 else UNKNOWN


def failure(
    operation: str, code: str, words: str, request_id: str, status: int | None
) -> ChannelFailure:
    """The failure of a call that was answered with an error: its `code` and `words`, and the HTTP
    `status`, whichever of them says most."""
    means = meaning(operation, str(code), status)
    outcome = outcome_of(operation, means)
    sentence, next_step = means.sentence, means.next_step
    if means is UNKNOWN:
        said = f" It said: {words.rstrip('.')}." if words else ""
        sentence = f"{sentence}{said} (code {code or 'none'}, request id {request_id or 'none'})"
    if outcome is Outcome.UNKNOWN:
        next_step = LOOK_FIRST
    return ChannelFailure(
        means.kind,
        operation=operation,
        sentence=sentence,
        next_step=next_step,
        code=str(code),
        words=words,
        request_id=request_id,
        outcome=outcome,
        fix=means.fix,
        allowed=("look_again",) if outcome is Outcome.UNKNOWN else means.allowed,
        rejection=rejection(operation, str(code), means.kind),
    )


def outcome_of(operation: str, means: Meaning) -> Outcome:
    """What a call with that meaning has done there. A refusal did nothing; a call that only reads
    never does."""
    known = OPERATIONS.get(operation)
    if known is not None and not known.writes:
        return Outcome.NONE
    if means.outcome is not None:
        return means.outcome
    return OUTCOMES.get(means.kind, Outcome.NONE)


@cache
def _table() -> dict[tuple[str, str], Meaning]:
    """Every row by (operation, code). Raises ValueError when two rows say something of the same."""
    table: dict[tuple[str, str], Meaning] = {}
    for operations, codes, means in ROWS:
        for operation in operations.split():
            for code in codes.split():
                if (operation, code) in table:
                    raise ValueError(f"two meanings of {code} for {operation}")
                table[operation, code] = means
    return table
