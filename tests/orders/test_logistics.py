"""The filter `logistics`: through warehouse names, so that no order is joined to anything."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import WarehouseFact
from shipboard.channels.models import Shop
from shipboard.channels.warehouses import remember, set_logistics
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.queries import listing
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops() -> tuple[Shop, Shop]:
    """Leeds is local of the one and direct of the other."""
    one, other = make.shop("One"), make.shop("Other")
    for shop in (one, other):
        facts = [
            make.order(f"{shop.pk}{name}", warehouse=name) for name in ("Leeds", "Hull", "7301", "")
        ]
        apply(shop, facts, Source(by="tests", now=make.NOW))
    set_logistics(one, "Leeds", "local")
    set_logistics(other, "Leeds", "direct")
    remember(one, [WarehouseFact(remote_id="7301", name="Yiwu", country="CN")])
    return one, other


def found(query: str) -> set[tuple[str, str]]:
    page = listing(parse(query), COMMAND_LINE, make.NOW)
    assert page.count == len(page.page.rows)
    return {(order.shop.slug, order.warehouse) for order in page.page.rows}


def test_it_holds_for_each_shop_by_its_own_names(shops: tuple[Shop, Shop]) -> None:
    assert found("logistics=local") == {("one", "Leeds")}
    # Also what carries the id from before the name was known.
    assert found("logistics=direct") == {("one", "7301"), ("other", "Leeds")}
    assert found("logistics=local&logistics=direct&shop=one") == {("one", "Leeds"), ("one", "7301")}
    assert found("logistics=local&shop=other") == set()


def test_it_goes_with_other_filters_and_back_into_the_query(shops: tuple[Shop, Shop]) -> None:
    assert found("logistics=direct&warehouse=Leeds&tab=pending_shipping") == {("other", "Leeds")}
    assert parse("logistics=direct").query() == "logistics=direct"


def test_another_way_is_refused_by_name() -> None:
    with pytest.raises(BadFilter, match=r"logistics=sea is not known; .* local, direct"):
        parse("logistics=sea")


def test_no_order_is_joined(shops: tuple[Shop, Shop]) -> None:
    with CaptureQueriesContext(connection) as asked:
        found("logistics=direct")
    of_orders = [query["sql"] for query in asked if 'from "order"' in query["sql"].lower()]
    assert of_orders
    assert not [sql for sql in of_orders if '"warehouse"."' in sql]
