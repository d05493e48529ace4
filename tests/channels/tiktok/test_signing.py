"""Our signatures: TikTok's published example, a vector of another implementation, and agreement
with a third one on generated requests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiktok_shop_api.signing import Signer
from tiktok_shop_api.webhooks import Webhooks

from shipboard.channels.tiktok.signing import sign, sign_hook

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
VALUES = st.text(max_size=20) | st.sampled_from(
    ["", " ", "a b", "a+b", "a/b&c=d", "1,2,3", "ช้าง", "%20"]
)
BODIES = st.text(max_size=60) | st.sampled_from(["", "{}", '{"name":"ช้าง & Söhne"}'])


def test_the_published_example() -> None:
    query = {"app_key": "29a39d", "timestamp": "1623812664"}
    expected = "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"
    assert sign("e59af819cc", "/authorization/202309/shops", query) == expected


def test_the_vector_of_the_php_library() -> None:
    expected = "d3cb7fe11ecae942802ceeca67e7cf10120cc12f1517d45fbc1c8cfe5413c80f"
    assert sign("app_secret", "/test-api", {"foo": "bar"}) == expected


@given(st.dictionaries(NAMES | st.sampled_from(["sign", "access_token"]), VALUES), BODIES, VALUES)
def test_agrees_with_the_other_signer(query: Mapping[str, str], body: str, secret: str) -> None:
    path = "/order/202309/orders/search"
    theirs = Signer.sign(
        path=path,
        query=list(query.items()),
        content_type="application/json",
        body=body.encode(),
        app_secret=secret,
    )
    assert sign(secret, path, query, body.encode()) == theirs


@pytest.mark.parametrize("name", ["sign", "access_token"])
def test_some_names_are_not_signed(name: str) -> None:
    assert sign("s", "/p", {name: "1", "a": "b"}) == sign("s", "/p", {"a": "b"})


@given(VALUES, VALUES, st.binary(max_size=60))
def test_webhooks_agree_with_the_other_verifier(key: str, secret: str, body: bytes) -> None:
    signature = sign_hook(key, secret, body)
    given = {"app_key": key, "app_secret": secret, "raw_body": body}
    assert Webhooks.verify(signature=signature, **given)
    assert not Webhooks.verify(signature=signature[:-1], **given)
