"""Secrets at rest: sealed with a key that comes from SHIPBOARD_SECRET_KEY, one for each purpose,
so that what was sealed for one thing never opens as another.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

__all__ = ["InvalidToken", "seal", "seal_bytes", "unseal", "unseal_bytes"]


def seal(text: str, purpose: str) -> str:
    """`text` encrypted and signed; blank stays blank."""
    return _box(purpose, settings.SECRET_KEY).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str, purpose: str) -> str:
    """What was sealed for `purpose`. Raises InvalidToken when the desk's key is another one now."""
    return _box(purpose, settings.SECRET_KEY).decrypt(sealed.encode()).decode() if sealed else ""


def seal_bytes(plain: bytes, purpose: str) -> bytes:
    """As `seal`, of a file."""
    return _box(purpose, settings.SECRET_KEY).encrypt(plain)


def unseal_bytes(sealed: bytes, purpose: str) -> bytes:
    """The opposite of `seal_bytes`. Raises InvalidToken."""
    return _box(purpose, settings.SECRET_KEY).decrypt(sealed)


@lru_cache(maxsize=32)
def _box(purpose: str, secret: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
