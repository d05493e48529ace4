"""A life from a seed: one thing at a time, or a few a minute; the books stay in order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from sandbox import life, shops
from sandbox.clock import Clock
from sandbox.facts import settings
from sandbox.kinds import Doc
from sandbox.market import Market, load_parts
from sandbox.testing import Caller, authorised
from sandbox.verbs import CannotDo
from sandbox.world import living
from sandbox.world.living import Event, live, step
from tests.sandbox.claims import decide
from tests.sandbox.conftest import SHOPS, TH, US
from tests.sandbox.fill import MAY
from tests.sandbox.lives import cancellations, do, returns

load_parts()
HOURS = 3600
#: Switches that concern whose turn it is, and how long; the rest is only how things are written.
TURNS = (
    "on_hold_exists",
    "refund_seconds",
    "cancel_response_hours",
    "partial_cancel_renames_package",
    "sea_buyers_cancel_before_collection",
    "uk_package_at_payment",
    "cod_paid_time",
    "unshipped_package_id",
)


def world(real: float = MAY) -> Market:
    market = Market(clock=Clock(real=lambda: real))
    market.clock.hold(MAY)
    market.facts.set("label_seconds", 0)
    market.facts.set("calls_per_second", 0)  # so as fast as the test can
    for id, name, region in SHOPS:
        place = {"id": f"9{id[1:]}", "name": name, "region": region}
        shops.add_shop(
            market.books, {"id": id, "name": name, "region": region, "warehouses": [place]}
        )
    return market


def days(market: Market, seed: int, count: int, callers: list[Caller]) -> Counter[str]:
    """So many things happen, and sellers do something now and then."""
    random, done = Random(seed), Counter[str]()
    for _ in range(count):
        done[step(market, random).verb] += 1
        market.clock.advance(random.randint(60, 2400))
        market.tick()
        if callers and random.random() < 0.6:
            sell(market, random, random.choice(callers))
    return done


def sell(market: Market, random: Random, caller: Caller) -> None:
    """The seller ships something, or answers somebody."""
    shop = next(one for one in shops.everyone(market.books) if one.cipher == caller.cipher)
    waiting = market.books.find("order", shop.id, status="AWAITING_SHIPMENT")
    for one in random.sample(waiting, min(2, len(waiting))):
        if one["packages"]:
            path = f"/fulfillment/202309/packages/{one['packages'][0]['id']}/ship"
            caller.code("POST", path, None, {})
        else:
            caller.code("POST", "/fulfillment/202309/packages", None, {"order_id": one["id"]})
    for case in returns(caller, return_status=["RETURN_OR_REFUND_REQUEST_PENDING"])[:1]:
        kind = case["return_type"].removesuffix("_AND_REFUND")
        decide(caller, case, random.choice((f"APPROVE_{kind}", f"REJECT_{kind}")))


def check(market: Market) -> None:
    """What is always true of the books."""
    packages = {one["package_id"]: one for one in market.books.find("package")}
    for order in market.books.find("order"):
        assert order["status"] == life.status_of(order)
        for line in order["line_items"]:
            assert (line["display_status"] == "CANCELLED") == bool(line.get("cancel_user"))
        if order["status"] == "CANCELLED":
            assert order["cancellation_initiator"]
            assert not order["packages"]
        for one in order["packages"]:
            package = packages[one["id"]]
            assert package["package_status"] != "CANCELLED"
            assert order["id"] in [each["id"] for each in package["orders"]]
    for case in market.books.find("cancellation", status="CANCELLATION_REQUEST_PENDING"):
        order = next(iter(market.books.find("order", id=case["order_id"])))
        assert order["is_buyer_request_cancel"]
        assert order["status"] != "CANCELLED"
    paid = Counter(
        entry.detail.get("cancel_id") or entry.detail["return_id"]
        for entry in market.books.ledger(what="refunded")
    )
    assert not paid or max(paid.values()) == 1


def all_of(market: Market) -> list[tuple[str, list[Doc]]]:
    return [(kind, market.books.find(kind)) for kind in ("order", "package", "cancellation")]


def test_the_same_seed_lives_the_same() -> None:
    first, second, other = world(), world(), world()
    done = [days(market, seed, 60, []) for market, seed in ((first, 4), (second, 4), (other, 5))]
    assert all_of(first) == all_of(second)
    assert done[0] == done[1] != done[2]


@pytest.mark.parametrize("seed", [1, 2])
def test_books_stay_in_order(market: Market, us: Caller, th: Caller, gb: Caller, seed: int) -> None:
    market.clock.hold(MAY)
    market.facts.set("label_seconds", 0)
    done = days(market, seed, 110, [us, th, gb])
    check(market)
    assert {"place", "pay", "collect", "deliver", "buyer_cancels"} <= set(done)
    for caller in (us, th, gb):
        caller.data("POST", "/order/202309/orders/search", {"page_size": "100"}, {})
        cancellations(caller)
        returns(caller)


@pytest.mark.parametrize(("key", "value"), [pair for pair in settings() if pair[0] in TURNS])
def test_books_stay_in_order_whatever_the_facts(key: str, value: object) -> None:
    market = world()
    market.facts.set(key, value)
    days(market, 3, 90, [authorised(market, id) for id, _, _ in SHOPS])
    check(market)
    market.close()


def test_every_verb_comes_about() -> None:
    """Of those that a seller has no part in."""
    market = world()
    done = days(market, 6, 380, [authorised(market, id) for id, _, _ in SHOPS])
    check(market)
    sellers = {"rule", "answer_offer", "dispute"}
    known = {name for _, name, _ in living.EVENTS}
    assert set(done) >= known - sellers


def test_a_step_in_one_shop(market: Market) -> None:
    market.clock.hold(MAY)
    events = [step(market, Random(number), TH) for number in range(20)]
    assert all(isinstance(one, Event) and one.shop == TH for one in events)
    assert not market.books.find("order", US)
    assert do(market, "anything", US, seed="1")["done"]
    with pytest.raises(CannotDo):
        step(Market(), Random(1))


def test_a_life_of_its_own(tmp_path: Path) -> None:
    at = [float(MAY)]
    market = Market(tmp_path, clock=Clock(real=lambda: at[0]))
    shops.add_shop(market.books, {"id": US, "name": "Harbor", "region": "US"})
    for _ in range(50):
        at[0] += 60
        market.tick()
    assert not market.books.ledger()
    live(market, 7, 4)
    for _ in range(60):
        at[0] += 60
        market.tick()
    acted = market.books.need("life", "", "life")["done"]
    assert 150 < acted < 350
    market.close()
    market = Market(tmp_path, clock=Clock(real=lambda: at[0]))
    at[0] += 10 * HOURS
    market.tick()
    assert market.books.need("life", "", "life")["done"] == acted + living.MOST_AT_ONCE
    do(market, "live", US, rate="0")
    at[0] += HOURS
    market.tick()
    assert market.books.get("life", "", "life") is None
    market.close()
