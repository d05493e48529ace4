"""The call log: nothing of a person or a secret in it, kept seven days, and as text for support."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from shipboard import clock
from shipboard.channels import calls
from shipboard.channels.models import CallRecord
from tests import make


def call(**given: Any) -> calls.Call:
    values = {"shop_id": None, "operation": "order_detail", "method": "GET", "path": "/order/x"}
    return calls.Call(**values | given)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("The postcode is not valid.", "The postcode is not valid."),
        ("code 21011 of 123456", "code 21011 of 123456"),
        ("call +66 81 234 5678 now", "call ### now"),
        ("call (081) 234-5678", "call (###"),
        ("order 576684019603311365", "order ###"),
        ("๐๘๑๒๓๔๕๖๗๘", "###"),
        ("to mai.s+x@shop.example.co, please", "to ###, please"),
        ("a\0b\ud800c", "abc"),
        ("x" * 400, "x" * 300),
        ("x" * 290 + " mai@shop.example", "x" * 290 + " ###"),
    ],
)
def test_words_of_the_channel_are_scrubbed(words: str, kept: str) -> None:
    assert calls.scrub(words) == kept


def test_only_harmless_values_are_kept() -> None:
    query = {
        "app_key": "k",
        "sign": "abc",
        "shop_cipher": "c",
        "app_secret": "s",
        "access_token": "t",
        "ids": ["1", "2"],
        "page_size": 100,
        "is_buyer_request_cancel": True,
        "tracking_number": "JT123",
        "document_type": {"nested": "x"},
        "comment": "call me",
    }
    assert calls.redacted(query) == {
        "ids": "1,2",
        "page_size": 100,
        "is_buyer_request_cancel": True,
        "tracking_number": "…",
        "document_type": "…",
        "comment": "…",
    }


@pytest.mark.django_db
def test_a_log_that_cannot_be_written_loses_no_call(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise OperationalError("host=secret")

    monkeypatch.setattr(calls.connection, "cursor", broken)
    calls.record(call())
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.django_db
def test_odd_text_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.record(call(words="a\0\ud800", request_id="\ud800R", query={"ids": "\0\ud800"}))
    [row] = CallRecord.objects.all()
    assert (row.words, row.request_id, row.query) == ("a", "R", {"ids": ""})


@pytest.mark.django_db
def test_seven_days_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.NOW)
    calls.record(call())
    assert calls.forget_old(make.NOW + timedelta(days=7)) == 0
    assert calls.forget_old(make.NOW + timedelta(days=7, seconds=1)) == 1


@pytest.mark.django_db
def test_as_text_for_support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: make.NOW)
    shop = make.shop("Mai's secret garden", channel="tiktok", region="TH")
    calls.record(call(shop_id=None))
    calls.record(call(shop_id=shop.pk, status=200, milliseconds=120, bytes=7, request_id="R-1"))
    calls.record(
        call(
            shop_id=shop.pk,
            query={"ids": "1,2"},
            attempt=2,
            status=503,
            code="36009003",
            words="Internal\nerror",
            failure="transient",
        )
    )
    calls.record(call(shop_id=shop.pk, failure="transient"))
    text = calls.as_text(shop, make.NOW)
    head, *lines = text.splitlines()
    assert head == "Calls of a TikTok Shop shop in TH, newest first, times in UTC (3)"
    assert "no answer" in lines[0]
    assert lines[1] == (
        "2026-11-22 12:00:00  order_detail  GET /order/x  ids=1,2  try 2  HTTP 503  0 ms  0 bytes"
        "  code 36009003  Internal error  transient"
    )
    assert "HTTP 200  120 ms  7 bytes  request R-1" in lines[2]
    assert "Mai" not in text
    assert calls.as_text(shop, make.NOW + timedelta(seconds=1)).endswith("(0)\n")
    assert "(1 or more)" in calls.as_text(shop, make.NOW, most=1)
