"""The columns of a file of shipments: the marketplace's two templates, its order export, and the
desk's own layouts, told from their header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..text import clean
from .cells import Cell, text

#: What the desk adds when it gives a file back.
RESULT, REASON = "Shipboard result", "Reason"
#: The template's header rows, exactly as the marketplace writes them.
LONG = (
    "Order ID",
    "SKU ID(optional)",
    "Quantity(optional)",
    "Tracking ID",
    "Shipping Provider Name",
    "Shipping Service(optional)",
    "Auto Combine Group ID",
)
SHORT = ("Order ID", "Tracking ID", "Shipping Provider Name", "Auto Combine Group ID")
#: Key -> how the column may be called, case and what stands in brackets apart; the first counts
#: where a file has several.
NAMES: Mapping[str, tuple[str, ...]] = {
    "order_id": ("order id", "order number", "order no."),
    "package_id": ("package id", "package ids"),
    "sku_id": ("sku id",),
    "quantity": ("quantity", "qty"),
    "tracking": (
        "tracking id",
        "tracking number",
        "tracking numbers",
        "tracking no.",
    ),
    "carrier": (
        "shipping provider name",
        "shipping provider",
        "parcel's carrier",
        "carrier",
    ),
    "service": ("shipping service",),
    "group": ("auto combine group id", "combine group id"),
}
_BRACKETS = re.compile(r"\([^)]*\)|\*")


@dataclass(frozen=True, slots=True)
class Columns:
    """`at`: positions (from 0) by key; `width`: cells of the header; `results`: positions of what
    the desk added when the file was given back before; `twice`: the header of a column of ours that
    stands more than once, blank: none does."""

    at: Mapping[str, int]
    width: int
    results: tuple[int, ...]
    twice: str = ""


def columns_of(cells: Sequence[Cell]) -> Columns | None:
    """What a header row says; None when it is none: it names no order or no tracking number."""
    names = [_folded(text(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    at = {}
    for key, known in NAMES.items():
        found = next((names.index(name) for name in known if name in names), None)
        if found is not None:
            at[key] = found
    if "order_id" not in at or "tracking" not in at:
        return None
    results = [place for place, name in enumerate(names) if name == RESULT.casefold()]
    if results:
        results += [place for place, name in enumerate(names) if name == REASON.casefold()][-1:]
    twice = next((text(cells[place]) for place in at.values() if _is_twice(names, place)), "")
    return Columns(at, len(names), tuple(results), twice)


def _is_twice(names: Sequence[str], place: int) -> bool:
    return names.count(names[place]) > 1


def _folded(name: str) -> str:
    return " ".join(_BRACKETS.sub(" ", clean(name)).casefold().split())
