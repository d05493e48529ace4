"""The third-party client, which shares no code with the sandbox either, drives it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tiktok_shop_api import TikTokShop, TikTokShopAuth, TikTokShopError
from tiktok_shop_api.generated.models import GetOrderListRequest

from sandbox import shops, tokens
from sandbox.market import Market
from sandbox.testing import ORIGIN, Caller, transport
from tests.sandbox.conftest import US
from tests.sandbox.fill import place


@pytest.fixture
def client(market: Market, us: Caller) -> Iterator[TikTokShop]:
    with TikTokShop(
        us.key, us.secret, us.token, us.cipher, base_url=ORIGIN, transport=transport(market)
    ) as client:
        yield client


def test_tokens_and_shops(market: Market) -> None:
    shops.add_app(market.books, "k", "s", "http://x.test")
    app = shops.app(market.books, "k")
    assert app
    auth = TikTokShopAuth("k", "s", base_url=ORIGIN, transport=transport(market))
    first = auth.exchange_code(tokens.give_code(market, app, US))
    given = auth.refresh(first.refresh_token)
    assert given.seller_base_region == "US"
    with TikTokShop(
        "k", "s", given.access_token, base_url=ORIGIN, transport=transport(market)
    ) as client:
        found = client.authorization.get_authorized_shops().data.shops
    assert [(shop.id, shop.region) for shop in found] == [(US, "US")]


def test_250_orders_over_pages_and_their_detail(market: Market, client: TikTokShop) -> None:
    made = [order["id"] for order in place(market, US, 250)]
    found: list[str] = []
    token = ""
    while token or not found:
        more = {"page_token": token} if token else {}
        page = client.orders.get_order_list(body=GetOrderListRequest(), page_size=100, **more).data
        found += [order.id for order in page.orders]
        token = page.next_page_token
    assert sorted(found) == made
    detail = client.orders.get_order_detail(ids=[",".join(made[:50])]).data.orders
    assert [order.id for order in detail] == made[:50]
    assert detail[0].line_items[0].seller_sku == "MUG-01"


def test_ids_that_are_sent_twice_are_not_signed_so(market: Market, client: TikTokShop) -> None:
    first, second = place(market, US, 2)
    with pytest.raises(TikTokShopError) as refused:
        client.orders.get_order_detail(ids=[first["id"], second["id"]])
    assert refused.value.code == 106001


def test_a_success_without_data_is_unreadable_to_it(market: Market, client: TikTokShop) -> None:
    market.faults.one_shot("search_orders", "null_data")
    with pytest.raises(TikTokShopError) as unread:
        client.orders.get_order_list(body=GetOrderListRequest(), page_size=10)
    assert (unread.value.code, unread.value.http_status) == (-1, 200)
