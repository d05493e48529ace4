"""Signatures: the marketplace's published example, first-value semantics, and agreement with the
third-party client's signer on made-up requests.
"""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st
from tiktok_shop_api.signing import Signer

from sandbox.signature import sign_request, sign_webhook
from sandbox.testing import Caller

PUBLISHED = "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"


def test_the_published_example() -> None:
    query = {"app_key": "29a39d", "timestamp": "1623812664"}
    sign = sign_request("e59af819cc", "/authorization/202309/shops", query)
    assert sign == PUBLISHED


def test_sign_and_access_token_are_not_signed() -> None:
    query = {"app_key": "29a39d", "timestamp": "1623812664", "sign": "x", "access_token": "y"}
    assert sign_request("e59af819cc", "/authorization/202309/shops", query) == PUBLISHED


def test_a_webhook_is_signed_over_key_and_body() -> None:
    expected = hmac.new(b"secret", b'key{"type":1}', hashlib.sha256).hexdigest()
    assert sign_webhook("key", "secret", b'{"type":1}') == expected


NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)


@given(
    st.dictionaries(NAMES, st.text(max_size=12), max_size=6),
    st.text(max_size=40),
    st.text("abc/_{}0123456789", max_size=20),
    st.text(min_size=1, max_size=12),
)
def test_both_signers_agree(query: dict[str, str], body: str, path: str, secret: str) -> None:
    theirs = Signer.sign(
        path=path,
        query=list(query.items()),
        content_type="application/json",
        body=body.encode(),
        app_secret=secret,
    )
    assert sign_request(secret, path, query, body.encode()) == theirs


def test_a_multipart_body_is_not_signed(us: Caller) -> None:
    query = {"app_key": us.key, "timestamp": str(int(us.market.clock.real()))}
    query["shop_cipher"] = us.cipher
    query["sign"] = sign_request(us.secret, "/order/202309/orders/search", query)
    answer = us.http.post(
        "/order/202309/orders/search",
        params=query,
        files={"file": b"anything"},
        headers={"x-tts-access-token": us.token},
    )
    assert answer.json()["code"] == 0
    us.market.record.clear()  # no multipart search is described


def test_a_parameter_that_comes_twice_breaks_the_signature_of_who_signs_both(us: Caller) -> None:
    query = [("app_key", us.key), ("timestamp", str(int(us.market.clock.real())))]
    query += [("shop_cipher", us.cipher), ("ids", "1"), ("ids", "2")]
    sign = Signer.sign(
        path="/order/202309/orders",
        query=query,
        content_type=None,
        body=None,
        app_secret=us.secret,
    )
    answer = us.http.get(
        "/order/202309/orders",
        params=[*query, ("sign", sign)],
        headers={"x-tts-access-token": us.token},
    )
    assert answer.json()["code"] == 106001
