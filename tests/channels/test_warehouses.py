"""Where a shop's parcels leave from, and how they travel."""

from __future__ import annotations

import pytest

from shipboard.channels.contract import WarehouseFact
from shipboard.channels.models import Shop, Warehouse
from shipboard.channels.warehouses import (
    NoSuchLogistics,
    logistics_of,
    names,
    remember,
    set_logistics,
    unknown,
)
from shipboard.ingest.apply import Source, apply
from tests import make

pytestmark = pytest.mark.django_db


def fact(remote_id: str, name: str, country: str = "") -> WarehouseFact:
    return WarehouseFact(remote_id=remote_id, name=name, country=country)


@pytest.fixture
def shop() -> Shop:
    return make.shop(region="GB")


@pytest.mark.parametrize(
    ("country", "logistics"),
    [("GB", "local"), ("UK", "local"), ("CN", "direct"), ("", ""), ("Mars", "")],
)
def test_local_where_the_country_is_the_shops(shop: Shop, country: str, logistics: str) -> None:
    remember(shop, [fact("7301", "Leeds", country)])
    row = Warehouse.objects.get(shop=shop)
    assert (row.name, row.remote_id, row.logistics) == ("Leeds", "7301", logistics)


def test_a_persons_word_stays(shop: Shop) -> None:
    remember(shop, [fact("7301", "Leeds", "GB")])
    set_logistics(shop, "Leeds", "direct")
    remember(shop, [fact("7301", "Leeds", "GB")])
    assert logistics_of([shop.pk])[shop.pk, "Leeds"] == "direct"
    set_logistics(shop, "Leeds", "")
    assert logistics_of([shop.pk])[shop.pk, "Leeds"] == "local"


def test_a_new_name_keeps_a_persons_word_and_the_old_name(shop: Shop) -> None:
    remember(shop, [fact("7301", "Leeds", "CN")])
    set_logistics(shop, "Leeds", "local")
    remember(shop, [fact("7301", "Leeds North", "CN")])
    assert names(shop) == {"7301": "Leeds North"}
    known = logistics_of([shop.pk])
    assert known[shop.pk, "Leeds"] == known[shop.pk, "Leeds North"] == "local"


def test_what_orders_carried_before_the_name_was_known(shop: Shop) -> None:
    remember(shop, [fact("7301", "Leeds", "GB")])
    assert logistics_of([shop.pk])[shop.pk, "7301"] == "local"


def test_a_file_shop_says_it_by_name(shop: Shop) -> None:
    orders = [
        make.order(f"57600000000000000{n}", warehouse=name)
        for n, name in enumerate(["Leeds", "Hull", ""])
    ]
    apply(shop, orders, Source(by="test", now=make.NOW))
    assert unknown(shop) == ["Hull", "Leeds"]
    set_logistics(shop, "Leeds", "local")
    assert unknown(shop) == ["Hull"]
    other = make.shop("Southwind")
    assert unknown(other) == []
    assert logistics_of([other.pk]) == {}


def test_only_two_ways(shop: Shop) -> None:
    with pytest.raises(NoSuchLogistics):
        set_logistics(shop, "Leeds", "by ship")
    assert not Warehouse.objects.exists()
