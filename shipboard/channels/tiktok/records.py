"""What happened in a return, as the API tells of it. The notes, pictures and videos are the buyer's
own: read when somebody looks, never kept.
"""

from __future__ import annotations

from datetime import UTC, datetime

from shipboard.channels.case_contract import CaseRecord
from shipboard.channels.text import is_web_address
from shipboard.channels.tiktok.values import LONG, Payload, instant, parts, text

ADDRESS_MOST = 2_000
FIRST = datetime.min.replace(tzinfo=UTC)


def read_records(data: Payload) -> tuple[CaseRecord, ...]:
    """Oldest first. Raises Odd."""
    told = [_record(one) for one in parts(data, "records")]
    return tuple(sorted(told, key=lambda record: record.at or FIRST))


def _record(payload: Payload) -> CaseRecord:
    return CaseRecord(
        at=instant(payload, "create_time"),
        by=text(payload, "role").lower(),
        words=text(payload, "description", LONG),
        reason=text(payload, "reason_text", LONG),
        note=text(payload, "note", LONG),
        pictures=_addresses(payload, "images"),
        videos=_addresses(payload, "videos"),
    )


def _addresses(payload: Payload, name: str) -> tuple[str, ...]:
    """Only what a browser may be sent to."""
    given = (text(one, "url", ADDRESS_MOST) for one in parts(payload, name))
    return tuple(url for url in given if is_web_address(url))
