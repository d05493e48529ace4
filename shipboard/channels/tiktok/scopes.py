"""The rights (scopes) that the app needs at TikTok Shop, and what each costs when it is missing."""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.channels.models import Grant
from shipboard.channels.tiktok import versions

#: Every scope that versions.py names, with what does not work without it.
COSTS: Mapping[str, str] = {
    versions.AUTHORIZATION: "the shop can't be found or connected, and no webhooks come",
    versions.ORDERS: "no orders come in",
    versions.FULFILLMENT: "nothing can be shipped from here, and no labels be made",
    versions.PACKAGES: "parcels can't be split or combined, nor pick-up times be chosen",
    versions.LOGISTICS: "warehouses, carriers and tracking stay unknown",
    versions.CASES: "cancellation, return and refund requests are not seen here",
    versions.PRODUCTS: "no pictures can be added when a case is rejected",
}


def missing(grant: Grant) -> Mapping[str, str]:
    """Scopes that the seller's grant lacks, with their cost. Empty, too, when the marketplace did
    not say what was granted."""
    if not grant.scopes:
        return {}
    return {scope: cost for scope, cost in COSTS.items() if scope not in grant.scopes}
