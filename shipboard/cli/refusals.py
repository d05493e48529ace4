"""What may refuse a command, in a sentence that says what to do."""

from __future__ import annotations

from shipboard.channels.connecting import BadApp, CannotConnect
from shipboard.channels.shops import BadShop
from shipboard.clock import BadClock
from shipboard.orders import overlays
from shipboard.orders.filters import BadFilter


class Refused(Exception):
    """A command cannot be done as given; the message is the sentence."""


REFUSALS = (BadApp, BadClock, BadFilter, BadShop, CannotConnect, Refused, overlays.Refused)
