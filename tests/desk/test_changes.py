"""The live refresh: nothing new costs four small queries; what has changed is told exactly once,
in place, with the counts around it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.ingest import notices
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.notices import About, Trouble
from shipboard.orders.models import Order
from shipboard.orders.overlays import touch
from tests import make

PENDING = "tab=pending_shipping"
SOURCE = Source(by="test", now=make.NOW)


@pytest.fixture
def shop(db: None) -> Shop:
    made = make.shop()
    apply(made, [make.order(f"57600000000000000{n}") for n in range(3)], SOURCE)
    return made


class Looker:
    """Somebody who has the list open and asks what has changed."""

    def __init__(self, client: Client, query: str = PENDING) -> None:
        self.client, self.query = client, query
        page = client.get(f"/orders/?{query}").content.decode()
        self.token = found(r'data-changes="([^"]+)"', page)
        self.rows = dict(re.findall(r'data-pk="(\d+)" data-version="(\d+)"', page))

    def address(self, **given: str) -> str:
        rows = given.get("rows", ",".join(f"{pk}:{version}" for pk, version in self.rows.items()))
        token = given.get("token", self.token)
        return f"/orders/changes/?{self.query}&token={quote(token)}&rows={rows}"

    def ask(self, **given: str) -> Any:
        return self.client.get(self.address(**given))


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, pattern
    return match[1]


def flat(text: str) -> str:
    return text.replace("\n", " ")


def test_nothing_new_is_204_for_four_small_queries(desk: Client, shop: Shop) -> None:
    looker = Looker(desk)
    with CaptureQueriesContext(connection) as asked:
        answer = looker.ask()
    assert answer.status_code == 204
    tables = [re.findall(r'from "(\w+)"', query["sql"], re.I) for query in asked]
    assert [names[0] for names in tables] == ["django_session", "person", "tally", "notice"]


def test_a_changed_row_comes_back_as_the_page_draws_it(desk: Client, shop: Shop) -> None:
    looker = Looker(desk)
    order = Order.objects.order_by("pk")[1]
    touch(order, now=make.NOW)
    answer = looker.ask().content.decode()
    assert re.findall(r'class="row" id="order-(\d+)"', answer) == [str(order.pk)]
    row = found(r'(<tr class="row".*?</tr>)', answer.replace("\n", "\v")).replace("\v", "\n")
    assert row in desk.get(f"/orders/?{PENDING}").content.decode()
    assert "data-gone" not in answer
    # What was told is known: the next question starts there.
    looker.token = found(r'data-changes="([^"]+)"', answer)
    looker.rows[str(order.pk)] = found(r'data-version="(\d+)"', row)
    assert looker.ask().status_code == 204


def test_a_row_that_left_says_where_it_is_now(desk: Client, shop: Shop) -> None:
    looker = Looker(desk)
    first = Order.objects.order_by("pk")[0]
    fact = make.order(
        first.order_id,
        stage=Stage.IN_TRANSIT,
        as_of=make.NOW + make.HOUR,
        arranged_at=make.NOW,
        collected_at=make.NOW,
    )
    apply(shop, [fact], SOURCE)
    answer = looker.ask().content.decode()
    gone = found(rf'data-gone="{first.pk}">([^<]+)<', answer)
    assert gone == "No longer in this list: now In transit."
    assert f'id="order-{first.pk}"' in answer
    assert '<data data-kind="tab" data-name="pending_shipping" value="2">2</data>' in answer
    assert '<data data-kind="tab" data-name="shipped" value="1">1</data>' in answer
    assert 'data-found="Found 2 orders"' in answer


def test_new_orders_that_match_are_announced_until_the_page_is_asked_for(
    desk: Client, shop: Shop
) -> None:
    looker = Looker(desk)
    new = [
        make.order("576000000000000011"),
        make.order("576000000000000012"),
        make.order("576000000000000013", stage=Stage.CANCELED, canceled_at=make.NOW),
    ]
    apply(shop, new, SOURCE)
    answer = looker.ask().content.decode()
    assert "2 new orders match." in answer
    looker.token = found(r'data-changes="([^"]+)"', answer)
    assert looker.ask().status_code == 204
    touch(Order.objects.order_by("pk")[0], now=make.NOW)
    assert "2 new orders match." in looker.ask().content.decode()
    assert "new orders" not in Looker(desk).ask().content.decode()


def test_old_orders_that_come_to_match_are_announced(desk: Client, shop: Shop) -> None:
    looker = Looker(desk, "tab=canceled")
    first = Order.objects.order_by("pk")[0]
    fact = make.order(
        first.order_id, stage=Stage.CANCELED, as_of=make.NOW + make.HOUR, canceled_at=make.NOW
    )
    apply(shop, [fact], SOURCE)
    assert "1 more order matches now." in looker.ask().content.decode()


def test_what_the_clock_changes_is_told_within_a_minute(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looker = Looker(desk)
    order = Order.objects.order_by("pk")[0]
    assert order.ship_by
    monkeypatch.setenv("SHIPBOARD_NOW", (make.NOW + timedelta(seconds=59)).isoformat())
    assert looker.ask().status_code == 204
    monkeypatch.setenv("SHIPBOARD_NOW", (order.ship_by + timedelta(seconds=1)).isoformat())
    answer = looker.ask().content.decode()
    assert len(re.findall(r'class="row"', answer)) == 3
    assert '<data data-kind="card" data-name="overdue" value="3">3</data>' in answer


def test_cards_are_refreshed_as_cards(desk: Client, shop: Shop) -> None:
    looker = Looker(desk, f"{PENDING}&view=card")
    touch(Order.objects.order_by("pk")[0], now=make.NOW)
    assert '<article class="row order-card"' in looker.ask().content.decode()


def test_notices_come_and_go_without_a_reload(desk: Client, shop: Shop) -> None:
    looker = Looker(desk)
    trouble = Trouble("Access to Northwind was taken back.", "Connect it again.")
    notices.begin(shop, About.RECONNECT, trouble, make.NOW)
    answer = looker.ask().content.decode()
    assert "Access to Northwind was taken back." in found(r"(<aside.*?</aside>)", flat(answer))
    assert not re.findall(r'class="row"', answer)
    looker.token = found(r'data-changes="([^"]+)"', answer)
    assert looker.ask().status_code == 204
    assert Looker(desk).ask().status_code == 204
    notices.over(shop, [About.RECONNECT], make.NOW)
    gone = found(r"(<aside.*?</aside>)", flat(looker.ask().content.decode()))
    assert "hidden" in gone
    assert "Northwind" not in gone


def test_rows_of_other_shops_are_never_told(desk: Client, shop: Shop, owner: User) -> None:
    other = make.shop("Elsewhere")
    apply(other, [make.order("576000000000000099")], SOURCE)
    hidden = Order.objects.get(order_id="576000000000000099")
    packer = User.objects.create_user("an@shop.example", "a long password", role=Role.PACKER)
    packer.sees_all_shops = False
    packer.save()
    packer.shops.add(shop)
    client = Client()
    client.force_login(packer)
    looker = Looker(client)
    token = Looker(desk).token  # one that looks at every shop
    touch(hidden, now=make.NOW)
    answer = looker.ask(token=token, rows=f"{hidden.pk}:0").content.decode()
    assert "576000000000000099" not in answer
    assert f'data-gone="{hidden.pk}">This order is not on this desk any more.' in answer
    assert looker.ask().status_code == 204


@pytest.mark.parametrize(
    "given",
    [
        {"token": "made-up"},
        {"rows": "x:1"},
        {"rows": ",".join(f"{n}:0" for n in range(101))},
        {"rows": "9" * 5000 + ":1"},
        {"rows": "1:" + "9" * 5000},
        {"rows": ":1"},
    ],
)
def test_what_is_not_ours_is_refused(desk: Client, shop: Shop, given: dict[str, str]) -> None:
    looker = Looker(desk)
    touch(Order.objects.order_by("pk")[0], now=make.NOW)
    answer = looker.ask(**given)
    assert answer.status_code == 400
    assert "text/plain" in answer["Content-Type"]


def test_a_long_question_is_posted(desk: Client, shop: Shop) -> None:
    looker = Looker(desk)
    touch(Order.objects.order_by("pk")[0], now=make.NOW)
    rows = ",".join(f"{pk}:{version}" for pk, version in looker.rows.items())
    given = {"tab": "pending_shipping", "token": looker.token, "rows": rows}
    assert desk.post("/orders/changes/", given).content == looker.ask().content


def test_a_stranger_is_sent_to_sign_in(shop: Shop) -> None:
    answer = Client().get("/orders/changes/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_the_cost_does_not_grow_with_rows(desk: Client, shop: Shop) -> None:
    def cost() -> int:
        looker = Looker(desk)
        for order in Order.objects.all():
            touch(order, now=make.NOW)
        with CaptureQueriesContext(connection) as asked:
            assert looker.ask().status_code == 200
        return len(asked)

    few = cost()
    more = [make.order(f"5760000000000001{n:02}") for n in range(40)]
    apply(shop, more, SOURCE)
    assert cost() <= few
