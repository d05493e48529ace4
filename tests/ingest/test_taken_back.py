"""What a channel takes back: an order goes back a step, and the instants, the parcels and the
tracking number that it had then are not shown any more, in whatever order accounts come.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from shipboard.channels.contract import OrderFact, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order, Parcel
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
ARRANGED = make.NOW - make.HOUR
LATER = make.NOW + timedelta(minutes=5)


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop()


def shipped(**given: object) -> OrderFact:
    return make.order(
        **{
            "stage": Stage.PENDING_COLLECTION,
            "arranged_at": ARRANGED,
            "canceled_by": "buyer",
            "cancel_reason": "Two of them",
            "carrier": "USPS",
            "parcels": (make.parcel(),),
            "tells_all": True,
        }
        | given
    )


def back(**given: object) -> OrderFact:
    return make.order(as_of=LATER, **{"tells_all": True} | given)


def test_what_is_left_out_is_none_any_more(shop: Shop) -> None:
    for facts in permutations([shipped(), back()]):
        with transaction.atomic():
            for fact in facts:
                apply(shop, [fact], SOURCE)
            order = Order.objects.get()
            assert (order.stage, order.arranged_at, order.carrier) == (
                "awaiting_shipment",
                None,
                "",
            )
            assert (order.canceled_by, order.cancel_reason) == ("", "")
            assert order.paid_at is not None
            assert not order.contents.filter(is_current=True).exists()
            transaction.set_rollback(True)


def test_an_account_that_does_not_tell_all_takes_nothing_back(shop: Shop) -> None:
    for fact in (shipped(), back(tells_all=False)):
        apply(shop, [fact], SOURCE)
    order = Order.objects.get()
    assert order.arranged_at == ARRANGED
    assert order.contents.get().is_current


def test_a_parcel_that_is_not_sent_has_no_number_any_more(shop: Shop) -> None:
    unsent = make.parcel(tracking_number="", carrier="", is_unsent=True)
    number = make.parcel().tracking_number
    for facts in permutations([shipped(), back(parcels=(unsent,))]):
        with transaction.atomic():
            for fact in facts:
                apply(shop, [fact], SOURCE)
            parcel = Parcel.objects.get()
            assert (parcel.tracking_number, parcel.carrier) == ("", "")
            # A search for it still finds the order.
            assert parcel.former_ids == [number]
            again = make.parcel(tracking_number="T2")
            apply(shop, [shipped(as_of=LATER + make.HOUR, parcels=(again,))], SOURCE)
            parcel.refresh_from_db()
            assert (parcel.tracking_number, parcel.carrier) == ("T2", "USPS")
            transaction.set_rollback(True)


def test_a_parcel_of_which_nothing_is_said_keeps_its_number(shop: Shop) -> None:
    silent = make.parcel(tracking_number="", carrier="")
    for fact in (shipped(), back(parcels=(silent,))):
        apply(shop, [fact], SOURCE)
    assert Parcel.objects.get().tracking_number == make.parcel().tracking_number


def test_a_canceled_order_takes_no_number_back_from_those_that_share_its_parcel(shop: Shop) -> None:
    """Its units say for ever that the parcel waits, as it did when they were canceled."""
    unsent = make.parcel(tracking_number="", carrier="", is_unsent=True)
    canceled = make.order(
        "577000000000000002",
        as_of=LATER,
        parcels=(unsent,),
        stage=Stage.CANCELED,
        canceled_at=make.NOW - 2 * make.HOUR,
    )
    for facts in permutations([shipped(), canceled]):
        with transaction.atomic():
            for fact in facts:
                apply(shop, [fact], SOURCE)
            assert Parcel.objects.get().tracking_number == make.parcel().tracking_number
            transaction.set_rollback(True)
    # Canceled after the number was told, and not arranged then: there is none any more.
    late = replace(canceled, as_of=make.NOW + make.HOUR, canceled_at=LATER)
    for fact in (shipped(), late):
        apply(shop, [fact], SOURCE)
    assert Parcel.objects.get().tracking_number == ""
