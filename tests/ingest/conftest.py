"""A connected shop and its marketplace in memory."""

from __future__ import annotations

import pytest

from shipboard.channels import registry
from shipboard.channels.models import Shop
from shipboard.ingest import streams
from tests.ingest.fake_channel import Clock, FakeChannel, connected_shop


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    made = FakeChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    return made


@pytest.fixture
def shop(db: None) -> Shop:
    return connected_shop()


@pytest.fixture
def page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is stored before the next one is asked for."""
    monkeypatch.setattr(streams, "TOGETHER", 1)
