"""ingest: parcels that several orders share, that get a package id later, that change numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import transaction

from shipboard.channels.contract import OrderFact, ParcelFact
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Event, Order, Parcel, ParcelContent
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)


def said(order_id: str, hours: int, *parcels: ParcelFact) -> OrderFact:
    return make.order(order_id, as_of=make.NOW + timedelta(hours=hours), parcels=parcels)


def named(package_id: str, number: str = "", **given: object) -> ParcelFact:
    return make.parcel(package_id=package_id, tracking_number=number, **given)


def current() -> list[tuple[str, str, str]]:
    """(order, package, number) of what orders are in now."""
    rows = ParcelContent.objects.filter(is_current=True)
    return sorted(
        rows.values_list("order__order_id", "parcel__package_id", "parcel__tracking_number")
    )


def every_way(*facts: OrderFact) -> list[list[tuple[str, str, str]]]:
    """What is current after each order of telling; once, where they all agree."""
    outcomes = []
    for order in permutations(facts):
        with transaction.atomic():
            shop = make.shop()
            for fact in order:
                apply(shop, [fact], SOURCE)
            outcomes.append(current())
            transaction.set_rollback(True)
    return [each for number, each in enumerate(outcomes) if each not in outcomes[:number]]


def test_combined_orders_share_a_parcel() -> None:
    shop = make.shop()
    apply(shop, [said("1", 0, named("P")), said("2", 0, named("P", "T"))], SOURCE)
    assert Parcel.objects.count() == 1
    assert current() == [("1", "P", "T"), ("2", "P", "T")]


def test_a_number_of_one_order_alone_is_not_another_orders_parcel() -> None:
    apply(make.shop(), [said("1", 0, named("", "T")), said("2", 0, named("", "T"))], SOURCE)
    assert Parcel.objects.count() == 2


def test_a_package_id_that_comes_later_names_the_parcel() -> None:
    assert every_way(said("1", 0, named("", "T")), said("1", 1, named("P", "T"))) == [
        [("1", "P", "T")]
    ]


def test_an_account_without_package_ids_means_the_package_with_that_number() -> None:
    outcome = every_way(
        said("1", 0, named("P")), said("1", 1, named("P", "T")), said("1", 2, named("", "t"))
    )
    assert outcome == [[("1", "P", "t")]]


def test_another_order_may_tell_which_package_a_number_is() -> None:
    outcome = every_way(
        said("1", 0, named("P")), said("1", 1, named("", "T")), said("2", 0, named("P", "T"))
    )
    assert outcome == [[("1", "P", "T"), ("2", "P", "T")]]


def test_one_number_on_two_packages_ends_the_same_whatever_came_first() -> None:
    outcome = every_way(
        said("1", 0, named("P1", "T")), said("1", 1, named("P2", "T")), said("1", 2, named("", "T"))
    )
    assert outcome == [[("1", "P2", "T")]]


def test_numbers_that_change_are_kept_and_the_newest_shows() -> None:
    outcome = every_way(said("1", 0, named("P", "T1")), said("1", 1, named("P", "T2")))
    assert outcome == [[("1", "P", "T2")]]


def test_carrier_and_number_are_as_old_as_who_said_them() -> None:
    for order in permutations(
        (
            said("1", 0, named("P", "T", carrier="USPS")),
            said("1", 2, named("P", "T", carrier="")),
            said("1", 1, named("P", "", carrier="DHL")),
        )
    ):
        with transaction.atomic():
            shop = make.shop()
            for fact in order:
                apply(shop, [fact], SOURCE)
            assert Parcel.objects.get().carrier == "DHL"
            transaction.set_rollback(True)


def test_an_order_that_left_a_parcel_is_not_in_it_but_was() -> None:
    shop = make.shop()
    apply(shop, [said("1", 0, named("P1", "T1"))], SOURCE)
    apply(shop, [said("1", 1, named("P2", "T2"), named("P3", "T3"))], SOURCE)
    assert current() == [("1", "P2", "T2"), ("1", "P3", "T3")]
    assert ParcelContent.objects.get(is_current=False).parcel.package_id == "P1"
    assert Order.objects.get().is_split


def test_a_change_through_a_shared_parcel_is_an_event_of_each_order() -> None:
    shop = make.shop()
    apply(shop, [said("1", 0, named("P", "T1")), said("2", 0, named("P", "T1"))], SOURCE)
    apply(shop, [said("2", 1, named("P", "T2"))], SOURCE)
    changed = Event.objects.filter(kind="order_changed").order_by("order__order_id")
    assert [(event.order.order_id, event.detail) for event in changed] == [
        ("1", {"fields": ["parcels"]}),
        ("2", {"fields": ["parcels"]}),
    ]


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (
            named("P", "t"),  # the same number in capitals, and then in the letters it has
            (named("P", "T"), named("", "t")),
        ),
        (
            named("P", "T", carrier="USPS"),
            (named("P", "T", carrier="DHL"), named("P", "T", carrier="USPS")),
        ),
        (
            named("P", "T", weight_kg=Decimal("1.25")),
            (
                named("P", "T", weight_kg=Decimal("0.5")),
                named("", "T", weight_kg=Decimal("1.25")),
            ),
        ),
    ],
)
def test_a_parcel_that_shows_in_the_end_what_it_showed_is_no_event_of_another_order(
    shown: ParcelFact, told: tuple[ParcelFact, ...]
) -> None:
    shop = make.shop()
    apply(shop, [said("1", 0, shown)], SOURCE)
    before = Order.objects.values().get()
    apply(shop, [said("2", 1, *told)], SOURCE)
    assert current() == [(order, "P", shown.tracking_number) for order in ("1", "2")]
    assert Order.objects.values().get(order_id="1") == before
    kinds = Event.objects.order_by("pk").values_list("order__order_id", "kind")
    assert list(kinds) == [("1", "order_received"), ("2", "order_received")]


def test_an_older_account_by_number_alone_is_no_event_of_others_in_its_batch() -> None:
    shop = make.shop()
    apply(shop, [said("1", 0, named("P", "t")), said("2", 4, named("", "t"))], SOURCE)
    apply(shop, [said("2", 2, named("P", "T"))], SOURCE)
    assert current() == [("1", "P", "t"), ("2", "P", "t")]
    changed = Event.objects.filter(kind="order_changed").values_list("order__order_id", flat=True)
    assert list(changed) == ["2"]


def test_a_confirmed_number_outlives_one_said_in_between() -> None:
    outcome = every_way(
        said("1", 0, named("P", "T1")),
        said("1", 5, named("P", "T1")),
        said("2", 3, named("P", "T2")),
    )
    assert outcome == [[("1", "P", "T1"), ("2", "P", "T1")]]
