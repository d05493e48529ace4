"""ingest/telling: each notice is told once by each way; what is unknown is not mailed twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from shipboard.channels import http
from shipboard.channels.models import Grant, Shop
from shipboard.ingest import telling
from shipboard.ingest.models import Notice
from shipboard.ingest.telling import MOST_TRIES, Fate, Result, Way
from tests import make

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
URL = "https://chat.example/desk?token=secret-of-the-url"


@pytest.fixture(autouse=True)
def ways(settings: Any) -> None:
    settings.NOTICE_MAILS = ["mai@shop.example", "tam@shop.example"]
    settings.NOTICE_URL, settings.NOTICE_SECRET = URL, "of both"


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    taken: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        taken.append(request)
        return httpx.Response(204)

    monkeypatch.setattr(http, "TRANSPORT", httpx.MockTransport(answer))
    return taken


@pytest.fixture
def notice(shop: Shop) -> Notice:
    return Notice.objects.create(
        shop=shop,
        about="stale",
        sentence="The orders were never read.",
        next_step="Look.",
        since=make.NOW,
    )


def fates(notice: Notice) -> dict[str, str]:
    notice.refresh_from_db()
    return {key: entry["state"] for key, entry in notice.sent.items()}


def tell(now: datetime) -> None:
    telling.tell(now, now)


def only_mail(settings: Any) -> None:
    settings.NOTICE_URL = ""


def test_begun_and_over_are_told_once_each(
    notice: Notice, posted: list[httpx.Request], mailoutbox: list[EmailMessage]
) -> None:
    for _ in range(3):
        tell(make.NOW + MINUTE)
    Notice.objects.update(over_at=make.NOW + 5 * MINUTE)
    for _ in range(3):
        tell(make.NOW + 6 * MINUTE)
    begun, over = mailoutbox
    assert begun.to == ["mai@shop.example", "tam@shop.example"]
    assert begun.subject == "Shipboard: The orders were never read. Look."
    assert over.subject == "Shipboard: Over: The orders were never read."
    assert [json.loads(each.content)["kind"] for each in posted] == ["begun", "over"]
    assert set(fates(notice)) == {"mail", "mail over", "webhook", "webhook over"}
    assert set(fates(notice).values()) == {Fate.SENT}


def test_the_webhook_is_signed_and_says_all(notice: Notice, posted: list[httpx.Request]) -> None:
    tell(make.NOW)
    (sent,) = posted
    digest = hmac.new(b"of both", sent.content, hashlib.sha256).hexdigest()
    assert sent.headers["shipboard-signature"] == f"sha256={digest}"
    assert json.loads(sent.content) == {
        "id": f"{notice.pk}-begun-20261122120000000000",
        "kind": "begun",
        "shop": "northwind",
        "about": "stale",
        "sentence": "The orders were never read.",
        "next_step": "Look.",
        "text": "The orders were never read. Look.",
        "at": "2026-11-22T12:00:00+00:00",
    }


def test_several_processes_send_it_once(
    notice: Notice, settings: Any, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    only_mail(settings)
    sender = telling.SENDERS[Way.MAIL]

    def meanwhile(message: telling.Message) -> Result:
        tell(make.NOW)  # another process, while this one sends
        return sender(message)

    monkeypatch.setattr(telling, "SENDERS", {Way.MAIL: meanwhile})
    tell(make.NOW)
    assert len(mailoutbox) == 1


def fails(problem: Exception, where: str = "send_messages") -> Callable[..., Any]:
    def broken(self: EmailBackend, *given: Any) -> int:
        raise problem

    return lambda patch: patch.setattr(EmailBackend, where, broken)


@pytest.mark.parametrize(
    ("broken", "fate", "tries"),
    [
        (fails(ConnectionRefusedError(), "open"), Fate.FAILED, MOST_TRIES),
        (fails(smtplib.SMTPAuthenticationError(535, b"mai"), "open"), Fate.FAILED, MOST_TRIES),
        (fails(smtplib.SMTPDataError(554, b"no")), Fate.FAILED, MOST_TRIES),
        (fails(smtplib.SMTPRecipientsRefused({})), Fate.FAILED, MOST_TRIES),
        (fails(smtplib.SMTPServerDisconnected("gone")), Fate.UNKNOWN, 1),
        (fails(TimeoutError()), Fate.UNKNOWN, 1),
    ],
)
def test_a_mail_is_tried_again_only_when_it_was_surely_not_sent(
    notice: Notice,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[Any], None],
    fate: Fate,
    tries: int,
) -> None:
    only_mail(settings)
    broken(monkeypatch)
    for number in range(200):
        tell(make.NOW + number * MINUTE)
    assert fates(notice) == {"mail": fate}
    assert notice.sent["mail"]["tries"] == tries
    assert "mai" not in notice.sent["mail"]["problem"].replace("mail", "")


def test_a_mail_that_a_kill_interrupted_is_not_sent_again(
    notice: Notice, settings: Any, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    def killed(message: telling.Message) -> Result:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(telling, "SENDERS", {Way.MAIL: killed, Way.WEBHOOK: killed})
        with pytest.raises(KeyboardInterrupt):
            tell(make.NOW)
    only_mail(settings)
    tell(make.NOW + make.HOUR)
    assert mailoutbox == []
    assert fates(notice) == {"mail": Fate.SENDING}


def test_a_webhook_without_an_answer_is_sent_again_under_the_same_id(
    notice: Notice, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NOTICE_MAILS = []
    ids: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        ids.append(json.loads(request.content)["id"])
        if len(ids) == 1:
            raise httpx.ReadTimeout("slow")
        return httpx.Response(500 if len(ids) == 2 else 200)

    monkeypatch.setattr(http, "TRANSPORT", httpx.MockTransport(answer))
    seen = []
    for number in range(10):
        tell(make.NOW + number * MINUTE)
        seen.append(fates(notice)["webhook"])
    assert list(dict.fromkeys(seen)) == [Fate.UNKNOWN, Fate.FAILED, Fate.SENT]
    assert len(ids) == 3
    assert len(set(ids)) == 1


def test_only_https_is_called(notice: Notice, settings: Any) -> None:
    settings.NOTICE_MAILS, settings.NOTICE_URL = [], "http://chat.example/desk"
    tell(make.NOW)
    assert fates(notice) == {"webhook": Fate.FAILED}
    assert "Only https" in notice.sent["webhook"]["problem"]


def test_old_news_are_not_told(
    notice: Notice, posted: list[httpx.Request], mailoutbox: list[EmailMessage]
) -> None:
    tell(make.NOW + timedelta(days=1))
    Notice.objects.update(over_at=make.NOW + MINUTE)
    tell(make.NOW + 2 * MINUTE)  # nobody heard that it had begun
    assert posted == []
    assert mailoutbox == []


def test_where_nothing_is_set_up_nothing_is_sent(notice: Notice, settings: Any) -> None:
    settings.NOTICE_MAILS, settings.NOTICE_URL = [], ""
    tell(make.NOW)
    assert fates(notice) == {}
    assert telling.send_test(make.NOW) == {}


def test_secrets_of_the_address_are_not_shown() -> None:
    shown = telling.ways()
    assert shown == {Way.MAIL: "mai@shop.example, tam@shop.example", Way.WEBHOOK: "chat.example"}


def expiring(shop: Shop, days: float, since: datetime = make.NOW) -> Notice:
    """A notice of an access that ends `days` after make.NOW."""
    Grant.objects.update(refresh_ends_at=make.NOW + timedelta(days=days))
    return Notice.objects.create(
        shop=shop, about="expiring", sentence="Access ends.", next_step="Again.", since=since
    )


def test_an_access_that_ends_is_told_again_at_seven_days_and_at_one(
    shop: Shop, posted: list[httpx.Request], mailoutbox: list[EmailMessage]
) -> None:
    notice = expiring(shop, 30)
    for hours in range(0, 31 * 24, 5):
        tell(make.NOW + hours * make.HOUR)
    assert [mail.subject for mail in mailoutbox] == [
        "Shipboard: Access ends. Again.",
        "Shipboard: Access to Northwind ends in less than 7 days, on 2026-12-22 12:00 UTC. Again.",
        "Shipboard: Access to Northwind ends in less than 1 day, on 2026-12-22 12:00 UTC. Again.",
    ]
    assert [json.loads(each.content)["kind"] for each in posted] == ["begun", "again", "again"]
    assert len({json.loads(each.content)["id"] for each in posted}) == 3
    assert {"mail", "mail 7 days", "mail 1 day"} <= set(fates(notice))


def test_what_is_first_told_late_is_not_told_twice_at_once(
    shop: Shop, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    only_mail(settings)
    expiring(shop, 5)
    tell(make.NOW)
    tell(make.NOW + 3 * DAY)
    assert len(mailoutbox) == 1
    tell(make.NOW + 4 * DAY)
    assert "less than 1 day" in mailoutbox[1].subject


def test_a_day_that_was_slept_through_is_not_told_and_renewing_ends_it(
    shop: Shop, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    only_mail(settings)
    notice = expiring(shop, 30, since=make.NOW - 10 * MINUTE)
    tell(make.NOW)
    tell(make.NOW + 25 * DAY)
    assert len(mailoutbox) == 1
    Grant.objects.update(refresh_ends_at=make.NOW + 365 * DAY)
    Notice.objects.filter(pk=notice.pk).update(over_at=make.NOW + 29.5 * DAY)
    tell(make.NOW + 29.5 * DAY)
    assert [mail.subject for mail in mailoutbox][1:] == ["Shipboard: Over: Access ends."]
