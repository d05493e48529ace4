"""Splitting and combining before shipping: by market, with new package ids and their webhooks."""

from __future__ import annotations

import json

import pytest

from sandbox import shops
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.shipping import F, at_once, buy, lines, order, package_id, ready, ship

COMBINABLE = f"{F}/combinable_packages/search"


def split(caller: Caller, one: Doc, *groups: list[str]) -> list[Doc]:
    body = {
        "splittable_groups": [
            {"id": str(number), "order_line_item_ids": ids} for number, ids in enumerate(groups, 1)
        ]
    }
    data = caller.data("POST", f"{F}/orders/{one['id']}/split", None, body)
    return list(data["packages"])


def split_code(caller: Caller, one: Doc, *groups: list[str]) -> int:
    body = {"splittable_groups": [{"id": "g", "order_line_item_ids": ids} for ids in groups]}
    return caller.code("POST", f"{F}/orders/{one['id']}/split", None, body)


def attributes(caller: Caller, *orders: Doc) -> list[Doc]:
    asked = {"order_ids": ",".join(one["id"] for one in orders)}
    return list(caller.data("GET", f"{F}/orders/split_attributes", asked)["split_attributes"])


def events(market: Market, shop: str) -> list[Doc]:
    return [json.loads(hook["text"])["data"] for hook in market.books.find("hook", shop)]


def listen(caller: Caller) -> None:
    body = {"event_type": "PACKAGE_UPDATE", "address": "https://desk.example.com/hook"}
    caller.data("PUT", "/event/202309/webhooks", None, body)


def test_a_split_by_unit(market: Market, gb: Caller) -> None:
    listen(gb)
    (one,) = ready(market, GB)
    old = package_id(one)
    made = split(gb, one, lines(one, 0), lines(one, 1))
    assert [part["splittable_group_id"] for part in made] == ["1", "2", ""]
    after = order(market, GB, one)
    ids = [part["id"] for part in made]
    assert [part["id"] for part in after["packages"]] == ids
    assert [line["package_id"] for line in after["line_items"]] == ids
    assert old not in ids
    assert after["split_or_combine_tag"] == "SPLIT"
    assert gb.data("GET", f"{F}/packages/{old}")["package_status"] == "CANCELLED"
    assert gb.data("GET", f"{F}/packages/{ids[0]}")["split_and_combine_tag"] == "SPLIT"
    (told,) = events(market, GB)
    assert told["sc_type"] == "SPLIT"
    assert [part["package_id"] for part in told["package_list"]] == ids
    assert ship(gb, old) == 21011041
    assert [ship(gb, id) for id in ids] == [0, 0, 0]
    assert order(market, GB, one)["status"] == "AWAITING_COLLECTION"


@pytest.mark.parametrize("by", ["fact", "fault", "neither"])
def test_whether_the_first_part_keeps_its_id(market: Market, gb: Caller, by: str) -> None:
    market.facts.set("split_renames_all", by == "fact")
    if by == "fault":
        market.faults.one_shot("split_order", "package_id_changes_on_split")
    (one,) = ready(market, GB)
    made = split(gb, one, lines(one, 0))
    assert (made[0]["id"] == package_id(one)) is (by == "neither")
    assert made[1]["id"] != package_id(one)


def test_sea_splits_whole_skus(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    assert split_code(th, one, lines(one, 0)) == 21011035
    assert len(split(th, one, lines(one, 2))) == 2


def test_mexico_splits_by_unit_from_abroad_only(market: Market) -> None:
    for number, kind, code in ((7, "LOCAL", 21011035), (8, "CROSS_BORDER", 0)):
        id = f"749500000000000000{number}"
        shop = {"id": id, "name": "Casa", "region": "MX", "seller_type": kind}
        shops.add_shop(market.books, shop)
        (one,) = ready(market, id)
        assert split_code(authorised(market, id), one, lines(one, 0)) == code


def test_splits_that_cannot_be(market: Market, gb: Caller) -> None:
    (one,) = ready(market, GB)
    assert split_code(gb, one, lines(one, 0, 1, 2)) == 21011036
    assert split_code(gb, one, lines(one, 0), lines(one, 0, 1)) == 36009010
    assert split_code(gb, one, ["1"]) == 21011031
    ship(gb, package_id(one))
    assert split_code(gb, one, lines(one, 0)) == 21011035
    assert attributes(gb, one)[0]["can_split"] is False


def test_the_newer_groups(market: Market, gb: Caller) -> None:
    (one,) = ready(market, GB)
    line = [{"order_line_id": lines(one, 0)[0]}]
    body = {"splittable_groups_v2": [{"id": "a", "order_line_list": line}]}
    data = gb.data("POST", f"{F}/orders/{one['id']}/split", None, body)
    assert [part["splittable_group_id"] for part in data["packages"]] == ["a", ""]


def test_what_must_be_split(market: Market, us: Caller) -> None:
    one, two = ready(market, US, 2)
    one["line_items"][0]["is_dangerous_good"] = True
    market.books.put("order", US, one)
    first, second = attributes(us, one, two)
    assert (first["can_split"], first["must_split"]) == (True, True)
    assert first["must_split_reasons"][0]["type"] == "CATEGORY_ITEM_LIMITATION"
    assert (second["can_split"], second["must_split"]) == (True, False)
    asked = {"order_ids": ",".join(["1"] * 51)}
    assert us.code("GET", f"{F}/orders/split_attributes", asked) == 36009023


@pytest.mark.parametrize(("most", "code"), [(100, 0), (5, 11021018)])
def test_many_units(market: Market, us: Caller, most: int, code: int) -> None:
    market.facts.set("most_units_in_package", most)
    (one,) = ready(market, US)
    one["line_items"] = [
        one["line_items"][0] | {"id": f"{one['id']}{number:02}"} for number in range(6)
    ]
    market.books.put("order", US, one)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == code
    if code:
        assert attributes(us, one)[0]["must_split_reasons"][0]["max_count"] == "5"


def combine(caller: Caller, *groups: list[str]) -> Doc:
    body = {"combinable_packages": [{"id": f"g{n}", "order_ids": g} for n, g in enumerate(groups)]}
    return dict(caller.data("POST", f"{F}/packages/combine", None, body))


def test_orders_of_one_recipient_are_combined_and_parted(market: Market, th: Caller) -> None:
    listen(th)
    one, two, three = ready(market, TH, 3)
    (stranger,) = ready(market, TH, address={"name": "Alma Brook"})
    (group,) = th.data("GET", COMBINABLE, {"page_size": "1"})["combinable_packages"]
    ids = [doc["id"] for doc in (one, two, three)]
    assert group["order_ids"] == ids
    data = combine(th, ids[:2], [ids[2], stranger["id"]])
    (made,) = data["packages"]
    assert made["order_ids"] == ids[:2]
    assert [(e["code"], e["detail"]["package_id"]) for e in data["errors"]] == [(21011033, "g1")]
    after = order(market, TH, one)
    assert after["packages"] == [{"id": made["id"]}]
    assert after["split_or_combine_tag"] == "COMBINED"
    assert split_code(th, after, lines(after, 0, 1)) == 21011033
    path = f"{F}/packages/{made['id']}/uncombine"
    parted = th.data("POST", path, None, {})["packages"]
    assert [part["order_ids"] for part in parted] == [[ids[0]], [ids[1]]]
    assert th.code("POST", path, None, {}) == 21011046
    assert [told["sc_type"] for told in events(market, TH)] == ["COMBINE", "CANCEL_COMBINE"]
    assert ship(th, parted[0]["id"]) == 0


def test_a_combined_package_ships_all_its_orders(market: Market, th: Caller) -> None:
    at_once(market)
    made = ready(market, TH, 3)
    (package,) = combine(th, [one["id"] for one in made])["packages"]
    assert ship(th, package["id"]) == 0
    assert {order(market, TH, one)["status"] for one in made} == {"AWAITING_COLLECTION"}
    assert len(market.books.ledger(what="label_bought")) == 1


def test_one_order_leaves_a_combined_package(market: Market, th: Caller) -> None:
    ids = [one["id"] for one in ready(market, TH, 3)]
    (package,) = combine(th, ids)["packages"]
    path = f"{F}/packages/{package['id']}/uncombine"
    assert th.code("POST", path, None, {"order_ids": ["1"]}) == 21011031
    parted = th.data("POST", path, None, {"order_ids": [ids[0]]})["packages"]
    assert [part["order_ids"] for part in parted] == [[ids[0]], ids[1:]]


def test_what_cannot_be_combined(market: Market, th: Caller, us: Caller) -> None:
    one, two = ready(market, TH, 2)
    assert combine(th, [one["id"]])["errors"][0]["code"] == 36009023
    ship(th, package_id(one))
    assert combine(th, [one["id"], two["id"]])["errors"][0]["code"] == 21011046
    assert th.code("POST", f"{F}/packages/{package_id(two)}/uncombine", None, {}) == 21011036
    first, second = ready(market, US, 2)
    assert combine(us, [first["id"], second["id"]])["errors"][0]["code"] == 21011046
    assert th.data("GET", COMBINABLE)["combinable_packages"] == []
    assert th.code("GET", COMBINABLE, {"page_token": "x"}) == 36009010


def test_combinable_packages_come_in_pages(market: Market, th: Caller) -> None:
    for name in ("Alma Brook", "Noor Vale", "Ines Calder"):
        ready(market, TH, 2, address={"name": name})
    first = th.data("GET", COMBINABLE, {"page_size": "2"})
    assert (len(first["combinable_packages"]), first["total_count"]) == (2, 3)
    rest = th.data("GET", COMBINABLE, {"page_size": "2", "page_token": first["next_page_token"]})
    assert (len(rest["combinable_packages"]), rest["next_page_token"]) == (1, "")


@pytest.mark.parametrize("moves", [True, False])
def test_whether_a_split_moves_the_update_time(market: Market, gb: Caller, moves: bool) -> None:
    market.facts.set("update_time_moves_on_packages", moves)
    (one,) = ready(market, GB)
    split(gb, one, lines(one, 0))
    assert (order(market, GB, one)["update_time"] > one["update_time"]) is moves


def test_the_us_splits_by_buying_parts(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    made = split(us, one, lines(one, 0), lines(one, 1, 2))
    after = order(market, US, one)
    assert [part["id"] for part in after["packages"]] == [part["id"] for part in made]
    assert buy(us, one, order_line_item_ids=lines(one, 0)) == made[0]["id"]
