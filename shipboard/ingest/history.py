"""Events of many orders at once, as orders/events.py records one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shipboard.ingest.copying import copy_rows
from shipboard.ingest.rows import dumps
from shipboard.ingest.source import Source

#: (order, kind, detail without personal data)
Happening = tuple[int, str, Mapping[str, Any]]


def log(events: Iterable[Happening], source: Source) -> None:
    copy_rows(
        "event",
        ("order_id", "at", "kind", "by", "detail"),
        ((pk, source.now, kind, source.by, dumps(detail)) for pk, kind, detail in events),
    )
