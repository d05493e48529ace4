"""Tokens: renewed in time, by one process only, and what a refusal means."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection

from shipboard.channels import http, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import CallRecord, Grant
from shipboard.channels.tiktok import tokens
from tests.channels.tiktok import made

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_rests", {})


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(*answers: Any) -> made.Answers:
        transport = made.Answers(*answers)
        monkeypatch.setattr(http, "TRANSPORT", transport)
        return transport

    return put


def grant(left: timedelta = 7 * made.DAY, **given: Any) -> Grant:
    return made.grant(made.app(), access_ends_at=datetime.now(UTC) + left, **given)


def stored(of: Grant) -> Grant:
    return Grant.objects.get(pk=of.pk)


def test_a_fresh_token_is_used_without_a_word(
    answering: Any, django_assert_num_queries: Any
) -> None:
    sent, of = answering(AssertionError), grant(25 * HOUR)
    with django_assert_num_queries(0):
        assert tokens.access_token(of) == "token-1"
    assert sent.requests == []


@pytest.mark.parametrize("left", [23 * HOUR, -HOUR])
def test_it_is_renewed_when_less_than_a_day_is_left(answering: Any, left: timedelta) -> None:
    sent, of = answering(made.tokens(2)), grant(left)
    assert tokens.access_token(of) == "token-2"
    [request] = sent.requests
    assert str(request.url).startswith("https://auth.example/api/v2/token/refresh?")
    assert dict(request.url.params) == {
        "app_key": "key1",
        "app_secret": "secret1",
        "refresh_token": "refresh-1",
        "grant_type": "refresh_token",
    }
    kept = stored(of)
    assert sealed.access_token(kept) == "token-2"
    assert sealed.refresh_token(kept) == "refresh-2"
    assert kept.access_ends_at - datetime.now(UTC) > 6 * made.DAY
    assert kept.scopes == ["seller.order.info"]
    assert tokens.access_token(of) == "token-2"


def test_tokens_are_not_legible_in_the_database(answering: Any) -> None:
    answering(made.tokens(2))
    of = grant(HOUR)
    tokens.access_token(of)
    written = str(Grant.objects.values().get(pk=of.pk)) + str(list(CallRecord.objects.values()))
    for secret in ("token-1", "token-2", "refresh-1", "refresh-2", "secret1"):
        assert secret not in written


def test_ends_are_absolute_instants(answering: Any) -> None:
    answering(made.tokens(2, access_token_expire_in=1893456000))
    of = grant(HOUR)
    tokens.access_token(of)
    assert stored(of).access_ends_at == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("code", [36004001, 36004004, 36004005])
def test_a_refusal_for_good_ends_the_grant(answering: Any, code: int) -> None:
    sent, of = answering(made.envelope(None, code)), grant(-HOUR)
    for _ in range(2):
        with pytest.raises(ChannelFailure) as caught:
            tokens.access_token(of)
        assert caught.value.kind is FailureKind.AUTH
        assert caught.value.sentence == tokens.REVOKED
        assert caught.value.allowed == ("reconnect",)
    kept = stored(of)
    assert kept.ended_at is not None
    assert kept.problem == tokens.REVOKED
    assert len(sent.requests) == 1


def test_a_wrong_secret_does_not_end_it(answering: Any) -> None:
    answering(made.envelope(None, 36004003))
    of = grant(-HOUR)
    with pytest.raises(ChannelFailure, match="does not know this app key") as caught:
        tokens.access_token(of)
    assert caught.value.kind is FailureKind.AUTH
    assert stored(of).ended_at is None


TRANSIENT = [
    httpx.ConnectError("no"),
    httpx.ReadTimeout("late"),
    httpx.Response(503),
    httpx.Response(200, content=b"<html>"),
    made.envelope(None, 36009002, 429),
    made.envelope({"access_token": "only"}),
]


@pytest.mark.parametrize("answer", TRANSIENT)
def test_a_passing_failure_ends_nothing(answering: Any, answer: Any) -> None:
    answering(answer)
    of = grant(-HOUR)
    with pytest.raises(ChannelFailure) as caught:
        tokens.access_token(of)
    assert caught.value.kind is FailureKind.TRANSIENT
    assert caught.value.outcome is Outcome.NONE
    assert stored(of).ended_at is None
    answering(made.tokens(2))
    assert tokens.access_token(of) == "token-2"


@pytest.mark.parametrize("answer", TRANSIENT)
def test_while_the_old_token_holds_a_failure_to_renew_harms_nothing(
    answering: Any, answer: Any
) -> None:
    sent, of = answering(answer), grant(5 * HOUR)
    assert tokens.access_token(of) == "token-1"
    assert tokens.access_token(of) == "token-1"
    assert len(sent.requests) == 1


@pytest.mark.parametrize("status", [302, 403, 404])
def test_another_host_altogether(answering: Any, status: int) -> None:
    answering(httpx.Response(status, content=b"<html>"))
    of = grant(-HOUR)
    with pytest.raises(ChannelFailure, match=f"HTTP {status} without") as caught:
        tokens.access_token(of)
    assert caught.value.kind is FailureKind.FINAL
    assert stored(of).ended_at is None


def test_a_refresh_token_that_has_run_out_is_not_sent(answering: Any) -> None:
    sent = answering(made.tokens(2))
    of = grant(-HOUR, refresh_ends_at=datetime.now(UTC) - HOUR)
    with pytest.raises(ChannelFailure, match="has run out"):
        tokens.access_token(of)
    assert sent.requests == []
    assert stored(of).problem == tokens.RUN_OUT


def test_a_refused_token_that_others_have_renewed_is_not_renewed_again(answering: Any) -> None:
    sent, of = answering(made.tokens(2)), grant()
    late = stored(of)
    assert tokens.access_token(of, refused="token-1") == "token-2"
    assert tokens.access_token(late, refused="token-1") == "token-2"
    assert len(sent.requests) == 1


def test_the_renewal_is_written_down_for_each_shop(answering: Any) -> None:
    of = grant(HOUR)
    shops = {made.connection(name, of).shop_id for name in ("Northwind", "Southwind")}
    answering(made.tokens(2))
    tokens.access_token(of)
    calls = list(CallRecord.objects.all())
    assert {call.shop_id for call in calls} == shops
    assert {call.operation for call in calls} == {"refresh_token"}
    assert calls[0].query == {"grant_type": "refresh_token"}


def test_ending_is_idempotent() -> None:
    of = grant()
    tokens.end(of, "Gone.")
    first = of.ended_at
    tokens.end(of, "Gone again.")
    assert (of.ended_at, of.problem) == (first, "Gone.")


def test_another_key_of_the_desk_is_said_in_a_sentence(settings: Any) -> None:
    of = grant()
    settings.SECRET_KEY = "another"
    with pytest.raises(ChannelFailure, match="SHIPBOARD_SECRET_KEY") as caught:
        tokens.access_token(of)
    assert caught.value.kind is FailureKind.AUTH


def together(of: Grant, **given: Any) -> list[str]:
    """Four processes (threads with connections of their own) ask for a token at once."""
    got: list[str] = []
    start = threading.Barrier(4)

    def ask() -> None:
        try:
            mine = Grant.objects.get(pk=of.pk)
            start.wait()
            got.append(tokens.access_token(mine, **given))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(got)


def slow() -> httpx.Response:
    time.sleep(0.5)
    return made.tokens(2)


@pytest.mark.django_db(transaction=True)
def test_a_race_to_renew_makes_one_renewal(answering: Any) -> None:
    sent = answering(slow, AssertionError("renewed twice"))
    assert together(grant(), refused="token-1") == ["token-2"] * 4
    assert len(sent.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_renewal_while_the_old_token_holds(answering: Any) -> None:
    sent = answering(slow, AssertionError("renewed twice"))
    assert together(grant(5 * HOUR)) == ["token-1"] * 3 + ["token-2"]
    assert len(sent.requests) == 1
