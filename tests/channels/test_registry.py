"""Which channel speaks for a shop."""

from __future__ import annotations

import json

import pytest

from shipboard.channels import registry
from shipboard.channels.contract import Capabilities, ChannelFailure, FailureKind, Shipping
from shipboard.channels.models import Connection
from shipboard.channels.registry import NotConnected
from shipboard.channels.tiktok.signing import sign_hook
from tests import make
from tests.channels.tiktok import made

pytestmark = pytest.mark.django_db


def test_a_file_shop_has_no_line() -> None:
    shop = make.shop()
    with pytest.raises(NotConnected, match="come from files"):
        registry.open_channel(shop)
    assert registry.capabilities(shop, Shipping.SELLER) == Capabilities()


def test_a_shop_that_was_never_connected() -> None:
    shop = make.shop(channel="tiktok")
    with pytest.raises(NotConnected, match="not connected"):
        registry.open_channel(shop)
    assert registry.capabilities(shop, Shipping.SELLER).ships


@pytest.mark.parametrize(
    ("state", "words"),
    [(Connection.State.OFF, "not connected"), (Connection.State.PAUSED, "is paused")],
)
def test_a_shop_without_a_line_now(state: str, words: str) -> None:
    line = made.connection()
    Connection.objects.update(state=state)
    with pytest.raises(NotConnected, match=words):
        registry.open_channel(line.shop)


def test_a_connected_shop() -> None:
    channel = registry.open_channel(made.connection().shop)
    assert channel.capabilities(Shipping.PLATFORM).rate_quotes


def test_credentials_that_cannot_be_opened() -> None:
    line = made.connection()
    Connection.objects.update(sealed_cipher="of another key")
    with pytest.raises(ChannelFailure) as raised:
        registry.open_channel(line.shop)
    assert raised.value.kind is FailureKind.AUTH


def test_webhooks_are_read_by_their_channel() -> None:
    app = made.app()
    body = json.dumps({"type": 1, "shop_id": "7", "data": {"order_id": "5768"}}).encode()
    verifier = registry.verifier("tiktok")
    signature = sign_hook(app.key, "secret1", body)
    assert verifier.is_signed(app, {"Authorization": signature}, body)
    assert not verifier.is_signed(app, {"Authorization": signature}, body + b" ")
    assert verifier.hint({}, body).order_ids == ("5768",)
    with pytest.raises(LookupError):
        registry.verifier("file")
