"""Asking TikTok Shop for webhooks, and no longer asking. It sends them only to https on a domain
name, without a port; a marketplace on this very machine may send them to this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.http import is_loopback
from shipboard.channels.models import App, Connection
from shipboard.channels.tiktok import webhooks
from shipboard.channels.tiktok.client import Client
from shipboard.channels.tiktok.hosts import api_host

PATH = "/hooks/tiktok/"
LONGEST = 255
INVOICES = 36
#: Those that name orders, and those about the access itself.
WANTED = (*sorted(webhooks.ABOUT_ORDERS), webhooks.DEAUTHORISED, webhooks.EXPIRING)
POLLING = "Polling alone is a full way of working: orders are asked for every minute."


def address(app: App, desk: str) -> str:
    """Where webhooks are to be sent when the desk is at `desk`. Raises ValueError with a sentence
    when TikTok Shop would not send any there."""
    if not desk:
        raise ValueError(f"SHIPBOARD_PUBLIC_URL is not set, so there are no webhooks. {POLLING}")
    try:
        parts = urlsplit(desk)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{desk} (SHIPBOARD_PUBLIC_URL) is no address. {POLLING}") from None
    is_neighbour = _are_neighbours(app, host)
    if not is_neighbour and (parts.scheme != "https" or port is not None or not _is_name(host)):
        raise ValueError(
            f"Webhooks can't reach {desk}: they are sent only to https on a domain name, without "
            f"a port. {POLLING}"
        )
    whole = desk.rstrip("/") + PATH
    if len(whole) > LONGEST:
        raise ValueError(f"{desk} is too long for webhooks. {POLLING}")
    return whole


def desk_of(app: App, public: str, here: str) -> str:
    """The desk's address for webhooks: its public one, or `here`, where it is reached now, when
    both it and the API are on this very machine. Blank where there is none."""
    host = urlsplit(here).hostname or ""
    return public or (here if _are_neighbours(app, host) else "")


def ask(line: Connection, address: str) -> Mapping[str, ChannelFailure]:
    """Have webhooks of every kind sent to `address`. Gives the kinds that were refused for a reason
    of their own; raises ChannelFailure when none of them can be had."""
    client, refused = Client(line, line.grant.app), {}
    for kind in kinds(line.shop.region):
        try:
            client.call("set_webhook", body={"event_type": kind, "address": address})
        except ChannelFailure as failure:
            if failure.kind is not FailureKind.FINAL:
                raise
            refused[kind] = failure
    if len(refused) == len(kinds(line.shop.region)):
        raise next(iter(refused.values()))
    return refused


def stop(line: Connection) -> None:
    """Raises ChannelFailure."""
    client = Client(line, line.grant.app)
    for kind in kinds(line.shop.region):
        client.call("delete_webhook", body={"event_type": kind})


def kinds(region: str) -> tuple[str, ...]:
    """Invoices are for Brazil alone."""
    return tuple(webhooks.KINDS[one] for one in WANTED if one != INVOICES or region == "BR")


def _are_neighbours(app: App, host: str) -> bool:
    return is_loopback(host) and is_loopback(urlsplit(api_host(app)).hostname or "")


def _is_name(host: str) -> bool:
    if "." not in host or is_loopback(host):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host.rsplit(".", 1)[1][:1].isdigit()
    return False
