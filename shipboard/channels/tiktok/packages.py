"""A package as the API tells of it: its own status, and the finer one that newer versions add."""

from __future__ import annotations

from shipboard.channels.contract import PackageFact
from shipboard.channels.tiktok.values import Odd, Payload, as_sent, ident, parts, text

#: Arranged: the label is bought or the tracking number accepted, whatever came after.
ARRANGED = ("PROCESSING", "FULFILLING", "COMPLETED")
ARRANGED_FINELY = ("RTS", "TTS", "DELIVERED", "SHIP_EXCEPTION", "PART_DELIVERED_AND_EXCEPTION")
#: The label is being bought; the carrier's answer is awaited.
ARRANGING = "RTSING"


def read_package(payload: Payload) -> PackageFact:
    """Raises Odd when the package has no id or its parts are of odd types."""
    package_id = ident(payload, "package_id") or ident(payload, "id")
    if not package_id:
        raise Odd("The package has no package_id.")
    status, finer = text(payload, "package_status"), text(payload, "package_sub_status")
    is_arranging = finer == ARRANGING
    return PackageFact(
        package_id=package_id,
        order_ids=tuple(order for one in parts(payload, "orders") if (order := ident(one, "id"))),
        status=" / ".join(word for word in (status, finer) if word),
        is_arranged=not is_arranging and (status in ARRANGED or finer in ARRANGED_FINELY),
        is_arranging=is_arranging,
        tracking_number=text(payload, "tracking_number"),
        carrier=text(payload, "shipping_provider_name"),
        is_canceled="CANCELLED" in (status, finer),
        payload=as_sent(payload),
    )
