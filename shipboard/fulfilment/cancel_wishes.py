"""What a seller wants canceled of an order, kept as JSON by the attempt and by a run's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWish:
    """`reason` is the channel's key of it, `reason_text` its words; `unit_ids` the units by the
    channel's ids, none named: all of the order that can be canceled."""

    reason: str
    reason_text: str = ""
    unit_ids: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        return {
            "reason": self.reason,
            "reason_text": self.reason_text,
            "unit_ids": [*self.unit_ids],
        }


def cancel_wish_of(kept: Mapping[str, Any]) -> CancelWish:
    """The opposite of `stored`."""
    return CancelWish(
        reason=kept["reason"],
        reason_text=kept["reason_text"],
        unit_ids=tuple(kept["unit_ids"]),
    )
