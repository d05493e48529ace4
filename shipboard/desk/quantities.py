"""Numbers as people type weights and sides; what may mean two things is asked for again, for money
is spent on it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from shipboard.fulfilment.refusals import BadShipment

PLAIN = re.compile(r"(\d{1,7})(?:[.,](\d{1,4}))?", re.ASCII)


def number_of(text: str, field: str, what: str) -> Decimal:
    """`what` is named in the refusal, such as "the weight". A comma is taken for a point, but not
    where it may part thousands. Raises BadShipment about the `field`."""
    found = PLAIN.fullmatch(text.strip())
    if not found:
        raise BadShipment(
            field, f"{text.strip()[:20]!r} is no number; write {what} such as 12 or 12.5."
        )
    whole, part = found[1], found[2] or "0"
    if "," in text and len(part) == 3 and whole != "0":
        raise BadShipment(
            field, f"{text.strip()} may mean two things; write {whole}{part} or {whole}.{part}."
        )
    return Decimal(f"{whole}.{part}")
