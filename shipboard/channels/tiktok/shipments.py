"""Shipping with the seller's own carrier, in TikTok Shop's words: which call says it, what its body
is in each version, and what the answers mean. Nothing is called from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shipboard.channels.contract import (
    Accepted,
    CarrierFact,
    ChannelFailure,
    FailureKind,
    ScanFact,
    Shipping,
    ShipTarget,
)
from shipboard.channels.tiktok import lanes
from shipboard.channels.tiktok.values import (
    FIRST_SECOND,
    LAST_SECOND,
    LONG,
    Odd,
    Payload,
    ident,
    parts,
    text,
)

MARK, SHIP = "mark_shipped", "ship_package"
EDIT_ORDER, EDIT_PACKAGE = "update_order_shipping_info", "update_package_shipping_info"
#: From this version on a body holds a list of numbers.
LISTED = "202610"
NO_PACKAGE = (
    "The order has no package yet, and in this market it is a package that is shipped.",
    "Read the order again; TikTok Shop makes its package when it is paid.",
)
WHICH_PACKAGE = (
    "The order travels in several packages, and it is not known which of them is meant.",
    "Read the order again and choose the package.",
)


@dataclass(frozen=True, slots=True)
class Own:
    """A carrier of the seller's own, and the number that it gave the parcel."""

    tracking_number: str
    carrier_id: str

    def body(self) -> dict[str, object]:
        return {"tracking_number": self.tracking_number, "shipping_provider_id": self.carrier_id}


def shipping_operation(region: str, target: ShipTarget) -> str:
    """The call that ships it. Raises ChannelFailure, with nothing done, where there is none."""
    lane = lanes.lane(region, Shipping.SELLER, has_package=bool(target.package_id))
    if MARK in lane.steps:
        return MARK
    if SHIP not in lane.steps:
        raise refused(MARK, lane.sentence, "Ship it in Seller Center.")
    if not target.package_id:
        raise refused(SHIP, *NO_PACKAGE)
    return SHIP


def shipping_body(operation: str, version: str, target: ShipTarget, own: Own) -> dict[str, object]:
    """Units are named where only they go; a package that exists goes whole."""
    if operation == SHIP:
        return {"self_shipment": own.body()}
    units = target.unit_ids
    if version < LISTED:
        return own.body() | ({"order_line_item_ids": list(units)} if units else {})
    named = [{"order_line_id": unit} for unit in units]
    return {"shipping_info_list": [own.body()]} | ({"order_line_list": named} if named else {})


def editing_operation(target: ShipTarget, is_only: bool) -> str:
    """The call that corrects its number: the order's while it has one parcel, else the package's.
    Raises ChannelFailure, with nothing done, for a package that is not named."""
    if is_only:
        return EDIT_ORDER
    if not target.package_id:
        raise refused(EDIT_PACKAGE, *WHICH_PACKAGE)
    return EDIT_PACKAGE


def editing_body(operation: str, version: str, own: Own) -> dict[str, object]:
    if operation == EDIT_PACKAGE and version >= LISTED:
        return {"shipping_info_list": [own.body()]}
    return own.body()


def ids_of(operation: str, target: ShipTarget) -> Mapping[str, str]:
    """What the path of the call names."""
    if operation in (SHIP, EDIT_PACKAGE):
        return {"package_id": target.package_id}
    return {"order_id": target.order_id}


def read_accepted(data: Payload, target: ShipTarget) -> Accepted:
    """What was said of a number that was taken. It was taken, so nothing here can fail: what is
    missing or odd reads as not said."""
    package_id = data.get("package_id")
    if not isinstance(package_id, str) or not package_id.strip():
        package_id = target.package_id
    warning = data.get("warning")
    words = text(warning, "message", LONG) if isinstance(warning, dict) else ""
    return Accepted(package_id=package_id.strip(), warning=words)


def read_carriers(data: Payload) -> tuple[CarrierFact, ...]:
    """Each once. Raises Odd."""
    found: dict[str, CarrierFact] = {}
    for one in parts(data, "shipping_providers"):
        remote_id, name = ident(one, "id"), text(one, "name")
        if remote_id and name:
            found.setdefault(remote_id, CarrierFact(remote_id=remote_id, name=name))
    return tuple(found.values())


def read_scans(data: Payload) -> tuple[ScanFact, ...]:
    """Newest first; what says no time is no scan. Raises Odd."""
    told = (_scan(one) for one in parts(data, "tracking"))
    return tuple(sorted(filter(None, told), key=lambda scan: scan.at, reverse=True))


def _scan(one: Payload) -> ScanFact | None:
    at = _milliseconds(one.get("update_time_millis"))
    if at is None:
        return None
    return ScanFact(
        at=at,
        words=text(one, "description"),
        code=text(one, "action_code"),
        tracking_number=text(one, "tracking_no"),
    )


def _milliseconds(value: Any) -> datetime | None:
    """Unix milliseconds as an instant, to the second. Raises Odd."""
    if value in (None, "", 0, "0") and not isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:16])
    if value.__class__ is not int or not FIRST_SECOND <= value // 1000 <= LAST_SECOND:
        raise Odd("update_time_millis is not a time in Unix milliseconds.")
    return datetime.fromtimestamp(value // 1000, UTC)


def refused(operation: str, sentence: str, next_step: str) -> ChannelFailure:
    """Nobody was called, so nothing was done."""
    return ChannelFailure(
        FailureKind.FINAL,
        operation=operation,
        sentence=sentence,
        next_step=next_step,
        allowed=("look_again",),
    )
