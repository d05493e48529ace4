"""Faults: each strikes as it says, at its rate, the same for a seed; and the table of switches."""

from __future__ import annotations

import httpx
import pytest

from sandbox import verbs
from sandbox.errors import ERRORS, codes_of, words
from sandbox.facts import TABLE, UnknownFact, settings, switches
from sandbox.faults import CALL, HOOK, VIEW, Faults, UnknownFault
from sandbox.market import Market
from sandbox.testing import Caller
from sandbox.verbs import CannotDo
from tests.sandbox.conftest import US
from tests.sandbox.fill import place

SEARCH = "/order/202309/orders/search"
HOOKS = "/event/202309/webhooks"
WANT = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://desk.example.com/hook"}


def subscribed(us: Caller) -> bool:
    return bool(us.market.books.find("subscription", US))


def test_rates_are_the_same_for_a_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.switch("http_429", 0.3)
        return [faults.strikes("http_429", "search_orders") for _ in range(1000)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 240 < sum(drawn(1)) < 360


def test_a_fault_of_one_operation_leaves_the_others_alone(us: Caller) -> None:
    us.market.faults.switch("http_503", 1, "webhooks")
    assert us.send("GET", HOOKS).status_code == 503
    assert us.send("POST", SEARCH, body={}).status_code == 200
    us.market.faults.switch("http_503", 0, "webhooks")
    assert us.send("GET", HOOKS).status_code == 200


def test_one_shots_strike_once_each(us: Caller) -> None:
    us.market.faults.one_shot("search_orders", "http_429", 2)
    codes = [us.code("POST", SEARCH, body={}) for _ in range(3)]
    assert codes == [36009002, 36009002, 0]
    assert us.market.faults.struck() == {"http_429": 2}


def test_a_time_out_before_the_effect_does_nothing(us: Caller) -> None:
    us.market.faults.one_shot("update_webhook", "timeout_before_effect")
    with pytest.raises(httpx.ReadTimeout):
        us.send("PUT", HOOKS, body=WANT)
    assert not subscribed(us)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout_after_effect", httpx.ReadTimeout),
        ("reset_mid_body", httpx.RemoteProtocolError),
    ],
)
def test_it_was_done_although_no_answer_came(
    us: Caller, fault: str, error: type[Exception]
) -> None:
    us.market.faults.one_shot("update_webhook", fault)
    with pytest.raises(error):
        us.send("PUT", HOOKS, body=WANT)
    assert subscribed(us)
    us.market.record.clear()


def test_null_data_after_the_effect(us: Caller) -> None:
    us.market.faults.one_shot("update_webhook", "null_data")
    assert us.data("PUT", HOOKS, body=WANT) is None
    assert subscribed(us)


@pytest.mark.parametrize("null", [False, True])
def test_success_with_nothing_to_tell(us: Caller, null: bool) -> None:
    us.market.facts.set("null_data_on_success", null)
    assert us.data("PUT", HOOKS, body=WANT) == (None if null else {})


@pytest.mark.parametrize("http", [200, 400])
def test_a_rejection_has_its_code_and_words(us: Caller, http: int) -> None:
    us.market.facts.set("refusals_http", http)
    us.market.faults.one_shot("update_webhook", "reject:25001028")
    answer = us.send("PUT", HOOKS, body=WANT)
    assert answer.status_code == http
    assert (answer.json()["code"], answer.json()["message"]) == (25001028, words(25001028))
    assert not subscribed(us)


def test_rejections_have_rates_too(us: Caller) -> None:
    us.market.faults.switch("reject:21011003", 1, "search_orders")
    assert us.code("POST", SEARCH, body={}) == 21011003
    assert us.code("GET", HOOKS) == 0


def test_a_token_that_expired_stays_so(us: Caller) -> None:
    us.market.faults.one_shot("search_orders", "token_expired")
    assert [us.code("POST", SEARCH, body={}) for _ in range(2)] == [105002, 105002]


def test_masked_addresses(market: Market, us: Caller) -> None:
    place(market, US, 2)
    market.faults.one_shot("search_orders", "masked_address")
    names = [
        [
            order["recipient_address"]["name"]
            for order in us.data("POST", SEARCH, None, {})["orders"]
        ]
        for _ in range(2)
    ]
    assert names == [["R****", "R****"], ["Rowan Ashby", "Rowan Ashby"]]


@pytest.mark.parametrize("fault", ["nonsense", "reject:", "reject:1", "reject:x", "36009002"])
def test_a_fault_that_is_none(fault: str) -> None:
    with pytest.raises(UnknownFault):
        Faults().switch(fault, 1)


def test_every_code_can_be_rejected_with() -> None:
    faults = Faults()
    for code in ERRORS:
        faults.one_shot("ship_package", f"reject:{code}")
    assert 21021010 in codes_of("ship_package")
    assert 21021010 in codes_of("shipping_document")
    assert 11034037 not in codes_of("ship_package")
    assert not set(CALL) & set(VIEW) & set(HOOK)


def test_every_inferred_or_conflicting_fact_is_a_switch(market: Market) -> None:
    held = {row.key for row in switches()}
    doubtful = {row.key for row in TABLE.values() if row.trust.value in "IC"}
    assert doubtful <= held
    for key, other in settings():
        market.facts.set(key, other)
        assert market.facts.value(key) == other
    market.facts.reset()
    assert all(market.facts.value(key) == row.value for key, row in TABLE.items())


@pytest.mark.parametrize(("key", "value"), [("nonsense", True), ("refusals_http", 500)])
def test_a_fact_has_no_other_values(market: Market, key: str, value: object) -> None:
    with pytest.raises(UnknownFact):
        market.facts.set(key, value)


def test_a_verb_that_is_none(market: Market) -> None:
    with pytest.raises(CannotDo):
        verbs.do(market, "nonsense", US)
