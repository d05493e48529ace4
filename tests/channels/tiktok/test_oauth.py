"""Connecting: the page to send the seller to, the code that comes back, the shops it is for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.cache import cache

from shipboard.channels import http, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.models import CallRecord, Grant
from shipboard.channels.tiktok import oauth
from shipboard.channels.tiktok.oauth import RemoteShop
from tests.channels.tiktok import made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> None:
    cache.clear()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(*answers: Any) -> made.Answers:
        transport = made.Answers(*answers)
        monkeypatch.setattr(http, "TRANSPORT", transport)
        return transport

    return put


def test_the_page_to_grant_access_on(settings: Any) -> None:
    settings.TIKTOK_AUTHORIZE_URL_US = "https://us.example/open/authorize"
    app = made.app()
    assert parse_qs(urlsplit(oauth.authorize_url(app, "st&ate")).query) == {
        "app_key": ["key1"],
        "state": ["st&ate"],
    }
    app.service_id = "7100"
    url = oauth.authorize_url(app, "s", region="US")
    assert url == "https://us.example/open/authorize?service_id=7100&state=s"


def test_a_code_becomes_a_grant(answering: Any) -> None:
    sent, app = answering(made.tokens(7, seller_base_region="UK")), made.app()
    grant = oauth.exchange(app, "code-1")
    [request] = sent.requests
    assert request.url.path == "/api/v2/token/get"
    assert dict(request.url.params) == {
        "app_key": "key1",
        "app_secret": "secret1",
        "auth_code": "code-1",
        "grant_type": "authorized_code",
    }
    grant = Grant.objects.get(pk=grant.pk)
    assert sealed.access_token(grant) == "token-7"
    assert (grant.open_id, grant.seller_name, grant.region) == ("seller-1", "Northwind", "GB")
    assert grant.scopes == ["seller.order.info"]
    call = CallRecord.objects.get()
    assert (call.operation, call.query) == ("exchange_code", {"grant_type": "authorized_code"})


def test_a_code_is_sent_once(answering: Any) -> None:
    sent, app = answering(made.tokens(1)), made.app()
    oauth.exchange(app, "code-1")
    with pytest.raises(ChannelFailure, match="works once"):
        oauth.exchange(app, "code-1")
    assert len(sent.requests) == 1


def test_a_code_that_may_have_arrived_is_not_sent_again(answering: Any) -> None:
    sent, app = answering(httpx.ReadTimeout("late")), made.app()
    with pytest.raises(ChannelFailure, match="in time"):
        oauth.exchange(app, "code-1")
    with pytest.raises(ChannelFailure, match="works once"):
        oauth.exchange(app, "code-1")
    assert len(sent.requests) == 1


def test_a_code_that_never_left_may_be_sent_again(answering: Any) -> None:
    app = made.app()
    answering(httpx.ConnectError("no"))
    with pytest.raises(ChannelFailure, match="could not be reached"):
        oauth.exchange(app, "code-1")
    answering(made.tokens(1))
    assert oauth.exchange(app, "code-1").open_id == "seller-1"


@pytest.mark.parametrize("code", ["", "null"])
def test_no_code_means_no_access(answering: Any, code: str) -> None:
    answering(AssertionError("it was sent"))
    with pytest.raises(ChannelFailure, match="did not grant access"):
        oauth.exchange(made.app(), code)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (made.envelope(None, 36004003), "does not know this app key and secret"),
        (made.envelope(None, 36004004), "refused the code"),
        (made.envelope(None, 123), r"refused to give access \(code 123\)"),
        (made.tokens(1, user_type=1), "not a seller's account"),
        (made.tokens(1, open_id=""), "did not say whose"),
    ],
)
def test_refusals_have_sentences_of_their_own(answering: Any, answer: Any, words: str) -> None:
    answering(answer)
    with pytest.raises(ChannelFailure, match=words) as caught:
        oauth.exchange(made.app(), "code-1")
    assert caught.value.kind is FailureKind.AUTH
    assert caught.value.next_step
    assert Grant.objects.count() == 0


def test_authorising_again_mends_the_grant(answering: Any) -> None:
    app = made.app()
    old = made.grant(app, ended_at=datetime.now(UTC), problem="Gone.", scopes=["a", "b"])
    answering(made.tokens(5))
    grant = oauth.exchange(app, "code-2")
    assert grant.pk == old.pk
    kept = Grant.objects.get(pk=old.pk)
    assert (kept.ended_at, kept.problem) == (None, "")
    assert kept.scopes == ["seller.order.info"]
    assert sealed.refresh_token(kept) == "refresh-5"


def test_the_shops_of_a_grant(answering: Any) -> None:
    listed = [
        {"id": "7495", "name": "Maple", "region": "UK", "seller_type": "LOCAL", "cipher": "C1"},
        {"id": "7496", "region": "TH", "seller_type": "CROSS_BORDER", "cipher": "C2", "code": "T"},
        {"id": "7497", "name": "No cipher", "region": "TH"},
        None,
    ]
    sent = answering(made.envelope({"shops": listed}))
    assert oauth.shops(made.grant(made.app())) == (
        RemoteShop(remote_id="7495", name="Maple", region="GB", cipher="C1"),
        RemoteShop(
            remote_id="7496",
            name="7496",
            region="TH",
            cipher="C2",
            code="T",
            is_cross_border=True,
        ),
    )
    assert "shop_cipher" not in sent.requests[0].url.params
    assert CallRecord.objects.get().shop_id is None


@pytest.mark.parametrize("data", [None, {}, {"shops": None}])
def test_a_grant_for_no_shop(answering: Any, data: object) -> None:
    answering(made.envelope(data))
    assert oauth.shops(made.grant(made.app())) == ()
