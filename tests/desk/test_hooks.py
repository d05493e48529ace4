"""/hooks/tiktok/, the endpoint, and /hooks/, its inbox."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import AuditEntry
from shipboard.channels.models import App, Shop
from shipboard.desk import hooks
from shipboard.desk.hook_inbox import SHOWN
from shipboard.ingest import inbox
from shipboard.ingest.models import Hook
from tests import make
from tests.ingest.fake_channel import connected_shop
from tests.ingest.hooks import URL, body, keep_secret, signed

pytestmark = pytest.mark.django_db
State = Hook.State


@pytest.fixture
def shop(db: None) -> Shop:
    made = connected_shop()
    keep_secret()
    return made


def send(sent: bytes, headers: dict[str, str] | None = None, **more: Any) -> Any:
    given = signed(sent) if headers is None else headers
    stranger = Client(enforce_csrf_checks=True)
    return stranger.post(URL, sent, content_type="application/json", headers=given, **more)


def test_a_signed_one_gets_an_empty_200(shop: Shop) -> None:
    said = send(body("57601", id="n1"))
    assert (said.status_code, said.content) == (200, b"")
    assert not said.cookies
    assert Hook.objects.get().shop == shop


def test_it_asks_the_database_little(shop: Shop) -> None:
    send(body("57600", id="n0"))
    with CaptureQueriesContext(connection) as queries:
        send(body("57601", id="n1"))
    asked = [each["sql"][:40] for each in queries if "SAVEPOINT" not in each["sql"]]
    assert len(asked) == 4, asked  # apps, shop, row, is a job waiting


def test_without_a_right_signature_401(shop: Shop) -> None:
    sent = body("57601")
    wrong = ({}, {"authorization": ""}, {"authorization": "é"}, signed(sent, "another"))
    for headers in wrong:
        said = send(sent, headers)
        assert (said.status_code, said.content) == (401, b"")
    assert send(sent + b" ", signed(sent)).status_code == 401
    assert set(Hook.objects.values_list("state", flat=True)) == {State.UNSIGNED}


def test_nobody_can_tell_503(shop: Shop) -> None:
    App.objects.update(sealed_secret="sealed by another desk")
    assert send(body("57601")).status_code == 503


def test_other_methods_405(shop: Shop, desk: Client) -> None:
    for client in (Client(), desk):
        assert client.get(URL).status_code == 405
        assert client.put(URL, b"{}").status_code == 405
    assert not Hook.objects.exists()


def test_when_slow_bodies_take_every_place_429(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(hooks, "PLACES", places)
    monkeypatch.setattr(hooks, "PLACE_SECONDS", 0)
    with places:
        assert send(body("57601")).status_code == 429
    assert not Hook.objects.exists()
    assert send(b"x" * (inbox.MOST_BYTES + 1)).status_code == 413
    assert send(body("57601")).status_code == 200


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *given: Any) -> bytes:
        raise AssertionError("it was read")


def test_a_body_that_is_too_big_is_not_read_413(shop: Shop) -> None:
    told = str(20 * 1024 * 1024)
    said = Client().generic("POST", URL, **{"CONTENT_LENGTH": told, "wsgi.input": Unread()})
    assert (said.status_code, said.content) == (413, b"")
    hook = Hook.objects.get()
    assert (hook.state, hook.size, bytes(hook.body)) == (State.TOO_BIG, int(told), b"")
    just = b"x" * inbox.MOST_BYTES
    assert send(just).status_code == 200
    assert send(just + b"x").status_code == 413


def in_chunks(sent: bytes) -> Any:
    given = {"wsgi.input": io.BytesIO(sent), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    return Client().generic("POST", URL, headers=signed(sent), **given)


def test_in_chunks_as_a_proxy_may_send_it(shop: Shop) -> None:
    assert in_chunks(body("57601")).status_code == 200
    assert Hook.objects.get().order_ids == ["57601"]
    endless = io.BytesIO(b"x" * (3 * inbox.MOST_BYTES))
    given = {"wsgi.input": endless, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert Client().generic("POST", URL, **given).status_code == 413
    assert endless.tell() == inbox.MOST_BYTES + 1


def rows(page: str) -> list[str]:
    return [piece.split("</tr>")[0] for piece in page.split("<tr data-hook=")[1:]]


def test_the_inbox_says_what_became_of_each(shop: Shop, desk: Client) -> None:
    send(body("57601", id="n1"))
    send(body("57601", id="n1"))
    send(body("57602", shop="999", id="n2"))
    send(b'{"type": 1, "x": "<script>"}')
    send(body("57603"), {})
    said, unreadable, unknown, waiting = rows(desk.get("/hooks/").content.decode())
    assert "Signature does not fit" in said
    assert "so it says" in said
    assert "Cannot be read" in unreadable
    assert "&lt;script&gt;" in unreadable
    assert "999" in unknown
    assert "Read again" in unknown
    assert f"/orders/57601/?shop={shop.slug}" in waiting
    assert ">1</td>" in waiting
    assert "Read again" not in waiting


def test_it_shows_one_shop_or_what_is_odd(shop: Shop, desk: Client) -> None:
    connected_shop("Southwind")
    send(body("57601", id="n1"))
    send(body("57602", id="n2", shop="7495Southwind"))
    send(body("57603", id="n3", shop="999"))

    def shown(query: str) -> list[str]:
        found = rows(desk.get(f"/hooks/?{query}").content.decode())
        return [number for row in found for number in ("57601", "57602", "57603") if number in row]

    assert shown("") == shown("shop=&show=") == ["57603", "57602", "57601"]
    assert shown("shop=northwind") == ["57601"]
    assert shown("show=odd") == ["57603"]
    assert shown("shop=southwind&show=waiting") == ["57602"]
    for wrong in ("show=no", "shop=nowhere", "before=x", "before=9999999999999999999"):
        assert desk.get(f"/hooks/?{wrong}").status_code == 400


def test_pages_of_it(shop: Shop, desk: Client) -> None:
    for number in range(SHOWN + 1):
        send(body(f"576{number:03}", id=f"n{number}"))
    with CaptureQueriesContext(connection) as queries:
        page = desk.get("/hooks/").content.decode()
    assert len(rows(page)) == SHOWN
    assert len(queries) <= 10
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    (last,) = rows(desk.get(older).content.decode())
    assert "576000" in last


def test_sending_one_back_to_work(shop: Shop, desk: Client) -> None:
    send(body("57602", shop="7495Southwind"))
    hook = Hook.objects.get()
    path = f"/hooks/{hook.pk}/again/"
    page = desk.post(path, {"show": "odd"}, follow=True)
    assert page.redirect_chain == [("/hooks/?shop=&show=odd", 302)]
    assert "Connect the shop first" in page.content.decode()
    connected_shop("Southwind")
    assert "worked on again" in desk.post(path, follow=True).content.decode()
    hook.refresh_from_db()
    assert hook.state == State.NEW
    assert AuditEntry.objects.get(kind="hook_read_again").subject == str(hook.pk)
    assert desk.post("/hooks/999999/again/").status_code == 404


def test_the_test_notice_says_what_became_of_it(
    desk: Client, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.NOTICE_MAILS, settings.NOTICE_URL = [], ""
    page = desk.post("/settings/notices/", follow=True).content.decode()
    assert "No way is set up; the settings below make one." in page
    settings.NOTICE_MAILS, settings.NOTICE_URL = ["mai@shop.example"], "http://chat.example/x"
    page = desk.post("/settings/notices/", follow=True).content.decode()
    assert "By mail: sent." in page
    assert "By webhook: not sent. Only https addresses are called" in page
    assert mailoutbox[0].subject.startswith("Shipboard: This is a test")
    assert AuditEntry.objects.filter(kind="notice_tested").count() == 2


def test_failures_to_tell_are_shown(desk: Client, settings: Any) -> None:
    settings.NOTICE_MAILS, settings.NOTICE_URL = ["mai@shop.example"], ""
    shop = connected_shop()
    entry = {"state": "unknown", "at": make.NOW.isoformat(), "tries": 1, "problem": "No answer."}
    shop.notices.create(
        about="stale", sentence="Old.", next_step="Look.", since=make.NOW, sent={"mail": entry}
    )
    page = desk.get("/settings/notices/").content.decode()
    assert "By mail: Perhaps sent" in page
    assert "No answer." in page
    assert "mai@shop.example" in page
    assert json.dumps(entry) not in page
