"""Channels by name: which of them speak for a shop, what they can do, and who reads their webhooks.
Everybody else asks here and knows no marketplace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shipboard.channels.case_contract import CaseStatus
from shipboard.channels.contract import Capabilities, Channel, Hint, ParcelState, Shipping
from shipboard.channels.models import App, Connection, Shop
from shipboard.channels.tiktok import lanes, travels, webhooks
from shipboard.channels.tiktok.call_words import CALL_WORDS
from shipboard.channels.tiktok.case_statuses import STATUSES
from shipboard.channels.tiktok.channel import TikTokChannel
from shipboard.channels.tiktok.client import Client


class NotConnected(Exception):
    """The shop has no line to a marketplace now. The message says why and what to do."""


class Verifier(Protocol):
    """What a channel knows of the webhooks it sends."""

    def is_signed(self, app: App, headers: Mapping[str, str], body: bytes) -> bool: ...

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """Raises ValueError, with a sentence, for a body that cannot be read."""
        ...


class _TikTokHooks:
    def is_signed(self, app: App, headers: Mapping[str, str], body: bytes) -> bool:
        return webhooks.is_signed(app, headers, body)

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        return webhooks.hint(body)


VERIFIERS: Mapping[str, Verifier] = {Shop.Channel.TIKTOK: _TikTokHooks()}


def open_channel(shop: Shop) -> Channel:
    """The shop's line, for one piece of work. Raises NotConnected, and ChannelFailure when the
    credentials kept here cannot be opened."""
    if shop.channel != Shop.Channel.TIKTOK:
        raise NotConnected(
            f"The orders of {shop.name} come from files; it has no line to a marketplace. Import "
            "an order export."
        )
    line = Connection.objects.select_related("grant__app", "shop").filter(shop=shop).first()
    if line is None or line.state == Connection.State.OFF:
        raise NotConnected(f"{shop.name} is not connected. Connect it on its shop page.")
    if line.state == Connection.State.PAUSED:
        raise NotConnected(f"{shop.name} is paused. Resume it on its shop page.")
    return TikTokChannel(line.shop, Client(line, line.grant.app))


def capabilities(shop: Shop, shipping: Shipping) -> Capabilities:
    """What can be done for the shop's orders of that shipping type, connected or not."""
    if shop.channel != Shop.Channel.TIKTOK:
        return Capabilities()
    return lanes.capabilities(shop.region, shipping)


def call_words(channel: str) -> Mapping[str, str]:
    """What the calls of a channel are for, in plain words, by the names that the log keeps."""
    return CALL_WORDS if channel == Shop.Channel.TIKTOK else {}


def case_statuses() -> Mapping[str, CaseStatus]:
    """What the channels' names of where a case stands mean; no two share a name."""
    return STATUSES


def parcel_states(channel: str, payload: str) -> tuple[ParcelState, ...]:
    """What a channel's payload of an order says of each of its parcels; none where it says none."""
    return travels.parcel_states(payload) if channel == Shop.Channel.TIKTOK else ()


def has_line(shop: Shop) -> bool:
    """Whether the shop's channel is one that can be called at all; the others live on files."""
    return capabilities(shop, Shipping.UNSAID).connects


def verifier(channel: str) -> Verifier:
    """Who reads the webhooks of a channel, by its name. Raises LookupError for one without."""
    return VERIFIERS[channel]
