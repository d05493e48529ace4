"""The third-party client ships, marks, splits and fetches documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tiktok_shop_api import TikTokShop, TikTokShopError
from tiktok_shop_api.generated import models

from sandbox import verbs
from sandbox.market import Market
from sandbox.testing import ORIGIN, Caller, shipments, transport
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.shipping import GULL, at_once, lines, order, package_id, ready


def client_of(market: Market, caller: Caller) -> TikTokShop:
    return TikTokShop(
        caller.key,
        caller.secret,
        caller.token,
        caller.cipher,
        base_url=ORIGIN,
        transport=transport(market),
    )


@pytest.fixture
def thai(market: Market, th: Caller) -> Iterator[TikTokShop]:
    with client_of(market, th) as client:
        yield client


@pytest.fixture
def american(market: Market, us: Caller) -> Iterator[TikTokShop]:
    with client_of(market, us) as client:
        yield client


def test_it_ships_and_gets_the_document(market: Market, thai: TikTokShop, th: Caller) -> None:
    (one,) = ready(market, TH)
    id = package_id(one)
    with pytest.raises(TikTokShopError) as early:
        thai.fulfillment.get_package_shipping_document(id, document_type="SHIPPING_LABEL")
    assert early.value.code == 21023035
    thai.fulfillment.ship_package(id, body=models.ShipPackageRequest())
    with pytest.raises(TikTokShopError) as waiting:
        thai.fulfillment.get_package_shipping_document(id, document_type="SHIPPING_LABEL")
    assert waiting.value.code == 11034037
    market.facts.set("label_seconds", 0)
    later_one = ready(market, TH)[0]
    thai.fulfillment.ship_package(package_id(later_one), body=models.ShipPackageRequest())
    got = thai.fulfillment.get_package_shipping_document(
        package_id(later_one), document_type="SHIPPING_LABEL"
    ).data
    assert th.http.get(got.doc_url).content.startswith(b"%PDF")
    assert got.tracking_number == order(market, TH, later_one)["tracking_number"]


def test_it_buys_a_label(market: Market, american: TikTokShop) -> None:
    at_once(market)
    (one,) = ready(market, US)
    asked = models.GetEligibleShippingServicesRequest(order_line_item_ids=lines(one, 0, 1, 2))
    offered = american.fulfillment.get_eligible_shipping_services(one["id"], body=asked).data
    body = models.CreatePackagesRequest(
        ship_type="1", order_id=one["id"], shipping_service_id=offered.shipping_services[1].id
    )
    made = american.fulfillment.create_packages(body=body).data
    assert made.shipping_service_info.price == offered.shipping_services[1].price
    assert order(market, US, one)["packages"] == [{"id": made.package_id}]


def test_it_marks_as_shipped(market: Market, american: TikTokShop) -> None:
    (one,) = ready(market, US, shipping_type="SELLER")
    sent = models.ShippingInfoList(tracking_number="RW0000000001", shipping_provider_id=GULL)
    body = models.MarkPackageAsShippedRequest(shipping_info_list=[sent])
    made = american.fulfillment.mark_package_as_shipped(one["id"], body=body).data
    assert "Redwood Freight" in made.warning.message


def test_it_marks_part_and_corrects_packages(market: Market, american: TikTokShop) -> None:
    (one,) = ready(market, US, shipping_type="SELLER")
    made = []
    for number, units in enumerate((lines(one, 0), lines(one, 1, 2)), 1):
        sent = models.ShippingInfoList(
            tracking_number=f"GX00000000000{number}", shipping_provider_id=GULL, note="left"
        )
        named = [
            models.ConfirmOrderSplitRequestSplittableGroupsV2OrderLineList(order_line_id=unit)
            for unit in units
        ]
        body = models.MarkPackageAsShippedRequest(shipping_info_list=[sent], order_line_list=named)
        made.append(american.fulfillment.mark_package_as_shipped(one["id"], body=body).data)
    assert [each.order_line_item_ids for each in made] == [lines(one, 0), lines(one, 1, 2)]
    assert [one.units for one in shipments(market)] == [
        tuple(lines(one, 0)),
        tuple(lines(one, 1, 2)),
    ]
    sent = models.ShippingInfoList(tracking_number="GX000000000009", shipping_provider_id=GULL)
    body = models.UpdatePackageShippingInfoRequest(shipping_info_list=[sent])
    american.fulfillment.update_package_shipping_info(made[0].package_id, body=body)
    with pytest.raises(TikTokShopError) as again:
        american.fulfillment.update_package_shipping_info(made[1].package_id, body=body)
    assert again.value.code == 21011051
    whole = models.UpdateOrderShippingInfoRequest(
        tracking_number="GX000000000008", shipping_provider_id=GULL
    )
    with pytest.raises(TikTokShopError) as which:
        american.fulfillment.update_order_shipping_info(one["id"], body=whole)
    assert which.value.code == 21011048


def test_it_corrects_an_order_and_reads_its_scans(market: Market, american: TikTokShop) -> None:
    (one,) = ready(market, US, shipping_type="SELLER")
    found = american.logistics.get_shipping_providers(one["delivery_option_id"]).data
    usps = next(each for each in found.shipping_providers if each.name == "USPS")
    sent = models.ShippingInfoList(
        tracking_number="9400111899223818218407", shipping_provider_id=usps.id
    )
    body = models.MarkPackageAsShippedRequest(shipping_info_list=[sent])
    made = american.fulfillment.mark_package_as_shipped(one["id"], body=body).data
    assert not made.warning
    whole = models.UpdateOrderShippingInfoRequest(
        tracking_number="GX000000000008", shipping_provider_id=GULL
    )
    american.fulfillment.update_order_shipping_info(one["id"], body=whole)
    assert order(market, US, one)["tracking_number"] == "GX000000000008"
    verbs.do(market, "collect", US, {"order_id": one["id"]})
    verbs.do(market, "scan_elsewhere", US, {"order_id": one["id"], "seed": "1"})
    told = american.fulfillment.get_order_tracking(one["id"]).data.tracking
    assert {each.action_code for each in told} == {101, 201, 401}


def test_a_batch_in_part(market: Market, thai: TikTokShop) -> None:
    (one,) = ready(market, TH)
    packages = [models.BatchShipPackagesRequestPackage(id=id) for id in (package_id(one), "404")]
    body = models.BatchShipPackagesRequest(packages=packages)
    (error,) = thai.fulfillment.batch_ship_packages(body=body).data.errors
    assert (error.code, error.detail.package_id) == (21011005, "404")


def test_it_splits(market: Market, gb: Caller) -> None:
    (one,) = ready(market, GB)
    group = models.ConfirmOrderSplitRequestSplittableGroup(
        id="a", order_line_item_ids=lines(one, 0)
    )
    body = models.ConfirmOrderSplitRequest(splittable_groups=[group])
    with client_of(market, gb) as client:
        made = client.fulfillment.confirm_order_split(one["id"], body=body).data.packages
        slots = client.fulfillment.get_package_handover_time_slots(made[0].id).data
        places = client.logistics.get_warehouse_list().data.warehouses
    assert len(made) == 2
    assert len(slots.pickup_slots) == 6
    assert places[0].is_default
