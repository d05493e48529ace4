"""Who speaks and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Applied:
    """How many orders were new, changed, or said nothing new."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True)
class Source:
    """Who speaks: `by` as events name it, and when the desk hears it (UTC)."""

    by: str
    now: datetime
