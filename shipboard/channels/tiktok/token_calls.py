"""The two calls that give tokens: for a code that a seller brought, and for a refresh token.
Secrets travel in their query (the marketplace's design): it is never written down.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from shipboard.channels import calls, http, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import App
from shipboard.channels.text import clean
from shipboard.channels.tiktok.hosts import auth_host

SECONDS = 10.0
ANSWER_MOST = 1024 * 1024

#: What the codes of these two calls mean, as far as is known; nothing of it is documented.
REFUSALS: Mapping[str, tuple[str, str]] = {
    "36004001": ("This desk's access at TikTok Shop has run out.", "Connect the shop again."),
    "36004003": (
        "TikTok Shop does not know this app key and secret.",
        "Copy both again from the app's page in the Partner Center.",
    ),
    "36004004": (
        "TikTok Shop refused the code or token: it has ended, or was used already.",
        "Connect the shop again.",
    ),
    "36004005": (
        "TikTok Shop knows of no access that the seller gave to this app.",
        "Connect the shop again.",
    ),
}
BUSY = frozenset({"36009002", "36009003", "36009007"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The ends are instants, as the answer gives them absolutely; user_type 0 is a seller."""

    access: str
    refresh: str
    access_ends_at: datetime
    refresh_ends_at: datetime
    open_id: str = ""
    seller_name: str = ""
    region: str = ""
    user_type: int | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What came of it, and the call as it is to be written down."""

    outcome: Tokens | ChannelFailure
    call: calls.Call


def exchange(app: App, code: str) -> TokenAnswer:
    """Tokens for a code. Raises ChannelFailure when the app's secret cannot be opened."""
    return _ask(app, "exchange_code", "get", {"auth_code": code, "grant_type": "authorized_code"})


def refresh(app: App, token: str) -> TokenAnswer:
    """New tokens. Raises ChannelFailure when the app's secret cannot be opened."""
    given = {"refresh_token": token, "grant_type": "refresh_token"}
    return _ask(app, "refresh_token", "refresh", given)


def _ask(app: App, operation: str, path: str, given: Mapping[str, str]) -> TokenAnswer:
    path = f"/api/v2/token/{path}"
    query = {"app_key": app.key, "app_secret": sealed.app_secret(app), **given}
    began = time.monotonic()
    reply: http.Reply | None = None
    try:
        reply = http.send(
            "GET",
            f"{auth_host(app)}{path}?{urlencode(query)}",
            headers={"content-type": "application/json"},
            most=ANSWER_MOST,
            read_seconds=SECONDS,
        )
        message = _message(reply.body)
        outcome = _read(operation, reply.status, message)
    except http.CallFailed as error:
        message = {}
        outcome = _transient(operation, str(error), lost=isinstance(error, http.Lost))
    failed = outcome if isinstance(outcome, ChannelFailure) else None
    return TokenAnswer(
        outcome,
        calls.Call(
            shop_id=None,
            operation=operation,
            method="GET",
            path=path,
            query={"grant_type": given["grant_type"]},
            status=reply.status if reply else None,
            code=failed.code if failed else "",
            words=failed.words or failed.sentence if failed else "",
            request_id=str(message.get("request_id") or ""),
            milliseconds=round((time.monotonic() - began) * 1000),
            bytes=len(reply.body) if reply else 0,
            failure=failed.kind if failed else "",
        ),
    )


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _read(operation: str, status: int, message: Mapping[str, Any]) -> Tokens | ChannelFailure:
    code = str(message.get("code", ""))
    if code == "0" and 200 <= status < 300:
        return _tokens(message.get("data")) or _transient(
            operation, "The answer lacks the tokens.", lost=True
        )
    if not code and 300 <= status < 500 and status != 429:
        return ChannelFailure(
            FailureKind.FINAL,
            operation=operation,
            sentence=f"TikTok Shop's sign-in answered HTTP {status} without its usual words.",
            next_step="Check the address of the sign-in in the settings.",
            allowed=("retry",),
        )
    if not code or code == "0" or status == 429 or status >= 500 or code in BUSY:
        return _transient(
            operation, f"TikTok Shop's sign-in answered HTTP {status}.", code=code, lost=not code
        )
    words = calls.scrub(str(message.get("message") or ""))
    sentence, next_step = REFUSALS.get(
        code,
        (
            f"TikTok Shop refused to give access (code {code}).",
            "Check the app's key and secret, then connect the shop again.",
        ),
    )
    return ChannelFailure(
        FailureKind.AUTH,
        operation=operation,
        sentence=sentence,
        next_step=next_step,
        code=code,
        words=words,
        request_id=str(message.get("request_id") or ""),
        allowed=("reconnect",),
    )


def _tokens(data: object) -> Tokens | None:
    if not isinstance(data, dict):
        return None
    access, refresh = data.get("access_token"), data.get("refresh_token")
    access_ends = _instant(data.get("access_token_expire_in"))
    refresh_ends = _instant(data.get("refresh_token_expire_in"))
    if not (isinstance(access, str) and isinstance(refresh, str) and access and refresh):
        return None
    if access_ends is None or refresh_ends is None:
        return None
    kind, scopes = data.get("user_type"), data.get("granted_scopes")
    region = str(data.get("seller_base_region") or "").upper()[:2]
    return Tokens(
        access=access,
        refresh=refresh,
        access_ends_at=access_ends,
        refresh_ends_at=refresh_ends,
        open_id=clean(str(data.get("open_id") or "")),
        seller_name=clean(str(data.get("seller_name") or "")),
        region="GB" if region == "UK" else region,
        user_type=kind if isinstance(kind, int) else None,
        scopes=tuple(clean(str(scope)) for scope in scopes) if isinstance(scopes, list) else (),
    )


def _instant(value: object) -> datetime | None:
    """Absolute unix seconds; an end before 2001 or after 2099 is none."""
    if not isinstance(value, int) or not 1_000_000_000 < value < 4_102_444_800:
        return None
    return datetime.fromtimestamp(value, UTC)


def _transient(operation: str, sentence: str, *, code: str = "", lost: bool) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=operation,
        sentence=sentence,
        next_step="Try again in a few minutes.",
        code=code,
        outcome=Outcome.UNKNOWN if lost else Outcome.NONE,
        allowed=("retry",),
    )
