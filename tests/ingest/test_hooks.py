"""ingest/inbox: what is signed is kept whatever is in it, the same comes once, strangers are kept
in bounds.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from shipboard.channels.models import App, Shop
from shipboard.ingest import inbox
from shipboard.ingest.hook_work import JOB
from shipboard.ingest.inbox import Answer
from shipboard.ingest.models import Hook
from tests import make
from tests.ingest.fake_channel import connected_shop
from tests.ingest.hooks import body, keep_secret, signed

State = Hook.State


@pytest.fixture(autouse=True)
def secret(shop: Shop) -> App:
    return keep_secret()


def receive(sent: bytes, secret: str = "", now: object = make.NOW) -> Answer:
    headers = signed(sent, secret) if secret else signed(sent)
    return inbox.receive("tiktok", headers, sent, now)  # type: ignore[arg-type]


def jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select queueing_lock from procrastinate_jobs where task_name = %s", [JOB])
        return [lock for (lock,) in cursor.fetchall()]


def test_a_signed_one_is_kept_and_one_job_waits_for_it(shop: Shop) -> None:
    assert receive(body("57601", id="n1")) is Answer.KEPT
    assert receive(body("57602", "57603", number=4, id="n2")) is Answer.KEPT
    first, second = Hook.objects.order_by("pk")
    assert (first.shop, first.state, first.order_ids) == (shop, State.NEW, ["57601"])
    assert (second.kind, second.order_ids) == ("PACKAGE_UPDATE", ["57602", "57603"])
    assert bytes(first.body) == body("57601", id="n1")
    assert jobs() == [f"{JOB} {shop.pk}"]


@pytest.mark.parametrize("id", ["n1", ""])
def test_the_same_again_is_counted_on_the_first(shop: Shop, id: str) -> None:
    sent = body("57601", number=3, id=id)
    assert [receive(sent) for _ in range(3)] == [Answer.KEPT] * 3
    hook = Hook.objects.get()
    assert hook.repeats == 2


def test_ids_of_notifications_are_of_one_shop(shop: Shop) -> None:
    other = connected_shop("Southwind")
    receive(body("57601", id="n1"))
    receive(body("57601", id="n1", shop=other.remote_id))
    assert set(Hook.objects.values_list("shop__name", flat=True)) == {"Northwind", "Southwind"}


@pytest.mark.parametrize(
    ("sent", "state", "words"),
    [
        (body("57601", shop="999"), State.UNKNOWN_SHOP, "No shop of this desk"),
        (b"{not json", State.UNREADABLE, "It is not JSON."),
        (b"", State.UNREADABLE, "It is not JSON."),
        (b"\xff\x00", State.UNREADABLE, "It is not JSON."),
        (b"[" * 100_000, State.UNREADABLE, "It is not JSON."),
        (body(), State.UNREADABLE, "names no order"),
        (b'{"type": "x"}', State.UNREADABLE, "no type"),
    ],
)
def test_what_cannot_be_worked_on_is_a_row_to_look_at(sent: bytes, state: str, words: str) -> None:
    assert receive(sent) is Answer.KEPT
    hook = Hook.objects.get()
    assert hook.state == state
    assert words in hook.problem
    assert bytes(hook.body) == sent
    assert jobs() == []


def test_a_wrong_signature_leaves_a_trace_at_the_shop_and_nothing_else(shop: Shop) -> None:
    assert receive(body("57601", id="n1"), secret="another secret") is Answer.UNSIGNED
    hook = Hook.objects.get()
    assert (hook.state, hook.shop, bytes(hook.body), hook.order_ids) == ("unsigned", shop, b"", [])
    assert hook.size == len(body("57601", id="n1"))
    assert jobs() == []


def test_a_forged_one_does_not_stand_in_the_way_of_the_true_one(shop: Shop) -> None:
    receive(body("57601", id="n1"), secret="another secret")
    assert receive(body("57601", id="n1")) is Answer.KEPT
    assert Hook.objects.get(state=State.NEW).repeats == 0


def test_strangers_are_kept_in_bounds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_STRANGE", 3)
    for number in range(10):
        assert receive(b"%d" % number, secret="x") is Answer.UNSIGNED
        inbox.refuse_big("tiktok", 20_000_000, make.NOW)
    assert Hook.objects.count() == 3
    assert sum(Hook.objects.values_list("repeats", flat=True)) == 17
    receive(body("57601"), secret="x")  # which names a shop: it is counted apart
    assert Hook.objects.filter(shop=shop).count() == 1
    receive(b"later", secret="x", now=make.NOW + timedelta(minutes=61))
    assert Hook.objects.count() == 5


def test_any_app_of_the_channel_may_have_signed(shop: Shop) -> None:
    App.objects.create(channel="tiktok", key="other", name="Other", added_at=make.NOW)
    assert receive(body("57601")) is Answer.KEPT


def test_without_the_key_of_the_desk_it_is_to_come_again(shop: Shop) -> None:
    App.objects.update(sealed_secret="sealed by another desk")
    assert receive(body("57601")) is Answer.UNSURE
    hook = Hook.objects.get()
    assert hook.state == State.UNSIGNED
    assert "SHIPBOARD_SECRET_KEY" in hook.problem


def test_without_an_app_nobody_can_have_signed(db: None) -> None:
    App.objects.all().delete()
    assert receive(body("57601")) is Answer.UNSIGNED
    assert "No app" in Hook.objects.get().problem


def test_one_of_a_shop_connected_since_is_read_again(shop: Shop) -> None:
    receive(body("57601", shop="7495Southwind"))
    hook = Hook.objects.get()
    with pytest.raises(inbox.NotAgain, match="Connect the shop first"):
        inbox.read_again(hook)
    other = connected_shop("Southwind")
    inbox.read_again(hook)
    hook.refresh_from_db()
    assert (hook.state, hook.shop, hook.problem) == (State.NEW, other, "")
    assert jobs() == [f"{JOB} {other.pk}"]
    with pytest.raises(inbox.NotAgain, match="already"):
        inbox.read_again(hook)


def test_they_are_kept_for_thirty_days(shop: Shop) -> None:
    receive(body("57601"))
    receive(body("57602"), now=make.NOW + timedelta(days=1))
    assert inbox.forget_old(make.NOW + timedelta(days=30, minutes=1)) == 1
    assert Hook.objects.get().order_ids == ["57602"]
