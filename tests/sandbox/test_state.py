"""State on disk, seeds, the clock and the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.books import Books
from sandbox.clock import BadSetting, Clock
from sandbox.market import Market
from sandbox.seed import BadSeed, seed
from sandbox.shapes import order
from sandbox.shapes_package import mark_lines, package
from sandbox.shops import add_shop, everyone
from sandbox.testing import Caller, authorised
from tests.sandbox.conftest import US
from tests.sandbox.fill import MAY, place


def test_a_restart_keeps_state_and_tokens(tmp_path: Path) -> None:
    before = Market(tmp_path)
    add_shop(before.books, {"id": US, "name": "Harbor", "region": "US"})
    place(before, US, 3)
    caller = authorised(before, US)
    first = before.books.number("order")
    before.close()
    after = Market(tmp_path)
    again = Caller(after, caller.key, caller.secret, caller.token, caller.cipher)
    assert again.data("POST", "/order/202309/orders/search", None, {})["total_count"] == 3
    assert after.books.number("order") == first + 1
    after.close()


def lines(market: Market) -> list[str]:
    shop = {"id": US, "name": "Harbor", "region": "US"}
    where = add_shop(Books(), shop)
    made = order(where, "576", MAY)
    parcel = package(where, "115", MAY, [made])
    mark_lines(parcel, [made])
    case = {"cancel_id": "404", "order_id": "576", "cancel_status": "X", "create_time": MAY}
    back = {"return_id": "505", "order_id": "576", "return_status": "X", "create_time": MAY}
    return [
        json.dumps(line)
        for line in (
            {"app": {"key": "k", "secret": "s", "redirect": "http://x.test"}},
            {"shop": shop},
            {"order": made, "shop": US},
            {"package": parcel, "shop": US},
            {"cancellation": case, "shop": US},
            {"return": back, "shop": US},
        )
    ]


def test_seeding_twice_is_the_same_as_once() -> None:
    market = Market()
    text = [*lines(market), ""]
    assert sum(seed(market, text).values()) == 6
    changed = market.books.need("order", US, "576") | {"status": "IN_TRANSIT"}
    market.books.put("order", US, changed)
    assert not seed(market, text)
    assert market.books.get("order", US, "576") == changed
    assert [one["package_id"] for one in market.books.find("package", US, order_id="576")] == [
        "115"
    ]
    assert market.books.find("cancellation", US, order_id="576")[0]["cancel_id"] == "404"
    assert [shop.name for shop in everyone(market.books)] == ["Harbor"]
    market.close()


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"ship": {}}', '{"order": {"id": "1"}}'])
def test_a_bad_line_is_named_and_its_batch_left_out(line: str) -> None:
    market = Market()
    with pytest.raises(BadSeed, match="Line 2 "):
        seed(market, [lines(market)[1], line])
    assert not everyone(market.books)
    market.close()


def test_a_change_that_fails_leaves_nothing() -> None:
    books = Books()

    def fail() -> None:
        with books.change():
            books.put("order", US, {"id": "1"})
            with books.change():
                books.note("bought", US, MAY, order_id="1", amount="4.50")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert books.find("order", US) == []
    assert books.ledger() == []
    books.put("order", US, {"id": "2"})
    books.note("bought", US, MAY, order_id="2", amount="4.50", detail={"service": "x"})
    assert [entry.detail for entry in books.ledger(what="bought", order_id="2")] == [
        {"service": "x"}
    ]
    books.close()


def test_a_package_that_changes_orders_changes_its_links() -> None:
    books = Books()
    books.put("package", US, {"package_id": "p", "orders": [{"id": "1"}, {"id": "2"}]})
    books.put("package", US, {"package_id": "p", "orders": [{"id": "2"}]})
    assert not books.find("package", US, order_id="1")
    assert len(books.find("package", US, order_id="2")) == 1
    books.close()


@pytest.mark.parametrize(
    ("setting", "now"),
    [("", 1000), ("+3h", 11800), ("-10s", 990), ("2026-11-22T12:00:00", 1795348800)],
)
def test_the_clock_reads_its_setting(setting: str, now: int) -> None:
    clock = Clock(setting, real=lambda: 1000.0)
    assert clock.now() == now
    assert clock.real() == 1000.0


def test_the_clock_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(real=lambda: 1000.0)
    monkeypatch.setenv("SHIPBOARD_NOW", "+1d")
    assert clock.now() == 87400
    clock.advance(60)
    assert clock.now() == 87460
    clock.hold(5000)
    clock.advance(5)
    assert (clock.now(), clock.moment().isoformat()) == (5005, "1970-01-01T01:23:25+00:00")
    clock.follow(None)
    assert clock.now() == 87400


@pytest.mark.parametrize("setting", ["soon", "+3", "+h", "3h", "2026-13-01"])
def test_the_clock_refuses_what_it_cannot_read(setting: str) -> None:
    with pytest.raises(BadSetting):
        Clock(setting)
