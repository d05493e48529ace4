"""The sandbox's own books of labels that were paid for, why labels are rejected until somebody
mends it, and what makes one stale.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from sandbox.market import Market
from sandbox.testing import Caller, double_labels, label_purchases
from sandbox.verbs import CannotDo
from tests.sandbox.conftest import TH, US
from tests.sandbox.fill import place
from tests.sandbox.lives import cancellations, do
from tests.sandbox.lives import order as order_of
from tests.sandbox.shipping import F, at_once, buy, lines, order, package_id, ready, ship

BUY = f"{F}/packages"


def code(us: Caller, doc: dict[str, object], **more: object) -> int:
    return us.code("POST", BUY, None, {"order_id": doc["id"], **more})


def side(cm: int) -> dict[str, object]:
    return {"dimension": dict.fromkeys(("length", "width", "height"), str(cm)) | {"unit": "CM"}}


def test_purchases_tell_their_units_and_price(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    first = buy(us, one, order_line_item_ids=lines(one, 0))
    buy(us, one, order_line_item_ids=lines(one, 1, 2))
    bought = label_purchases(market)
    assert [each.units for each in bought] == [tuple(lines(one, 0)), tuple(lines(one, 1, 2))]
    assert (bought[0].package_id, bought[0].service) == (first, "Gull Ground")
    assert bought[0].price == Decimal("5.05")
    assert all(each.is_live for each in bought)
    assert label_purchases(market, TH) == double_labels(market) == []


def test_a_label_of_the_same_units_is_a_double(market: Market, us: Caller) -> None:
    market.facts.set("create_packages_twice", "bought again")
    (one,) = ready(market, US)
    buy(us, one)
    again = buy(us, one)
    assert [each.package_id for each in double_labels(market)] == [again]
    told = us.http.get("/control/api/double_labels").json()["labels"]
    assert [(each["package_id"], each["price"]) for each in told] == [(again, "5.05")]
    assert len(us.http.get("/control/api/label_purchases").json()["labels"]) == 2
    page = us.http.get("/control/").text
    assert "2 labels bought, 1 of them twice" in page
    assert "2 shipments, 1 of them twice" in page


def test_what_the_platform_took_back_may_be_bought_again(market: Market, us: Caller) -> None:
    at_once(market)
    (one,) = ready(market, US)
    buy(us, one)
    do(market, "step_back", US, order_id=one["id"])
    now = order(market, US, one)
    assert now["status"] == "AWAITING_SHIPMENT"
    buy(us, now)
    first, second = label_purchases(market)
    assert (first.is_live, second.is_live) == (False, True)
    assert double_labels(market) == []


@pytest.mark.parametrize("wrong", [11021014, 11021017, 11021019, 11021020, 11021022])
def test_too_big_until_a_smaller_size_comes(market: Market, us: Caller, wrong: int) -> None:
    one, other = ready(market, US, 2)
    do(market, "reject_label", US, order_id=one["id"], code=wrong, most=30)
    assert [code(us, one), code(us, one, **side(31)), code(us, other)] == [wrong, wrong, 0]
    asked = f"{F}/orders/{one['id']}/shipping_services/query"
    assert us.code("POST", asked, None, side(31)) == wrong
    assert us.code("POST", asked, None, side(30)) == 0
    assert code(us, one, **side(30)) == 0
    assert len(label_purchases(market)) == 2


def test_too_heavy_until_lighter_or_split(market: Market, us: Caller) -> None:
    one, other = ready(market, US, 2)
    do(market, "reject_label", US, sku="MUG-02", code=11021015)
    heavy = {"weight": {"value": "1001", "unit": "GRAM"}}
    assert code(us, one, **heavy) == 11021015
    assert code(us, one, weight={"value": "1000", "unit": "GRAM"}) == 0
    assert code(us, other, order_line_item_ids=lines(other, 2), **heavy) == 0


@pytest.mark.parametrize("by_sku", [True, False])
def test_the_address_until_the_buyer_edits_it(market: Market, th: Caller, by_sku: bool) -> None:
    (one,) = ready(market, TH)
    target = {"sku": "MUG-01"} if by_sku else {"order_id": one["id"]}
    do(market, "reject_label", TH, code=11021010, **target)
    assert [ship(th, package_id(one)) for _ in range(3)] == [11021010] * 3
    do(market, "change_address", TH, order_id=one["id"])
    assert ship(th, package_id(order(market, TH, one))) == 0


def test_the_carrier_fails_so_many_times(market: Market, th: Caller) -> None:
    one, other = ready(market, TH, 2)
    do(market, "reject_label", TH, order_id=one["id"], code=21042067, times=2)
    do(market, "reject_label", TH, order_id=other["id"], code=21004024)
    assert [ship(th, package_id(one)) for _ in range(3)] == [21042067, 21042067, 0]
    assert [ship(th, package_id(other)) for _ in range(2)] == [21004024, 0]


def test_another_service_a_slot_or_a_split(market: Market, us: Caller, th: Caller) -> None:
    (one,), (two,) = ready(market, US), ready(market, TH)
    do(market, "reject_label", US, order_id=one["id"], code=11021009)
    assert code(us, one) == 11021009
    assert code(us, one, shipping_service_id="7208000000000000002") == 0
    do(market, "reject_label", TH, order_id=two["id"], code=21011054)
    assert ship(th, package_id(two)) == 21011054
    assert ship(th, package_id(two), handover_method="DROP_OFF") == 0
    (three,) = ready(market, US)
    do(market, "reject_label", US, order_id=three["id"], code=11006014)
    assert code(us, three) == 11006014
    assert code(us, three, order_line_item_ids=lines(three, 0)) == 0


def test_somebody_takes_the_obstacle_away(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    do(market, "reject_label", US, order_id=one["id"], code=11021025, times=99)
    assert code(us, one) == 11021025
    assert "11021025 for" in us.http.get("/control/").text
    assert do(market, "mend_label", US, order_id=one["id"]) == {"mended": 1}
    assert code(us, one) == 0
    with pytest.raises(CannotDo, match="no code"):
        do(market, "reject_label", US, order_id=one["id"], code=1)
    with pytest.raises(CannotDo, match="Name an order"):
        do(market, "reject_label", US, code=11021025)


def test_the_buyer_moves_after_the_label(market: Market, us: Caller) -> None:
    at_once(market)
    (one,) = ready(market, US)
    id = buy(us, one)
    us.data(
        "PUT",
        "/event/202309/webhooks",
        body={"event_type": "RECIPIENT_ADDRESS_UPDATE", "address": "https://d.example.com/"},
    )
    before = market.books.need("package", US, id)["recipient_address"]
    do(market, "change_address_after_label", US, order_id=one["id"])
    assert order(market, US, one)["_"]["address"] != one["_"]["address"]
    assert market.books.need("package", US, id)["recipient_address"] == before
    told = [json for json in market.books.find("hook", US) if f'"{one["id"]}"' in str(json)]
    assert told


def test_a_part_is_canceled_after_the_label(market: Market, th: Caller) -> None:
    at_once(market)
    (one,) = ready(market, TH)
    id = package_id(one)
    assert ship(th, id) == 0
    came = do(market, "cancel_part_after_label", TH, order_id=one["id"])
    package = market.books.need("package", TH, id)
    assert (package["package_status"], package["order_line_item_ids"]) == (
        "PROCESSING",
        lines(one, 0, 1),
    )
    assert came["line"] == lines(one, 2)[0]
    assert [case["cancel_id"] for case in cancellations(th)] == [came["cancel_id"]]
    assert label_purchases(market)[0].is_live
    do(market, "cancel_part_after_label", TH, order_id=one["id"])
    with pytest.raises(CannotDo):
        do(market, "cancel_part_after_label", TH, order_id=one["id"])


@pytest.mark.parametrize("parts", [True, False])
def test_the_others_go_alone_when_one_of_them_is_canceled(
    market: Market, th: Caller, parts: bool
) -> None:
    market.facts.set("cancel_uncombines", parts)
    one, two = ready(market, TH, 2)
    group = {"id": package_id(one), "order_ids": [one["id"], two["id"]]}
    data = th.data("POST", f"{F}/packages/combine", None, {"combinable_packages": [group]})
    together = data["packages"][0]["id"]
    reason = {"order_id": one["id"], "cancel_reason": "seller_cancel_reason_out_of_stock"}
    th.data("POST", "/return_refund/202309/cancellations", None, reason)
    left = order_of(market, TH, two["id"])
    assert (package_id(left) != together) == parts
    package = market.books.need("package", TH, package_id(left))
    assert package["order_line_item_ids"] == lines(two, 0, 1, 2)
    assert [each["id"] for each in package["orders"]] == [two["id"]]
    assert ship(th, package_id(left)) == 0


def test_nothing_is_bought_of_what_is_not_paid(market: Market, us: Caller) -> None:
    (one,) = place(market, US, 1, status="UNPAID")
    assert code(us, one) == 21042057
    assert label_purchases(market) == []
