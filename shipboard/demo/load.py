"""The demo shop, loaded through the same import as anybody's own file."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.channels.shops import Rules, add_shop
from shipboard.demo.orders import export
from shipboard.ingest.imports import forget_file, open_import, run_import
from shipboard.ingest.models import OrderImport
from shipboard.ingest.removal import remove_shop

NAME = "Demo Northwind"
#: An older demo would show nothing but overdue orders; it is made anew.
FRESH = timedelta(hours=12)


def load() -> None:
    """Make the demo shop, or make it anew when it has grown old; a fresh one stays as it is."""
    now = clock.now()
    fresh = OrderImport.objects.filter(
        shop__is_demo=True,
        state=OrderImport.State.DONE,
        as_of__gt=now - FRESH,
        as_of__lt=now + FRESH,
    )
    if fresh.exists():
        return
    for stale in Shop.objects.filter(is_demo=True):
        remove_shop(stale)
    shop = add_shop(
        NAME,
        region="US",
        timezone="UTC",
        rules=Rules(dispatch_hours=48, auto_cancel_hours=72),
        presets=set(),
        is_demo=True,
    )
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(export(now))
        file.flush()
        opened = open_import(
            shop, Path(file.name), file_name="demo-orders.csv", by="demo", complete_list=None
        )
        forget_file(run_import(opened.pk))
