"""Payloads of the Open API for tests, with ordinary values that keywords change; and a client that
answers with what it is given and remembers what it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shipboard.channels.contract import ChannelFailure, Heard, OrderFact, Unheard
from shipboard.channels.http import Reply
from shipboard.channels.tiktok.client import Answer
from shipboard.channels.tiktok.orders import Reading, read_order

AT = 1_795_000_000
NOW = datetime.fromtimestamp(AT + 3600, UTC)
HOUR = 3600
ID = "576856403845718259"
SKU = "1729000000005408677"
READING = Reading(NOW, "US", {"7300000000000000001": "Portland"})
Json = dict[str, Any]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(AT + seconds, UTC)


def unit(number: int = 1, **more: Any) -> Json:
    return {
        "id": f"{ID}{number:02}",
        "sku_id": SKU,
        "product_id": "1729000000000000007",
        "product_name": "Raincoat",
        "sku_name": "Green",
        "seller_sku": "RC-110",
        "original_price": "20.00",
        "sale_price": "17.50",
        "platform_discount": "0.50",
        "seller_discount": "2.00",
        "display_status": "AWAITING_SHIPMENT",
    } | more


def order(**more: Any) -> Json:
    return {
        "id": ID,
        "status": "AWAITING_SHIPMENT",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "shipping_type": "TIKTOK",
        "create_time": AT,
        "paid_time": AT + 60,
        "update_time": AT + 120,
        "warehouse_id": "7300000000000000001",
        "buyer_nickname": "ana.s",
        "payment_method_name": "Visa",
        "payment": {"currency": "USD", "total_amount": "21.00", "shipping_fee": "3.50", "tax": "0"},
        "recipient_address": {
            "name": "Ana Souza",
            "phone_number": "(+1)2025550102",
            "region_code": "US",
            "postal_code": "97201",
            "address_line1": "12 Main St",
            "address_line2": "Apt 4",
            "district_info": [
                {"address_level": "L0", "address_level_name": "Country", "address_name": "USA"},
                {"address_level": "L1", "address_level_name": "State", "address_name": "Oregon"},
                {
                    "address_level": "L2",
                    "address_level_name": "County",
                    "address_name": "Multnomah",
                },
                {"address_level": "L3", "address_level_name": "City", "address_name": "Portland"},
            ],
        },
        "line_items": [unit()],
    } | more


def fact(payload: Json | None = None, **more: Any) -> OrderFact:
    """The order that is read from an ordinary payload with `more`."""
    told = read_order(payload or order(**more), READING)
    assert isinstance(told, Heard), told
    return told.fact


def refusal(**more: Any) -> Unheard:
    told = read_order(order(**more), READING)
    assert isinstance(told, Unheard), told
    return told


class FakeClient:
    """Answers each operation with the next of its answers: data, or a failure to raise."""

    def __init__(self, **answers: list[Json | ChannelFailure]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Json]] = []
        self.called: list[str] = []
        self.files: dict[str, bytes] = {}
        self.versions: dict[str, str] = {}

    def version(self, operation: str) -> str:
        return self.versions.get(operation, "202309")

    def call(
        self,
        operation: str,
        *,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        version: str = "",
    ) -> Answer:
        self.called.append(version or self.version(operation))
        self.asked.append((operation, {**(ids or {}), **(query or {}), **(body or {})}))
        answer = self.answers[operation].pop(0)
        if isinstance(answer, ChannelFailure):
            raise answer
        return Answer(answer, "request-1")

    def fetch(self, url: str) -> Reply:
        return Reply(200, {}, self.files[url])
