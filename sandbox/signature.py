"""Signatures as the marketplace reckons them: of requests, and of the webhooks it sends."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

NOT_SIGNED = ("sign", "access_token")


def request_text(secret: str, path: str, query: Mapping[str, str], body: bytes) -> bytes:
    """What is signed: secret, path, the query's names and values sorted by name, body, secret.

    `query` has one decoded value for each name. A multipart body is not signed: pass none.
    """
    pairs = "".join(name + query[name] for name in sorted(query) if name not in NOT_SIGNED)
    return f"{secret}{path}{pairs}".encode() + body + secret.encode()


def sign_request(secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    return _hex(secret, request_text(secret, path, query, body))


def sign_webhook(key: str, secret: str, body: bytes) -> str:
    """The Authorization header of a webhook."""
    return _hex(secret, key.encode() + body)


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _hex(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
