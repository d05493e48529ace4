"""One shape of a carrier's tracking numbers, and how a line of the table of them is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shipboard.carriers.digits import Check, library
from shipboard.carriers.sources import UPU


@dataclass(frozen=True)
class Format:
    """`shape`: a pattern for the whole number. `example`: made up, or from a specification.
    `regions`: where it is used, empty for everywhere. `check`: whether the check digit fits.
    `stem`: whatever begins with it is meant to be a number of this carrier.
    """

    carrier: str
    shape: str
    example: str
    source: str
    regions: frozenset[str] = frozenset()
    check: Check | None = None
    stem: str = ""

    @property
    def fixed(self) -> int:
        """How many of its signs are given, about: the more, the more a match tells."""
        chosen = re.sub(r"\(([^|()]*)(\|[^()]*)?\)\??", r"\1", self.shape).partition("|")[0]
        return len(re.sub(r"\\d|\[[^]]*\]|\{[^}]*\}|\?", "", chosen))


def form(
    carrier: str,
    shape: str,
    example: str,
    source: str,
    *,
    regions: str = "",
    check: Check | None = None,
    stem: str = "",
) -> Format:
    """A line of the table; `regions` divided by blanks."""
    return Format(carrier, shape, example, source, frozenset(regions.split()), check, stem)


def post(carrier: str, country: str) -> Format:
    """The format that all posts share: two letters, eight digits and their check, a country."""
    shape = rf"[A-Z]{{2}}\d{{9}}{country}"
    return form(carrier, shape, f"RR473124829{country}", UPU, check=library("S10"))
