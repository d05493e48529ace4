"""When and how a carrier may be handed a package."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment.asked import package_of
from sandbox.kinds import Doc
from sandbox.shapes_package import TO_FULFILL

ZONES = {"TH": "Asia/Bangkok", "VN": "Asia/Ho_Chi_Minh", "MY": "Asia/Kuala_Lumpur"} | {
    "SG": "Asia/Singapore",
    "PH": "Asia/Manila",
    "ID": "Asia/Jakarta",
    "GB": "Europe/London",
    "JP": "Asia/Tokyo",
    "US": "America/New_York",
    "MX": "America/Mexico_City",
    "BR": "America/Sao_Paulo",
}
HOURS = ((9, 13), (13, 18))
DAYS = 3


@operation(
    "handover_time_slots",
    "GET",
    "/fulfillment/{version}/packages/{package_id}/handover_time_slots",
    scope="seller.fulfillment.package.write",
)
def handover_time_slots(call: Call) -> Doc:
    package = package_of(call, call.path["package_id"])
    if package["shipping_type"] != "TIKTOK":
        raise Refusal(21011004, "The seller hands this package over.")
    if package["package_status"] != TO_FULFILL:
        raise Refusal(int(call.fact("already_shipped_code")))
    return {
        "can_pickup": True,
        "can_drop_off": True,
        "can_van_collection": call.shop.region == "GB",
        "drop_off_point_url": "https://points.example.com/near",
        "pickup_slots": slots(call),
    }


def slots(call: Call) -> list[Doc]:
    """The next days' slots; those that begin too soon are not open any more."""
    zone = ZoneInfo(ZONES.get(call.shop.region, "Europe/Berlin"))
    today = datetime.fromtimestamp(call.now, zone).date()
    found = []
    for number in range(DAYS):
        day = today + timedelta(days=number)
        for first, last in HOURS:
            start, end = (
                int(datetime.combine(day, time(hour), zone).timestamp()) for hour in (first, last)
            )
            found.append(
                {"start_time": start, "end_time": end, "avaliable": start > call.now + 3600}
            )
    return found


def check_slot(call: Call, slot: dict[str, Any]) -> None:
    """Raises Refusal."""
    known = {(one["start_time"], one["end_time"]): one["avaliable"] for one in slots(call)}
    try:
        asked = int(slot["start_time"]), int(slot["end_time"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(21004017, "A pickup slot has a start_time and an end_time.") from error
    if asked not in known:
        raise Refusal(21011053, "The time is outside of every pickup slot.")
    if not known[asked]:
        raise Refusal(21011054, "This pickup slot is not open any more.")
