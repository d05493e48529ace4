"""Marking as shipped under a number of one's own, and changing the number afterwards."""

from __future__ import annotations

import pytest

from sandbox import shops
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.shipping import (
    AMAZON,
    GULL,
    MANGROVE,
    PLOVER,
    REDWOOD,
    UNION,
    USPS,
    F,
    lines,
    mark,
    order,
    package_id,
    ready,
    scan,
    ship,
)

HOUR = 3600


def sellers(market: Market, shop: str, count: int = 1, **more: object) -> list[Doc]:
    return ready(market, shop, count, shipping_type="SELLER", **more)


def test_marking_ships_the_whole_order(market: Market, us: Caller) -> None:
    (one,) = sellers(market, US)
    assert mark(us, one, "GX000000000001", GULL) == 0
    after = order(market, US, one)
    assert (after["status"], after["tracking_number"]) == ("AWAITING_COLLECTION", "GX000000000001")
    assert [entry.what for entry in market.books.ledger()] == ["shipped"]
    assert mark(us, one, "GX000000000002", GULL) == 21011020


def test_marking_lines_splits(market: Market, us: Caller, gb: Caller) -> None:
    for shop, caller, number, provider in (
        (US, us, "GX00000000000", GULL),
        (GB, gb, "PL00000000000", PLOVER),
    ):
        (one,) = sellers(market, shop)
        assert mark(caller, one, f"{number}1", provider, *lines(one, 1)) == 0
        assert order(market, shop, one)["status"] == "PARTIALLY_SHIPPING"
        assert mark(caller, one, f"{number}2", provider, *lines(one, 1)) == 21011020
        assert mark(caller, one, f"{number}2", provider) == 0
        after = order(market, shop, one)
        assert after["status"] == "AWAITING_COLLECTION"
        assert len(after["packages"]) == 2
        told = [line["tracking_number"][-1] for line in after["line_items"]]
        assert told == ["2", "1", "2"]


def test_the_newer_body(market: Market, us: Caller) -> None:
    (one,) = sellers(market, US)
    sent = {"tracking_number": "GX000000000001", "shipping_provider_id": GULL, "note": "left"}
    path = f"/fulfillment/202610/orders/{one['id']}/packages"
    part = {"order_line_list": [{"order_line_id": lines(one, 0)[0]}]}
    data = us.data("POST", path, None, part | {"shipping_info_list": [sent]})
    assert data["order_line_item_ids"] == lines(one, 0)
    two = [sent | {"tracking_number": f"GX00000000000{number}"} for number in (2, 3)]
    assert us.code("POST", path, None, {"shipping_info_list": two}) == 36009010
    market.facts.set("many_numbers", True)
    assert us.code("POST", path, None, {"shipping_info_list": two}) == 0


@pytest.mark.parametrize(
    ("number", "provider", "code"),
    [
        ("GX 00000000001", GULL, 21004012),
        ("GX00000000000é", GULL, 21004012),
        ("GX1", GULL, 21011022),
        ("GX000000000001", "1", 21011022),
        ("MG000000000001", "7150000000000000031", 21004016),
        ("", GULL, 36009022),
    ],
)
def test_numbers_that_are_refused(
    market: Market, us: Caller, number: str, provider: str, code: int
) -> None:
    (one,) = sellers(market, US)
    assert mark(us, one, number, provider) == code
    assert order(market, US, one)["status"] == "AWAITING_SHIPMENT"


def warning(caller: Caller, one: Doc, number: str, provider: str) -> str:
    body = {"tracking_number": number, "shipping_provider_id": provider}
    data = caller.data("POST", f"{F}/orders/{one['id']}/packages", None, body)
    return str(data.get("warning", {}).get("message", ""))


def test_the_us_warns_where_others_refuse(market: Market, us: Caller, gb: Caller) -> None:
    one, two, three = sellers(market, US, 3)
    assert warning(us, one, "GX000000000001", GULL) == ""
    assert "Redwood Freight" in warning(us, two, "RW0000000001", GULL)
    market.facts.set("us_takes_misfitting_numbers", False)
    assert mark(us, three, "RW0000000002", GULL) == 21004015
    (british,) = sellers(market, GB)
    assert mark(gb, british, "HM000000001GB", PLOVER) == 21004015


def test_a_number_of_no_carrier(market: Market, us: Caller) -> None:
    one, two = sellers(market, US, 2)
    assert "none of the carriers" in warning(us, one, "ABCDEFGH", GULL)
    market.facts.set("number_of_no_carrier", "refused")
    assert mark(us, two, "ABCDEFGI", GULL) == 11028006


def test_a_number_serves_one_recipient(market: Market, us: Caller) -> None:
    first, second = sellers(market, US, 2)
    (stranger,) = sellers(market, US, address={"name": "Alma Brook"})
    number = "GX000000000001"
    assert mark(us, first, number, GULL, *lines(first, 0)) == 0
    assert mark(us, first, number, GULL, *lines(first, 1)) == 21011025
    assert mark(us, second, number, GULL) == 0
    assert mark(us, stranger, number, GULL) == 21034012
    more = sellers(market, US, 19)
    assert [mark(us, one, number, GULL) for one in more] == [0] * 18 + [21011026]


@pytest.mark.parametrize("shape", [("92" + "1" * 20, UNION), ("9400111899223818218407", USPS)])
@pytest.mark.parametrize(("barred", "code"), [(True, 21004016), (False, 0)])
def test_the_post_is_barred_for_sellers_abroad(
    market: Market, us: Caller, barred: bool, code: int, shape: tuple[str, str]
) -> None:
    market.facts.set("union_post_barred", barred)
    (here,) = sellers(market, US)
    assert mark(us, here, *shape) == 0
    id = "7495000000000000008"
    shop = {"id": id, "name": "Far Goods", "region": "US", "seller_type": "CROSS_BORDER"}
    shops.add_shop(market.books, shop)
    (one,) = sellers(market, id)
    assert mark(authorised(market, id), one, *shape) == code
    market.facts.set("union_post_barred_for_all", True)
    (another,) = sellers(market, US, address={"name": "Alma Brook"})
    assert mark(us, another, *shape) == 21004016


def test_codes_that_are_told_in_two_ways(market: Market, us: Caller) -> None:
    first, second = sellers(market, US, 2)
    (stranger,) = sellers(market, US, address={"name": "Alma Brook"})
    market.facts.set("used_number_code", 21011025)
    market.facts.set("carrier_not_offered_code", 21022032)
    market.facts.set("orders_per_number", 2)
    assert mark(us, first, "MG000000000001", MANGROVE) == 21022032
    assert mark(us, first, "GX000000000001", GULL) == 0
    assert mark(us, stranger, "GX000000000001", GULL) == 21011025
    assert mark(us, second, "GX000000000001", GULL) == 0
    (third,) = sellers(market, US)
    assert mark(us, third, "GX000000000001", GULL) == 21011026


def test_a_hyphen_may_be_a_special_character(market: Market, us: Caller) -> None:
    (one,) = sellers(market, US)
    market.facts.set("hyphens_in_numbers", False)
    assert mark(us, one, "GX-00000000001", GULL) == 21004012
    market.facts.set("hyphens_in_numbers", True)
    assert "none of the carriers" in warning(us, one, "GX-00000000001", GULL)


def test_a_check_that_times_out_is_a_warning(market: Market, us: Caller, gb: Caller) -> None:
    market.facts.set("number_check_times_out", True)
    (one,), (british,) = sellers(market, US), sellers(market, GB)
    assert "in time" in warning(us, one, "GX000000000001", GULL)
    assert "in time" in warning(gb, british, "HM000000001GB", PLOVER)


def test_a_number_that_fits_several(market: Market, us: Caller) -> None:
    one, two = sellers(market, US, 2)
    assert warning(us, one, "TBA000000000001", AMAZON) == ""
    market.facts.set("number_of_several_carriers", "warned")
    said = warning(us, two, "TBA000000000002", AMAZON)
    assert ("Amazon shipping" in said, "Amazon MCF" in said) == (True, True)


def test_where_nobody_marks(market: Market, th: Caller, us: Caller) -> None:
    (thai,), (platform,) = sellers(market, TH), ready(market, US)
    assert mark(th, thai, "MS0123456789", "7150000000000000032") == 21008106
    assert mark(us, platform, "GX000000000001", GULL) == 21011004


def change(caller: Caller, one: Doc, number: str, provider: str = GULL) -> int:
    body = {"tracking_number": number, "shipping_provider_id": provider}
    return caller.code("POST", f"{F}/orders/{one['id']}/shipping_info/update", None, body)


def change_package(caller: Caller, id: str, number: str, provider: str = GULL) -> int:
    body = {"tracking_number": number, "shipping_provider_id": provider}
    return caller.code("POST", f"{F}/packages/{id}/shipping_info/update", None, body)


def test_a_number_may_be_changed_once(market: Market, us: Caller) -> None:
    (one,) = sellers(market, US)
    assert change(us, one, "GX000000000002") == 21011043
    mark(us, one, "GX000000000001", GULL)
    assert change(us, one, "bad number") == 21004012
    assert change(us, one, "RW0000000001", REDWOOD) == 0
    after = order(market, US, one)
    assert (after["tracking_number"], after["shipping_provider"]) == (
        "RW0000000001",
        "Redwood Freight",
    )
    assert change(us, one, "GX000000000003") == 21011051
    assert change_package(us, package_id(after), "GX000000000003") == 21011051
    market.facts.set("edit_once", False)
    assert change_package(us, package_id(after), "GX000000000003") == 0
    changed = market.books.ledger(what="tracking_changed")
    assert [entry.detail["after"] for entry in changed] == ["RW0000000001", "GX000000000003"]


@pytest.mark.parametrize("moves", [True, False])
def test_whether_a_changed_number_moves_the_update_time(
    market: Market, us: Caller, moves: bool
) -> None:
    market.facts.set("update_time_moves_on_packages", moves)
    (one,) = sellers(market, US)
    mark(us, one, "GX000000000001", GULL)
    before = order(market, US, one)["update_time"]
    market.clock.hold(before + HOUR)
    assert change(us, one, "GX000000000002") == 0
    assert (order(market, US, one)["update_time"] > before) is moves


def test_changes_may_be_counted_by_the_package(market: Market, us: Caller) -> None:
    market.facts.set("edit_counted_by", "package")
    (one,) = sellers(market, US)
    mark(us, one, "GX000000000001", GULL, *lines(one, 0))
    mark(us, one, "GX000000000002", GULL)
    first, second = (each["id"] for each in order(market, US, one)["packages"])
    assert change_package(us, first, "GX000000000003") == 0
    assert change_package(us, second, "GX000000000004") == 0
    assert change_package(us, first, "GX000000000005") == 21011051


@pytest.mark.parametrize(("allowed", "code"), [(True, 0), (False, 21011052)])
def test_changes_while_the_carrier_has_it(
    market: Market, us: Caller, allowed: bool, code: int
) -> None:
    market.facts.set("edit_after_collection", allowed)
    one, two = sellers(market, US, 2)
    mark(us, one, "GX000000000001", GULL)
    mark(us, two, "GX000000000002", GULL)
    scan(market, US, package_id(order(market, US, one)), "FULFILLING")
    assert change(us, one, "GX000000000003") == code
    assert change(us, two, "GX000000000004") == 0


def test_seventy_two_hours(market: Market, us: Caller) -> None:
    one, two = sellers(market, US, 2)
    mark(us, one, "GX000000000001", GULL)
    mark(us, two, "GX000000000002", GULL)
    shipped = order(market, US, one)["rts_time"]
    market.clock.hold(shipped + 72 * HOUR)
    assert change(us, one, "GX000000000003") == 0
    market.clock.hold(shipped + 72 * HOUR + 60)
    assert change(us, two, "GX000000000004") == 21011050


def test_packages_of_a_split_order_are_changed_one_by_one(market: Market, us: Caller) -> None:
    (one,) = sellers(market, US)
    mark(us, one, "GX000000000001", GULL, *lines(one, 0))
    mark(us, one, "GX000000000002", GULL)
    after = order(market, US, one)
    assert change(us, one, "GX000000000003") == 21011048
    assert change_package(us, package_id(after), "GX000000000003") == 0
    path = f"/fulfillment/202610/packages/{after['packages'][1]['id']}/shipping_info/update"
    sent = {"tracking_number": "GX000000000004", "shipping_provider_id": GULL}
    assert us.code("POST", path, None, {"shipping_info_list": [sent]}) == 21011051


def test_too_late_to_change(market: Market, us: Caller) -> None:
    one, two, three = sellers(market, US, 3)
    for number, doc in enumerate((one, two, three)):
        mark(us, doc, f"GX00000000000{number}", GULL)
    first, second = (package_id(order(market, US, doc)) for doc in (one, two))
    scan(market, US, first, "COMPLETED")
    scan(market, US, second, "CANCELLED")
    assert change_package(us, first, "GX000000000009") == 21011030
    assert change_package(us, second, "GX000000000009") == 21011041
    (platform,) = ready(market, GB)
    gb = authorised(market, GB)
    assert ship(gb, package_id(platform)) == 0
    assert change_package(gb, package_id(platform), "PL000000000001") == 21011004
