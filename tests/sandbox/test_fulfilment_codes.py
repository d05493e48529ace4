"""Every code that shipping may answer can be had when it is wanted, and nothing is done by then."""

from __future__ import annotations

import pytest

from sandbox.errors import ERRORS, codes_of
from sandbox.facts import TABLE
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import US
from tests.sandbox.shipping import LABEL, F, at_once, buy, later, order, ready, ship

#: Those of shipping, by what a person can do about them.
CODES = """
11034037 11034023 21023022 11006010 11034025 21023034 21030005
21023035 21042104 21008109
11006021 21008099 21011006 21011020 21011040 21042056 21022025 21030006 21008042
21042102 21023046 21023059 21011027
11021010 11021012 11021013 11021023 11021024 21014009 21021010
11021025 11034009 11005004
11021009 11021011 11021014 11021015 11021016 11021017 11021018 11021019 11021020 11021021 11021022
21011037 21004008 11003011
11006013 11006014 21011048 21011035 21011033 21011046 21011036
21008044 21011007
21011041 21011042 25001010 25001011
11028006 21004012 21004015 21004016 21011022 21011025 21011026 21034012
21011049 21011050 21011051 21011052 21011043 21011030 10007002
21008025 21008043 11034002 21008017 21011004 21008106 21004010 21008117
21011053 21011054 21004017
21042067 21022032 21034006 21004024 21011003 21011008 21011012 21011013 21032001 21042057 21022028
11001002 11050001 21001001 21011005 21011029 21011031 36009009 36009010 36009022 36009023 36009014
21004006 21004019 21004020
10006402 21008111 21011028
"""


def test_every_known_code_is_in_the_table() -> None:
    assert {int(code) for code in CODES.split()} <= set(ERRORS)


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("create_packages", f"{F}/packages"),
        ("ship_package", f"{F}/packages/1/ship"),
        ("ship_packages", f"{F}/packages/ship"),
        ("mark_package_shipped", f"{F}/orders/1/packages"),
        ("update_order_shipping_info", f"{F}/orders/1/shipping_info/update"),
        ("update_package_shipping_info", f"{F}/packages/1/shipping_info/update"),
        ("shipping_services", f"{F}/orders/1/shipping_services/query"),
        ("split_order", f"{F}/orders/1/split"),
        ("combine_packages", f"{F}/packages/combine"),
        ("uncombine_package", f"{F}/packages/1/uncombine"),
    ],
)
def test_every_refusal_of_a_write(market: Market, us: Caller, operation: str, path: str) -> None:
    market.facts.set("calls_per_second", 0)
    codes = codes_of(operation)
    for code in codes:
        market.faults.one_shot(operation, f"reject:{code}")
    assert [us.code("POST", path, None, {}) for _ in codes] == codes
    assert market.books.ledger() == []


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("shipping_document", f"{F}/packages/1/shipping_documents"),
        ("handover_time_slots", f"{F}/packages/1/handover_time_slots"),
        ("split_attributes", f"{F}/orders/split_attributes"),
        ("search_combinable", f"{F}/combinable_packages/search"),
        ("order_tracking", f"{F}/orders/1/tracking"),
        ("warehouses", "/logistics/202309/warehouses"),
        ("shipping_providers", "/logistics/202309/delivery_options/1/shipping_providers"),
    ],
)
def test_every_refusal_of_a_read(market: Market, us: Caller, operation: str, path: str) -> None:
    market.facts.set("calls_per_second", 0)
    codes = codes_of(operation)
    for code in codes:
        market.faults.one_shot(operation, f"reject:{code}")
    assert [us.code("GET", path, LABEL) for _ in codes] == codes


def test_the_codes_of_facts_are_codes() -> None:
    for row in TABLE.values():
        if row.key.endswith("_code"):
            assert {row.value, *row.others} <= set(ERRORS), row.key


@pytest.mark.parametrize("seconds", [120, 900])
def test_how_slow_a_slow_label_is(market: Market, us: Caller, seconds: int) -> None:
    market.facts.set("slow_label_seconds", seconds)
    market.faults.one_shot("create_packages", "slow_label")
    id = buy(us, ready(market, US)[0])
    later(market, seconds - 5)
    asked = f"{F}/packages/{id}/shipping_documents"
    assert us.code("GET", asked, LABEL) == 11034037
    later(market, 10)
    assert us.code("GET", asked, LABEL) == 0


def test_a_timeout_after_the_effect_has_the_effect(market: Market, us: Caller) -> None:
    at_once(market)
    (one,) = ready(market, US)
    market.faults.one_shot("create_packages", "timeout_after_effect")
    with pytest.raises(Exception, match="never answered"):
        buy(us, one)
    assert len(market.books.ledger(what="label_bought")) == 1
    market.faults.one_shot("create_packages", "timeout_before_effect")
    (two,) = ready(market, US)
    with pytest.raises(Exception, match="never answered"):
        buy(us, two)
    assert order(market, US, two)["status"] == "AWAITING_SHIPMENT"
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == 21022025


def test_a_refusal_leaves_nothing_behind(market: Market, us: Caller) -> None:
    """Buying for orders of which the last may not be shipped buys for none."""
    one, two = ready(market, US, 2)
    market.books.put("order", US, two | {"status": "ON_HOLD"})
    body = {"ship_type": "3", "order_list_ids": [one["id"], two["id"]]}
    assert us.code("POST", "/fulfillment/202512/packages", None, body) == 21011044
    assert order(market, US, one) == one
    assert market.books.ledger() == []
    assert market.books.find("package", US) == []
    assert ship(us, "1") == 21011005


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("packages", {"order_id": ["1"]}),
        ("packages", {"order_id": 1}),
        ("packages", {"order_id": "#", "order_line_item_ids": "1"}),
        ("packages", {"order_id": "#", "order_line_item_ids": [1]}),
        ("packages", {"order_id": "#", "weight": "heavy"}),
        ("packages", {"order_id": "#", "weight": {"value": {}, "unit": "GRAM"}}),
        ("packages", {"order_id": "#", "weight": {"value": "1", "unit": []}}),
        ("packages", {"order_id": "#", "dimension": [1, 2, 3]}),
        ("packages/ship", {"packages": {"id": "1"}}),
        ("packages/ship", {"packages": ["1"]}),
        ("orders/#/split", {"splittable_groups": ["1"]}),
        ("orders/#/split", {"splittable_groups_v2": [{"id": 1, "order_line_list": ["x"]}]}),
        ("packages/combine", {"combinable_packages": "all"}),
    ],
)
def test_bodies_of_odd_types_are_refused(
    market: Market, us: Caller, path: str, body: dict[str, object]
) -> None:
    (one,) = ready(market, US)
    given = {name: one["id"] if value == "#" else value for name, value in body.items()}
    assert us.code("POST", f"{F}/{path.replace('#', one['id'])}", None, given) == 36009010
    assert order(market, US, one) == one
