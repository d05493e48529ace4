"""The client: how a call looks on the wire, what answers mean, and what is tried again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from tiktok_shop_api.signing import Signer

from shipboard.channels import http, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import CallRate, CallRecord, Connection, Grant
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok.answers import clock_problem
from shipboard.channels.tiktok.client import Client
from tests.channels.tiktok import made

pytestmark = pytest.mark.django_db

Slept = list[float]
PACKAGE = {"package_id": "1150000000000000001"}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> Slept:
    """Seconds that would have been slept."""
    seconds: Slept = []
    monkeypatch.setattr(client_module, "sleep", seconds.append)
    return seconds


@pytest.fixture
def line(slept: Slept) -> Connection:
    return made.connection()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(*answers: Any) -> made.Answers:
        transport = made.Answers(*answers)
        monkeypatch.setattr(http, "TRANSPORT", transport)
        return transport

    return put


def client(line: Connection) -> Client:
    return Client(line, line.grant.app)


def failed(line: Connection, operation: str = "order_detail", **given: Any) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as caught:
        client(line).call(operation, **given)
    assert caught.value.operation == operation
    return caught.value


def shipped(line: Connection) -> ChannelFailure:
    return failed(line, "ship_package", ids=PACKAGE, body={})


# On the wire


def test_a_signed_call(line: Connection, answering: Any) -> None:
    sent = answering(made.envelope({"orders": [{"id": "1"}]}))
    answer = client(line).call(
        "search_orders",
        query={"page_size": 100, "page_token": "a+b/c= ช้าง", "sort_order": None},
        body={"update_time_ge": 1, "is_buyer_request_cancel": True},
    )
    assert (answer.data, answer.request_id) == ({"orders": [{"id": "1"}]}, "R-1")
    [request] = sent.requests
    query = dict(request.url.params)
    assert request.url.path == "/order/202309/orders/search"
    assert abs(int(query["timestamp"]) - time.time()) < 5
    assert query["shop_cipher"] == "cipher-1"
    assert query["page_token"] == "a+b/c= ช้าง"
    assert "sort_order" not in query
    assert request.headers["x-tts-access-token"] == "token-1"
    assert request.headers["content-type"] == "application/json"
    assert query["sign"] == Signer.sign(
        path=request.url.path,
        query=list(query.items()),
        content_type="application/json",
        body=request.content,
        app_secret="secret1",
    )


def test_ids_are_joined_by_commas(line: Connection, answering: Any) -> None:
    sent = answering(made.envelope({}))
    client(line).call("order_detail", query={"ids": ["1", "2", "3"]})
    assert "ids=1,2,3" in str(sent.requests[0].url)
    assert sent.requests[0].headers["content-type"] == "application/json"


def test_calls_about_no_shop_carry_no_cipher(line: Connection, answering: Any) -> None:
    sent = answering(made.envelope({"shops": []}))
    client(line).call("authorized_shops")
    assert "shop_cipher" not in sent.requests[0].url.params


def test_the_app_chooses_versions(line: Connection, answering: Any) -> None:
    line.grant.app.versions = {"order_detail": "202601"}
    sent = answering(made.envelope({}))
    client(line).call("order_detail", query={"ids": ["1"]})
    assert sent.requests[0].url.path == "/order/202601/orders"
    assert client(line).version("price_detail") == "202407"


@pytest.mark.parametrize("id", ["", "../1", "1/2", "1?x=2", "ช้าง", "1\n"])
def test_an_id_that_cannot_be_one_is_not_sent(line: Connection, answering: Any, id: str) -> None:
    answering(AssertionError("it was sent"))
    found = failed(line, "package_detail", ids={"package_id": id})
    assert found.kind is FailureKind.FINAL
    assert "package id" in found.sentence


# What answers mean


def test_success_with_data_null_is_a_success(line: Connection, answering: Any) -> None:
    answering(made.envelope(None))
    assert client(line).call("ship_package", ids=PACKAGE, body={}).data == {}


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_refusal_is_told_by_its_code_whatever_the_status(
    line: Connection, answering: Any, status: int
) -> None:
    sent = answering(made.envelope(None, 105005, status))
    found = failed(line)
    assert (found.kind, found.code) == (FailureKind.SCOPE, "105005")
    assert (found.request_id, found.outcome) == ("R-1", Outcome.NONE)
    assert len(sent.requests) == 1


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[1]", b'{"code": 0, "data": [1]}', b"[" * 100_000]
)
def test_an_unreadable_success(line: Connection, answering: Any, content: bytes) -> None:
    sent = answering(lambda: httpx.Response(200, content=content))
    assert failed(line).outcome is Outcome.NONE
    assert len(sent.requests) == client_module.TRIES
    assert shipped(line).outcome is Outcome.UNKNOWN
    assert len(sent.requests) == client_module.TRIES + 1


def test_another_host_altogether(line: Connection, answering: Any) -> None:
    sent = answering(httpx.Response(302, headers={"location": "https://x.example"}))
    found = failed(line)
    assert (found.kind, found.outcome) == (FailureKind.FINAL, Outcome.NONE)
    assert "HTTP 302" in found.sentence
    assert len(sent.requests) == 1


def test_a_wrong_clock_is_named(line: Connection, answering: Any) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=5, seconds=5))
    sent = answering(made.envelope(None, 36009004, date=date))
    found = failed(line)
    assert "clock is 5 minutes behind TikTok Shop's" in found.sentence
    assert "set_clock" in found.allowed
    assert found.kind is FailureKind.TRANSIENT
    assert len(sent.requests) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, ""),
        (25, ""),
        (-270, ""),
        (26, "26 seconds ahead of"),
        (150, "2 minutes ahead of"),
        (-300, "5 minutes behind"),
    ],
)
def test_how_far_a_clock_may_be_off(seconds: int, words: str) -> None:
    theirs = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    said = clock_problem(format_datetime(theirs, usegmt=True), theirs.timestamp() + seconds)
    assert bool(said) is bool(words)
    assert words in said


@pytest.mark.parametrize("date", ["", "yesterday", "now"])
def test_credentials_are_to_blame_when_the_clock_is_right(
    line: Connection, answering: Any, date: str
) -> None:
    said = format_datetime(datetime.now(UTC)) if date == "now" else date
    answering(made.envelope(None, 36009004, date=said))
    found = failed(line)
    assert found.kind is FailureKind.AUTH
    assert "clock is" not in found.sentence


# What is tried again


def test_reads_are_tried_again(line: Connection, answering: Any, slept: Slept) -> None:
    sent = answering(
        httpx.ReadTimeout("late"),
        httpx.Response(503, content=b"busy"),
        made.envelope(None, 36009003),
        made.envelope({"orders": []}),
    )
    assert client(line).call("order_detail").data == {"orders": []}
    assert len(sent.requests) == 4
    assert len(slept) == 3
    assert 0.25 <= slept[0] <= 0.5 <= slept[1] <= 1.0 <= slept[2] <= 2.0


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("late"),
        httpx.RemoteProtocolError("cut off"),
        httpx.Response(503, content=b"busy"),
        httpx.Response(502, content=b"gateway"),
    ],
)
def test_a_write_whose_answer_is_lost_is_not_made_again(
    line: Connection, answering: Any, slept: Slept, answer: Any
) -> None:
    sent = answering(answer)
    found = shipped(line)
    assert (found.kind, found.outcome) == (FailureKind.TRANSIENT, Outcome.UNKNOWN)
    assert len(sent.requests) == 1
    assert slept == []


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.Response(429)]
)
def test_a_write_that_certainly_did_nothing_is_made_again(
    line: Connection, answering: Any, answer: Any
) -> None:
    sent = answering(answer, made.envelope({"package_id": "1"}))
    assert client(line).call("ship_package", ids=PACKAGE, body={}).data == {"package_id": "1"}
    assert len(sent.requests) == 2


def test_nobody_answers_the_door(line: Connection, answering: Any) -> None:
    answering(httpx.ConnectError("no"))
    found = shipped(line)
    assert (found.kind, found.outcome) == (FailureKind.TRANSIENT, Outcome.NONE)
    assert found.retry_after


@pytest.mark.parametrize(
    "answer", [made.envelope(None, 36009002, 429), made.envelope(None, 36009002)]
)
def test_a_429_pauses_this_operation_of_the_shop_for_all(
    line: Connection, answering: Any, slept: Slept, answer: Any
) -> None:
    answering(answer, made.envelope({}))
    client(line).call("order_detail")
    [pause] = slept
    assert 0.4 < pause <= 1.0
    assert CallRate.objects.get(key=f"{line.grant.app_id}/{line.shop_id}/order_detail")


def test_patience_has_an_end(line: Connection, answering: Any, slept: Slept) -> None:
    sent = answering(made.envelope(None, 36009002, 429))
    found = failed(line)
    assert (found.kind, found.outcome) == (FailureKind.THROTTLED, Outcome.NONE)
    assert found.retry_after
    assert sum(slept) <= client_module.PATIENCE_SECONDS
    assert len(sent.requests) == client_module.TRIES


def test_a_turn_too_far_away_is_not_waited_for(
    line: Connection, answering: Any, slept: Slept, settings: Any
) -> None:
    settings.TIKTOK_CALLS_PER_SECOND = 0.05
    sent = answering(made.envelope({}))
    client(line).call("order_detail")
    found = failed(line)
    assert found.kind is FailureKind.THROTTLED
    assert found.retry_after is not None
    assert 10 < found.retry_after < 30
    assert (len(sent.requests), slept) == (1, [])


# An expired token


def test_an_expired_token_is_renewed_once(line: Connection, answering: Any) -> None:
    sent = answering(made.envelope(None, 105002, 401), made.tokens(2), made.envelope({"a": 1}))
    assert client(line).call("ship_package", ids=PACKAGE, body={}).data == {"a": 1}
    assert [request.url.host for request in sent.requests] == [
        "api.example",
        "auth.example",
        "api.example",
    ]
    assert sent.requests[2].headers["x-tts-access-token"] == "token-2"


def test_a_new_token_that_is_refused_too_ends_it(line: Connection, answering: Any) -> None:
    expired = made.envelope(None, 105002, 401)
    sent = answering(expired, made.tokens(2), expired)
    assert failed(line).kind is FailureKind.AUTH
    assert len(sent.requests) == 3


def test_a_token_that_another_process_has_renewed_is_no_wrong_credential(
    line: Connection, answering: Any
) -> None:
    def unknown() -> httpx.Response:
        row = Grant.objects.get(pk=line.grant_id)
        sealed.set_tokens(row, "token-2", "refresh-2")
        row.save()
        return made.envelope(None, 36009004)

    sent = answering(unknown, made.envelope({"a": 1}))
    assert client(line).call("order_detail", query={"ids": ["1"]}).data == {"a": 1}
    given = [request.headers["x-tts-access-token"] for request in sent.requests]
    assert given == ["token-1", "token-2"]


def test_a_token_that_is_not_known_any_more_is_renewed(line: Connection, answering: Any) -> None:
    """Another desk with the same access has renewed it."""
    sent = answering(made.envelope(None, 36009004), made.tokens(2), made.envelope({"a": 1}))
    assert client(line).call("ship_package", ids=PACKAGE, body={}).data == {"a": 1}
    assert sent.requests[2].headers["x-tts-access-token"] == "token-2"


def test_credentials_that_are_wrong_are_renewed_once_at_most(
    line: Connection, answering: Any
) -> None:
    refused = made.envelope(None, 36009004)
    sent = answering(refused)
    assert failed(line).operation == "order_detail"
    assert [request.url.host for request in sent.requests] == ["api.example", "auth.example"]
    sent = answering(refused, made.tokens(2), refused)
    assert failed(line).kind is FailureKind.AUTH
    assert len(sent.requests) == 3


# Files


def test_a_file_is_fetched_without_our_token(line: Connection, answering: Any) -> None:
    sent = answering(httpx.Response(200, content=b"%PDF"))
    reply = client(line).fetch("https://files.example/label.pdf?signature=abc")
    assert reply.body == b"%PDF"
    assert "x-tts-access-token" not in sent.requests[0].headers
    assert CallRecord.objects.get().path == "//files.example/…"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://files.example/x", "file:///x"])
def test_a_file_of_this_machine_is_not_fetched_for_others(
    line: Connection, answering: Any, url: str
) -> None:
    answering(AssertionError("it was sent"))
    with pytest.raises(ChannelFailure, match="Only https"):
        client(line).fetch(url)


def test_a_file_of_this_machine_is_fetched_when_the_api_is_on_it(
    line: Connection, answering: Any
) -> None:
    line.grant.app.api_host = "http://127.0.0.1:8100"
    answering(httpx.Response(200, content=b"%PDF"))
    assert client(line).fetch("http://127.0.0.1:8100/label").body == b"%PDF"


def test_a_file_that_is_gone(line: Connection, answering: Any) -> None:
    answering(httpx.Response(403))
    with pytest.raises(ChannelFailure) as caught:
        client(line).fetch("https://files.example/label.pdf")
    assert caught.value.kind is FailureKind.TRANSIENT
    assert "HTTP 403" in caught.value.sentence


# The log


def test_every_try_is_written_down_without_secrets(line: Connection, answering: Any) -> None:
    refusal = {"code": 36009003, "message": "phone 0812-345-6789", "request_id": "R-9"}
    answering(
        httpx.ReadTimeout("late"), httpx.Response(200, json=refusal), made.envelope({"orders": []})
    )
    client(line).call(
        "search_orders",
        query={"page_size": 50, "page_token": "opaque"},
        body={"update_time_ge": 1, "buyer_user_id": "somchai"},
    )
    first, second, third = CallRecord.objects.order_by("id")
    assert [one.attempt for one in (first, second, third)] == [1, 2, 3]
    assert (first.status, first.failure) == (None, "transient")
    assert (second.status, second.code, second.words) == (200, "36009003", "phone ###")
    assert (third.status, third.code, third.failure, third.request_id) == (200, "", "", "R-1")
    assert third.bytes > 0
    assert third.query == {
        "page_size": 50,
        "page_token": "…",
        "update_time_ge": 1,
        "buyer_user_id": "…",
    }
    written = str(list(CallRecord.objects.values()))
    for secret in ("token-1", "cipher-1", "secret1", "sign", "somchai", "6789"):
        assert secret not in written
