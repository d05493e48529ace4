"""Most accounts say all that the one before them said, and more. Merging the two shows the newer
alone, which is told here at a glance; merge.py is for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from shipboard.channels.contract import Deadlines, OrderFact
from shipboard.ingest.merge import COURSE, KEYED, SINGLE, as_kept, realness

NO_DEADLINES = Deadlines()
_SINGLE = attrgetter(*SINGLE)


def succeeds(before: OrderFact, after: OrderFact) -> bool:
    """Whether an order known by the account `before` alone shows nothing but `after` once that,
    which is newer, has been heard. Parcels are for the caller to compare. Better no too often."""
    if before.lines != after.lines or before.cases or after.cases:
        return False
    if before.names_all_cases > after.names_all_cases or before.tells_all > after.tells_all:
        return False
    if before.deadlines != after.deadlines and after.deadlines == NO_DEADLINES:
        return False
    if as_kept(after.total) is not after.total:
        return False
    taken_back = COURSE if after.tells_all else ()
    for path, old, new in zip(SINGLE, _SINGLE(before), _SINGLE(after), strict=True):
        if old != new and realness(path, new) < realness(path, old) and path not in taken_back:
            return False
    return all(_says_all(name, getattr(before, name), getattr(after, name)) for name in KEYED)


def _says_all(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return before == after or not any(
        realness(path := f"{name}.{key}", after.get(key)) < realness(path, old)
        for key, old in before.items()
    )
