"""A shop's health page: what its line does and why it waits, what is wrong, what needs a human; and
asking for a sync. It is of use when there is nothing to tell, and for shops of files."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import FailureKind, Stream
from shipboard.channels.models import CallRecord, Connection, Grant, Shop
from shipboard.ingest import notices
from shipboard.ingest.findings import Found, Kind, note
from shipboard.ingest.models import Cursor, Finding, Hook, OrderImport
from shipboard.ingest.notices import About, Trouble
from shipboard.ingest.reconcile import RECONCILE
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
PATH = "/shops/northwind/health/"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(owner: User) -> Shop:
    made = connected_shop()
    Grant.objects.update(refresh_ends_at=make.NOW.replace(year=2099))
    return made


def page(desk: Client, path: str = PATH, **given: Any) -> str:
    answer = desk.get(path, **given)
    assert answer.status_code in (200, 286), answer.status_code
    return unescape(answer.content.decode())


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def cursor(shop: Shop, stream: str = Stream.ORDERS, **given: Any) -> Cursor:
    made, _ = Cursor.objects.update_or_create(shop=shop, stream=stream, defaults=given)
    return made


def call(shop: Shop, **given: Any) -> CallRecord:
    values: dict[str, Any] = {
        "at": make.NOW - MINUTE,
        "operation": "order_search",
        "method": "POST",
        "path": "/order/202309/orders/search",
        "attempt": 1,
        "status": 200,
        "milliseconds": 100,
    }
    return CallRecord.objects.create(shop=shop, **values | given)


def client_of(role: Role) -> Client:
    person = User.objects.create_user(f"{role}@shop.example", "a long password", role=role)
    person.sees_all_shops = True
    person.save()
    client = Client()
    client.force_login(person)
    return client


def test_an_untouched_line_is_told_in_full(desk: Client, shop: Shop) -> None:
    said = text(page(desk))
    for words in (
        "All is well",
        "never read to the end",
        "Not yet",
        "Nothing. An order that",
        "Polling",
    ):
        assert words in said
    assert "0 calls" in said


def test_streams_say_their_last_success_and_why_they_wait(desk: Client, shop: Shop) -> None:
    cursor(shop, succeeded_at=make.NOW - 2 * MINUTE, tried_at=make.NOW - 2 * MINUTE)
    cursor(
        shop,
        Stream.RETURNS,
        succeeded_at=make.NOW - timedelta(hours=3),
        tried_at=make.NOW - MINUTE,
        failures=3,
        problem="TikTok Shop is too busy.",
        next_step="It is tried again by itself.",
        kind=FailureKind.TRANSIENT,
        retry_at=make.NOW + 4 * MINUTE,
    )
    html = page(desk)
    rows = {n: text(r) for n, r in re.findall(r'<tr data-stream="(\w+)">(.*?)</tr>', html, re.S)}
    assert "2 min ago Within the minute —" in rows["orders"]
    assert "3 h ago In 4m TikTok Shop is too busy." in rows["returns"]
    assert "3 times in a row" in rows["returns"]
    assert "TikTok Shop is too busy." in text(html.split('id="line"')[0])


def test_a_line_that_works_and_orders_that_need_somebody_are_two_things(
    desk: Client, shop: Shop
) -> None:
    note(shop, [Found(Kind.UNREADABLE_ORDER, "5762", "It has no lines.")], make.NOW)
    said = text(page(desk))
    assert "All is well" not in said
    assert "Orders arrive by themselves. 1 of them needs somebody to look." in said


def test_a_connected_shop_without_orders_is_told_to_wait(desk: Client, shop: Shop) -> None:
    said = text(desk.get("/orders/").content.decode())
    assert "its orders arrive by themselves" in said
    assert "choose Export" not in said


def test_who_is_locked_out_waits_with_every_stream(desk: Client, shop: Shop) -> None:
    cursor(
        shop,
        problem="The app's secret does not fit.",
        next_step="Enter the secret again.",
        kind=FailureKind.AUTH,
        tried_at=make.NOW,
        retry_at=make.NOW + 30 * MINUTE,
    )
    said = text(page(desk))
    assert said.count("In 30m") == 6
    assert "The app's secret does not fit. Enter the secret again." in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ended_at": make.NOW, "problem": "Mai took the access back."}, "took the access back"),
        ({"sealed_refresh_token": "of another key"}, "SHIPBOARD_SECRET_KEY"),
        ({"refresh_ends_at": make.NOW.replace(year=2020)}, "has run out"),
    ],
)
def test_what_is_wrong_with_the_access_is_said(
    desk: Client, shop: Shop, changed: dict[str, Any], said: str
) -> None:
    Grant.objects.update(**changed)
    assert said in text(page(desk))


@pytest.mark.parametrize("about", About)
def test_every_notice_of_the_shop_is_said_there(desk: Client, shop: Shop, about: About) -> None:
    notices.begin(shop, about, Trouble("Northwind: it is so.", "Do this."), make.NOW)
    said = text(page(desk))
    assert "it is so. Do this." in said
    assert "All is well" not in said


def test_a_shop_that_is_not_connected_says_so(desk: Client) -> None:
    make.shop(channel="tiktok")
    assert "Northwind is not connected" in text(page(desk))


def test_calls_of_the_hour_are_counted(desk: Client, shop: Shop) -> None:
    for milliseconds in (100, 300, 900):
        call(shop, milliseconds=milliseconds)
    call(shop, failure="throttled", milliseconds=400, status=429)
    call(shop, at=make.NOW - timedelta(minutes=61), failure="throttled")
    assert "4 calls 1 failed 300 ms" in text(page(desk))


def test_webhooks_of_the_day_are_counted_with_those_of_strangers(desk: Client, shop: Shop) -> None:
    at = make.NOW - MINUTE
    for n, (owner_of, state) in enumerate(
        [(shop, "done"), (shop, "done"), (shop, "failed"), (None, "unsigned"), (None, "too_big")]
    ):
        Hook.objects.create(
            channel="tiktok", shop=owner_of, received_at=at, state=state, body=b"", key=f"k{n}"
        )
    said = text(page(desk))
    assert f"{Hook.State.DONE.label} 2" in said
    assert f"{Hook.State.FAILED.label} 1" in said
    assert "1 signature does not fit" in said
    assert "1 too big" in said
    assert "(1 min ago)" in said


def test_what_needs_a_human_is_settled_once(desk: Client, shop: Shop) -> None:
    note(shop, [Found(Kind.UNREADABLE_ORDER, "5761", "It has no lines.", '{"a": 1}')], make.NOW)
    found = Finding.objects.get()
    assert "It has no lines." in text(page(desk))
    assert "Mark as settled" in text(page(desk))
    desk.post(f"/shops/northwind/findings/{found.pk}/settle/")
    found.refresh_from_db()
    assert (found.settled_by, found.settled_at) == ("mai@shop.example", make.NOW)
    assert "It has no lines." not in text(page(desk))
    again = desk.post(f"/shops/northwind/findings/{found.pk}/settle/", follow=True)
    assert "settled already" in again.content.decode()
    assert AuditEntry.objects.filter(kind="finding_settled").count() == 1


def test_what_was_repaired_is_listed_apart(desk: Client, shop: Shop) -> None:
    note(shop, [Found(Kind.MISSED_CHANGE, "5762", "It is taken.")], make.NOW)
    html = page(desk)
    assert "5762" in html.split('id="h-repaired"')[1]
    assert "5762" not in html.split('id="h-repaired"')[0]


def test_a_payload_is_shown_to_who_may_see_buyers_and_that_is_logged(
    desk: Client, shop: Shop
) -> None:
    payload = '{"recipient": "Ada Marlow <script>"}'
    note(shop, [Found(Kind.UNREADABLE_ORDER, "5761", "It has no lines.", payload)], make.NOW)
    path = f"/shops/northwind/findings/{Finding.objects.get().pk}/"
    assert path in page(desk)
    shown = desk.get(path)
    assert "Ada Marlow &lt;script&gt;" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEntry.objects.get(kind="payload_shown").subject == "5761"
    packer = client_of(Role.PACKER)
    assert path not in page(packer)
    assert packer.get(path).status_code == 403
    assert "Marlow" not in page(desk)


def test_a_payload_that_is_no_json_is_shown_as_it_is(desk: Client, shop: Shop) -> None:
    note(shop, [Found(Kind.UNREADABLE_ORDER, "", "It is cut off.", '{"a": ')], make.NOW)
    path = f"/shops/northwind/findings/{Finding.objects.get().pk}/"
    assert '{"a": ' in page(desk, path)


def asked(desk: Client, verb: str = "sync") -> str:
    answer = desk.post(f"/shops/northwind/{verb}/")
    assert answer.status_code == 302
    return str(answer["Location"])


def poll(desk: Client, path: str) -> tuple[int, str]:
    answer = desk.get(path, headers={"HX-Request": "true", "HX-Target": "line"})
    return answer.status_code, text(unescape(answer.content.decode()))


def later(monkeypatch: pytest.MonkeyPatch, **delta: float) -> datetime:
    at = make.NOW + timedelta(**delta)
    monkeypatch.setenv("SHIPBOARD_NOW", at.isoformat())
    return at


def test_sync_now_queues_a_job_once_and_says_what_came_of_it(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor(shop, Stream.RETURNS, retry_at=make.NOW + MINUTE, kind=FailureKind.TRANSIENT)
    path = asked(desk)
    assert asked(desk) == path
    assert ProcrastinateJob.objects.filter(task_name="sync_shop").count() == 1
    status, said = poll(desk, path)
    assert (status, "Asked for; it begins now." in said) == (200, True)
    assert 'http-equiv="refresh"' in page(desk, path)
    at = later(monkeypatch, seconds=3)
    cursor(shop, succeeded_at=at, tried_at=at)
    assert "Being read: 1 of 4 done." in poll(desk, path)[1]
    for stream in Stream:
        cursor(shop, stream, succeeded_at=at, tried_at=at)
    status, said = poll(desk, path)
    assert (status, "All is read to the present." in said) == (286, True)
    assert 'http-equiv="refresh"' not in page(desk, path)


def test_a_sync_that_fails_says_why(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = asked(desk)
    at = later(monkeypatch, seconds=2)
    cursor(
        shop,
        tried_at=at,
        problem="The desk's clock is off.",
        next_step="Set it.",
        kind=FailureKind.AUTH,
        retry_at=at + MINUTE,
    )
    status, said = poll(desk, path)
    assert status == 286
    assert "The desk's clock is off. Set it." in said


def test_a_desk_without_a_worker_says_so(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = asked(desk)
    later(monkeypatch, seconds=21)
    assert "No worker has taken it up yet" in poll(desk, path)[1]


def test_reconcile_now_counts_down(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = asked(desk, "reread")
    assert ProcrastinateJob.objects.filter(task_name="reconcile_shop").count() == 1
    make.row(shop).save()
    cursor(shop, RECONCILE, window_from=make.NOW)
    assert "1 are left" in poll(desk, path)[1]
    at = later(monkeypatch, seconds=9)
    cursor(shop, RECONCILE, window_from=None, seen_until=make.NOW, succeeded_at=at, tried_at=at)
    assert "All open orders were read again." in poll(desk, path)[1]


@pytest.mark.parametrize("state", ["paused", "off"])
def test_a_line_that_is_not_open_is_not_synced(desk: Client, shop: Shop, state: str) -> None:
    Connection.objects.update(state=state)
    said = desk.post("/shops/northwind/sync/", follow=True).content.decode()
    assert {"paused": "Northwind is paused.", "off": "Northwind is not connected."}[state] in said
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize("query", ["?asked=sync&at=x", "?asked=x&at=2026-01-01", "?asked=sync"])
def test_a_made_up_question_is_passed_over(desk: Client, shop: Shop, query: str) -> None:
    assert "message-success" not in page(desk, PATH + query)


def test_a_shop_of_files_shows_its_imports(desk: Client) -> None:
    shop = make.shop()
    assert "No file was imported yet" in text(page(desk))
    OrderImport.objects.create(
        shop=shop,
        by="mai",
        file_name="orders.csv",
        size=1,
        state="done",
        as_of=make.NOW - timedelta(days=2),
        queued_at=make.NOW,
        orders_created=7,
    )
    said = text(page(desk))
    assert "orders.csv" in said
    assert "facts as of Fri 20 Nov 12:00 UTC" in said
    assert "Sync now" not in said


@pytest.mark.parametrize(
    ("is_demo", "said"), [(True, "made by the demo"), (False, "were here before")]
)
def test_orders_without_an_import_have_an_age(desk: Client, is_demo: bool, said: str) -> None:
    shop = make.shop()
    Shop.objects.update(is_demo=is_demo)
    assert "None yet" in text(page(desk, "/shops/"))
    make.row(shop).save()
    told = text(page(desk))
    assert "No file was imported yet" not in told
    assert "facts as of" in told
    assert said in told
    listed = text(page(desk, "/shops/"))
    assert "facts as of" in listed
    assert "None yet" not in listed
    assert ("made by the demo" in listed) == is_demo


def test_who_only_looks_is_offered_nothing(shop: Shop) -> None:
    said = page(client_of(Role.VIEWER))
    assert "<form" not in said.split('<main id="main"')[1]
    assert "/calls/" not in said


def test_the_cost_does_not_grow(desk: Client, shop: Shop) -> None:
    costs = []
    for many in (1, 40):
        for n in range(many):
            note(shop, [Found(Kind.UNREADABLE_ORDER, f"{many}{n}", "No.")], make.NOW)
            note(shop, [Found(Kind.MISSED_CHANGE, f"{many}{n}", "No.")], make.NOW)
            call(shop)
        with CaptureQueriesContext(connection) as asked_:
            page(desk)
        costs.append(len(asked_))
    assert costs[0] == costs[1] <= 17, costs
