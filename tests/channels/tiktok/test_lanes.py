"""Every market and shipping type has a lane, or a sentence why there is none."""

from __future__ import annotations

import pytest

from shipboard.channels.contract import Capabilities, Shipping
from shipboard.channels.regions import REGIONS
from shipboard.channels.tiktok.lanes import GROUPS, LANES, Group, capabilities, lane
from shipboard.channels.tiktok.versions import OPERATIONS


@pytest.mark.parametrize("region", [*REGIONS, "UK", "AU"])
@pytest.mark.parametrize("shipping", Shipping)
@pytest.mark.parametrize("has_package", [True, False])
def test_a_lane_or_a_sentence(region: str, shipping: Shipping, has_package: bool) -> None:
    found = lane(region, shipping, has_package=has_package)
    assert bool(found.steps) != bool(found.sentence)
    assert set(found.steps) <= set(OPERATIONS)
    said = capabilities(region, shipping)
    assert said.connects
    assert said.webhooks
    assert said.returns
    assert said.ships == bool(found.steps)
    assert said.platform_label == ("shipping_document" in lane(region, shipping).steps)
    assert said.pickup_slots == ("handover_time_slots" in found.steps)
    assert (said.tracking_edit is not None) == (said.ships and shipping is Shipping.SELLER)


def test_the_table_is_whole() -> None:
    assert set(GROUPS) == set(REGIONS)
    assert set(LANES) == {
        (group, shipping) for group in Group for shipping in (Shipping.PLATFORM, Shipping.SELLER)
    }


@pytest.mark.parametrize(
    ("region", "shipping", "steps"),
    [
        ("US", Shipping.PLATFORM, ("shipping_services", "create_packages", "shipping_document")),
        ("US", Shipping.SELLER, ("shipping_providers", "mark_shipped")),
        ("DE", Shipping.PLATFORM, ("ship_package", "shipping_document")),
        ("TH", Shipping.PLATFORM, ("handover_time_slots", "ship_package", "shipping_document")),
        ("TH", Shipping.SELLER, ("shipping_providers", "ship_package")),
        ("MX", Shipping.SELLER, ("shipping_providers", "ship_package")),
    ],
)
def test_lanes(region: str, shipping: Shipping, steps: tuple[str, ...]) -> None:
    assert lane(region, shipping).steps == steps


def test_in_the_united_kingdom_the_order_decides() -> None:
    with_package = lane("UK", Shipping.PLATFORM, has_package=True).steps
    without = lane("GB", Shipping.PLATFORM, has_package=False).steps
    assert with_package == ("ship_package", "shipping_document")
    assert without == ("create_packages", "shipping_document")


def test_brazil_uploads_an_invoice_first() -> None:
    assert lane("BR", Shipping.PLATFORM).steps[0] == "upload_invoice"
    said = capabilities("BR", Shipping.PLATFORM)
    assert said.needs_invoice
    assert "ZPL" in said.document_formats


def test_the_united_states_reject_by_shipping() -> None:
    assert capabilities("US", Shipping.SELLER).cancel_requests == "reject_by_shipping"
    assert capabilities("TH", Shipping.SELLER).cancel_requests == "approve_reject"
    assert capabilities("TH", Shipping.SELLER).split == "sku"


def test_nothing_is_shipped_of_what_nobody_says() -> None:
    said = capabilities("US", Shipping.UNSAID)
    assert not said.ships
    assert said == Capabilities(
        connects=True,
        webhooks=True,
        cancel_requests="reject_by_shipping",
        cancels=True,
        cancels_parts=True,
        cancels_arranged=True,
        answers=True,
        returns=True,
    )


@pytest.mark.parametrize(
    ("region", "parts", "arranged"), [("US", True, True), ("UK", True, False), ("TH", False, False)]
)
def test_sellers_cancel_where_the_market_lets_them(
    region: str, parts: bool, arranged: bool
) -> None:
    for shipping in Shipping:
        said = capabilities(region, shipping)
        assert said.cancels
        assert said.answers
        assert (said.cancels_parts, said.cancels_arranged) == (parts, arranged)
    assert not capabilities("ZZ", Shipping.SELLER).cancels
