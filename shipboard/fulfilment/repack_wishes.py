"""What a person asks of packing: an order split, orders combined, or taken apart again; kept as
JSON by the attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shipboard.orders.attempts import Attempt


class Way(StrEnum):
    SPLIT = "split"
    COMBINE = "combine"
    UNCOMBINE = "uncombine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repacking:
    """`groups`: what each package is to hold, units by the channel's ids for a split, orders by
    theirs otherwise. `package_id`: the package that is taken apart, or the channel's name of a
    group that it combines."""

    way: Way
    groups: tuple[tuple[str, ...], ...]
    package_id: str = ""

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders that it names; none for a split, which is of the attempt's own."""
        if self.way is Way.SPLIT:
            return ()
        return tuple(order_id for group in self.groups for order_id in group)

    @property
    def leaving(self) -> tuple[str, ...]:
        """Of a package that is taken apart, the orders that go alone; none where all do."""
        if all(len(group) == 1 for group in self.groups):
            return ()
        return tuple(group[0] for group in self.groups if len(group) == 1)

    def stored(self) -> dict[str, Any]:
        groups = [list(group) for group in self.groups]
        return {"way": self.way.value, "groups": groups, "package_id": self.package_id}


def repacking_of(stored: Mapping[str, Any]) -> Repacking:
    """The opposite of `stored`."""
    return Repacking(
        way=Way(stored["way"]),
        groups=tuple(tuple(group) for group in stored["groups"]),
        package_id=stored["package_id"],
    )


def order_ids_of(attempt: Attempt) -> tuple[str, ...]:
    """Every order that the attempt is about, its own first. `attempt` comes with its order."""
    own = attempt.order.order_id
    if attempt.kind != Attempt.Kind.REPACK:
        return (own,)
    return tuple(dict.fromkeys((own, *repacking_of(attempt.asks or {}).order_ids)))
