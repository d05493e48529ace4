"""Shipping Labels: every label in exactly one tab, counts that equal a recount, pages that hold
each label once, and filters that find what they say.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import Rejection, Shipping, Stage
from shipboard.channels.models import Shop, Warehouse
from shipboard.orders.filters import BadFilter
from shipboard.orders.label_filters import LabelFilter, LabelTab, parse
from shipboard.orders.label_lists import (
    LabelListing,
    collected_count,
    label_listing,
    reason_counts,
    tab_counts,
)
from shipboard.orders.label_states import label_word
from shipboard.orders.labels import Label
from shipboard.orders.models import Order, Parcel, ParcelContent
from tests import make

pytestmark = pytest.mark.django_db
STAGES = (
    Stage.AWAITING_SHIPMENT,
    Stage.PENDING_COLLECTION,
    Stage.IN_TRANSIT,
    Stage.DELIVERED,
    Stage.CANCELED,
)
TABS = [tab for tab in LabelTab if tab is not LabelTab.TO_CREATE]


def place(shop: Shop, number: int, **given: Any) -> Order:
    row = make.row(shop, str(number), **{"shipping": Shipping.PLATFORM} | given)
    row.save()
    return row


def ask(query: str) -> LabelListing:
    pairs = [tuple(each.split("=", 1)) for each in query.split("&") if each]
    return label_listing(
        parse((name, value) for name, value in pairs),
        COMMAND_LINE,
        make.NOW,
        list(Shop.objects.order_by("pk")),
    )


def numbers(found: LabelListing) -> list[str]:
    return [each.inside.all()[0].order.order_id for each in found.labels]


@pytest.mark.parametrize("seed", range(6))
def test_every_label_is_in_exactly_one_tab(seed: int) -> None:
    chance, shop = random.Random(seed), make.shop()
    for number in range(60):
        due = chance.choice([None, make.NOW + make.HOUR * chance.randrange(-9, 9)])
        stage = chance.choice([*STAGES, Stage.AWAITING_SHIPMENT])
        order = place(shop, number, ship_by=due, stage=stage)
        for _ in range(chance.randrange(3)):
            make.label(
                order,
                state=chance.choice(Label.State.values),
                label_print=chance.choice(Label.Print.values),
                rejection=chance.choice(["", *Rejection]),
                asked_at=make.NOW - make.HOUR * chance.randrange(5),
            )
    collected = collected_count([shop])
    counted = tab_counts([shop], make.NOW, collected)
    seen: list[int] = []
    for tab in TABS:
        for sort in ("ship_by", "-ship_by", "asked", "-asked"):
            found, pks = walk(f"tab={tab}&sort={sort}&per_page=20")
            left = collected if tab is LabelTab.CREATED else 0
            assert len(pks) == len(set(pks)) == counted[tab] + left == found.count
            assert found.collected == collected
            assert found.tabs == counted
        seen += pks
    assert sorted(seen) == sorted(Label.objects.values_list("pk", flat=True))
    waiting = ask("tab=to_create&per_page=100")
    assert len(waiting.orders) == counted[LabelTab.TO_CREATE] == waiting.count
    for order in Order.objects.all():
        labels = Label.objects.filter(inside__order=order)
        is_waiting = label_word(order, labels, make.NOW) == "none"
        assert is_waiting == (order.order_id in {each.order_id for each in waiting.orders})
    assert sum(reason_counts([shop]).values()) == counted[LabelTab.REJECTED]


def walk(query: str) -> tuple[LabelListing, list[int]]:
    """The first page, and the labels of all; on the way back every page is as it was."""
    first = found = ask(query)
    pages = [[label.pk for label in found.labels]]
    while found.after:
        found = ask(f"{query}&after={found.after}")
        pages.append([label.pk for label in found.labels])
    for page in pages[-2::-1]:
        found = ask(f"{query}&before={found.before}")
        assert [label.pk for label in found.labels] == page
    return first, [pk for page in pages for pk in page]


def test_what_must_be_shipped_first_comes_first_and_what_has_no_ship_by_last() -> None:
    shop = make.shop()
    for number, hours in enumerate([5, None, -2, 1]):
        due = None if hours is None else make.NOW + hours * make.HOUR
        make.label(place(shop, number, ship_by=due))
    assert numbers(ask("tab=created")) == ["2", "3", "0", "1"]
    assert numbers(ask("tab=created&sort=-ship_by")) == ["0", "3", "2", "1"]


@pytest.mark.parametrize("left", [{"stage": Stage.IN_TRANSIT}, {"collected_at": make.NOW}])
def test_what_the_carrier_has_is_not_counted_as_to_print(left: dict[str, Any]) -> None:
    shop = make.shop()
    soon = {"ship_by": make.NOW, "stage": Stage.PENDING_COLLECTION}
    make.label(place(shop, 1, **soon | left))
    make.label(place(shop, 2, **soon | left), label_print="sent")
    make.label(place(shop, 3, ship_by=make.NOW + make.HOUR, stage=Stage.PENDING_COLLECTION))
    for sort in ("ship_by", "-ship_by"):
        found = ask(f"tab=created&sort={sort}")
        assert numbers(found) == ["3", "1"]
        assert (found.count, found.collected, found.tabs[LabelTab.CREATED]) == (2, 1, 1)


def test_a_search_that_finds_nothing_here_says_where_it_hits() -> None:
    shop = make.shop()
    place(shop, 1)
    make.label(place(shop, 2), tracking_number="9400A")
    make.label(place(shop, 3, stage=Stage.DELIVERED), state=Label.State.VOIDED, service="Air")
    assert ask("tab=printed&q=2,3").elsewhere == {LabelTab.CREATED: 1, LabelTab.VOIDED: 1}
    assert ask("tab=printed&q=1").elsewhere == {LabelTab.TO_CREATE: 1}
    assert ask("q=2").elsewhere == {LabelTab.CREATED: 1}
    assert ask("tab=printed&q=2,3&service=Air").elsewhere == {LabelTab.VOIDED: 1}
    assert ask("tab=created&q=2").elsewhere == {}
    assert ask("tab=printed").elsewhere == {}


def test_filters_find_what_they_name() -> None:
    shop, other = make.shop(), make.shop("Southwind")
    Warehouse.objects.create(shop=shop, name="Abroad", logistics="direct")
    one, two, three = (place(shop, number, ship_by=make.NOW) for number in range(3))
    four = place(other, 3, ship_by=make.NOW + 48 * make.HOUR)
    make.label(one, carrier="USPS", service="Ground", warehouse="Abroad", tracking_number="9400A")
    make.label(two, carrier="UPS", service="Air", package_id="115001")
    make.label(three, state=Label.State.REJECTED, rejection="oversized")
    make.label(four, carrier="USPS", service="Ground", label_print="sent")
    assert numbers(ask("tab=created&carrier=USPS")) == ["0"]
    assert numbers(ask("tab=created&service=Air")) == ["1"]
    assert numbers(ask("tab=created&logistics=direct")) == ["0"]
    assert numbers(ask("tab=created&warehouse=Abroad")) == ["0"]
    assert numbers(ask("printed=yes")) == ["3"]
    assert numbers(ask("printed=no&q=9400a")) == ["0"]
    assert numbers(ask("tab=created&q=115001,nothing-like-this")) == ["1"]
    assert ask("tab=created&q=115001,nothing-like-this").not_found == ("nothing-like-this",)
    assert numbers(ask("reason=oversized")) == ["2"]
    assert numbers(ask("reason=overweight")) == []
    assert numbers(ask("tab=printed&ship_by_from=2026-11-23")) == ["3"]
    assert numbers(ask("tab=created&ship_by_from=2026-11-23")) == []
    assert numbers(ask("tab=printed&shop=northwind")) == []


def test_stale_labels_are_found() -> None:
    shop = make.shop()
    make.label(place(shop, 1, stage=Stage.CANCELED))
    make.label(place(shop, 2, stage=Stage.PENDING_COLLECTION))
    assert numbers(ask("tab=created&stale=yes")) == ["1"]
    assert [each.stale for each in ask("tab=created").labels] == ["canceled", ""]  # type: ignore[attr-defined]


def test_an_order_waits_for_each_of_its_packages() -> None:
    shop = make.shop()
    order = place(shop, 1)
    for package in ("115001", "115002"):
        parcel = Parcel.objects.create(
            shop=shop, key=package, package_id=package, as_of=make.NOW, rank=0
        )
        ParcelContent.objects.create(order=order, parcel=parcel, line=0, quantity=1)
        assert ask("").count == 1
        make.label(order, package_id=package)
    assert ask("").count == 0


def test_only_orders_that_the_platform_ships_and_that_wait_are_to_be_labelled() -> None:
    shop = make.shop()
    place(shop, 1)
    place(shop, 2, shipping=Shipping.SELLER)
    place(shop, 3, stage=Stage.IN_TRANSIT)
    place(shop, 4, is_platform_fulfilled=True)
    make.label(place(shop, 5), state=Label.State.VOIDED)
    make.label(place(shop, 6), state=Label.State.REJECTED)
    assert {each.order_id for each in ask("").orders} == {"1", "5"}


def test_demo_labels_never_stand_among_real_ones() -> None:
    make.label(place(make.shop(), 1))
    make.label(place(make.shop("Sandbox", is_demo=True), 2))
    assert numbers(ask("tab=created")) == ["1"]
    assert ask("tab=created").tabs[LabelTab.CREATED] == 1


@pytest.mark.parametrize(
    "query",
    [
        "tab=gone",
        "reason=nothing",
        "colour=red",
        "sort=total",
        "stale=no",
        "service=Air",
        "ship_by_from=2026-11-24&ship_by_to=2026-11-23",
        "after=1&before=2",
        "tab=created&after=1",
    ],
)
def test_what_is_not_understood_is_refused(query: str) -> None:
    make.shop()
    with pytest.raises(BadFilter):
        ask(query)


def test_another_tab_keeps_what_it_can_answer() -> None:
    given = parse([("reason", "oversized"), ("carrier", "USPS")])
    assert given.tab is LabelTab.REJECTED
    assert given.at(LabelTab.CREATED) == LabelFilter(tab=LabelTab.CREATED, carrier=("USPS",))
    assert parse([]).query() == ""
    narrowed = replace(given, per_page=20)
    assert narrowed.query() == "tab=rejected&reason=oversized&carrier=USPS&per_page=20"
