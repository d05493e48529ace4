"""Telling people of notices, by mail and by a webhook of their own: what begins and what is over,
once each, and again when an access soon ends. It is claimed before it is sent. A mail whose fate
nobody knows is not sent twice; a webhook is, for its receiver knows it by its id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.db.models import Q

from shipboard.channels import http
from shipboard.ingest.models import Notice
from shipboard.ingest.notices import About

#: What is older was not told in time, and is not told any more.
FRESH = timedelta(days=1)
#: An access that ends is told of when that is 30 days off (watching.EXPIRING), and again then.
REMINDED = (timedelta(days=7), timedelta(days=1))
#: A process that claimed something and has not said what became of it by then was killed.
CLAIMED = timedelta(minutes=5)
WAIT = timedelta(minutes=1)
MOST_TRIES = 6
SECONDS = 10.0
MOST_ANSWER = 64 * 1024


class Way(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


class Fate(StrEnum):
    SENDING = "sending"
    SENT = "sent"
    #: For certain not there.
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`id` is the same whenever the same is sent again. `kind`: begun, again, over or test. `at`:
    when it began, was to be said again or was over (UTC)."""

    id: str
    kind: str
    shop: str
    about: str
    sentence: str
    next_step: str
    at: datetime

    @property
    def text(self) -> str:
        opening = "Over: " if self.kind == "over" else ""
        return f"{opening}{self.sentence} {self.next_step if not opening else ''}".strip()


@dataclass(frozen=True, slots=True)
class Result:
    fate: Fate
    problem: str = ""


def ways() -> Mapping[Way, str]:
    """The ways that are set up, and where they lead, without what is secret."""
    found = {}
    if settings.NOTICE_MAILS:
        found[Way.MAIL] = ", ".join(settings.NOTICE_MAILS)
    if settings.NOTICE_URL:
        found[Way.WEBHOOK] = urlsplit(settings.NOTICE_URL).hostname or "an address without a host"
    return found


def is_signed() -> bool:
    return bool(settings.NOTICE_SECRET)


def tell(now: datetime, real_now: datetime) -> None:
    """Send what has not been told yet, by every way that is set up. Not inside a transaction.
    `real_now` is what the marketplace's access counts in (UTC)."""
    fresh = now - FRESH
    notices = Notice.objects.select_related("shop").order_by("pk")
    for notice in notices.filter(Q(over_at=None, since__gt=fresh) | Q(over_at__gt=fresh)):
        for way in ways():
            if notice.over_at is None:
                _tell(notice, way, way.value, _message(notice, "begun", notice.since), now)
            elif _is_told(notice, way):
                over = _message(notice, "over", notice.over_at)
                _tell(notice, way, f"{way} over", over, now)
    _remind(now, real_now)


def _remind(now: datetime, real_now: datetime) -> None:
    """Say again of accesses that their end is near; of one that was near it when that was first
    said, only what lay ahead then."""
    ending = Notice.objects.filter(
        over_at=None, about=About.EXPIRING, shop__connection__isnull=False
    )
    for notice in ending.select_related("shop__connection__grant").order_by("pk"):
        ends = notice.shop.connection.grant.refresh_ends_at
        left = ends - real_now
        for ahead in REMINDED:
            if not ahead - FRESH < left <= ahead < left + (now - notice.since):
                continue
            days = "7 days" if ahead.days == 7 else "1 day"
            again = replace(
                _message(notice, "again", ends - ahead),
                sentence=f"Access to {notice.shop.name} ends in less than {days}, on "
                f"{ends:%Y-%m-%d %H:%M} UTC.",
            )
            for way in ways():
                _tell(notice, way, f"{way} {days}", again, now)


def send_test(now: datetime) -> dict[Way, Result]:
    """A message to see whether the ways work; what became of it, for each."""
    message = Message(
        id=f"test-{now.timestamp():.0f}",
        kind="test",
        shop="",
        about="test",
        sentence="This is a test: notices of this desk arrive here.",
        next_step="",
        at=now,
    )
    return {way: SENDERS[way](message) for way in ways()}


def _is_told(notice: Notice, way: Way) -> bool:
    """The end is told to those only who may have heard of the beginning."""
    begun = notice.sent.get(way.value, {})
    return begun.get("state") in (Fate.SENT, Fate.UNKNOWN, Fate.SENDING)


def _message(notice: Notice, kind: str, at: datetime) -> Message:
    return Message(
        id=f"{notice.pk}-{kind}-{at:%Y%m%d%H%M%S%f}",
        kind=kind,
        shop=notice.shop.slug,
        about=notice.about,
        sentence=notice.sentence,
        next_step=notice.next_step,
        at=at,
    )


def _tell(notice: Notice, way: Way, key: str, message: Message, now: datetime) -> None:
    before = notice.sent.get(key, {})
    tries = before.get("tries", 0)
    if not _is_due(before, way, now):
        return
    claim = _entry(Result(Fate.SENDING), tries + 1, now)
    if not _put(notice, key, claim, before):
        return
    result = SENDERS[way](message)
    _put(notice, key, _entry(result, tries + 1, now), claim)


def _is_due(before: Mapping[str, object], way: Way, now: datetime) -> bool:
    """A first time; or again where that does no harm, later and later."""
    if not before:
        return True
    state, tries = before["state"], int(str(before["tries"]))
    if state == Fate.SENT or tries >= MOST_TRIES:
        return False
    if way is Way.MAIL and state != Fate.FAILED:
        return False
    wait = CLAIMED if state == Fate.SENDING else WAIT * 2 ** (tries - 1)
    return now - datetime.fromisoformat(str(before["at"])) >= wait


def _entry(result: Result, tries: int, now: datetime) -> dict[str, object]:
    state, at = result.fate.value, now.isoformat()
    return {"state": state, "at": at, "tries": tries, "problem": result.problem}


def _put(
    notice: Notice, key: str, entry: Mapping[str, object], before: Mapping[str, object]
) -> bool:
    """Only if it still stands there as `before`: of several processes one gets it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update notice set sent = sent || jsonb_build_object(%s, %s::jsonb) "
            "where id = %s and coalesce(sent -> %s, '{}'::jsonb) = %s::jsonb",
            [key, json.dumps(entry), notice.pk, key, json.dumps(before)],
        )
        return bool(cursor.rowcount)


def _mail(message: Message) -> Result:
    """Refused in so many words, or never connected: not sent. Anything else: who knows."""
    mail = EmailMessage(
        subject=f"Shipboard: {message.text}"[:120],
        body=f"{message.text}\n\n{message.at:%Y-%m-%d %H:%M} UTC\n",
        to=settings.NOTICE_MAILS,
        headers={"Message-ID": f"<{message.id}@shipboard>"},
    )
    try:
        server = get_connection()
        server.open()
    except Exception as problem:
        return Result(Fate.FAILED, f"The mail server could not be used ({_named(problem)}).")
    try:
        server.send_messages([mail])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as problem:
        return Result(Fate.FAILED, f"The mail server refused it ({_named(problem)}).")
    except Exception as problem:
        why = f"The mail server did not say what became of it ({_named(problem)})."
        return Result(Fate.UNKNOWN, f"{why} It is not sent again.")
    finally:
        server.close()
    return Result(Fate.SENT)


def _named(problem: Exception) -> str:
    """Not in the server's words, which may hold addresses."""
    code = getattr(problem, "smtp_code", "")
    return f"{type(problem).__name__} {code}".strip()


def _webhook(message: Message) -> Result:
    body = json.dumps(asdict(message) | {"at": message.at.isoformat(), "text": message.text})
    headers = {"content-type": "application/json"}
    if settings.NOTICE_SECRET:
        signature = hmac.new(settings.NOTICE_SECRET.encode(), body.encode(), hashlib.sha256)
        headers["shipboard-signature"] = f"sha256={signature.hexdigest()}"
    try:
        reply = http.send(
            "POST",
            settings.NOTICE_URL,
            headers=headers,
            body=body.encode(),
            most=MOST_ANSWER,
            read_seconds=SECONDS,
        )
    except http.NotSent as problem:
        return Result(Fate.FAILED, str(problem))
    except http.Lost as problem:
        return Result(Fate.UNKNOWN, str(problem))
    if 200 <= reply.status < 300:
        return Result(Fate.SENT)
    return Result(Fate.FAILED, f"It answered with HTTP {reply.status}.")


SENDERS: Mapping[Way, Callable[[Message], Result]] = {Way.MAIL: _mail, Way.WEBHOOK: _webhook}
