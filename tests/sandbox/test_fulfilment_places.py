"""Warehouses, delivery options, carriers and tracking."""

from __future__ import annotations

import pytest

from sandbox import shops
from sandbox.books import Books
from sandbox.fulfilment import scans
from sandbox.fulfilment.carriers import (
    CARRIERS,
    INVENTED,
    guess,
    number_of,
    of_region,
    platform_carrier,
)
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.shipping import GULL, F, at_once, buy, mark, order, package_id, ready, ship

L = "/logistics/202309"


def test_warehouses_say_where_they_stand(market: Market, us: Caller) -> None:
    far = {"id": "2", "name": "Shenzhen", "region": "CN", "address": {"city": "Shenzhen"}}
    near = {"id": "1", "name": "Oakland", "region": "US", "effect_status": "RESTRICTED"}
    shops.add_shop(
        market.books, {"id": US, "name": "Harbor", "region": "US", "warehouses": [near, far]}
    )
    first, second = us.data("GET", f"{L}/warehouses")["warehouses"]
    assert (first["is_default"], first["effect_status"]) == (True, "RESTRICTED")
    assert first["address"]["region_code"] == "US"
    assert (second["is_default"], second["address"]["region_code"]) == (False, "CN")
    assert second["address"]["city"] == "Shenzhen"


def test_delivery_options_and_their_carriers(market: Market, us: Caller) -> None:
    (place,) = us.data("GET", f"{L}/warehouses")["warehouses"]
    path = f"{L}/warehouses/{place['id']}/delivery_options"
    platform, seller = us.data("GET", path)["delivery_options"]
    assert us.code("GET", f"{L}/warehouses/1/delivery_options") == 36009010
    providers = f"{L}/delivery_options/%s/shipping_providers"
    assert us.code("GET", providers % platform["id"]) == 21008117
    assert us.code("GET", providers % "1") == 36009010
    found = us.data("GET", providers % seller["id"])["shipping_providers"]
    names = [one["name"] for one in found]
    assert names[:4] == ["USPS", "UPS", "FedEx", "DHL eCommerce"]
    assert not set(names) & {one.name for one in INVENTED}


def test_orders_name_the_option_they_go_by(market: Market, us: Caller) -> None:
    platform, seller = ready(market, US)[0], ready(market, US, shipping_type="SELLER")[0]
    providers = f"{L}/delivery_options/%s/shipping_providers"
    assert us.code("GET", providers % platform["delivery_option_id"]) == 21008117
    assert us.code("GET", providers % seller["delivery_option_id"]) == 0


def test_carriers_know_their_own_numbers() -> None:
    assert len({carrier.id for carrier in CARRIERS}) == len(CARRIERS)
    for carrier in CARRIERS:
        made = {number_of(carrier, serial) for serial in range(1, 500)}
        assert len(made) == 499
        assert all(carrier in guess(number) for number in made)


@pytest.mark.parametrize("region", ["US", "GB", "TH", "VN", "MY", "SG", "PH", "ID"])
def test_every_market_has_carriers_that_sellers_know(region: str) -> None:
    invented = {carrier.name for carrier in INVENTED}
    names = [carrier.name for carrier in of_region(region)]
    assert len(names) == len(set(names))
    assert len(names) >= 4
    assert not invented & set(names)
    assert platform_carrier(region).name in invented


@pytest.mark.parametrize(
    ("number", "name"),
    [
        # Examples that carriers publish, or of their public formats.
        ("9400111899223818218407", "USPS"),
        ("1Z5R89390357567127", "UPS"),
        ("986578788855", "FedEx"),
        ("C11031500001879", "OnTrac"),
        ("RB123456785GB", "Royal Mail Tracked 24"),
        ("RB123456785GB", "Royal Mail Tracked 48"),
        ("RB123456785TH", "Thailand Post"),
    ],
)
def test_check_digits(number: str, name: str) -> None:
    assert name in [carrier.name for carrier in guess(number)]
    last = max(place for place, sign in enumerate(number) if sign.isdigit())
    wrong = number[:last] + str((int(number[last]) + 1) % 10) + number[last + 1 :]
    assert name not in [carrier.name for carrier in guess(wrong)]


def test_tracking_numbers_are_never_given_twice(tmp_path) -> None:  # type: ignore[no-untyped-def]
    books = Books(tmp_path / "books")
    first = number_of(CARRIERS[0], books.number("tracking"))
    books.close()
    assert number_of(CARRIERS[0], Books(tmp_path / "books").number("tracking")) != first


def test_tracking_tells_the_newest_first(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    assert th.data("GET", f"{F}/orders/{one['id']}/tracking")["tracking"] == []
    ship(th, package_id(one))
    with market.books.change():
        package = market.books.need("package", TH, package_id(one))
        scans.add(package, market.clock.now() + 60, "Picked up.", 201)
        market.books.put("package", TH, package)
    told = th.data("GET", f"{F}/orders/{one['id']}/tracking")["tracking"]
    assert [event["action_code"] for event in told] == [201, 101]
    assert told[0]["update_time_millis"] > 10**12
    (parcel,) = th.data("GET", f"/logistics/202604/orders/{one['id']}/tracking")[
        "logistics_details"
    ]
    assert parcel["newest_tracking_no"] == order(market, TH, one)["tracking_number"]
    assert len(parcel["track_list"]) == 2


def test_whose_number_it_is(market: Market, us: Caller, gb: Caller) -> None:
    at_once(market)
    ours, theirs = ready(market, US)[0], ready(market, US, shipping_type="SELLER")[0]
    buy(us, ours)
    mark(us, theirs, "GX000000000001", GULL)
    path = "/fulfillment/202508/tts_tracking_validation"
    number = order(market, US, ours)["tracking_number"]
    assert us.data("GET", path, {"tracking_number": number})["is_tiktok_shipping"]
    asked = {"tracking_number": "GX000000000001"}
    assert not us.data("GET", path, asked)["is_tiktok_shipping"]
    assert gb.code("GET", path, asked) == 21008106
    assert us.code("GET", path) == 36009022
    ready(market, GB)
