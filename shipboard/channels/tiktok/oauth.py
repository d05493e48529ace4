"""Connecting a seller: the page on which access is granted, the code that comes back from it, and
the shops that the access is for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.core.cache import cache

from shipboard.channels import calls
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import App, Grant
from shipboard.channels.text import clean
from shipboard.channels.tiktok import token_calls, tokens
from shipboard.channels.tiktok.client import Client
from shipboard.channels.tiktok.hosts import authorize_page

#: A code lives for half an hour; it is remembered for longer.
CODE_SECONDS = 3600
AGAIN = "Begin again with Connect."
SELLER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteShop:
    """A shop that a grant is for; `region` is an ISO code, UK as GB; `cipher` names it in calls."""

    remote_id: str
    name: str
    region: str
    cipher: str
    code: str = ""
    is_cross_border: bool = False


def authorize_url(app: App, state: str, *, region: str = "") -> str:
    """Where to send the seller; `state` comes back to the callback untouched. Apps without a
    service id are named by their key. Sellers of the United States have a page of their own."""
    named = {"service_id": app.service_id} if app.service_id else {"app_key": app.key}
    return f"{authorize_page(app, region)}?{urlencode(named | {'state': state})}"


def exchange(app: App, code: str) -> Grant:
    """The seller's grant for a code from the callback, saved; an existing one is renewed.

    A code is sent once only, however often the callback page is loaded. Raises ChannelFailure.
    """
    if not code or code == "null":
        raise _refused("The seller did not grant access.")
    used = f"tiktok-code:{hashlib.sha256(code.encode()).hexdigest()}"
    if not cache.add(used, 1, CODE_SECONDS):
        raise _refused("This code has been used already; it works once.")
    answer = token_calls.exchange(app, code)
    calls.record(answer.call)
    outcome = answer.outcome
    if isinstance(outcome, ChannelFailure):
        if outcome.kind is FailureKind.TRANSIENT and outcome.outcome is Outcome.NONE:
            cache.delete(used)
        raise outcome
    if outcome.user_type not in (SELLER, None):
        raise _refused("That is not a seller's account; sign in there with the shop's own.")
    if not outcome.open_id:
        raise _refused("TikTok Shop did not say whose access it is.")
    return _keep(app, outcome)


def shops(grant: Grant) -> tuple[RemoteShop, ...]:
    """The shops that a grant is for. Raises ChannelFailure."""
    answer = Client(None, grant.app, grant).call("authorized_shops")
    listed = answer.data.get("shops")
    found = (_shop(one) for one in (listed if isinstance(listed, list) else []))
    return tuple(shop for shop in found if shop is not None)


def _keep(app: App, given: token_calls.Tokens) -> Grant:
    grant = Grant.objects.filter(app=app, open_id=given.open_id).first() or Grant(
        app=app, open_id=given.open_id
    )
    grant.seller_name, grant.region = given.seller_name, given.region
    grant.granted_at = datetime.now(UTC)
    grant.scopes = []
    tokens.keep(grant, given)
    grant.save()
    return grant


def _shop(one: object) -> RemoteShop | None:
    if not isinstance(one, dict) or not one.get("id") or not one.get("cipher"):
        return None
    region = str(one.get("region") or "").upper()[:2]
    return RemoteShop(
        remote_id=clean(str(one["id"])),
        name=clean(str(one.get("name") or one["id"])),
        region="GB" if region == "UK" else region,
        cipher=str(one["cipher"]),
        code=str(one.get("code") or ""),
        is_cross_border=one.get("seller_type") == "CROSS_BORDER",
    )


def _refused(sentence: str) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.AUTH,
        operation="exchange_code",
        sentence=sentence,
        next_step=AGAIN,
        allowed=("reconnect",),
    )
