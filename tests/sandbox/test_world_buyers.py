"""Buyers place, pay, cancel and move; orders have believable shapes."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from sandbox import shops, verbs
from sandbox.kinds import UNTOLD, Doc
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from sandbox.verbs import CannotDo
from sandbox.world.placing import SHAPES, shapes_of
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.fill import MAY
from tests.sandbox.lives import DAY, HOUR, do, noted, order, pass_, placed, ready, ship, told

WEBHOOK = {"address": "https://desk.example/hooks"}


def whole(doc: Doc) -> Decimal:
    return sum((Decimal(line["sale_price"]) for line in doc["line_items"]), Decimal(0))


@pytest.mark.parametrize("region", ["US", "GB", "TH", "VN", "MY", "SG", "PH", "ID", "DE"])
def test_every_shape_in_every_market(market: Market, region: str) -> None:
    shop = shops.add_shop(market.books, {"id": "7", "name": "Anywhere", "region": region}).id
    caller = authorised(market, shop)
    market.clock.hold(MAY)
    made = {
        shape: order(market, shop, do(market, "place", shop, shape=shape, seed="3")["order_id"])
        for shape in shapes_of(region)
    }
    pass_(market, HOUR)
    found = caller.data(
        "GET", "/order/202309/orders", {"ids": ",".join(one["id"] for one in made.values())}
    )
    assert len(found["orders"]) == len(made)
    for shape, one in made.items():
        payment = one["payment"]
        assert Decimal(payment["sub_total"]) == whole(one)
        parts = (Decimal(payment[name]) for name in ("sub_total", "shipping_fee", "tax"))
        assert Decimal(payment["total_amount"]) == sum(parts)
        assert one["shipping_due_time"] > one["rts_sla_time"] >= one["create_time"], shape
        assert one[UNTOLD]["address"]["region_code"] == region
    skus = [len({line["sku_id"] for line in made[name]["line_items"]}) for name in made]
    units = [len(made[name]["line_items"]) for name in made]
    assert max(skus) > 1
    assert any(unit > sku for unit, sku in zip(units, skus, strict=True))
    assert ("cod" in made) == (region in ("TH", "VN", "MY", "SG", "PH", "ID"))
    assert made["sample"]["payment"]["total_amount"] == "0"
    assert made["seller"]["shipping_type"] == "SELLER"
    assert made["platform"]["fulfillment_type"] == "FULFILLMENT_BY_TIKTOK"


def test_the_same_seed_places_the_same(market: Market) -> None:
    market.clock.hold(MAY)
    ids = [do(market, "place", US, seed="9", count="5")["order_id"] for _ in range(2)]
    first, second = (order(market, US, id) for id in ids)
    assert first["line_items"][0]["seller_sku"] == second["line_items"][0]["seller_sku"]
    assert first[UNTOLD]["address"] == second[UNTOLD]["address"]
    assert len(market.books.find("order", US)) == 10
    with pytest.raises(CannotDo):
        do(market, "place", US, shape="nonsense")


def test_paid_after_a_while(market: Market) -> None:
    made = placed(market, US, paid="no")
    assert (made["status"], made.get("paid_time")) == ("UNPAID", None)
    assert made["recipient_address"]["name"] == ""
    pass_(market, HOUR)
    do(market, "pay", US, order_id=made["id"])
    now = order(market, US, made["id"])
    assert (now["status"], now["is_on_hold_order"]) == ("ON_HOLD", True)
    assert now["paid_time"] == made["create_time"] + HOUR
    assert now["recipient_address"]["name"] == ""
    with pytest.raises(CannotDo):
        do(market, "pay", US, order_id=made["id"])


@pytest.mark.parametrize("exists", [True, False])
def test_whether_there_is_a_hold(market: Market, exists: bool) -> None:
    market.facts.set("on_hold_exists", exists)
    made = placed(market, US)
    assert made["status"] == ("ON_HOLD" if exists else "AWAITING_SHIPMENT")
    assert made["is_on_hold_order"] == exists
    pass_(market, HOUR)
    assert order(market, US, made["id"])["status"] == "AWAITING_SHIPMENT"


@pytest.mark.parametrize("exists", [True, False])
def test_a_pre_order_is_held_until_its_release(market: Market, exists: bool) -> None:
    market.facts.set("on_hold_exists", exists)
    made = placed(market, US, "pre_order")
    assert made["rts_sla_time"] > made["release_date"] > made["create_time"] + 2 * DAY
    market.clock.hold(made["release_date"] - 1)
    market.tick()
    assert order(market, US, made["id"])["status"] == "ON_HOLD"
    pass_(market, 1)
    assert order(market, US, made["id"])["status"] == "AWAITING_SHIPMENT"


@pytest.mark.parametrize("when", ["confirmed", "delivered"])
def test_cash_on_delivery(market: Market, th: Caller, when: str) -> None:
    market.facts.set("cod_paid_time", when)
    made = ready(market, TH, "cod")
    assert ("paid_time" in made) == (when == "confirmed")
    ship(market, th, TH, made)
    do(market, "collect", TH, order_id=made["id"])
    pass_(market, DAY)
    do(market, "deliver", TH, order_id=made["id"])
    now = order(market, TH, made["id"])
    assert now["paid_time"] == (MAY if when == "confirmed" else now["delivery_time"])


def test_packages_are_there_from_payment_but_in_the_us(market: Market) -> None:
    for shop, count in ((US, 0), (TH, 1), (GB, 1)):
        made = placed(market, shop)
        assert len(made["packages"]) == count
    [package] = market.books.find("package", GB)
    assert package["recipient_address"]["full_address"] == ""
    pass_(market, HOUR)
    [package] = market.books.find("package", GB)
    assert package["recipient_address"]["full_address"]


def test_cancelled_before_payment(market: Market, us: Caller) -> None:
    made = placed(market, US, paid="no")
    do(market, "buyer_cancels", US, order_id=made["id"])
    assert order(market, US, made["id"])["status"] == "CANCELLED"
    [case] = market.books.find("cancellation", US)
    assert case["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert case["refund_amount"]["refund_total"] == "0"
    pass_(market, DAY)
    assert noted(market, "refunded") == 0


def test_a_withdrawn_request(market: Market) -> None:
    made = ready(market, US)
    do(market, "buyer_cancels", US, order_id=made["id"])
    with pytest.raises(CannotDo):
        do(market, "buyer_cancels", US, order_id=made["id"])
    do(market, "buyer_withdraws", US, order_id=made["id"])
    now = order(market, US, made["id"])
    assert (now["status"], now["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", False)
    pass_(market, 2 * DAY)
    assert order(market, US, made["id"])["status"] == "AWAITING_SHIPMENT"
    assert noted(market, "cancel_withdrawn") == 1


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("numbered", [False, True])
def test_a_changed_address(market: Market, gb: Caller, moves: bool, numbered: bool) -> None:
    market.facts.set("update_time_moves_on_address", moves)
    market.facts.set("tts_notification_id_in_type_3", numbered)
    market.facts.set("masked_4pl_addresses", False)
    wanted = WEBHOOK | {"event_type": "RECIPIENT_ADDRESS_UPDATE"}
    gb.data("PUT", "/event/202309/webhooks", None, wanted)
    made = ready(market, GB)
    pass_(market, 60)
    do(market, "change_address", GB, order_id=made["id"], seed="5")
    [now] = gb.data("GET", "/order/202309/orders", {"ids": made["id"]})["orders"]
    assert now["recipient_address"] != made["recipient_address"]
    assert now["has_updated_recipient_address"]
    assert now["update_time"] == made["update_time"] + (60 if moves else 0)
    package = gb.data("GET", f"/fulfillment/202309/packages/{now['packages'][0]['id']}")
    assert package["recipient_address"] == now["recipient_address"]
    [hook] = [json.loads(text) for text in told(market, 3)]
    assert hook["data"]["order_id"] == made["id"]
    assert ("tts_notification_id" in hook) == numbered
    ship(market, gb, GB, now)
    with pytest.raises(CannotDo):
        do(market, "change_address", GB, order_id=made["id"])


def test_who_moves_leaves_a_shared_package(market: Market, gb: Caller) -> None:
    first, second, third = (ready(market, GB) for _ in range(3))
    for one in (first, second, third):
        one[UNTOLD]["address"] = first[UNTOLD]["address"] | {"name": "Ada Marlowe"}
        one["user_id"] = first["user_id"]
        market.books.put("order", GB, one)
    group = {"id": "g", "order_ids": [one["id"] for one in (first, second, third)]}
    path = "/fulfillment/202309/packages/combine"
    assert not gb.data("POST", path, None, {"combinable_packages": [group]})["errors"]
    do(market, "change_address", GB, order_id=first["id"], seed="5")
    [here], [there], [too] = (
        order(market, GB, one["id"])["packages"] for one in (first, second, third)
    )
    assert here != there == too


def test_verbs_draw_something_that_fits(market: Market) -> None:
    """Without an id."""
    with pytest.raises(CannotDo):
        do(market, "buyer_cancels", US)
    made = ready(market, US)
    assert do(market, "buyer_cancels", US)["order_id"] == made["id"]
    with pytest.raises(LookupError):
        do(market, "pay", US, order_id="1")
    assert {"place", "pay", "collect", "deliver", "step_back", "live"} <= set(verbs.VERBS)
    assert len(SHAPES) == len(set(shapes_of("TH")) | set(shapes_of("US")))
