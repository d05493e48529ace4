"""Lanes: how an order is shipped, by the shop's market and who arranges the carrier. The lane is
given, not chosen: the API refuses any other. One table says which calls are made in which order and
what a person is asked for; capabilities follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings

from shipboard.channels.contract import Capabilities, Shipping
from shipboard.channels.regions import ALIASES
from shipboard.channels.tiktok.canceling import PART_MARKETS


class Group(StrEnum):
    """Markets that ship alike."""

    US = "us"
    GB = "gb"
    EU = "eu"
    JP = "jp"
    SEA = "sea"
    MX = "mx"
    BR = "br"


GROUPS: Mapping[str, Group] = {
    "US": Group.US,
    "GB": Group.GB,
    **dict.fromkeys(("DE", "ES", "FR", "IE", "IT"), Group.EU),
    "JP": Group.JP,
    **dict.fromkeys(("ID", "MY", "PH", "SG", "TH", "VN"), Group.SEA),
    "MX": Group.MX,
    "BR": Group.BR,
}
#: Packages that one call or one run's chunk takes; the marketplace states no number.
BATCH_MOST = 50
#: Within 72 hours of shipping and once; some markets state no hours, but none more than one change.
TRACKING_EDIT = (72, 1)
#: display_status of a unit that can still be shipped.
WAITING_UNIT = "AWAITING_SHIPMENT"
DOCUMENTS = (
    "SHIPPING_LABEL",
    "PACKING_SLIP",
    "SHIPPING_LABEL_AND_PACKING_SLIP",
    "SHIPPING_LABEL_PICTURE",
    "HAZMAT_LABEL",
)
SIZES = ("A6", "A5")
#: Markets whose Seller Center is elsewhere.
OWN_SUPPORT = {"ID": "https://seller-id.tokopedia.com/"}
BY_UNIT, BY_SKU = "unit", "sku"
#: Where a request to cancel is answered by shipping or by canceling, with no call of its own.
REJECT_BY_SHIPPING = "reject_by_shipping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """`steps`: operations (versions.py) in the order they are called; `asks`: what a person gives
    before the first; `sentence`: why there is nothing to call, where `steps` is empty."""

    steps: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    sentence: str = ""


#: The platform's carrier, money is spent when the package is created.
BUY = Lane(
    steps=("shipping_services", "create_packages", "shipping_document"),
    asks=("weight", "size", "service"),
)
#: The package exists from payment; its carrier is set in Seller Center.
SHIP = Lane(steps=("handover_time_slots", "ship_package", "shipping_document"), asks=("handover",))
SHIP_PRESET = Lane(steps=("ship_package", "shipping_document"))
CREATE_PRESET = Lane(steps=("create_packages", "shipping_document"))
INVOICED = Lane(steps=("upload_invoice", *SHIP.steps), asks=("invoice", *SHIP.asks))
#: The seller's own carrier: tell of the number, or ship the package that exists with it.
MARK = Lane(steps=("shipping_providers", "mark_shipped"), asks=("tracking_number", "carrier"))
SELF = Lane(steps=("shipping_providers", "ship_package"), asks=MARK.asks)

LANES: Mapping[tuple[Group, Shipping], Lane] = {
    (Group.US, Shipping.PLATFORM): BUY,
    (Group.US, Shipping.SELLER): MARK,
    (Group.GB, Shipping.PLATFORM): SHIP_PRESET,
    (Group.GB, Shipping.SELLER): MARK,
    (Group.EU, Shipping.PLATFORM): SHIP_PRESET,
    (Group.EU, Shipping.SELLER): MARK,
    (Group.JP, Shipping.PLATFORM): BUY,
    (Group.JP, Shipping.SELLER): MARK,
    (Group.SEA, Shipping.PLATFORM): SHIP,
    (Group.SEA, Shipping.SELLER): SELF,
    (Group.MX, Shipping.PLATFORM): SHIP,
    (Group.MX, Shipping.SELLER): SELF,
    (Group.BR, Shipping.PLATFORM): INVOICED,
    (Group.BR, Shipping.SELLER): SELF,
}
UNSAID = Lane(
    sentence="TikTok Shop does not say who ships this order, so it is shipped over there."
)
ELSEWHERE = Lane(
    sentence="How orders of this market are shipped is not known here; ship them in Seller Center."
)


def lane(region: str, shipping: Shipping, *, has_package: bool = True) -> Lane:
    """The lane of an order of a shop in `region` (ISO; UK is GB). Where documents contradict each
    other on when a package is born (UK, EU), the order decides: `has_package` says whether it has
    one already."""
    group = GROUPS.get(ALIASES.get(region.upper(), region.upper()))
    if shipping is Shipping.UNSAID:
        return UNSAID
    if group is None:
        return ELSEWHERE
    found = LANES[group, shipping]
    return CREATE_PRESET if found is SHIP_PRESET and not has_package else found


def support_page(region: str) -> str:
    """Where a seller of that region asks TikTok Shop for help; the United Kingdom is `uk` there."""
    home = ALIASES.get(region.upper(), region.upper())
    market = "uk" if home == "GB" else home.lower()
    return OWN_SUPPORT.get(home) or str(settings.TIKTOK_SUPPORT_URL).replace("{market}", market)


def capabilities(region: str, shipping: Shipping) -> Capabilities:
    """What the channel can do for orders of that market and shipping type."""
    found = lane(region, shipping)
    home = ALIASES.get(region.upper(), region.upper())
    group = GROUPS.get(home)
    # What is canceled and answered does not hang on who ships.
    aftersales = Capabilities(
        connects=True,
        webhooks=True,
        cancel_requests=REJECT_BY_SHIPPING if group is Group.US else "approve_reject",
        cancels=group is not None,
        cancels_parts=home in PART_MARKETS,
        cancels_arranged=group is Group.US,
        answers=True,
        returns=True,
    )
    if not found.steps or group is None:
        return aftersales
    is_platform = shipping is Shipping.PLATFORM
    invoice = is_platform and group is Group.BR
    return replace(
        aftersales,
        ships=True,
        platform_label=is_platform,
        label_ships=is_platform,
        support_url=support_page(region),
        rate_quotes="shipping_services" in found.steps,
        needs_parcel="weight" in found.asks,
        pickup_slots="handover_time_slots" in found.steps,
        # Since 30 October 2024, Manage Orders, Fulfillment settings, Collection method settings.
        handover_by_warehouse=is_platform and group is Group.SEA,
        batch_most=BATCH_MOST,
        split=BY_UNIT if group in (Group.US, Group.GB, Group.EU, Group.JP) else BY_SKU,
        combine=True,
        tracking_edit=None if is_platform else TRACKING_EDIT,
        part_shipments=found in (MARK, BUY),
        whole_packages="ship_package" in found.steps,
        waiting_unit=WAITING_UNIT,
        document_types=(*DOCUMENTS, *(("INVOICE_LABEL",) if invoice else ()))
        if is_platform
        else (),
        document_formats=(("PDF", "ZPL") if invoice else ("PDF",)) if is_platform else (),
        document_sizes=SIZES if is_platform else (),
        needs_invoice=invoice,
    )
