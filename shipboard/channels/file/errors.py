"""The two ways a file can fail: as a whole, or one order of it. Both carry a sentence that says
what is wrong and what to do next; neither quotes a name, a phone number or an address.
"""

from __future__ import annotations


class UnreadableFile(Exception):
    """Nothing can be taken from the file; `str(error)` is the sentence for the person."""


class Rejection(Exception):
    """One order cannot be taken because of spreadsheet row `row`; `reason` is the sentence."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.reason = reason


def quoted(value: str, longest: int = 40) -> str:
    """`value` between quotation marks, on one line and cut after `longest` characters."""
    flat = " ".join(value.split())
    flat = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in flat)
    return f"“{flat[:longest]}…”" if len(flat) > longest else f"“{flat}”"
