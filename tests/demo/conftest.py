"""A marketplace for every test that loads the demo, whatever its clock says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.core.cache import cache

from sandbox.market import Market
from shipboard.demo import load as loading
from tests import make
from tests.demo.market import SITE, running, running_with_kept_demo

Load = Callable[[datetime], None]


@pytest.fixture
def market() -> Iterator[Market]:
    cache.clear()
    with running() as market:
        yield market


@pytest.fixture
def load(market: Market, monkeypatch: pytest.MonkeyPatch) -> Load:
    """The demo at an instant, which is the desk's present too."""

    def at(now: datetime) -> None:
        monkeypatch.setenv("SHIPBOARD_NOW", now.isoformat())
        loading.load(now, SITE)

    return at


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """The demo at make.NOW, for tests that are not about making it."""
    cache.clear()
    monkeypatch.setenv("SHIPBOARD_NOW", make.NOW.isoformat())
    with running_with_kept_demo() as market:
        loading.load(make.NOW, SITE)
        yield market
