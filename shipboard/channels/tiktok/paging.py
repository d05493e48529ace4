"""What questions of the Open API have in common: windows of time, ids by fifties, pages of answers,
and answers that cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.tiktok import values
from shipboard.channels.tiktok.answers import Answer
from shipboard.channels.tiktok.values import Odd, Payload, instant

ORDERS_A_CALL = 50
#: More pages of cases of fifty orders, or of groups, there cannot be.
MOST_PAGES = 20
OLDEST_FIRST = {"sort_field": "update_time", "sort_order": "ASC"}

Fact = TypeVar("Fact")


def window(since: datetime, until: datetime) -> dict[str, int]:
    """Both ends included, in whole seconds; the API takes its upper end as not included."""
    return {
        "update_time_ge": int(since.timestamp()),
        "update_time_lt": int(until.timestamp()) + 1,
    }


def chunks(order_ids: Sequence[str]) -> Iterator[list[str]]:
    unique = list(dict.fromkeys(order_ids))
    for start in range(0, len(unique), ORDERS_A_CALL):
        yield unique[start : start + ORDERS_A_CALL]


def read(operation: str, answer: Answer, reader: Callable[[Payload], Fact]) -> Fact:
    """Raises ChannelFailure TRANSIENT for what the reader finds odd."""
    try:
        return reader(answer.data)
    except Odd as odd:
        raise unreadable(operation, str(odd)) from None


def rows(operation: str, answer: Answer, name: str) -> list[object]:
    """As `read`, a list whose entries are read one by one."""
    try:
        return values.rows(answer.data, name)
    except Odd as odd:
        raise unreadable(operation, str(odd)) from None


def total(answer: Answer) -> int | None:
    told = answer.data.get("total_count")
    return told if isinstance(told, int) else None


def next_page(answer: Answer) -> str:
    token = answer.data.get("next_page_token")
    return token if isinstance(token, str) else ""


def reached(payloads: Sequence[object]) -> datetime | None:
    """The last row's update time, if every row has one and they only grow."""
    try:
        times = [instant(one, "update_time") for one in payloads if isinstance(one, dict)]
    except Odd:
        return None
    known = [at for at in times if at]
    if not known or len(known) < len(payloads) or any(b < a for a, b in pairwise(known)):
        return None
    return known[-1]


def unreadable(operation: str, why: str) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=operation,
        sentence=f"TikTok Shop's answer could not be read: {why.rstrip('.')}.",
        next_step="It is tried again by itself.",
        allowed=("retry", "report"),
    )
