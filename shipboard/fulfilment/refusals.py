"""Why a shipment, an answer or a cancellation is not taken. Each message is a sentence for whoever
asked.
"""

from __future__ import annotations

from shipboard.orders.overlays import Refused


class CannotShip(Refused):
    """The order as it is now does not let it be shipped."""


class DecisionNeeded(CannotShip):
    """The buyer asks to cancel: one person has to decide about this one order."""


class BadShipment(Refused):
    """What was given does not fit; `field` is the name of the form's field it is about."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Taken(Refused):
    """Somebody else's shipment, or another one, has these units."""


class AlreadyAsked(Refused):
    """The very same shipment is there already; nothing is left to do."""


class TooLate(Refused):
    """It has left, or ended otherwise: it cannot be undone."""


class CannotAnswer(Refused):
    """The case as it is now takes no answer from here."""


class BadAnswer(Refused):
    """What was given does not answer the case; `field` as in BadShipment."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class CannotCancel(Refused):
    """The order as it is now does not let its seller cancel it from here."""


class BadCancel(BadAnswer):
    """What was given does not say what to cancel, or why; `field` as in BadShipment."""
