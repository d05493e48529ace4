"""What the marketplace measures a seller by: each measure with its formula, its limit and its
source, and which of the two meanings of "dispatched" counts in a market. docs/metrics.md says more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from shipboard.channels.models import Shop


class Measure(StrEnum):
    #: Late dispatch, where arranging the shipment is dispatching; and where the first scan is.
    ARRANGED = "arranged"
    COLLECTED = "collected"
    CANCELED = "canceled"
    TRACKED = "tracked"


#: Packages are judged so long after they were arranged: until then a scan may still come.
JUDGED_AFTER = timedelta(days=7)
#: The marketplaces whose page says that a carrier's scan makes an order dispatched.
BY_SCAN = frozenset({"US", "ID", "TH", "VN", "MY", "PH", "SG"})


@dataclass(frozen=True)
class Rule:
    """`limit` in per cent: the rate of what went wrong stays at it or below. `least` where the
    marketplace states the share of what went well instead; the limit is what is left of 100."""

    title: str
    #: What the number counts, in a few words.
    what: str
    formula: str
    limit: Decimal
    is_least: bool
    source: str

    @property
    def threshold(self) -> str:
        if self.is_least:
            return f"at least {100 - self.limit:f}\u00a0%"
        return f"at most {self.limit:f}\u00a0%"


_LATE = (
    "Seller University US, late dispatch rate (target 4 %, enforced above 10 % since March 2026); "
    "Seller University ID, late dispatch rate (below 4 %, caps on daily volume from 25 %)."
)
RULES: Mapping[Measure, Rule] = {
    Measure.ARRANGED: Rule(
        "Late dispatch, by arranging",
        "arranged after their ship-by",
        "Orders arranged after their ship-by, or past it and not arranged yet ÷ orders whose "
        "ship-by was in the period and which were arranged, or are past it. Orders that the "
        "marketplace's own warehouse ships are left out.",
        Decimal(4),
        False,
        _LATE,
    ),
    Measure.COLLECTED: Rule(
        "Late dispatch, by the carrier's scan",
        "scanned after their collect-by",
        "Orders first scanned by the carrier after their collect-by, or past it and not scanned "
        "yet ÷ orders whose collect-by was in the period and which were scanned, or are past it. "
        "Orders that the marketplace's own warehouse ships are left out.",
        Decimal(4),
        False,
        _LATE,
    ),
    Measure.CANCELED: Rule(
        "Seller-fault cancellations",
        "canceled by the seller's fault",
        "Orders canceled in the period by the seller (for the buyer's wish and for an address that "
        "cannot be served left out, where the reason is known), or by the system before the "
        "carrier had them ÷ orders confirmed (paid) in the period. Samples and orders that the "
        "marketplace's own warehouse ships are left out.",
        Decimal("2.5"),
        False,
        "Seller University, seller-fault cancellation rate (at most 2.5 %; samples left out); "
        "Seller University ID, worked example of 20 by the seller and 5 by the system in 100.",
    ),
    Measure.TRACKED: Rule(
        "Valid tracking",
        "without a number that a carrier scanned",
        "Packages with a tracking number, and of an order that a carrier has scanned "
        "÷ packages arranged in the period, which lies 7 days back so that each has had its time.",
        Decimal(5),
        True,
        "Seller University US, valid tracking rate (at least 95 %); that a scan is needed is a "
        "third party's reading.",
    ),
}
#: Stems of the channel's keys of reasons for which a seller cancels without fault: the buyer's own
#: wish, and an address that cannot be served.
SPARED = ("address_not_deliver", "buyer_request", "customer_request")
#: The share of what is scanned in time is the other side of late dispatch by scan.
ON_TIME_LEAST = Decimal(95)
ON_TIME_SOURCE = "Seller University ID, fast dispatch rate (more than 95 %, 30 days)."


def dispatched_by(shop: Shop) -> Measure:
    """What makes an order of the shop's market dispatched."""
    return Measure.COLLECTED if shop.region in BY_SCAN else Measure.ARRANGED
