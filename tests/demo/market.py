"""The sandbox marketplace in process, as the demo's set-up meets it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox import shops
from sandbox.market import Market
from sandbox.testing import transport
from shipboard import setup
from shipboard.channels import http
from shipboard.demo import load as loading
from shipboard.demo.marketplace import Site
from shipboard.embedded.sandbox import CALLBACK, KEY, SECRET
from tests.demo.kept import maker

SITE = Site("http://127.0.0.1:9", "http://127.0.0.1:8000")


@contextmanager
def running() -> Iterator[Market]:
    """Every outside call goes to a market that knows the desk's app and nothing else. Time stands
    still there: what a tick would bring is not awaited."""
    market, before = Market(), http.TRANSPORT
    market.facts.set("time_passes", False)
    shops.add_app(market.books, KEY, SECRET, f"{SITE.desk}{CALLBACK}")
    http.TRANSPORT = transport(market)
    try:
        yield market
    finally:
        http.TRANSPORT = before
        market.close()


@contextmanager
def running_with_kept_demo() -> Iterator[Market]:
    """Likewise, and the demo is not made again and again."""
    with running() as market, pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "_make", maker(market))
        yield market


def prepare(*, with_demo: bool) -> list[str]:
    """setup.prepare as `shipboard up` has it called."""
    return setup.prepare(with_demo, SITE.sandbox, SITE.desk)
