"""The inbox of webhooks: a signed one is on disk before it is answered, whatever is in it, and work
on it comes after. What nobody vouches for leaves a trace, in bounds, and is believed in nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import connection
from django.db.models import F

from shipboard.channels import registry
from shipboard.channels.contract import ChannelFailure, Hint
from shipboard.channels.models import App, Shop
from shipboard.ingest import hook_work
from shipboard.ingest.models import Hook

KEPT = timedelta(days=30)
#: The most that is read of a body.
MOST_BYTES = 1024 * 1024
#: What is not signed is looked into for the shop's name only when it is no longer than this.
MOST_CLAIM = 64 * 1024
#: So many rows an hour for what strangers send, of each shop that they name and of none; the others
#: are counted on the newest of them.
MOST_STRANGE = 60
HOUR = timedelta(hours=1)
State = Hook.State
#: States out of which somebody may send a webhook back to work.
AGAIN = (State.FAILED, State.SET_ASIDE, State.UNKNOWN_SHOP, State.UNKNOWN_TYPE)

UNSIGNED = "Its signature fits the secret of no app of this desk."
NO_APP = "No app of this channel is connected to this desk, so nobody can have signed it."
NO_SHOP = "No shop of this desk has the id that it names."

#: The same once more is counted on the first row. It waits for the disk, whatever the server does.
INSERT = """
insert into hook (channel, shop_id, remote_shop_id, received_at, state, body, size, sha256, key,
                  kind, is_known, order_ids, notice, ends_access, repeats, attempts, problem)
select %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, 0, 0, %s
  from set_config('synchronous_commit', 'on', true)
on conflict (channel, key) where key <> '' do update set repeats = hook.repeats + 1
"""

logger = logging.getLogger(__name__)


class Answer(Enum):
    """What becomes of a webhook; the endpoint makes an HTTP status of it."""

    KEPT = "kept"
    UNSIGNED = "unsigned"
    #: Nobody could tell whether it is signed; it had better come again.
    UNSURE = "unsure"


class NotAgain(Exception):
    """A webhook cannot be worked on again now; the message says why and what to do."""


def receive(channel: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Answer:
    """Store a webhook whose signature fits an app of the channel, then have it worked on. KEPT
    means that its row is on disk. Not inside a transaction."""
    verdict = _verdict(channel, headers, body)
    is_kept = verdict.answer is Answer.KEPT
    if not is_kept and len(body) > MOST_CLAIM:
        hint, problem = None, ""
    else:
        hint, problem = _hint(channel, headers, body)
    shop = _shop(channel, hint.remote_shop_id) if hint else None
    if not is_kept:
        _note_strange(channel, shop, State.UNSIGNED, len(body), body, verdict.problem, now)
        return verdict.answer
    state = _first_state(hint, shop)
    problem = problem or (NO_SHOP if state is State.UNKNOWN_SHOP else "")
    _store(channel, shop, state, body, hint, problem, now)
    if shop and state is State.NEW:
        hook_work.queue(shop.pk)
    return Answer.KEPT


def refuse_big(channel: str, size: int, now: datetime) -> None:
    """A body of `size` bytes, or of so many at least, was not read."""
    problem = f"It has {size:,} bytes or more; {MOST_BYTES:,} are read at most."
    _note_strange(channel, None, State.TOO_BIG, size, None, problem, now)


def read_again(hook: Hook) -> None:
    """Somebody sends a webhook back to work, such as one of a shop that has been connected since.
    Raises NotAgain."""
    shop = _shop(hook.channel, hook.remote_shop_id)
    if shop is None:
        raise NotAgain(f"{NO_SHOP} Connect the shop first.")
    again = Hook.objects.filter(pk=hook.pk, state__in=AGAIN)
    if not again.update(
        state=State.NEW, shop=shop, attempts=0, retry_at=None, problem="", done_at=None
    ):
        raise NotAgain("It is being worked on already, or there is nothing to read.")
    hook_work.queue(shop.pk)


def forget_old(now: datetime) -> int:
    """Delete what came more than 30 days ago; returns how many."""
    return Hook.objects.filter(received_at__lt=now - KEPT).delete()[0]


@dataclass(frozen=True, slots=True)
class _Verdict:
    answer: Answer
    problem: str = ""


def _verdict(channel: str, headers: Mapping[str, str], body: bytes) -> _Verdict:
    apps = list(App.objects.filter(channel=channel).order_by("pk"))
    closed = ""
    for app in apps:
        try:
            if registry.verifier(channel).is_signed(app, headers, body):
                return _Verdict(Answer.KEPT)
        except ChannelFailure as failure:
            closed = f"{failure.sentence} {failure.next_step}"
    if closed:
        return _Verdict(Answer.UNSURE, closed)
    return _Verdict(Answer.UNSIGNED, UNSIGNED if apps else NO_APP)


def _hint(channel: str, headers: Mapping[str, str], body: bytes) -> tuple[Hint | None, str]:
    """What it says, or why that cannot be read. A signed body is never lost over its content."""
    try:
        return registry.verifier(channel).hint(headers, body), ""
    except ValueError as problem:
        return None, str(problem)
    except Exception as problem:
        logger.error("A webhook could not be read: %s", type(problem).__name__)
        return None, f"Reading it broke ({type(problem).__name__})."


def _shop(channel: str, remote_id: str) -> Shop | None:
    return Shop.objects.filter(channel=channel, remote_id=remote_id).first() if remote_id else None


def _first_state(hint: Hint | None, shop: Shop | None) -> Hook.State:
    if hint is None:
        return State.UNREADABLE
    return State.NEW if shop else State.UNKNOWN_SHOP


def _store(
    channel: str,
    shop: Shop | None,
    state: Hook.State,
    body: bytes,
    hint: Hint | None,
    problem: str,
    now: datetime,
) -> None:
    digest = hashlib.sha256(body)
    hint = hint or Hint(remote_shop_id="", is_known=False)
    key = f"sha256 {digest.hexdigest()}"
    if hint.notification_id:
        key = f"{hint.remote_shop_id} {hint.notification_id}"
    values = (
        channel,
        shop.pk if shop else None,
        hint.remote_shop_id,
        now,
        state.value,
        body,
        len(body),
        digest.digest(),
        key,
        hint.kind[:60],
        hint.is_known,
        json.dumps(hint.order_ids),
        hint.notice,
        hint.deauthorised,
        problem,
    )
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)


def _note_strange(
    channel: str,
    shop: Shop | None,
    state: Hook.State,
    size: int,
    body: bytes | None,
    problem: str,
    now: datetime,
) -> None:
    """A row without the body. Strangers must not fill the disk: past so many an hour they are only
    counted (a few more when they come at the same instant)."""
    strange = Hook.objects.filter(key="", shop=shop, received_at__gt=now - HOUR)
    newest = list(strange.order_by("-received_at").values_list("pk", flat=True)[:MOST_STRANGE])
    if len(newest) == MOST_STRANGE:
        Hook.objects.filter(pk=newest[0]).update(repeats=F("repeats") + 1)
        return
    Hook.objects.create(
        channel=channel,
        shop=shop,
        remote_shop_id=shop.remote_id if shop else "",
        received_at=now,
        state=state,
        body=b"",
        size=size,
        sha256=hashlib.sha256(body).digest() if body is not None else b"",
        problem=problem,
    )
