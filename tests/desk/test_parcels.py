"""Parcels on an order say where they are, and lost ones light the card; the timeline says what the
channel changed.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from shipboard.channels.contract import PARCEL_TROUBLE, Stage
from shipboard.channels.models import Shop
from shipboard.desk.timeline import FIELDS, GROUPS
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.merge import DEADLINES, KEYED, SINGLE
from shipboard.ingest.models import Payload
from shipboard.ingest.payloads import folded
from shipboard.orders.models import Order
from tests import make
from tests.channels.tiktok import payloads
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
PATH = "/orders/576000000000000001/"


def parcels(desk: Client) -> list[tuple[str, str]]:
    html = desk.get(PATH).content.decode()
    rows = re.findall(r'<li data-travel="(\w*)">(.*?)</li>', html, flags=re.S)
    return [(travel, " ".join(re.sub(r"<[^>]+>", " ", text).split())) for travel, text in rows]


def stored(shop: Shop, units: list[dict[str, Any]] | None = None, **given: Any) -> Order:
    apply(shop, [make.order(**{"parcels": (make.parcel(),)} | given)], SOURCE)
    order = Order.objects.get()
    if units:
        body = folded(json.dumps(payloads.order(line_items=units)))
        Payload.objects.create(order=order, body=body, heard_at=make.NOW)
    return order


def unit(number: int, package: str, word: str, **more: Any) -> dict[str, Any]:
    named = {"package_id": package, "tracking_number": f"94{package}", "package_status": word}
    return payloads.unit(number, **named, **more)


@pytest.mark.parametrize(
    ("given", "travel", "words"),
    [
        ({"stage": Stage.AWAITING_SHIPMENT}, "", ""),
        (
            {"stage": Stage.PENDING_COLLECTION, "arranged_at": make.NOW},
            "arranged",
            "Arranged, awaits the carrier , Sun 22 Nov 12:00 UTC",
        ),
        ({"stage": Stage.IN_TRANSIT}, "collected", "Collected, on its way"),
        (
            {"stage": Stage.DELIVERED, "delivered_at": make.NOW - timedelta(days=1)},
            "delivered",
            "Delivered , Sat 21 Nov 12:00 UTC",
        ),
    ],
)
def test_the_only_parcel_of_a_file_shop_goes_by_the_orders_times(
    desk: Client, given: dict[str, Any], travel: str, words: str
) -> None:
    stored(make.shop(), **given)
    ((shown, text),) = parcels(desk)
    assert shown == travel
    assert text.endswith(words)


def test_several_parcels_of_a_file_shop_say_nothing(desk: Client) -> None:
    two = (make.parcel(), make.parcel(package_id="2", tracking_number="B"))
    stored(make.shop(), parcels=two, stage=Stage.IN_TRANSIT)
    assert [travel for travel, _ in parcels(desk)] == ["", ""]


def test_each_parcel_has_what_the_channel_last_said_and_a_lost_one_stays_in_sight(
    desk: Client,
) -> None:
    lost = {"display_status": "CANCELLED", "cancel_user": "SYSTEM"}
    units = [
        unit(1, "1150000000000000001", "FULFILLING"),
        unit(2, "7", "PROCESSING", rts_time=payloads.AT),
        unit(3, "8", "CANCELLED", cancel_reason="Package lost", **lost),
        unit(4, "9", "CANCELLED", cancel_reason="Delivery failed", **lost),
    ]
    two = (make.parcel(), make.parcel(package_id="7", tracking_number="947"))
    stored(connected_shop(), units, parcels=two, stage=Stage.IN_TRANSIT)
    told = parcels(desk)
    assert [travel for travel, _ in told] == ["collected", "arranged", "lost"]
    assert "awaits the carrier , Wed 18 Nov 11:06 UTC" in told[1][1]
    assert told[2][1].startswith("948")
    assert told[2][1].endswith("Lost on its way : Package lost")


def test_a_lost_parcel_lights_the_card(desk: Client) -> None:
    lost = {"stage": Stage.CANCELED, "canceled_at": make.NOW, "extra": {PARCEL_TROUBLE: "lost"}}
    apply(make.shop(), [make.order(**lost), make.order("2")], SOURCE)
    html = desk.get("/orders/").content.decode()
    assert 'data-card="logistics_issue" data-count="1"' in html
    html = desk.get("/orders/?urgency=logistics_issue").content.decode()
    assert re.findall(r'data-order="(\d+)"', html) == ["576000000000000001"]
    assert "Parcel lost" in html


def test_the_timeline_names_what_the_channel_changed(desk: Client) -> None:
    order = stored(make.shop(), recipient={"name": "Ada Marlow", "city": "Oakland"})
    later = make.NOW + make.HOUR
    newer = make.order(
        as_of=later,
        parcels=(make.parcel(tracking_number="B"),),
        carrier="UPS",
        recipient={"name": "Eve Marlow", "city": "Portland", "address": "12 Harbor St"},
        deadlines=replace(make.order().deadlines, ship_by=later),
        extra={PARCEL_TROUBLE: "lost", "delivery_type": "PICKUP"},
    )
    apply(order.shop, [newer], Source(by="sync", now=later))
    html = desk.get(PATH).content.decode()
    (told,) = re.findall(r'Changed by the channel.*?<span class="sub">(.*?)</span>', html)
    assert told == (
        "changed: the carrier, the address, the recipient&#39;s name, other details, a parcel lost "
        "or damaged on its way, ship by, the parcels"
    )


def test_every_field_of_an_event_has_plain_words() -> None:
    assert set(GROUPS) == set(KEYED)
    assert {*SINGLE, *(f"deadlines.{name}" for name in DEADLINES)} <= set(FIELDS)
