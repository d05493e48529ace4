"""The control page and its JSON twin drive everything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.market import Market
from sandbox.testing import ORIGIN, Caller, transport
from sandbox.verbs import VERBS
from tests.sandbox.conftest import US
from tests.sandbox.fill import place

SEARCH = "/order/202309/orders/search"


@pytest.fixture
def control(market: Market) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=transport(market), base_url=ORIGIN, follow_redirects=True
    ) as client:
        yield client


def post(control: httpx.Client, act: str, **given: object) -> Any:
    answer = control.post(f"/control/api/{act}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_page_shows_everything(market: Market, us: Caller, control: httpx.Client) -> None:
    (order,) = place(market, US, 1)
    us.data(
        "PUT",
        "/event/202309/webhooks",
        body={"event_type": "PACKAGE_UPDATE", "address": "https://d.example.com/"},
    )
    market.hooks.emit(4, US, {"sc_type": "SPLIT"})
    market.books.note("bought", US, 1, order_id=order["id"], amount="4.50")
    market.faults.switch("http_429", 0.2)
    market.faults.one_shot("ship_package", "reject:21011003")
    text = control.get("/control/").text
    shown = (order["id"], "Harbor Goods", "4.50", "waiting", "update_webhook", "withdraw")
    for word in (*shown, "http_429 at 0.2", "next ship_package: reject:21011003"):
        assert word in text
    assert "2026" in text
    narrowed = control.get("/control/", params={"shop": "none"}).text
    assert order["id"] not in narrowed


def test_documents_and_calls_can_be_looked_into(
    market: Market, us: Caller, control: httpx.Client
) -> None:
    (order,) = place(market, US, 1)
    us.data("POST", SEARCH, None, {"order_status": "UNPAID"})
    page = control.get(f"/control/document/order/{US}/{order['id']}").text
    assert "Juniper Row" in page
    page = control.get("/control/exchange/0").text
    assert "next_page_token" in page
    assert control.get("/control/document/order/1/1").status_code == 404
    assert control.get("/control/exchange/99").status_code == 404


def test_forms_act_and_say_so(market: Market, us: Caller, control: httpx.Client) -> None:
    page = control.post("/control/clock", data={"setting": "2026-11-22T12:00:00+00:00"})
    assert "2026-11-22 12:00:00 UTC" in page.text
    control.post("/control/fact", data={"key": "calls_per_second", "value": "5"})
    assert market.facts.value("calls_per_second") == 5
    control.post("/control/fault", data={"fault": "http_503", "operation": "*", "rate": "1"})
    assert us.send("POST", SEARCH, body={}).status_code == 503
    control.post("/control/fault", data={"clear": "1"})
    assert us.send("POST", SEARCH, body={}).status_code == 200
    page = control.post("/control/do", data={"verb": "end_token", "shop": US})
    assert "tokens 1" in page.text
    assert us.code("POST", SEARCH, body={}) == 105002
    page = control.post("/control/do", data={"verb": "end_token", "shop": "none"})
    assert "There is no shop none" in page.text


def test_every_verb_stands_in_one_section_and_what_is_dangerous_apart(
    market: Market, control: httpx.Client
) -> None:
    text = control.get("/control/").text
    anchors = re.findall(r'<a href="#(\w+)"', text)
    assert anchors == re.findall(r'<h2 id="(\w+)"', text)
    assert "other" not in anchors
    assert len(set(anchors)) == len(anchors)
    done_at_once, apart = text.split('<h2 id="danger"')
    posted = re.findall(r'name="verb" value="(\w+)"', done_at_once)
    asked = re.findall(r'action="/control/confirm/(\w+)"', apart)
    assert sorted(posted + asked) == sorted(VERBS)
    assert set(asked) == {"start_over", "withdraw", "end_refresh_token"}
    assert 'name="verb"' not in apart


def test_what_cannot_be_undone_asks_first(
    market: Market, us: Caller, control: httpx.Client
) -> None:
    place(market, US, 1)
    given = {"verb": "start_over", "shop": US}
    asked = control.post("/control/do", data=given)
    assert asked.url.path == "/control/confirm/start_over"
    assert "This cannot be undone." in asked.text
    assert market.books.find("order", US)
    assert control.get("/control/confirm/start_over", params={"shop": US}).text == asked.text
    assert control.post("/control/do", data=given | {"sure": "yes"}).status_code == 200
    assert not market.books.find("order", US)


@pytest.mark.parametrize("path", ["start_over?shop=none", "place", "nonsense"])
def test_only_dangerous_verbs_of_a_shop_are_confirmed(control: httpx.Client, path: str) -> None:
    assert control.get(f"/control/confirm/{path}").status_code == 404


def test_an_act_comes_back_to_its_section(us: Caller, control: httpx.Client) -> None:
    for act, given, section in (
        ("do", {"verb": "place", "shop": US}, "buyers"),
        ("fact", {"key": "calls_per_second", "value": "5"}, "facts"),
        ("fault", {"clear": "1"}, "faults"),
    ):
        answer = control.post(f"/control/{act}", data=given, follow_redirects=False)
        assert answer.headers["Location"].endswith(f"#{section}")


def test_the_json_twin(market: Market, us: Caller, control: httpx.Client) -> None:
    (order,) = place(market, US, 1)
    post(control, "fact", key="on_hold_exists", value=False)
    post(control, "fault", fault="http_429", rate=0.5, operation="search_orders", seed=7)
    post(control, "fault", fault="null_data", times=2, operation="search_orders")
    assert post(control, "clock", advance=3600)["setting"] == "+3600s"
    state = control.get("/control/api/state").json()
    row = next(row for row in state["facts"] if row["key"] == "on_hold_exists")
    assert (row["set"], row["value"]) == (False, True)
    assert state["faults"] == [{"fault": "http_429", "operation": "search_orders", "rate": 0.5}]
    assert len(state["shots"]) == 2
    assert "withdraw" in {verb["name"] for verb in state["verbs"]}
    assert {shop["id"] for shop in state["shops"]} >= {US}
    found = control.get("/control/api/documents/order", params={"shop": US, "status": "X"}).json()
    assert found == {"documents": []}
    found = control.get("/control/api/documents/order", params={"id": order["id"]}).json()
    assert found["documents"][0]["_"]["address"]["name"] == "Rowan Ashby"
    market.books.note("bought", US, 1, amount="1")
    assert control.get("/control/api/ledger?what=bought").json()["entries"][0]["amount"] == "1"
    assert post(control, "do/end_token", shop=US) == {"tokens": 1}
    assert post(control, "deliver", ahead=10) == {"answered": 0}
    assert post(control, "pace", pace=0.5) == {"pace": 0.5}
    post(control, "fact", reset=True)
    assert market.facts.on("on_hold_exists")


def test_the_record_can_be_read_and_forgotten(us: Caller, control: httpx.Client) -> None:
    us.data("POST", SEARCH, None, {})
    found = control.get("/control/api/record?operation=search_orders").json()["exchanges"]
    assert [one["status"] for one in found] == [200]
    assert control.delete("/control/api/record").json() == {}
    assert control.get("/control/api/record").json() == {"exchanges": []}


def test_seeding_by_post(market: Market, control: httpx.Client) -> None:
    line = json.dumps({"shop": {"id": "1", "name": "New", "region": "MY"}})
    assert control.post("/control/api/seed", content=line).json() == {"shop": 1}
    assert control.post("/control/api/seed", content="{").status_code == 400


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("clock", {"setting": "soon"}),
        ("clock", {"advance": "x"}),
        ("fact", {"key": "nonsense", "value": 1}),
        ("fact", {"key": "on_hold_exists", "value": "perhaps"}),
        ("fault", {"fault": "nonsense"}),
        ("fault", {"fault": "http_429", "rate": "x"}),
        ("do", {"verb": "nonsense"}),
        ("do/withdraw", {"shop": "none"}),
        ("pace", {"pace": "x"}),
        ("pace", {}),
    ],
)
def test_what_cannot_be_done_is_said(
    control: httpx.Client, act: str, given: dict[str, object]
) -> None:
    answer = control.post(f"/control/api/{act}", json=given)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert control.get("/control/api/documents/order?a'b=1").status_code == 400


def test_another_site_may_not_drive_it(control: httpx.Client) -> None:
    for path in ("/control/do", "/control/api/do"):
        answer = control.post(path, headers={"Origin": "https://evil.example"}, json={})
        assert answer.status_code == 403
