"""The call log on screen and as a file: filtered, paged by place, without anything secret."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import AuditEntry
from shipboard.channels import calls
from shipboard.channels.contract import FailureKind
from shipboard.channels.models import CallRecord, Shop
from shipboard.channels.tiktok.call_words import CALL_WORDS
from shipboard.channels.tiktok.versions import OPERATIONS
from shipboard.desk.call_log import FAILURES
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
PATH = "/shops/northwind/calls/"


@pytest.fixture
def shop(db: None) -> Shop:
    return connected_shop()


def called(shop: Shop, **given: Any) -> None:
    values: dict[str, Any] = {"operation": "order_search", "method": "POST", "path": "/order"}
    calls.record(calls.Call(shop_id=shop.pk, **values | given))


def shown(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-call="(\d+)"', html)]


def test_every_page_is_reached_once_though_calls_come_in(desk: Client, shop: Shop) -> None:
    for _ in range(230):
        called(shop)
    seen: list[int] = []
    address = PATH
    for _ in range(3):
        html = desk.get(address).content.decode()
        seen += shown(html)
        called(shop)
        match = re.search(r'rel="next" href="([^"]+)"', html)
        address = match[1] if match else ""
    assert not address
    assert len(seen) == len(set(seen)) == 230


def test_it_is_filtered_by_operation_and_failure(desk: Client, shop: Shop) -> None:
    called(shop)
    called(shop, failure="throttled", status=429, words="Too many")
    called(shop, operation="order_detail", failure="auth", status=401)
    assert len(shown(desk.get(PATH).content.decode())) == 3
    html = desk.get(f"{PATH}?failed=yes&operation=order_search").content.decode()
    assert len(shown(html)) == 1
    assert "HTTP 429" in html
    assert "Too many" in html
    assert '<option value="order_search" selected>order_search</option>' in html
    empty = desk.get(f"{PATH}?operation=never").content.decode()
    assert "No calls" in empty


def test_a_call_is_told_in_plain_words_and_in_the_shops_time(desk: Client) -> None:
    shop = connected_shop(timezone="Asia/Bangkok")
    window = {"update_time_ge": 1763800000, "update_time_lt": 1763803600, "page_size": 100}
    called(shop, operation="search_orders", query=window, failure="throttled", status=429)
    called(shop, operation="order_detail", query={"ids": ["5761", "5762", "5763"]})
    html = desk.get(PATH).content.decode()
    told, raw = (
        re.split(r"<details.*?</details>", html, flags=re.S),
        re.findall(r"<details.*?</details>", html, flags=re.S),
    )
    shown_at_once = " ".join(told)
    assert "Look for changed orders" in shown_at_once
    assert (
        "changed from Sat 22 Nov 2025 15:26:40 UTC+7 to Sat 22 Nov 2025 16:26:40 UTC+7"
        in shown_at_once
    )
    assert "order 5761 and 2 more" in shown_at_once
    assert "19:00:00 UTC+7" in shown_at_once
    assert "too many calls" in shown_at_once
    assert "17638" not in shown_at_once
    assert any("update_time_ge=1763800000" in each and "search_orders" in each for each in raw)


def test_every_call_has_plain_words() -> None:
    beside = {"exchange_code", "refresh_token", "fetch_file"}
    assert set(CALL_WORDS) == set(OPERATIONS) | beside
    assert set(FAILURES) == set(FailureKind)


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999999999999", "before=5", "operation=%00"]
)
def test_what_is_not_there_is_said(desk: Client, shop: Shop, query: str) -> None:
    assert desk.get(f"{PATH}?{query}").status_code == 400


def test_a_page_of_another_shop_is_no_place_here(desk: Client, shop: Shop) -> None:
    called(make.shop("Other"))
    assert desk.get(f"{PATH}?before={CallRecord.objects.get().pk}").status_code == 400


def test_the_file_is_of_this_shop_alone_and_noted(desk: Client, shop: Shop) -> None:
    called(shop, query={"order_id": "5761", "keyword": "Ada Marlow"}, words="no ada@shop.example")
    called(make.shop("Other"), operation="elsewhere")
    CallRecord.objects.filter(operation="elsewhere").update(at=make.NOW - timedelta(hours=1))
    answer = desk.get("/shops/northwind/calls.txt")
    text = answer.content.decode()
    assert "order_id=5761" in text
    assert not [secret for secret in ("Marlow", "ada@", "elsewhere") if secret in text]
    assert 'filename="calls-northwind.txt"' in answer["Content-Disposition"]
    assert AuditEntry.objects.get(kind="calls_taken").subject == "Northwind"
    page = desk.get(PATH).content.decode()
    assert not [secret for secret in ("Marlow", "ada@", "elsewhere") if secret in page]


def test_the_cost_does_not_grow(desk: Client, shop: Shop) -> None:
    costs = []
    for many in (1, 60):
        for _ in range(many):
            called(shop)
        with CaptureQueriesContext(connection) as asked:
            desk.get(PATH)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 8, costs
