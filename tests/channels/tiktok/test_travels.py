"""Where packages are, from what an order's payload says of its units."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shipboard.channels.contract import PARCEL_TROUBLE, ParcelState, Travel
from shipboard.channels.tiktok.travels import parcel_states
from tests.channels.tiktok import payloads

LOST = {"display_status": "CANCELLED", "package_status": "CANCELLED", "cancel_user": "SYSTEM"} | {
    "cancel_reason": "Package lost in transit"
}


def unit(number: int, package: str, **more: Any) -> dict[str, Any]:
    named = {"package_id": package, "tracking_number": f"1Z{package}"}
    return payloads.unit(number, **named, shipping_provider_name="UPS", **more)


def states(*units: dict[str, Any], **more: Any) -> list[ParcelState]:
    order = payloads.order(line_items=list(units), **more)
    return list(parcel_states(json.dumps(order)))


@pytest.mark.parametrize(
    ("word", "travel", "at"),
    [
        ("TO_FULFILL", Travel.WAITING, None),
        ("PROCESSING", Travel.ARRANGED, payloads.at(200)),
        ("FULFILLING", Travel.COLLECTED, payloads.at(300)),
        ("COMPLETED", Travel.DELIVERED, payloads.at(400)),
    ],
)
def test_the_only_parcel_has_the_orders_instants(word: str, travel: Travel, at: object) -> None:
    times = {"collection_time": payloads.AT + 300, "delivery_time": payloads.AT + 400}
    (state,) = states(unit(1, "5", package_status=word, rts_time=payloads.AT + 200), **times)
    assert (state.travel, state.at, state.words) == (travel, at, "")
    assert (state.package_id, state.tracking_number, state.carrier) == ("5", "1Z5", "UPS")


def test_an_arranged_unit_without_a_time_has_its_orders() -> None:
    (state,) = states(unit(1, "5", package_status="PROCESSING"), rts_time=payloads.AT + 90)
    assert state.at == payloads.at(90)


def test_of_several_parcels_each_has_its_own_state_and_only_its_own_instant() -> None:
    found = states(
        unit(1, "5", package_status="COMPLETED", rts_time=payloads.AT + 200),
        unit(2, "6", package_status="PROCESSING", rts_time=payloads.AT + 250),
        unit(3, "6", package_status="PROCESSING", rts_time=payloads.AT + 260),
        delivery_time=payloads.AT + 400,
    )
    assert [(each.package_id, each.travel, each.at) for each in found] == [
        ("5", Travel.DELIVERED, None),
        ("6", Travel.ARRANGED, payloads.at(250)),
    ]


@pytest.mark.parametrize(
    ("reason", "travel"),
    [
        ("Package lost in transit", Travel.LOST),
        ("Untraceable tracking number", Travel.LOST),
        ("The package was damaged", Travel.DAMAGED),
        ("Package scrapped", Travel.DAMAGED),
        ("The delivery failed", Travel.CANCELED),
    ],
)
def test_what_the_platform_canceled_says_why(reason: str, travel: Travel) -> None:
    units = [unit(1, "5", **LOST | {"cancel_reason": reason}), unit(2, "6")]
    gone, _ = states(*units, cancel_time=payloads.AT + 500)
    assert (gone.travel, gone.words) == (travel, reason)
    told = payloads.fact(line_items=units).extra.get(PARCEL_TROUBLE, "")
    assert told == ("" if travel is Travel.CANCELED else travel)


@pytest.mark.parametrize("more", [{"cancel_user": "BUYER"}, {"tracking_number": ""}])
def test_a_buyers_reason_or_an_unsent_unit_is_no_lost_parcel(more: dict[str, str]) -> None:
    told = payloads.fact(line_items=[unit(1, "5") | LOST | more])
    assert PARCEL_TROUBLE not in told.extra


def test_an_unknown_word_is_passed_on_and_a_missing_one_is_the_units() -> None:
    one, two = states(unit(1, "5", package_status="HELD_AT_CUSTOMS"), unit(2, "6"))
    assert (one.travel, one.words) == (Travel.UNKNOWN, "HELD_AT_CUSTOMS")
    assert (two.travel, two.words) == (Travel.WAITING, "")


@pytest.mark.parametrize("payload", ["", "{", "[]", "null", '{"line_items": 5}'])
def test_what_cannot_be_read_says_nothing(payload: str) -> None:
    assert parcel_states(payload) == ()
