"""Webhooks of TikTok Shop: is it signed by our app, and what does it hint is worth reading again.
A hint is never the truth: the order itself is read from the API.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from shipboard.channels import sealed
from shipboard.channels.contract import Hint
from shipboard.channels.models import App
from shipboard.channels.text import clean
from shipboard.channels.tiktok.signing import sign_hook

DEAUTHORISED = 6
EXPIRING = 7
#: 64, 65 and 67 are a newer family of after-sales hooks; what they name is read again.
KINDS: Mapping[int, str] = {
    1: "ORDER_STATUS_CHANGE",
    3: "RECIPIENT_ADDRESS_UPDATE",
    4: "PACKAGE_UPDATE",
    DEAUTHORISED: "SELLER_DEAUTHORIZATION",
    EXPIRING: "UPCOMING_AUTHORIZATION_EXPIRATION",
    11: "CANCELLATION_STATUS_CHANGE",
    12: "RETURN_STATUS_CHANGE",
    36: "INVOICE_STATUS_CHANGE",
    64: "AFTERSALES_REQUEST",
    65: "RMA",
    67: "REFUND_SUCCESS",
}
#: They must name an order; without one they cannot be worked on.
ABOUT_ORDERS = frozenset({1, 3, 4, 11, 12, 36})


def is_signed(app: App, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the Authorization header fits the raw body, compared in constant time.

    The body's own time is part of what is signed, but repeats come up to 15.5 hours late, so age is
    no reason to refuse.
    """
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    expected = sign_hook(app.key, sealed.app_secret(app), body)
    return hmac.compare_digest(expected.encode(), given.strip().encode())


def hint(body: bytes) -> Hint:
    """What a body of any type says is worth reading. Raises ValueError with a sentence for one that
    is no JSON object, has no type, or should name an order and names none."""
    message = _object(body)
    number = message.get("type")
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("It has no type.")
    data = message.get("data")
    data = data if isinstance(data, dict) else {}
    orders = tuple(dict.fromkeys(_order_ids(data)))
    if number in ABOUT_ORDERS and not orders:
        raise ValueError(f"It is of type {number} ({KINDS[number]}) and names no order.")
    return Hint(
        remote_shop_id=_id(message.get("shop_id")),
        notification_id=_id(message.get("tts_notification_id")),
        kind=KINDS.get(number, f"type {number}"),
        order_ids=orders,
        said_at=_instant(message.get("timestamp")),
        notice=_notice(number, data),
        deauthorised=number == DEAUTHORISED,
        is_known=number in KINDS,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("It is not JSON.") from None
    if not isinstance(message, dict):
        raise ValueError("It is not a JSON object.")
    return message


def _order_ids(data: Mapping[str, Any]) -> Iterator[str]:
    packages = data.get("package_list")
    for holder in [data, *(packages if isinstance(packages, list) else [])]:
        if not isinstance(holder, dict):
            continue
        yield from filter(None, [_id(holder.get("order_id"))])
        for name in ("order_ids", "order_id_list"):
            several = holder.get(name)
            yield from filter(None, map(_id, several if isinstance(several, list) else []))


def _id(value: object) -> str:
    """An id as text; blank for what cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and len(value) <= 100 and clean(value) == value else ""


def _notice(number: int, data: Mapping[str, Any]) -> str:
    if number == DEAUTHORISED:
        return "The seller withdrew this desk's access at TikTok Shop."
    if number != EXPIRING:
        return ""
    if ends := _instant(data.get("expiration_time")):
        return f"This desk's access at TikTok Shop ends on {ends:%Y-%m-%d %H:%M} UTC."
    return "This desk's access at TikTok Shop ends within 30 days."


def _instant(value: object) -> datetime | None:
    """Unix seconds, as a number or as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:12])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 4_102_444_800:
        return None
    return datetime.fromtimestamp(value, UTC)
