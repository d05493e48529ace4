"""The log of the calls made to marketplaces, fit to be read by the seller and sent to support: no
secrets, no tokens, no signatures, no bodies, and words of the channel only with what could be a
phone number or an e-mail address masked. Kept for seven days.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, connection

from shipboard import clock
from shipboard.channels.models import CallRecord, Shop
from shipboard.channels.text import clean

KEPT = timedelta(days=7)
WORDS_MOST = 300
VALUE_MOST = 400

#: Names whose values tell nothing of a person or a secret; of all others only the name is kept.
HARMLESS = frozenset(
    "page_size sort_field sort_order ids order_ids cancel_ids return_ids order_id package_id"
    " package_ids return_or_cancel_id order_status package_status cancel_status cancel_types"
    " return_status return_types shipping_type is_buyer_request_cancel warehouse_ids"
    " create_time_ge create_time_lt update_time_ge update_time_lt document_type document_size"
    " document_format locale grant_type event_type ship_type handover_method".split()
)
#: Of the way calls are made, on every one of them: not worth a word.
SILENT = frozenset("app_key app_secret sign timestamp shop_cipher access_token".split())

EMAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
#: More than six digits, also with the signs between them that people put into phone numbers.
NUMBER = re.compile(r"\+?\d(?:[\s().\-/]{0,2}\d){6,}")

INSERT = """
insert into call_record (shop_id, at, operation, method, path, query, attempt, status, code, words,
                         request_id, milliseconds, bytes, failure)
select %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s, %s
  from set_config('synchronous_commit', 'off', true)
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as it is written down. `status` None: no answer came. `failure`: a FailureKind."""

    shop_id: int | None
    operation: str
    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    attempt: int = 1
    status: int | None = None
    code: str = ""
    words: str = ""
    request_id: str = ""
    milliseconds: int = 0
    bytes: int = 0
    failure: str = ""

    def of(self, shop_id: int | None) -> Call:
        return replace(self, shop_id=shop_id)


def record(call: Call) -> None:
    """Write a call down, redacted, without waiting for the disk. Never raises for the database: a
    call that went well must not be lost over its log."""
    values = (
        call.shop_id,
        clock.now(),
        call.operation[:40],
        call.method,
        call.path,
        json.dumps(redacted(call.query)),
        call.attempt,
        call.status,
        clean(call.code)[:40],
        scrub(call.words),
        clean(call.request_id)[:100],
        call.milliseconds,
        call.bytes,
        call.failure,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, values)
    except Error as error:
        logger.warning("A call could not be written down: %s", type(error).__name__)


def redacted(query: Mapping[str, object]) -> dict[str, Any]:
    """Names, and the values of the harmless ones; an ellipsis stands for every other."""
    shown: dict[str, Any] = {}
    for name, value in query.items():
        if name in SILENT:
            continue
        plain = _plain(value) if name in HARMLESS else None
        shown[name] = "…" if plain is None else plain
    return shown


def scrub(words: str) -> str:
    """A channel's own words without e-mail addresses and long numbers, 300 characters at most."""
    words = NUMBER.sub("###", EMAIL.sub("###", clean(words[: 10 * WORDS_MOST])))
    return words[:WORDS_MOST]


def forget_old(now: datetime) -> int:
    """Delete what is older than seven days; gives how many."""
    return CallRecord.objects.filter(at__lt=now - KEPT).delete()[0]


def as_text(shop: Shop, since: datetime, most: int = 2000) -> str:
    """The calls of a shop from `since` on for support: newest first, one a line, `most` at most."""
    calls = list(CallRecord.objects.filter(shop=shop, at__gte=since).order_by("-at", "-id")[:most])
    head = (
        f"Calls of a {shop.get_channel_display()} shop in {shop.region}, newest first, times in UTC"
        f" ({len(calls)}{' or more' if len(calls) == most else ''})"
    )
    return "\n".join([head, *map(_line, calls)]) + "\n"


def _line(call: CallRecord) -> str:
    query = " ".join(f"{name}={value}" for name, value in call.query.items())
    parts = [
        f"{call.at:%Y-%m-%d %H:%M:%S}",
        call.operation,
        f"{call.method} {call.path}",
        query,
        f"try {call.attempt}" if call.attempt > 1 else "",
        f"HTTP {call.status}" if call.status is not None else "no answer",
        f"{call.milliseconds} ms",
        f"{call.bytes} bytes",
        f"code {call.code}" if call.code else "",
        " ".join(call.words.split()),
        f"request {call.request_id}" if call.request_id else "",
        call.failure,
    ]
    return "  ".join(part for part in parts if part)


def _plain(value: object) -> Any:
    """Numbers, flags, short text and lists of them; None for anything else."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return clean(value)[:VALUE_MOST]
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return clean(",".join(str(one) for one in value if isinstance(one, str | int)))[:VALUE_MOST]
    return None
