"""Who speaks and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Applied:
    """How many orders were new, changed, or said nothing new; by order id those that show
    something new (new ones too), and those that a newer account took back a step."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    changed: tuple[str, ...] = field(default=(), compare=False, repr=False)
    stepped_back: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.changed + other.changed,
            self.stepped_back + other.stepped_back,
        )


@dataclass(frozen=True)
class Source:
    """Who speaks: `by` as events name it, and when the desk hears it (UTC)."""

    by: str
    now: datetime
