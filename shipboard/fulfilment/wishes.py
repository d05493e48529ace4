"""What a verb needs besides the order: a text, a colour, why and how long to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shipboard.fulfilment.allowed import Verb
from shipboard.orders import holds, notes
from shipboard.orders.models import Colour
from shipboard.orders.overlays import BadWords, words

COLOURS = frozenset(Colour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Instants are UTC; `colour` None takes flags away."""

    text: str = ""
    colour: Colour | None = None
    reason: str = ""
    until: datetime | None = None
    remind_at: datetime | None = None

    def check(self, verb: Verb, now: datetime) -> None:
        """Raises BadWords when the verb would be refused for every order."""
        if verb == Verb.NOTE:
            words(self.text, notes.MOST_CHARACTERS, "the note")
        elif verb == Verb.HOLD:
            words(self.reason, holds.MOST_CHARACTERS, "the reason")
            holds.check_instants(self.until, self.remind_at, now)

    def stored(self) -> dict[str, str]:
        """As the run keeps it."""
        return {
            "text": self.text,
            "colour": self.colour.value if self.colour else "",
            "reason": self.reason,
            "until": self.until.isoformat() if self.until else "",
            "remind_at": self.remind_at.isoformat() if self.remind_at else "",
        }


def wishes_of(stored: Mapping[str, str]) -> Wishes:
    """The opposite of `stored`."""
    return Wishes(
        text=stored["text"],
        colour=Colour(stored["colour"]) if stored["colour"] else None,
        reason=stored["reason"],
        until=_instant(stored["until"]),
        remind_at=_instant(stored["remind_at"]),
    )


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def colour_of(given: str) -> Colour | None:
    """The colour of that name; `none` takes flags away. Raises BadWords."""
    if given == "none":
        return None
    if given not in COLOURS:
        raise BadWords(f"Choose a colour: {', '.join(Colour)}, or none.")
    return Colour(given)
