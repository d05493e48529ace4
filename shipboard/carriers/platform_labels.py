"""Carriers whose labels a marketplace wants bought from itself: the rules, with their dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PlatformLabels:
    """In `region`, labels of the carrier are to be bought from the platform. Numbers of others are
    refused to sellers from abroad since `refused_since`, and looked for with every seller since
    `watched_since`. `source` tells of it.
    """

    carrier: str
    region: str
    refused_since: date
    watched_since: date
    source: str

    @property
    def warning(self) -> str:
        return (
            f"Labels of {self.carrier} have to be bought from the platform: since "
            f"{_day(self.watched_since)} it looks for others."
        )

    @property
    def refusal(self) -> str:
        return (
            f"Since {_day(self.refused_since)} cross-border sellers may not use labels of "
            f"{self.carrier} bought elsewhere. Buy the label here, or choose another carrier."
        )


#: By the carrier's key and the region.
RULES: Mapping[tuple[str, str], PlatformLabels] = {
    ("usps", "US"): PlatformLabels(
        carrier="USPS",
        region="US",
        refused_since=date(2025, 10, 27),
        watched_since=date(2026, 1, 1),
        source="cahoot.ai/tiktok-usps-shipping-control-shift",
    ),
}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
