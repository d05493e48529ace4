"""Where the marketplace ships packages: rows find theirs by its id or by what it holds."""

from __future__ import annotations

import pytest

from shipboard.channels.contract import ParcelContent, Shipping
from shipboard.channels.models import Carrier, Shop
from shipboard.channels.registry import capabilities
from shipboard.exports.layouts import Format
from shipboard.uploads.template import Template, template
from tests import make
from tests.ingest.fake_channel import connected_shop
from tests.uploads.conftest import MUG, PLATE, number, order_id, place, two_skus
from tests.uploads.test_judging import GOOD, REFUSED, judged, row


@pytest.fixture
def shop(db: None) -> Shop:
    shop = connected_shop(region="TH", dispatch_hours=None, auto_cancel_hours=None)
    Carrier.objects.create(shop=shop, remote_id="7", name="UPS", as_of=make.NOW)
    assert capabilities(shop, Shipping.SELLER).whole_packages
    return shop


def package(at: int, *contents: ParcelContent) -> object:
    return make.parcel(
        package_id=f"11500000000000000{at:02d}", tracking_number="", contents=contents
    )


def split(shop: Shop) -> None:
    place(
        shop,
        1,
        lines=two_skus(),
        parcels=(package(1, ParcelContent(0, 2)), package(2, ParcelContent(1, 1))),
    )


def test_rows_find_the_package_that_holds_what_they_say(shop: Shop) -> None:
    split(shop)
    verdicts, _, found = judged(
        shop,
        row(1, number(1), sku_id=PLATE, quantity=1),
        row(1, number(2), line=9, package_id="1150000000000000001"),
    )
    assert verdicts == [GOOD, GOOD]
    assert [(wish.package_id, wish.contents) for _, wish in found.shipments] == [
        ("1150000000000000002", None),
        ("1150000000000000001", None),
    ]


def test_what_is_in_no_package_is_refused(shop: Shop) -> None:
    split(shop)
    verdicts, reasons, _ = judged(shop, row(1, sku_id=MUG, quantity=1))
    assert (verdicts, "none that waits has what" in reasons[0]) == ([REFUSED], True)
    verdicts, reasons, _ = judged(shop, row(1))
    assert (verdicts, "split into 2 packages" in reasons[0]) == ([REFUSED], True)


def test_orders_in_one_package_are_one_shipment(shop: Shop) -> None:
    for at in (1, 2):
        place(shop, at, buyer_username="anna", parcels=(package(1, ParcelContent(0, 1)),))
    verdicts, _, found = judged(shop, row(1, number(1)), row(2, number(1)))
    assert verdicts == [GOOD, GOOD]
    assert len(found.shipments) == 1
    assert [each.shipment for each in found.rows] == [1, 1]
    verdicts, reasons, _ = judged(shop, row(1), row(2))
    assert verdicts == [REFUSED, REFUSED]
    assert "are in one package and have different numbers" in reasons[0]


def test_the_template_has_a_row_for_each_sku_of_each_package(shop: Shop) -> None:
    split(shop)
    content = template(shop, Template.LONG, Format.CSV, make.NOW).content.decode()
    assert f"{order_id(1)}\t,{MUG}\t,2,,,,N/A" in content
    assert f"{order_id(1)}\t,{PLATE}\t,1,,,,N/A" in content
    assert template(shop, Template.SHORT, Format.CSV, make.NOW).rows == 0
