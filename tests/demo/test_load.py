"""The demo in the tables: everything there is to see is there on any day; once, whole, fresh."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.db import connection

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.models import Shop
from shipboard.demo import load as loading
from shipboard.demo.load import FRESH
from shipboard.desk.rows import row_of
from shipboard.orders.cards import Card
from shipboard.orders.filters import parse
from shipboard.orders.models import Colour, Flag, Hold, Note, Order
from shipboard.orders.notes import add_note
from shipboard.orders.parts import with_parts
from shipboard.orders.queries import listing
from shipboard.orders.stages import Tab
from tests import make
from tests.demo.conftest import Load
from tests.soak import FACTOR

MARKS = {
    "COD",
    "Pre-order",
    "Made-to-order",
    "Back-order",
    "Sample",
    "Split",
    "Gift",
    "Message",
    "Note",
    "Presumed",
    "Derived",
    "Held here",
    "Held here, due",
    "Cancel asked",
    "Return asked",
    "Refund asked",
    "Replacement asked",
}
#: A Sunday, the hours around the clock changes of America and Europe, a long weekend, New Year.
INSTANTS = (
    "2026-11-22T12:00:00+00:00",
    "2026-11-01T08:59:59+00:00",
    "2027-03-14T10:00:00+00:00",
    "2026-10-25T00:59:59.999999+00:00",
    "2027-03-28T01:00:01+00:00",
    "2026-07-04T06:59:59+00:00",
    "2026-12-31T23:59:59+00:00",
    "2028-02-29T16:59:59+00:00",
)


def count(query: str, now: datetime) -> int:
    return listing(parse(query), COMMAND_LINE, now).count


@pytest.mark.django_db
@pytest.mark.parametrize("instant", INSTANTS if FACTOR > 1 else INSTANTS[::2])
def test_all_there_is_to_see_is_there_on_any_day(instant: str, load: Load) -> None:
    now = datetime.fromisoformat(instant)
    load(now)
    for shop in Shop.objects.filter(is_demo=True):
        counts = listing(parse(f"shop={shop.slug}"), COMMAND_LINE, now).counts
        assert all(counts.stages.values()), (shop, counts.stages)
        empty = {card for card, orders in counts.cards.items() if not orders}
        assert empty == {Card.LOGISTICS_ISSUE}
    open_orders = with_parts(Order.objects.exclude(stage="closed"), now)
    marks = {mark.label for order in open_orders for mark in row_of(order, now).marks}
    assert marks >= MARKS
    for query in ("packages=combined", "packages=split", "held=no", "held=due", "case=return"):
        assert count(query, now), query
    assert set(Order.objects.values_list("currency", flat=True)) == {"USD", "GBP", "THB"}
    assert set(Flag.objects.values_list("colour", flat=True)) == set(Colour)


@pytest.mark.django_db
@pytest.mark.usefixtures("kept")
def test_deadlines_are_near_and_far() -> None:
    pending = Order.objects.filter(stage="awaiting_shipment")

    def due(first: timedelta, last: timedelta, column: str = "ship_by") -> bool:
        between = {f"{column}__gte": make.NOW + first, f"{column}__lte": make.NOW + last}
        return pending.filter(**between).exists()

    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    assert due(minute, 5 * minute)
    assert due(-15 * minute, -minute)
    assert due(-6 * day, -4 * day)
    assert due(hour, 2 * hour, "auto_cancel_at")
    delivered = Order.objects.filter(stage="delivered")
    assert delivered.filter(closes_at__range=(make.NOW, make.NOW + 15 * minute)).exists()
    assert delivered.filter(closes_at__lt=make.NOW).exists()
    assert Order.objects.filter(stage="closed", created_at__lt=make.NOW - 365 * day).exists()
    listed = listing(parse(""), COMMAND_LINE, make.NOW).counts
    assert listed.cards[Card.OVERDUE] < 0.15 * listed.tabs[Tab.PENDING_SHIPPING]


@pytest.mark.django_db
@pytest.mark.usefixtures("kept")
def test_people_have_worked_there() -> None:
    assert Note.objects.count() >= 24
    holds = Hold.objects.all()
    assert holds.filter(released_at=None, until__gt=make.NOW).exists()
    assert holds.filter(released_at=None, until__lt=make.NOW).exists()
    assert holds.filter(released_at=None, remind_at__lt=make.NOW).exists()
    assert holds.exclude(released_at=None).exists()


def stored() -> list[tuple[object, ...]]:
    columns = ("order_id", "stage", "ship_by", "total", "units", "recipient")
    return list(Order.objects.order_by("order_id").values_list(*columns))


@pytest.mark.django_db
def test_a_fresh_demo_stays_and_an_old_one_is_made_anew(load: Load) -> None:
    load(make.NOW)
    add_note(Order.objects.all()[0], text="Mine", by="mai@shop.example", now=make.NOW)
    before = stored()
    load(make.NOW + FRESH - timedelta(seconds=1))
    assert stored() == before
    load(make.NOW + FRESH)
    assert Order.objects.count() == 2400
    assert Shop.objects.count() == 3
    assert not Note.objects.filter(text="Mine").exists()
    load(make.NOW)
    assert stored() == before


@pytest.mark.django_db
def test_shops_of_ones_own_and_the_demo_of_an_older_version(load: Load) -> None:
    mine = make.shop("Harbour")
    make.shop("Demo Northwind", is_demo=True)
    load(make.NOW)
    assert Shop.objects.filter(is_demo=True).count() == 3
    assert Shop.objects.filter(pk=mine.pk).exists()
    assert not Shop.objects.filter(slug="demo-northwind").exists()


@pytest.mark.django_db
def test_what_fails_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch, load: Load) -> None:
    done: list[str] = []

    def overlay(shop: Shop, *_: object) -> None:
        done.append(shop.slug)
        if len(done) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "overlay", overlay)
        with pytest.raises(KeyboardInterrupt):
            load(make.NOW)
    assert (Shop.objects.count(), Order.objects.count()) == (0, 0)
    load(make.NOW)
    assert (Shop.objects.count(), Order.objects.count()) == (3, 2400)


PROGRAM = """
import sys, time, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from datetime import datetime
from shipboard.demo import load as loading
from tests.demo.market import SITE, running
real = loading.overlay
def overlay(shop, *rest):
    real(shop, *rest)
    print(shop.slug, flush=True)
    if shop.slug.endswith("uk"):
        time.sleep(60)
loading.overlay = overlay
with running():
    loading.load(datetime.fromisoformat(sys.argv[2]), SITE)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_begun_again(load: Load) -> None:
    command = [sys.executable, "-c", PROGRAM, connection.settings_dict["NAME"], f"{make.NOW}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as victim:
        assert victim.stdout is not None
        assert [victim.stdout.readline().strip() for _ in range(2)][1] == "demo-northwind-uk"
        victim.send_signal(signal.SIGKILL)
    assert victim.returncode == -signal.SIGKILL
    assert Shop.objects.count() == 0
    load(make.NOW)
    assert (Shop.objects.count(), Order.objects.count()) == (3, 2400)
