"""Shipping with a carrier of the seller's own: the calls that are made, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shipboard.channels.contract import (
    Accepted,
    CarrierFact,
    ChannelFailure,
    FailureKind,
    Outcome,
    ScanFact,
    ShipTarget,
)
from shipboard.channels.tiktok.channel import TikTokChannel
from tests import make
from tests.channels.tiktok.payloads import FakeClient

pytestmark = pytest.mark.django_db

ORDER, PACKAGE = "576000000000000001", "1153000000000000001"
WHOLE = ShipTarget(order_id=ORDER)
PART = ShipTarget(order_id=ORDER, unit_ids=("u1", "u2"))
PARCEL = ShipTarget(order_id=ORDER, package_id=PACKAGE)
OWN = {"tracking_number": "T1", "shipping_provider_id": "77"}
SENT: dict[str, Any] = {"tracking_number": "T1", "carrier_id": "77"}


def opened(region: str, **answers: Any) -> tuple[TikTokChannel, FakeClient]:
    client = FakeClient(**answers)
    shop = make.shop(region, channel="tiktok", region=region)
    return TikTokChannel(shop, client), client  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("region", "version", "target", "asked"),
    [
        ("US", "202309", WHOLE, ("mark_shipped", {"order_id": ORDER, **OWN})),
        (
            "GB",
            "202309",
            PART,
            ("mark_shipped", {"order_id": ORDER, **OWN, "order_line_item_ids": ["u1", "u2"]}),
        ),
        (
            "DE",
            "202610",
            WHOLE,
            ("mark_shipped", {"order_id": ORDER, "shipping_info_list": [OWN]}),
        ),
        (
            "US",
            "202610",
            PART,
            (
                "mark_shipped",
                {
                    "order_id": ORDER,
                    "shipping_info_list": [OWN],
                    "order_line_list": [{"order_line_id": "u1"}, {"order_line_id": "u2"}],
                },
            ),
        ),
        # Where a package is there already, it is still the order that is marked.
        ("GB", "202309", PARCEL, ("mark_shipped", {"order_id": ORDER, **OWN})),
        (
            "TH",
            "202309",
            PARCEL,
            ("ship_package", {"package_id": PACKAGE, "self_shipment": OWN}),
        ),
        (
            "BR",
            "202309",
            PARCEL,
            ("ship_package", {"package_id": PACKAGE, "self_shipment": OWN}),
        ),
    ],
)
def test_ship(
    region: str, version: str, target: ShipTarget, asked: tuple[str, dict[str, Any]]
) -> None:
    answer = {"package_id": "P9", "warning": {"message": " Looks like FedEx. "}}
    channel, client = opened(region, **{asked[0]: [answer]})
    client.versions["mark_shipped"] = version
    told = channel.ship(target, **SENT)
    assert told == Accepted(package_id="P9", warning="Looks like FedEx.")
    assert client.asked == [asked]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"package_id": None, "warning": None},
        {"package_id": 7, "warning": "odd"},
        {"package_id": " ", "warning": {"message": ["odd"]}},
    ],
)
def test_what_was_taken_was_taken_whatever_else_was_said(answer: dict[str, Any]) -> None:
    american, _ = opened("US", mark_shipped=[answer])
    assert american.ship(WHOLE, **SENT) == Accepted()
    thai, _ = opened("TH", ship_package=[answer])
    assert thai.ship(PARCEL, **SENT) == Accepted(package_id=PACKAGE)


@pytest.mark.parametrize(
    ("region", "target", "word"),
    [("TH", WHOLE, "no package yet"), ("TH", PART, "no package yet"), ("ZZ", WHOLE, "not known")],
)
def test_nothing_is_called_where_nothing_can_be_shipped(
    region: str, target: ShipTarget, word: str
) -> None:
    channel, client = opened(region)
    with pytest.raises(ChannelFailure, match=word) as refused:
        channel.ship(target, **SENT)
    assert (refused.value.kind, refused.value.outcome) == (FailureKind.FINAL, Outcome.NONE)
    assert refused.value.next_step
    assert client.asked == []


@pytest.mark.parametrize(
    ("version", "target", "is_only", "asked"),
    [
        ("202309", WHOLE, True, ("update_order_shipping_info", {"order_id": ORDER, **OWN})),
        # The order's own call has no newer version.
        ("202610", PARCEL, True, ("update_order_shipping_info", {"order_id": ORDER, **OWN})),
        ("202309", PARCEL, False, ("update_package_shipping_info", {"package_id": PACKAGE, **OWN})),
        (
            "202610",
            PARCEL,
            False,
            (
                "update_package_shipping_info",
                {"package_id": PACKAGE, "shipping_info_list": [OWN]},
            ),
        ),
    ],
)
def test_correct_tracking(
    version: str, target: ShipTarget, is_only: bool, asked: tuple[str, dict[str, Any]]
) -> None:
    channel, client = opened("US", **{asked[0]: [{}]})
    client.versions["update_package_shipping_info"] = version
    told = channel.correct_tracking(target, is_only=is_only, **SENT)
    assert told == Accepted(package_id=target.package_id)
    assert client.asked == [asked]


def test_a_correction_of_one_of_several_names_its_package() -> None:
    channel, client = opened("US")
    with pytest.raises(ChannelFailure, match="several packages") as refused:
        channel.correct_tracking(WHOLE, is_only=False, **SENT)
    assert refused.value.outcome is Outcome.NONE
    assert client.asked == []


def test_carriers() -> None:
    rows = [
        {"id": "1", "name": "USPS"},
        {"id": 2, "name": " UPS "},
        {"id": "1", "name": "USPS again"},
        {"id": "", "name": "Nobody"},
        {"id": "3", "name": None},
        None,
    ]
    answers = [{"shipping_providers": rows}, {}, {"shipping_providers": "odd"}]
    channel, client = opened("US", shipping_providers=answers)
    assert channel.carriers("D1") == (
        CarrierFact(remote_id="1", name="USPS"),
        CarrierFact(remote_id="2", name="UPS"),
    )
    assert channel.carriers("D1") == ()
    with pytest.raises(ChannelFailure, match="could not be read"):
        channel.carriers("D1")
    assert client.asked[0] == ("shipping_providers", {"delivery_option_id": "D1"})


def test_scans_come_newest_first() -> None:
    rows = [
        {"description": "Picked up.", "update_time_millis": 1_790_000_000_500, "action_code": 201},
        {"description": "Delivered.", "update_time_millis": "1790000060000"},
        {"description": "No time.", "update_time_millis": 0},
    ]
    channel, client = opened("US", tracking=[{"tracking": rows}, {}])
    picked_up = datetime.fromtimestamp(1_790_000_000, UTC)
    assert channel.scans(ORDER) == (
        ScanFact(at=datetime.fromtimestamp(1_790_000_060, UTC), words="Delivered."),
        ScanFact(at=picked_up, words="Picked up.", code="201"),
    )
    assert channel.scans(ORDER) == ()
    assert client.asked[0] == ("tracking", {"order_id": ORDER})


@pytest.mark.parametrize("time", [1_790_000_000, "soon", True, -5, 1.5])
def test_a_scan_whose_time_is_no_time_is_a_failure(time: object) -> None:
    channel, _ = opened("US", tracking=[{"tracking": [{"update_time_millis": time}]}])
    with pytest.raises(ChannelFailure, match="update_time_millis"):
        channel.scans(ORDER)
