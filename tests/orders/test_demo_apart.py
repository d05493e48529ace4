"""Demo orders never stand among real ones: in lists, counts, searches or the Filter panel."""

from __future__ import annotations

import pytest

from shipboard.accounts.access import COMMAND_LINE, Access
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.queries import companions, listing, shops_in_view
from shipboard.orders.stages import Tab
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
DEMO = "57900000000000000{}"


def demo(name: str = "Demo one", number: int = 1) -> Shop:
    shop = make.shop(name, is_demo=True)
    apply(shop, [make.order(DEMO.format(number), warehouse=f"Made up {number}")], SOURCE)
    return shop


def own() -> Shop:
    shop = make.shop("Harbour")
    apply(shop, [make.order("1", warehouse="Quay"), make.order("2", warehouse="Hill")], SOURCE)
    return shop


def seen(query: str = "", access: Access = COMMAND_LINE) -> tuple[list[str], int, int]:
    """The order ids on the page, what All counts, and what the list counts."""
    found = listing(parse(query), access, make.NOW)
    ids = sorted(order.order_id for order in found.page.rows)
    return ids, found.counts.tabs[Tab.ALL], found.count


def test_the_demo_is_all_there_is_until_a_shop_of_ones_own_is_added() -> None:
    demo()
    demo("Demo two", 2)
    assert seen() == ([DEMO.format(1), DEMO.format(2)], 2, 2)
    make.shop("Harbour")
    assert seen() == ([], 0, 0)


def test_real_orders_and_demo_orders_are_counted_apart() -> None:
    demo()
    own()
    assert seen() == (["1", "2"], 2, 2)
    assert seen("shop=harbour") == (["1", "2"], 2, 2)
    assert seen("shop=demo-one") == ([DEMO.format(1)], 1, 1)


def test_demo_shops_may_be_named_together_but_not_with_real_ones() -> None:
    demo()
    demo("Demo two", 2)
    own()
    assert seen("shop=demo-one&shop=demo-two")[1] == 2
    with pytest.raises(BadFilter, match="never shown together with real ones; leave out shop=demo"):
        seen("shop=demo-one&shop=harbour")


def test_whoever_sees_no_real_shop_sees_the_demo() -> None:
    shop = demo()
    own()
    assert seen(access=Access(by="p", shop_ids=frozenset({shop.pk})))[0] == [DEMO.format(1)]


def test_a_search_finds_nothing_in_the_demo_that_is_not_in_view() -> None:
    demo()
    own()
    found = listing(parse(f"q=1,{DEMO.format(1)}"), COMMAND_LINE, make.NOW)
    assert found.count == 1
    assert found.hits is not None
    assert found.hits.not_found == (DEMO.format(1),)
    found = listing(parse(f"q=1,{DEMO.format(1)}&shop=demo-one"), COMMAND_LINE, make.NOW)
    assert found.hits is not None
    assert (found.count, found.hits.not_found) == (1, ("1",))


def test_the_companions_of_a_shop_are_of_its_kind() -> None:
    first, second, real = demo(), demo("Demo two", 2), own()
    assert companions([first], COMMAND_LINE) == [first, second]
    assert companions(shops_in_view(parse(""), COMMAND_LINE), COMMAND_LINE) == [real]
