"""The secrets of apps and connections: each is sealed for a purpose of its own and opened only
where it is used. A desk whose key has changed cannot open them and says so.
"""

from __future__ import annotations

from shipboard.accounts.sealing import InvalidToken, seal, unseal
from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.models import App, Connection, Grant

APP_SECRET = "channel app secret"  # noqa: S105 (purposes, not secrets)
ACCESS_TOKEN = "channel access token"  # noqa: S105
REFRESH_TOKEN = "channel refresh token"  # noqa: S105
CIPHER = "channel shop cipher"


def set_app_secret(app: App, secret: str) -> None:
    """Not saved."""
    app.sealed_secret = seal(secret.strip(), APP_SECRET)


def app_secret(app: App) -> str:
    return _open(app.sealed_secret, APP_SECRET)


def set_tokens(grant: Grant, access: str, refresh: str) -> None:
    """Both, always together. Not saved."""
    grant.sealed_access_token = seal(access, ACCESS_TOKEN)
    grant.sealed_refresh_token = seal(refresh, REFRESH_TOKEN)


def access_token(grant: Grant) -> str:
    return _open(grant.sealed_access_token, ACCESS_TOKEN)


def refresh_token(grant: Grant) -> str:
    return _open(grant.sealed_refresh_token, REFRESH_TOKEN)


def set_cipher(connection: Connection, cipher: str) -> None:
    """Not saved."""
    connection.sealed_cipher = seal(cipher, CIPHER)


def cipher(connection: Connection) -> str:
    return _open(connection.sealed_cipher, CIPHER)


def _open(sealed: str, purpose: str) -> str:
    try:
        return unseal(sealed, purpose)
    except InvalidToken:
        raise ChannelFailure(
            FailureKind.AUTH,
            operation="unseal",
            sentence="The desk's own key (SHIPBOARD_SECRET_KEY) is not the one that the shop's"
            " credentials were stored with.",
            next_step="Bring the former key back, or connect the shop again.",
            allowed=("reconnect",),
        ) from None
