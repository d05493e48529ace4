"""Programs that the fault tests start as processes of their own, with a desk's settings in their
environment: `connect CODE ORIGIN [WEBHOOKS]`, `read` (sync over and over, until it is killed),
`hurry` (what each minute brings comes at once, again and again), `rest` (once more all, and once by
night), `compare STATE` (prints what differs from a sandbox's books), `obey` (does what its lines of
input say, lists of words in JSON: `again CODE`, `sync`, or one of these; each with an answer).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import django
from django import db

django.setup()

from procrastinate.exceptions import ProcrastinateException  # noqa: E402

from sandbox.market import Market  # noqa: E402
from shipboard import clock, tasks  # noqa: E402
from shipboard.channels import sealed  # noqa: E402
from shipboard.channels.models import App, Connection, Shop  # noqa: E402
from shipboard.channels.registry import NotConnected  # noqa: E402
from shipboard.channels.tiktok import hooking, oauth  # noqa: E402
from shipboard.ingest.reconcile import reconcile  # noqa: E402
from shipboard.ingest.sync import sync  # noqa: E402
from tests import make  # noqa: E402
from tests.channel_proofs.equal import differences  # noqa: E402
from tests.channels.tiktok import made  # noqa: E402


def connect(code: str, origin: str, webhooks: str = "") -> None:
    app = made.app(api_host=origin, auth_host=origin)
    grant = oauth.exchange(app, code)
    [found] = oauth.shops(grant)
    shop = make.shop(
        found.name,
        channel="tiktok",
        remote_id=found.remote_id,
        region=found.region,
        dispatch_hours=None,
        auto_cancel_hours=None,
    )
    line = Connection(shop=shop, grant=grant, state_at=clock.now(), connected_at=clock.now())
    sealed.set_cipher(line, found.cipher)
    line.save()
    if webhooks:
        assert not hooking.ask(line, webhooks)


def read() -> None:
    shop = Shop.objects.get()
    while True:
        sync(shop, clock.now)


def hurry() -> None:
    """The database may go meanwhile, and come back."""
    while True:
        for task in (tasks.poll_shops, tasks.resume_hooks, tasks.retry_stalled):
            with suppress(db.Error, ProcrastinateException):
                task.defer(timestamp=0)
        db.connection.close()
        time.sleep(0.5)


def rest() -> str:
    shop = Shop.objects.get()
    return f"{sync(shop, clock.now).failed} {reconcile(shop, clock.now, anew=True).failed}"


def compare(state: str) -> str:
    market = Market(Path(state))
    found = "\n".join(differences(market, Shop.objects.get()))
    market.close()
    return found


def again(code: str) -> str:
    """The seller lets the app in once more."""
    oauth.exchange(App.objects.get(), code)
    return ""


def sync_once() -> str:
    """What failed, as people read it."""
    try:
        failed = sync(Shop.objects.get(), clock.now).failed
    except NotConnected as problem:
        return str(problem)
    return " ".join(f"{each.sentence} {each.next_step}" for each in failed)


def obey() -> None:
    for line in sys.stdin:
        name, *words = json.loads(line)
        print(json.dumps(PROGRAMS[name](*words)), flush=True)


PROGRAMS: dict[str, Callable[..., str | None]] = {
    "connect": connect,
    "read": read,
    "hurry": hurry,
    "rest": rest,
    "compare": compare,
    "again": again,
    "sync": sync_once,
    "obey": obey,
}
if __name__ == "__main__":
    print(PROGRAMS[sys.argv[1]](*sys.argv[2:]) or "")
