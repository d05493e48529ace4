"""Webhooks: wanted, signed, sent, and sent again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tiktok_shop_api import Webhooks

from sandbox import verbs
from sandbox.kinds import Doc
from sandbox.life import set_lines, settle
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import TH, US
from tests.sandbox.fill import place

PATH = "/event/202309/webhooks"
ADDRESS = "https://desk.example.com/hook"


class Desk:
    """Receives webhooks, answering each with the next of `answers`, then with 200."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []

    def __call__(self, url: str, headers: dict[str, str], body: bytes, seconds: float) -> int:
        assert (url, seconds) == (ADDRESS, 3.0)
        self.bodies.append(body)
        self.headers.append(headers)
        return self.answers.pop(0) if self.answers else 200

    def read(self) -> list[Doc]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
def desk(market: Market, us: Caller) -> Desk:
    us.data("PUT", PATH, body={"event_type": "ORDER_STATUS_CHANGE", "address": ADDRESS})
    market.hooks.post = desk = Desk()
    return desk


def cancel(market: Market, order: Doc) -> None:
    with market.books.change():
        set_lines(order, None, "CANCELLED")
        settle(market, US, order)


def test_an_order_that_changes_status_is_told(market: Market, us: Caller, desk: Desk) -> None:
    (order,) = place(market, US, 1)
    place(market, TH, 1)
    cancel(market, order)
    assert market.hooks.deliver_due() == 2
    first, second = desk.read()
    assert (first["type"], first["shop_id"]) == (1, US)
    assert first["data"] == {
        "order_id": order["id"],
        "order_status": "AWAITING_SHIPMENT",
        "is_on_hold_order": False,
        "update_time": first["data"]["update_time"],
    }
    assert second["data"]["order_status"] == "CANCEL"
    assert first["tts_notification_id"] != second["tts_notification_id"]
    assert market.hooks.deliver_due() == 0


def test_the_status_may_be_spelled_as_the_order_spells_it(
    market: Market, us: Caller, desk: Desk
) -> None:
    market.facts.set("webhook_status_cancel", False)
    cancel(market, place(market, US, 1)[0])
    market.hooks.deliver_due()
    assert desk.read()[1]["data"]["order_status"] == "CANCELLED"


def test_the_third_party_client_verifies_it(market: Market, us: Caller, desk: Desk) -> None:
    place(market, US, 1)
    market.hooks.deliver_due()
    given = {"app_key": us.key, "app_secret": us.secret, "raw_body": desk.bodies[0]}
    signature = desk.headers[0]["Authorization"]
    assert Webhooks.verify_and_parse(**given, signature=signature).type_ == 1
    assert not Webhooks.verify(**given, signature=signature[:-1] + "x")


def test_retries_come_after_2_minutes_30_minutes_3_and_12_hours_then_never(
    market: Market, us: Caller, desk: Desk
) -> None:
    desk.answers = [500, 0, 401, 302, 500]
    place(market, US, 1)
    at = market.clock.real() + 1
    for wait in (0, 120, 1800, 10800, 43200):
        market.hooks.deliver_due(at + wait - 1)
        tries = len(desk.bodies)
        market.hooks.deliver_due(at + wait)
        assert len(desk.bodies) in (tries, tries + 1)
        at += wait
    assert len(desk.bodies) == 5
    assert len(set(desk.bodies)) == 1
    assert market.hooks.deliver_due(at + 10**6) == 0
    (hook,) = market.books.find("hook", US)
    assert (hook["state"], hook["answers"]) == ("given up", [500, 0, 401, 302, 500])


def test_a_retry_waits_its_time(market: Market, us: Caller, desk: Desk) -> None:
    desk.answers = [500]
    place(market, US, 1)
    at = market.clock.real() + 1
    market.hooks.deliver_due(at)
    assert market.hooks.deliver_due(at + 119) == 0
    assert market.hooks.deliver_due(at + 120) == 1


def test_the_waits_can_be_shortened(market: Market, us: Caller, desk: Desk) -> None:
    desk.answers = [500]
    market.hooks.pace = 0.001
    place(market, US, 1)
    at = market.clock.real() + 1
    market.hooks.deliver_due(at)
    assert market.hooks.deliver_due(at + 0.11) == 0
    assert market.hooks.deliver_due(at + 0.13) == 1


def test_duplicates_have_one_notification_id(market: Market, us: Caller, desk: Desk) -> None:
    market.faults.switch("webhook_duplicate", 1)
    place(market, US, 1)
    market.hooks.deliver_due()
    one, two = desk.read()
    assert one == two


def test_late_lost_and_reordered(market: Market, us: Caller, desk: Desk) -> None:
    market.faults.one_shot("*", "webhook_lost")
    market.faults.one_shot("*", "webhook_late")
    market.faults.one_shot("*", "webhook_reordered")
    made = [order["id"] for order in place(market, US, 6)]
    market.hooks.deliver_due()
    early = [body["data"]["order_id"] for body in desk.read()]
    assert sorted(early) == made[2:]
    assert early != made[2:]
    market.hooks.deliver_due(market.clock.real() + 700)
    assert desk.read()[-1]["data"]["order_id"] == made[1]


def test_what_was_rolled_back_is_not_told(market: Market, us: Caller, desk: Desk) -> None:
    def fail() -> None:
        with market.books.change():
            place(market, US, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert market.hooks.deliver_due() == 0


def test_a_changed_address_has_no_notification_id(market: Market, us: Caller, desk: Desk) -> None:
    us.data("PUT", PATH, body={"event_type": "RECIPIENT_ADDRESS_UPDATE", "address": ADDRESS})
    for told in (False, True):
        market.facts.set("tts_notification_id_in_type_3", told)
        market.hooks.emit(3, US, {"order_id": "1", "update_time": 2})
    market.hooks.deliver_due()
    assert ["tts_notification_id" in body for body in desk.read()] == [False, True]


def test_a_seller_who_withdraws(market: Market, us: Caller, desk: Desk) -> None:
    us.data("PUT", PATH, body={"event_type": "SELLER_DEAUTHORIZATION", "address": ADDRESS})
    verbs.do(market, "withdraw", US)
    place(market, US, 1)
    market.hooks.deliver_due()
    assert [body["type"] for body in desk.read()] == [6]
    assert us.code("GET", PATH) == 105002
    market.facts.set("deauthorised_code", 36009004)
    assert us.code("GET", PATH) == 36009004


def test_errands(market: Market, us: Caller, desk: Desk) -> None:
    us.data(
        "PUT", PATH, body={"event_type": "UPCOMING_AUTHORIZATION_EXPIRATION", "address": ADDRESS}
    )
    verbs.do(market, "warn_of_expiry", US, {"days": "3"})
    verbs.do(market, "send_webhook", US, {"type": "99", "data": '{"odd": 1}'})
    market.hooks.deliver_due()
    warned, odd = desk.read()
    assert isinstance(warned["data"]["expiration_time"], str)
    assert (odd["type"], odd["data"]) == (99, {"odd": 1})
    with pytest.raises(verbs.CannotDo):
        verbs.do(market, "send_webhook", US, {"data": "{"})


def test_what_is_wanted_can_be_listed_changed_and_ended(us: Caller) -> None:
    body = {"event_type": "PACKAGE_UPDATE", "address": ADDRESS}
    us.data("PUT", PATH, body=body)
    us.data("PUT", PATH, body=body | {"address": ADDRESS + "2"})
    found = us.data("GET", PATH)
    assert found["total_count"] == 1
    assert found["webhooks"][0]["address"] == ADDRESS + "2"
    us.data("DELETE", PATH, body={"event_type": "PACKAGE_UPDATE"})
    assert us.data("GET", PATH)["total_count"] == 0


GOOD = ["https://desk.example.com/x", "http://127.0.0.1:8000/x", "http://localhost:8000/x"]
BAD = [
    "http://desk.example.com/x",
    "https://desk.example.com:8443/x",
    "https://203.0.113.9/x",
    "https://desk/x",
    "https://desk.example.com/" + "x" * 240,
    "https://desk.example.com:x/",
    "ftp://127.0.0.1/x",
]


@pytest.mark.parametrize("address", GOOD + BAD)
def test_addresses_of_webhooks(us: Caller, address: str) -> None:
    code = us.code("PUT", PATH, body={"event_type": "PACKAGE_UPDATE", "address": address})
    assert code == (0 if address in GOOD else 36009010)


def test_loopback_is_an_indulgence(market: Market, us: Caller) -> None:
    market.facts.set("loopback_webhooks", False)
    codes = [
        us.code("PUT", PATH, body={"event_type": "PACKAGE_UPDATE", "address": address})
        for address in GOOD
    ]
    assert codes == [0, 36009010, 36009010]


@pytest.mark.parametrize("body", [{"address": ADDRESS}, {"event_type": "X", "address": ADDRESS}])
def test_an_event_must_be_named(us: Caller, body: Doc) -> None:
    assert us.code("PUT", PATH, body=body) in (36009022, 36009010)


def test_posting_over_the_network(market: Market, listening: Callable[[int], str]) -> None:
    assert market.hooks.post(listening(204), {"X": "y"}, b"{}", 3.0) == 204
    assert market.hooks.post("http://127.0.0.1:1/", {}, b"{}", 0.5) == 0
