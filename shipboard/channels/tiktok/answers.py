"""What an answer of TikTok Shop means: its envelope, whose code (not the HTTP status) says whether
it went well; and the failures of calls that got no answer, or none that can be read.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from shipboard.channels import calls, http
from shipboard.channels.contract import SET_CLOCK, ChannelFailure, FailureKind, Outcome
from shipboard.channels.tiktok.errors import failure
from shipboard.channels.tiktok.versions import Operation

SUCCESS = "0"
TOO_MANY = "36009002"
EXPIRED = "105002"
#: Says so of a wrong timestamp too.
BAD_CREDENTIALS = "36009004"
#: A timestamp is taken from five minutes ago to half a minute ahead; the rest is the way there.
SLOW_MOST, FAST_MOST = 270.0, 25.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is empty where the channel said null."""

    data: Mapping[str, Any]
    request_id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that did not succeed. `nothing_done`: it certainly had no effect, so that even a call
    that changes something may be made again. `is_clock`: it is this machine's clock."""

    failure: ChannelFailure
    nothing_done: bool = False
    is_clock: bool = False


def read(operation: Operation, reply: http.Reply) -> Answer | Refusal:
    """The data of a success, or what the refusal means."""
    message = _message(reply.body)
    code, words = str(message.get("code", "")), str(message.get("message") or "")
    request_id = str(message.get("request_id") or reply.headers.get("x-tt-logid", ""))
    data = message.get("data")
    if code == SUCCESS and 200 <= reply.status < 300 and isinstance(data, dict | None):
        return Answer(data or {}, request_id)
    if code in ("", SUCCESS):
        return _unreadable(operation, reply.status, request_id)
    if code == BAD_CREDENTIALS and (sentence := clock_problem(reply.headers.get("date", ""))):
        return Refusal(_clock(operation, sentence, words, request_id), is_clock=True)
    failed = failure(operation.name, code, calls.scrub(words), request_id, reply.status)
    if reply.status == 429 or code == TOO_MANY:
        failed.kind, failed.outcome = FailureKind.THROTTLED, Outcome.NONE
        return Refusal(failed, nothing_done=True)
    return Refusal(failed, reply.status == 503 and failed.outcome is Outcome.NONE)


def unanswered(operation: Operation, error: http.CallFailed) -> Refusal:
    """What it means that no whole answer came."""
    sent = not isinstance(error, http.NotSent)
    if isinstance(error, http.TooBig) and not operation.writes:
        return Refusal(_failed(FailureKind.FINAL, operation, str(error)))
    outcome = Outcome.UNKNOWN if sent and operation.writes else Outcome.NONE
    failed = _failed(FailureKind.TRANSIENT, operation, str(error), outcome=outcome)
    return Refusal(failed, nothing_done=not sent)


def clock_problem(date: str, now: float | None = None) -> str:
    """A sentence when this machine's clock is too far from the Date header of an answer."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return ""
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    ours = datetime.fromtimestamp(time.time() if now is None else now, UTC)
    ahead = (ours - theirs).total_seconds()
    if -SLOW_MOST <= ahead <= FAST_MOST:
        return ""
    size = abs(ahead)
    span = f"{round(size / 60)} minutes" if size >= 90 else f"{round(size)} seconds"
    side = "ahead of" if ahead > 0 else "behind"
    return f"This machine's clock is {span} {side} TikTok Shop's, so its calls are refused."


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        message = _leniently(body)
    return message if isinstance(message, dict) else {}


def _leniently(body: bytes) -> object:
    """Half a character, written as \\ud800, keeps no page from being read."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _unreadable(operation: Operation, status: int, request_id: str) -> Refusal:
    """An answer without an envelope: of a proxy, a gateway, or of another host altogether."""
    said = f"TikTok Shop answered HTTP {status} without its usual words."
    if status == 429:
        failed = _failed(FailureKind.THROTTLED, operation, "TikTok Shop asked for a pause.")
    elif 300 <= status < 500:
        failed = _failed(
            FailureKind.FINAL, operation, said, "Check the address of the API in the settings."
        )
    else:
        outcome = Outcome.UNKNOWN if operation.writes else Outcome.NONE
        failed = _failed(FailureKind.TRANSIENT, operation, said, outcome=outcome)
    failed.request_id = request_id
    return Refusal(failed, nothing_done=status == 429)


def _clock(operation: Operation, sentence: str, words: str, request_id: str) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=operation.name,
        sentence=sentence,
        next_step=SET_CLOCK,
        code=BAD_CREDENTIALS,
        words=calls.scrub(words),
        request_id=request_id,
        allowed=("set_clock", "retry"),
    )


def _failed(
    kind: FailureKind,
    operation: Operation,
    sentence: str,
    next_step: str = "",
    outcome: Outcome = Outcome.NONE,
) -> ChannelFailure:
    is_unknown = outcome is Outcome.UNKNOWN
    usual = "See what became of it before trying again." if is_unknown else "Try again later."
    return ChannelFailure(
        kind,
        operation=operation.name,
        sentence=sentence,
        next_step=next_step or usual,
        outcome=outcome,
        allowed=("look_again",) if is_unknown else ("retry",),
    )
