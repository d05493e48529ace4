"""What is known offline of carriers and their tracking numbers: whose a number may be, whether its
check digit fits, what to say of it, and how a scanned code becomes one. Knows no shop and no order.
"""

from __future__ import annotations

from shipboard.carriers.fitting import LONGEST, Fit, Narrowed, fits, narrow
from shipboard.carriers.known import CARRIERS, Carrier
from shipboard.carriers.naming import carrier_named
from shipboard.carriers.platform_labels import RULES, PlatformLabels
from shipboard.carriers.scanned import clean
from shipboard.carriers.verdicts import Verdict, verdict

__all__ = [
    "CARRIERS",
    "LONGEST",
    "RULES",
    "Carrier",
    "Fit",
    "Narrowed",
    "PlatformLabels",
    "Verdict",
    "carrier_named",
    "clean",
    "fits",
    "narrow",
    "verdict",
]
