"""Which webhooks an app wants for a shop, and where."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from sandbox.api import Call, Refusal, operation
from sandbox.hooks import NUMBERS
from sandbox.kinds import Doc

PATH = "/event/{version}/webhooks"
SCOPE = "seller.authorization.info"
LONGEST = 255


@operation("webhooks", "GET", PATH, scope=SCOPE)
def webhooks(call: Call) -> Doc:
    mine = call.market.books.find("subscription", call.shop.id, app=call.app.key)
    names = ("event_type", "address", "create_time", "update_time")
    return {
        "webhooks": [{name: one[name] for name in names} for one in mine],
        "total_count": len(mine),
    }


@operation("update_webhook", "PUT", PATH, scope=SCOPE)
def update_webhook(call: Call) -> Doc:
    event, address = _event(call), str(call.need("address"))
    if not _takes(call, address):
        raise Refusal(36009010, "The address must be https on a domain name, without a port.")
    id = f"{call.app.key}.{event}"
    before = call.market.books.get("subscription", call.shop.id, id) or {"create_time": call.now}
    call.market.books.put(
        "subscription",
        call.shop.id,
        before
        | {
            "id": id,
            "app": call.app.key,
            "event_type": event,
            "address": address,
            "update_time": call.now,
        },
    )
    return {}


@operation("delete_webhook", "DELETE", PATH, scope=SCOPE)
def delete_webhook(call: Call) -> Doc:
    call.market.books.remove("subscription", call.shop.id, f"{call.app.key}.{_event(call)}")
    return {}


def _event(call: Call) -> str:
    event = str(call.need("event_type"))
    if event not in NUMBERS:
        raise Refusal(36009010, f"There is no event {event}.")
    return event


def _takes(call: Call, address: str) -> bool:
    if len(address) > LONGEST:
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if call.on("loopback_webhooks") and (host == "localhost" or _is_loopback(host)):
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and port is None and "." in host and not _is_ip(host)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_ip(host) and ipaddress.ip_address(host).is_loopback
