"""Why a shipment is not taken. Each message is a sentence for whoever asked."""

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
