"""How TikTok Shop signs: requests (HMAC-SHA256 over path, sorted query and raw body) and webhooks.
Pure functions; the very bytes that are signed must be the ones that are sent.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

#: Never part of what is signed.
UNSIGNED = frozenset({"sign", "access_token"})


def sign(secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    """Lower-case hex: HMAC, keyed with the app's secret, of secret + path + every name and value of
    the query, sorted by name, + body + secret. `query` holds decoded values, as the server reads
    them; a multipart body is not signed: leave it out."""
    pairs = "".join(name + query[name] for name in sorted(query) if name not in UNSIGNED)
    text = f"{secret}{path}{pairs}".encode() + body + secret.encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def sign_hook(key: str, secret: str, body: bytes) -> str:
    """What a webhook's Authorization header must be: the HMAC of app key + raw body."""
    return hmac.new(secret.encode(), key.encode() + body, hashlib.sha256).hexdigest()
