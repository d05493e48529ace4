"""Programs that the fault tests start as processes of their own, with a desk's settings in their
environment: `connect CODE ORIGIN`, `read` (sync over and over, until it is killed), `rest` (once
more all, and once by night), `compare STATE` (prints what differs from a sandbox's books).
"""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()

from sandbox.market import Market  # noqa: E402
from shipboard import clock  # noqa: E402
from shipboard.channels import sealed  # noqa: E402
from shipboard.channels.models import Connection, Shop  # noqa: E402
from shipboard.channels.tiktok import oauth  # noqa: E402
from shipboard.ingest.reconcile import reconcile  # noqa: E402
from shipboard.ingest.sync import sync  # noqa: E402
from tests import make  # noqa: E402
from tests.channel_proofs.equal import differences  # noqa: E402
from tests.channels.tiktok import made  # noqa: E402


def connect(code: str, origin: str) -> None:
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


def read() -> None:
    shop = Shop.objects.get()
    while True:
        sync(shop, clock.now)


def rest() -> None:
    shop = Shop.objects.get()
    print(sync(shop, clock.now).failed, reconcile(shop, clock.now, anew=True).failed)


def compare(state: str) -> None:
    market = Market(Path(state))
    print("\n".join(differences(market, Shop.objects.get())))
    market.close()


if __name__ == "__main__":
    {"connect": connect, "read": read, "rest": rest, "compare": compare}[sys.argv[1]](*sys.argv[2:])
