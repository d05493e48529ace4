"""What can go wrong between the desk and its marketplace, done for true against the sandbox: each
says so on the shop's page, in a sentence of its own with what to do, and is gone when it is mended.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from sandbox import tokens
from sandbox.signature import sign_webhook
from shipboard.channels import sealed
from shipboard.channels.models import App
from shipboard.channels.tiktok import answers, asking
from shipboard.ingest import hook_work, watching
from shipboard.ingest.models import Hook
from tests.channel_proofs.rig import SHOP, Rig

pytestmark = pytest.mark.django_db
PATH = "/shops/northwind/health/"
MEGABYTE = 1024 * 1024


@pytest.fixture
def rig(db: None, desk: Client) -> Iterator[Rig]:
    with Rig() as made:
        made.market.facts.set("time_passes", False)
        yield made


def said(rig: Rig, desk: Client, **given: object) -> str:
    """The page as text, after the minute in which the desk looks at its shops."""
    watching.watch(rig.clock.now, datetime.now(UTC))
    html = desk.get(PATH).content.decode().split("<main", 1)[1]
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(html)).split())


def wrong_now(page: str) -> str:
    """What the page begins with: what is wrong at present."""
    return page.split("The line", 1)[0]


def hook(shop: str = SHOP, order: str = "577", kind: int = 1, id: str = "1") -> bytes:
    text = (
        f'{{"type":{kind},"tts_notification_id":"{id}","shop_id":"{shop}",'
        f'"timestamp":1795348800,"data":{{"order_id":"{order}"}}}}'
    )
    return text.encode()


def signed(body: bytes) -> dict[str, str]:
    return {"Authorization": sign_webhook("key1", "secret1", body)}


def test_all_is_well(rig: Rig, desk: Client) -> None:
    rig.sync()
    page = said(rig, desk)
    assert "All is well Orders arrive by themselves." in page
    assert "not connected" not in page


def test_a_wrong_secret(rig: Rig, desk: Client) -> None:
    app = App.objects.get()
    sealed.set_app_secret(app, "another")
    app.save()
    rig.sync()
    page = wrong_now(said(rig, desk))
    assert "TikTok Shop did not accept this desk's signature." in page
    assert "Check the app secret; then connect the shop again." in page
    sealed.set_app_secret(app, "secret1")
    app.save()
    rig.sync()
    assert "All is well" in said(rig, desk)


def test_a_webhook_with_a_wrong_signature(rig: Rig, desk: Client) -> None:
    rig.sync()
    body = hook()
    assert rig.receive("", signed(body + b" "), body, 3) == 401
    page = said(rig, desk)
    words = "Webhooks that name Northwind came with a signature that does not fit."
    assert words in wrong_now(page)
    assert "if the app's secret was changed at the marketplace" in wrong_now(page).lower()
    assert "Signature does not fit 1" in page
    rig.pass_(2 * 3600)
    rig.sync()
    assert "All is well" in said(rig, desk)


def test_a_replay(rig: Rig, desk: Client) -> None:
    """The same again, also much later, is answered, counted, and changes nothing."""
    rig.sync()
    body = hook()
    assert rig.receive("", signed(body), body, 3) == 200
    rig.work()
    calls = len(rig.market.record.exchanges())
    for _ in range(3):
        rig.pass_(4 * 3600)
        assert rig.receive("", signed(body), body, 3) == 200
        rig.work()
    assert len(rig.market.record.exchanges()) == calls
    assert Hook.objects.count() == 1
    assert "Came again 3 and changed nothing" in said(rig, desk)


def test_a_body_of_20_megabytes(rig: Rig, desk: Client) -> None:
    rig.sync()
    body = b"x" * (20 * MEGABYTE)
    assert rig.receive("", signed(body), body, 3) == 413
    page = said(rig, desk)
    assert "A webhook to the address of TikTok Shop was too big to be read." in wrong_now(page)
    assert "Nothing was lost: polls tell of every change." in wrong_now(page)
    assert "of no shop of this desk: 1 too big" in page


def test_an_answer_of_20_megabytes(rig: Rig, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of orders that is bigger than any can be is dropped before it fills the memory."""
    monkeypatch.setattr(rig.wire, "padding", 20 * MEGABYTE)
    rig.sync()
    page = wrong_now(said(rig, desk))
    assert "The answer was bigger than 20 MB and was dropped." in page


def test_an_unknown_shop(rig: Rig, desk: Client) -> None:
    rig.sync()
    body = hook(shop="7499999999999999999")
    assert rig.receive("", signed(body), body, 3) == 200
    assert "of no shop of this desk: 1 unknown shop" in said(rig, desk)
    assert not hook_work.work(rig.shop, rig.clock)


def test_a_shop_that_the_app_does_not_know_there(rig: Rig, desk: Client) -> None:
    """What names the shop in calls is not valid any more."""
    line = rig.shop.connection
    sealed.set_cipher(line, "ROW_bm9ib2R5.c2hvcA")
    line.save()
    rig.sync()
    page = wrong_now(said(rig, desk))
    assert (
        "TikTok Shop did not accept this desk's credentials, its clock or the shop's code" in page
    )
    assert "connect the shop again" in page


@pytest.mark.parametrize("has_hook", [True, False])
def test_a_shop_that_was_deauthorised(rig: Rig, desk: Client, has_hook: bool) -> None:
    rig.sync()
    tokens.withdraw(rig.market, SHOP)
    if has_hook:
        rig.market.hooks.deliver_due()
        rig.work()
    else:
        rig.sync()
    page = wrong_now(said(rig, desk))
    assert "TikTok Shop does not renew this desk's access any more. Authorise again." in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(300 + 60, "6 minutes ahead of"), (-300 - 60, "6 minutes behind"), (40, r"4\d seconds ahead")],
)
def test_a_clock_that_is_off(
    rig: Rig, desk: Client, monkeypatch: pytest.MonkeyPatch, seconds: int, words: str
) -> None:
    class Off:
        @staticmethod
        def time() -> float:
            return time.time() + seconds

    rig.wire.tells_date = True
    with monkeypatch.context() as off:
        off.setattr(asking, "time", Off)
        off.setattr(answers, "time", Off)
        rig.sync()
        page = wrong_now(said(rig, desk))
    assert re.search(f"This machine's clock is {words}", page)  # the sync takes a while itself
    assert "Set the clock of the machine that the desk runs on." in page
    rig.sync()
    assert "All is well" in said(rig, desk)
