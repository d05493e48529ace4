"""Labels for many through the pages: a mixed selection refused and offered as several, one edit for
many, what is confirmed, and what a run says of its labels.
"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard import clock
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels import registry
from shipboard.channels.contract import HandoverFact, ParcelContent, Shipping, SlotFact
from shipboard.channels.models import Shop, Warehouse
from shipboard.channels.warehouses import logistics_of
from shipboard.desk.label_batch_live import positions_in, positions_text
from shipboard.fulfilment import pricing
from shipboard.fulfilment.label_wishes import label_wish_of
from shipboard.fulfilment.models import LabelBatch, LabelBatchRow, Run, RunRow
from shipboard.fulfilment.wishes import Wishes
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label
from shipboard.orders.measures import Box, Measure
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.buying_channel import AIR, Quotes, services
from tests.fulfilment.test_batching import (
    SHENZHEN,
    in_mexico,
    in_thailand,
    label,
    reject,
    take,
    waiting,
)
from tests.fulfilment.test_batching import shop as shop

pytestmark = pytest.mark.django_db
BEGIN = "/labels/batch/"
#: Queries of opening a batch, whatever is in it.
OPENED = 18


@pytest.fixture
def quotes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Quotes:
    Shop.objects.update(in_flight=1)
    made = Quotes()
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    return made


def begin(client: Client, *pks: int, **given: Any) -> Any:
    return client.post(BEGIN, {"orders": ",".join(map(str, pks))} | given)


def opened(client: Client, *pks: int) -> str:
    """The address of their batch."""
    said = begin(client, *pks)
    assert said.status_code == 302, said.content.decode()
    return str(said["Location"])


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def send(client: Client, path: str, do: str, **given: Any) -> Any:
    return client.post(path, {"do": do} | given)


def set_all(client: Client, path: str, **given: str) -> None:
    wanted = {"weight": "16", "sides": "12 x 8 x 4"} | given
    assert send(client, path, "all", **wanted).status_code == 302


def price(path: str) -> None:
    pricing.carry_on(int(path.strip("/").rpartition("/")[2]), clock.now, clock.wall)


def seen(html: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', html)
    assert found
    return found[1]


def confirm(client: Client, path: str, **given: Any) -> Any:
    return send(client, path, "confirm", shown=seen(page(client, path)), **given)


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# --- one batch, or several --------------------------------------------------------------------


def test_a_mixed_selection_is_refused_and_offered_as_several(desk: Client, shop: Shop) -> None:
    pks = take(shop, "1", "2") + take(shop, "3", warehouse=SHENZHEN)
    pks += take(shop, "4", shipping=Shipping.SELLER)
    said = begin(desk, *pks)
    html = said.content.decode()
    assert said.status_code == 409
    assert "cannot be one batch" in html
    assert not LabelBatch.objects.exists()
    sections = html.split('<section class="sheet pad')[1:]
    assert [("local warehouse, Harbor" in each, ">1<" in each) for each in sections] == [
        (True, True),
        (False, False),
        (False, False),
    ]
    assert "direct shipping, Shenzhen" in sections[1]
    assert ">3<" in sections[1]
    assert 'action="/ship/">' in sections[2]
    assert f'name="orders" value="{pks[3]}"' in sections[2]
    orders = re.findall(r'name="orders" value="([\d,]+)"', sections[0])
    key = re.findall(r'name="key" value="([\w-]+)"', sections[0])
    first = begin(desk, orders=orders[0], key=key[0])["Location"]
    assert begin(desk, orders=orders[0], key=key[0])["Location"] == first
    assert LabelBatch.objects.count() == 1
    assert LabelBatchRow.objects.count() == 2


def test_what_is_left_out_is_named_before(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "1", "2")
    label(two)
    html = begin(desk, one, two).content.decode()
    assert "Left out: 1" in html
    assert "has asked for its shipping label" in html
    assert "Go on with 1 parcel<" in html
    html = begin(desk, two).content.decode()
    assert "No label can be created for what you chose" in html


def test_a_warehouse_that_nobody_knows_is_asked_about(desk: Client, shop: Shop) -> None:
    (pk,) = take(shop, "1", warehouse="Attic")
    html = begin(desk, pk).content.decode()
    assert "Nobody has said how parcels leave Attic" in html
    assert begin(desk, pk, travels="sideways").status_code == 200
    path = begin(desk, pk, travels="direct")["Location"]
    assert "direct shipping, Attic" in page(desk, path)
    assert logistics_of([shop.pk])[shop.pk, "Attic"] == "direct"


def test_who_may_not_set_it_says_it_for_the_batch(shop: Shop) -> None:
    (pk,) = take(shop, "1", warehouse="Attic")
    packer = User.objects.create_user(
        "bo@shop.example", "a long password", role=Role.PACKER, sees_all_shops=True
    )
    client = Client()
    client.force_login(packer)
    path = begin(client, pk, travels="local")["Location"]
    assert "local warehouse, Attic" in page(client, path)
    assert not Warehouse.objects.filter(name="Attic").exists()


def test_what_is_not_understood_is_refused(desk: Client, shop: Shop) -> None:
    for given in ({}, {"orders": "x"}, {"labels": "1,x"}, {"orders": ""}):
        assert desk.post(BEGIN, given).status_code == 400
    assert desk.post(BEGIN, {"query": "tab=nonsense", "count": "1"}).status_code == 400


def test_ticked_boxes_without_scripts(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "1", "2")
    desk.post(BEGIN, {"orders": [str(one), str(two)]})
    assert LabelBatchRow.objects.count() == 2


def test_it_is_nobody_elses(desk: Client, shop: Shop) -> None:
    path = opened(desk, *take(shop, "1"))
    other = User.objects.create_user("bo@shop.example", "a long password", role=Role.OWNER)
    client = Client()
    client.force_login(other)
    assert client.get(path).status_code == 404
    assert client.post(path, {"do": "save"}).status_code == 404


# --- the table --------------------------------------------------------------------------------


def test_set_for_all_prices_and_confirm(desk: Client, shop: Shop, quotes: Quotes) -> None:
    path = opened(desk, *take(shop, "1", "2", "3"))
    html = page(desk, path)
    assert "3 parcels have a problem" in html
    assert "Its weight is missing." in html
    assert "disabled>Create shipping labels" in html
    set_all(desk, path)
    assert "is asked for 3 prices" in text(page(desk, path))
    price(path)
    html = page(desk, path)
    assert "$16.20 for 3 of 3 parcels" in text(html)
    assert "Create 3 shipping labels" in html
    assert "USPS Ground, 2 to 5 days" in html
    assert "counts as marked as shipped at once" in html
    said = confirm(desk, path, prints="now")
    run = Run.objects.get()
    assert said["Location"] == f"/runs/{run.pk}/"
    assert run.prints_at_once
    wish = label_wish_of(RunRow.objects.all()[0].wish or {})
    assert (wish.size.weight_grams, wish.size.sides[0]) == (454, Decimal("30.48"))
    assert wish.price == Decimal("5.40")
    assert desk.get(path)["Location"] == f"/runs/{run.pk}/"


def test_confirmed_twice_is_bought_once(desk: Client, shop: Shop, quotes: Quotes) -> None:
    path = opened(desk, *take(shop, "1"))
    set_all(desk, path)
    price(path)
    shown = seen(page(desk, path))
    first = send(desk, path, "confirm", shown=shown)
    again = send(desk, path, "confirm", shown=shown)
    assert first["Location"] == again["Location"]
    assert Run.objects.count() == 1
    assert RunRow.objects.count() == 1


def test_a_price_that_changed_is_shown_again(desk: Client, shop: Shop, quotes: Quotes) -> None:
    path = opened(desk, *take(shop, "1"))
    set_all(desk, path)
    price(path)
    shown = seen(page(desk, path))
    quotes.answer = lambda target, size: services(ground="9.99")
    set_all(desk, path, weight="17")
    price(path)
    said = send(desk, path, "confirm", shown=shown)
    html = said.content.decode()
    assert said.status_code == 409
    assert "have changed since they were shown" in html
    assert "$9.99 for 1 of 1 parcel " in text(html)
    assert not Run.objects.exists()
    assert send(desk, path, "confirm", shown=seen(html)).status_code == 302


def test_what_was_typed_with_the_confirmation_is_looked_at_first(
    desk: Client, shop: Shop, quotes: Quotes
) -> None:
    path = opened(desk, *take(shop, "1"))
    set_all(desk, path)
    price(path)
    (row,) = LabelBatchRow.objects.all()
    said = confirm(desk, path, **{f"weight-{row.pk}": "20", f"sides-{row.pk}": "12 × 8 × 4"})
    assert said.status_code == 409
    assert "1 parcel was changed with this form" in said.content.decode()
    assert not Run.objects.exists()
    row.refresh_from_db()
    assert row.is_unpriced
    assert label_wish_of(row.wish).size.weight_grams == 567


def test_rows_by_themselves(desk: Client, shop: Shop, quotes: Quotes) -> None:
    path = opened(desk, *take(shop, "1", "2", "3"))
    set_all(desk, path)
    price(path)
    one, two, three = LabelBatchRow.objects.order_by("position").values_list("pk", flat=True)
    html = page(desk, path)
    shown = dict(re.findall(r'name="((?:weight|sides)-\d+)" value="([^"]*)"', html))
    assert set(shown.values()) == {"16", "12 × 8 × 4"}
    quotes.asked.clear()
    said = send(desk, path, "save", **shown | {f"sides-{two}": "1×2", f"service-{three}": AIR})
    html = said.content.decode()
    assert said.status_code == 422
    assert "are not three sides" in html
    assert 'value="1×2"' in html
    assert label_wish_of(LabelBatchRow.objects.get(pk=three).wish).service_id == AIR
    send(desk, path, "save", **shown | {f"weight-{one}": "32"})
    price(path)
    assert [target.order_id for target, _ in quotes.asked] == ["1"]
    send(desk, path, "out", mark=[str(two), "x"])
    assert "$24.40 for 2 of 3 parcels" in text(page(desk, path))
    send(desk, path, "in", mark=str(two))
    assert "for 3 of 3 parcels" in text(page(desk, path))


def test_set_for_the_marked_alone(desk: Client, shop: Shop, quotes: Quotes) -> None:
    path = opened(desk, *take(shop, "1", "2"))
    Box.objects.create(name="Small", length_cm=20, width_cm=15, height_cm=10, by="mai", at=make.NOW)
    one, two = LabelBatchRow.objects.order_by("position")
    box = str(Box.objects.get().pk)
    send(desk, path, "marked", mark=str(two.pk), weight="5", box=box)
    one.refresh_from_db()
    two.refresh_from_db()
    assert label_wish_of(one.wish).size.weight_grams is None
    assert label_wish_of(two.wish).size.sides == (20, 15, 10)
    for given in ({"weight": "x"}, {"weight": "0"}, {"sides": "1 2"}, {"box": "99"}, {}):
        said = send(desk, path, "all", **given)
        assert said.status_code == 422, given
    assert send(desk, path, "marked", weight="5").status_code == 422
    assert (
        "was not set"
        in desk.post(path, {"do": "save", "weight": "5"}, follow=True).content.decode()
    )


def test_weights_do_not_creep(desk: Client, shop: Shop, quotes: Quotes) -> None:
    """Grams shown as ounces and sent back unchanged stay what they are."""
    Measure.objects.create(
        shop=shop, sku="1729000000000000001", quantity=2, grams=341, as_of=make.NOW
    )
    path = opened(desk, *take(shop, "1"))
    (row,) = LabelBatchRow.objects.all()
    shown = dict(re.findall(r'name="(weight-\d+)" value="([^"]*)"', page(desk, path)))
    assert shown == {f"weight-{row.pk}": "12"}
    send(desk, path, "save", **shown)
    row.refresh_from_db()
    assert label_wish_of(row.wish).size.weight_grams == 341


def test_prices_arrive_on_the_open_page(desk: Client, shop: Shop, quotes: Quotes) -> None:
    path = opened(desk, *take(shop, "1", "2"))
    set_all(desk, path)
    polled = {"HX-Request": "true", "HX-Target": "batch-live"}
    html = page(desk, path)
    (poll,) = re.findall(r'hx-get="([^"]+waits=1-2)"', html)
    said = desk.get(poll, headers=polled)
    assert said.status_code == 200
    assert "<td" not in said.content.decode()
    price(path)
    said = desk.get(poll, headers=polled)
    assert said.status_code == 286
    html = said.content.decode()
    assert html.count('<td id="offer-') == html.count('<td id="said-') == 2
    assert "<template><td" in html
    assert "$10.80" in html


def test_a_market_without_prices(desk: Client, shop: Shop, quotes: Quotes) -> None:
    in_mexico(shop)
    slot = SlotFact(starts_at=make.NOW, ends_at=make.NOW + timedelta(hours=2))
    quotes.hands_over = HandoverFact(can_pickup=True, can_drop_off=True, slots=(slot,))
    path = opened(desk, *take(shop, "1", parcels=(waiting("11", ParcelContent(0, 2)),)))
    price(path)
    html = page(desk, path)
    assert 'name="weight"' not in html
    assert "states no price before a label is made" in html
    assert "06:00 to Sun 22 Nov 08:00" in html
    value = f"{slot.starts_at.isoformat()}/{slot.ends_at.isoformat()}"
    for other in ("drop_off", "warehouse"):
        said = send(desk, path, "all", handover=other, slot=value)
        assert said.status_code == 422
        assert "A pick-up time is chosen, but the carrier does not" in said.content.decode()
    send(desk, path, "all", slot=value)
    assert "Pick-up<span" in page(desk, path)
    assert send(desk, path, "all", handover="pickup", slot="x").status_code == 422
    assert confirm(desk, path).status_code == 302
    assert label_wish_of(RunRow.objects.get().wish or {}).slot == (slot.starts_at, slot.ends_at)


def test_where_the_warehouse_decides_the_hand_over_is_not_asked(
    desk: Client, shop: Shop, quotes: Quotes
) -> None:
    in_thailand(shop)
    path = opened(desk, *take(shop, "1", parcels=(waiting("11", ParcelContent(0, 2)),)))
    html = page(desk, path)
    assert "collection method is set for each warehouse" in html
    assert 'name="handover"' not in html
    assert "Hand-over" not in html
    assert 'id="set-all"' not in html
    assert send(desk, path, "all", handover="pickup").status_code == 422
    price(path)
    assert not quotes.packages
    assert confirm(desk, path).status_code == 302


def test_the_cheapest_is_marked_and_one_click_away(
    desk: Client, shop: Shop, quotes: Quotes
) -> None:
    quotes.answer = lambda target, size: services(ground="5.05", air="3.95")
    path = opened(desk, *take(shop, "1", "2"))
    set_all(desk, path)
    price(path)
    html = page(desk, path)
    assert "$3.95 UPS Air, 1 days · cheapest" in html
    assert "$5.05 USPS Ground, 2 to 5 days · usual" in html
    assert html.count("$1.10 more than the cheapest") == 2
    assert "$10.10 for 2 of 2" in text(html)
    assert "The cheapest would cost $2.20 less in all" in text(html)
    send(desk, path, "cheapest")
    html = page(desk, path)
    assert "$7.90 for 2 of 2" in text(html)
    assert "less in all" not in text(html)
    assert "The cheapest services are chosen" in html
    # The rule holds for the shop's next batch, and not for another person's.
    again = opened(desk, *take(shop, "3"))
    set_all(desk, again)
    price(again)
    assert "$3.95 for 1 of 1" in text(page(desk, again))
    send(desk, again, "usual")
    last = opened(desk, *take(shop, "4"))
    set_all(desk, last, service="")
    price(last)
    assert "$5.05 for 1 of 1" in text(page(desk, last))


def test_the_rule_is_not_sent_where_nothing_is_quoted(desk: Client, shop: Shop) -> None:
    path = opened(desk, *take(shop, "1"))
    send(desk, path, "cheapest")
    in_thailand(shop)
    opened(desk, *take(shop, "2", parcels=(waiting("11", ParcelContent(0, 2)),)))
    wishes = [label_wish_of(row.wish) for row in LabelBatchRow.objects.order_by("pk")]
    assert [each.service_id for each in wishes] == ["cheapest", ""]


def remembered(shop: Shop, grams: int = 341) -> None:
    size = {"length_cm": 20, "width_cm": 15, "height_cm": 10}
    sku = {"sku": "1729000000000000001", "quantity": 2}
    Measure.objects.create(shop=shop, grams=grams, as_of=make.NOW, **sku, **size)


def test_what_is_remembered_is_marked_and_overwritten_only_on_purpose(
    desk: Client, shop: Shop, quotes: Quotes
) -> None:
    remembered(shop)
    path = opened(desk, *take(shop, "3", "4"))
    LabelBatchRow.objects.filter(order__order_id="4").update(wish={})
    html = page(desk, path)
    assert html.count("last time") == 1
    assert "Set only where it is missing (1)" in html
    answer = desk.post(path, {"do": "missing", "weight": "16", "sides": "12 x 8 x 4"}, follow=True)
    assert "1 parcel changed." in answer.content.decode()
    three, four = LabelBatchRow.objects.filter(order__order_id__in="34").order_by("position")
    assert label_wish_of(three.wish).size.weight_grams == 341
    assert label_wish_of(four.wish).size.weight_grams == 454
    answer = desk.post(path, {"do": "all", "weight": "17"}, follow=True)
    said = "2 parcels changed. Overwritten weights or sizes: 1 of last time, 1 of their own."
    assert said in answer.content.decode()
    assert "last time" not in page(desk, path)


@pytest.mark.parametrize(
    ("typed", "grams"),
    [("1 lb 4 oz", 567), ("1lb", 454), ("2 lbs", 908), ("20", 567), ("0.5 kg", 500), ("12oz", 341)],
)
def test_pounds_and_ounces(
    desk: Client, shop: Shop, quotes: Quotes, typed: str, grams: int
) -> None:
    path = opened(desk, *take(shop, "1"))
    (row,) = LabelBatchRow.objects.all()
    assert send(desk, path, "save", **{f"weight-{row.pk}": typed}).status_code == 302
    row.refresh_from_db()
    assert label_wish_of(row.wish).size.weight_grams == grams
    for wrong in ("4 oz 1 lb", "1 stone", "lb", "1..2 lb"):
        assert send(desk, path, "save", **{f"weight-{row.pk}": wrong}).status_code == 422, wrong


def test_a_row_says_all_that_is_inside_and_by_when(desk: Client, shop: Shop) -> None:
    lines = tuple(
        make.line(sku_id=f"17{n}", seller_sku=f"SKU-{n}", product_name=f"Mug {n}") for n in range(5)
    )
    (pk,) = take(shop, "1", lines=lines)
    Order.objects.filter(pk=pk).update(ship_by=make.NOW + make.HOUR)
    html = page(desk, opened(desk, pk))
    assert all(f"SKU-{n}" in html for n in range(5))
    assert "<summary>2 more</summary>" in html
    assert f'data-left="{(make.NOW + make.HOUR).isoformat()}"' in html


def test_a_row_that_was_answered_between_is_not_missed(
    desk: Client, shop: Shop, quotes: Quotes
) -> None:
    """An answer written down before the page was drawn, and seen by it only after."""
    path = opened(desk, *take(shop, "1", "2", "3"))
    set_all(desk, path)
    (poll,) = re.findall(r'hx-get="([^"]+waits=[^"]+)"', page(desk, path))
    price(path)
    LabelBatchRow.objects.update(priced_at=clock.wall() - timedelta(minutes=5))
    said = desk.get(poll, headers={"HX-Request": "true", "HX-Target": "batch-live"})
    assert said.content.decode().count('<td id="offer-') == 3


def test_positions_in_one_short_text() -> None:
    some = [1, 2, 3, 7, 9, 10]
    assert positions_text(some) == "1-3,7,9-10"
    assert positions_in("1-3,7,9-10") == set(some)
    assert positions_in("") == positions_in("x,-,1-99999") == set()


# --- batches that wait ------------------------------------------------------------------------


def lots(html: str) -> list[dict[str, Any]]:
    """What each form of a refused mix carries."""
    forms = re.findall(r'action="/labels/batch/">(.*?)</form>', html, re.S)
    found: list[dict[str, Any]] = []
    for form in forms:
        fields: dict[str, Any] = {}
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
            fields.setdefault(name, []).append(value)
        found.append(fields)
    return found


def test_the_other_batches_of_a_mix_wait(desk: Client, shop: Shop) -> None:
    pks = take(shop, "1", "2") + take(shop, "3", warehouse=SHENZHEN)
    first, second = lots(begin(desk, *pks).content.decode())
    path = desk.post(BEGIN, first)["Location"]
    desk.post(BEGIN, first)
    assert LabelBatch.objects.count() == 2
    assert "1 other batch of this selection waits" in text(page(desk, path))
    other = LabelBatch.objects.get(key=second["key"][0])
    assert f'href="/labels/batch/{other.pk}/"' in page(desk, path)
    html = page(desk, BEGIN)
    assert re.findall(r'data-batch="(\d+)"', html) == [path.split("/")[-2], str(other.pk)]
    assert "direct shipping, Shenzhen" in html
    assert "2 batches wait" in text(page(desk, "/labels/"))
    assert desk.post(BEGIN, second)["Location"] == f"/labels/batch/{other.pk}/"


def test_the_run_leads_to_what_waits(desk: Client, shop: Shop, quotes: Quotes) -> None:
    pks = take(shop, "1") + take(shop, "2", warehouse=SHENZHEN)
    path = desk.post(BEGIN, lots(begin(desk, *pks).content.decode())[0])["Location"]
    set_all(desk, path)
    price(path)
    run = confirm(desk, path)["Location"]
    assert "1 other batch of this selection waits" in text(page(desk, run))
    (left,) = LabelBatch.objects.filter(run=None)
    assert desk.post(f"/labels/batch/{left.pk}/", {"do": "away"})["Location"] == BEGIN
    assert "No batch waits" in page(desk, BEGIN)
    assert "other batch" not in page(desk, run)
    begun = LabelBatch.objects.get()
    desk.post(f"/labels/batch/{begun.pk}/", {"do": "away"})
    assert LabelBatch.objects.count() == 1


def test_six_hundred_open_at_once(desk: Client, shop: Shop) -> None:
    pks = take(shop, *(f"{n}" for n in range(600)))
    few = opened(desk, *pks[:3])
    path = opened(desk, *pks)
    priced = [pricing.stored_service(each) for each in services()]
    LabelBatchRow.objects.update(
        services=priced,
        wish={"weight_grams": 9, "length_cm": "1", "width_cm": "1", "height_cm": "1"},
    )
    page(desk, few)
    for address in (few, path):
        begun = time.monotonic()
        with CaptureQueriesContext(connection) as asked:
            html = page(desk, address)
        assert len(asked) <= OPENED, [query["sql"][:90] for query in asked]
    assert html.count("data-row=") == 600
    assert time.monotonic() - begun < 2


# --- the run ----------------------------------------------------------------------------------


def rejected_run(owner: User, shop: Shop) -> tuple[Run, list[Label]]:
    """Four labels: one here, two oversized, one whose address is wrong; and one never asked."""
    run = Run.objects.create(
        key=uuid4(),
        verb="create_label",
        wishes=Wishes().stored(),
        by=owner.email,
        person=owner,
        rows=5,
        state="done",
        begun_at=make.NOW,
        finished_at=make.NOW,
    )
    labels = []
    for at, pk in enumerate(take(shop, "1", "2", "3", "4", "5"), 1):
        attempt = None
        if at < 5:
            attempt = label(pk, price=Decimal("5.40"), currency="USD")
            made = Label.objects.get(pk=attempt.label_id)
            if at == 1:
                Attempt.objects.filter(pk=attempt.pk).update(state="done")
                values = {"state": "created", "arranged_at": make.NOW, "stored_at": make.NOW}
                Label.objects.filter(pk=made.pk).update(**values)
            else:
                reject(attempt, rejection="buyer_address" if at == 4 else "oversized")
            labels.append(made)
        RunRow.objects.create(
            run=run,
            position=at,
            order_id=pk,
            number=f"{at}",
            shop_name=shop.name,
            outcome="done" if at == 1 else "failed",
            attempt=attempt,
        )
    return run, labels


def test_a_run_says_what_became_of_its_labels(desk: Client, owner: User, shop: Shop) -> None:
    run, labels = rejected_run(owner, shop)
    html = page(desk, f"/runs/{run.pk}/")
    said = text(html)
    assert "1 bought, 1 file here" in said
    assert "Cost so far: $5.40" in said
    assert "3 rejected: 2 products are oversized, 1 buyer address issue." in said
    assert 'href="/labels/?tab=rejected&amp;reason=oversized"' in html
    assert f'href="/labels/print/?run={run.pk}"' in html
    assert "Retry the" not in html
    again = f'name="labels" value="{labels[1].pk},{labels[2].pk},{labels[3].pk}"'
    assert again in html
    assert f'name="orders" value="{Order.objects.get(order_id="5").pk}"' in html
    desk.post(f"/runs/{run.pk}/retry/")
    assert RunRow.objects.filter(run=run, outcome="failed").count() == 4
    path = desk.post(BEGIN, {"labels": ",".join(str(each.pk) for each in labels[1:3])})["Location"]
    assert page(desk, path).count("Created again") == 2


def test_news_of_a_run_names_the_groups_and_the_printer(
    desk: Client, owner: User, shop: Shop
) -> None:
    run, _ = rejected_run(owner, shop)
    html = page(desk, "/runs/news/")
    assert "3 rejected: 2 products are oversized, 1 buyer address issue." in text(html)
    assert f"/labels/print/?run={run.pk}" in html


def test_create_and_print_leads_to_the_printer_once(desk: Client, owner: User, shop: Shop) -> None:
    run, _ = rejected_run(owner, shop)
    Run.objects.update(prints_at_once=True)
    polled = {"HX-Request": "true", "HX-Target": "run-body"}
    said = desk.get(f"/runs/{run.pk}/", headers=polled)
    assert said["HX-Redirect"] == f"/labels/print/?run={run.pk}"
    again = desk.get(f"/runs/{run.pk}/", headers=polled)
    assert "HX-Redirect" not in again
    assert again.status_code == 286


def test_a_run_is_watched_until_its_files_are_here(desk: Client, owner: User, shop: Shop) -> None:
    run, labels = rejected_run(owner, shop)
    Label.objects.filter(pk=labels[0].pk).update(state="creating", stored_at=None)
    polled = {"HX-Request": "true", "HX-Target": "run-body"}
    said = desk.get(f"/runs/{run.pk}/", headers=polled)
    assert said.status_code == 200
    html = text(said.content.decode())
    assert "1 on the way" in html
    assert "The run is done" not in html
    assert "1 is bought; 1 file is on its way." in html
    RunRow.objects.filter(run=run).exclude(position=1).delete()
    html = text(page(desk, f"/runs/{run.pk}/"))
    assert "All are bought; 1 file is on its way." in html
    Label.objects.filter(pk=labels[0].pk).update(state="created", stored_at=make.NOW)
    assert "The run is done." in text(page(desk, f"/runs/{run.pk}/"))


# --- the bulk bar -----------------------------------------------------------------------------


def test_the_bulk_bar_offers_it_where_it_applies(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "1", "2")
    (seller,) = take(shop, "3", shipping=Shipping.SELLER)
    label(two)
    where = 'data-bulk-verb="create_label"'

    def bar(*pks: int) -> str:
        return desk.post("/orders/selection/", {"orders": ",".join(map(str, pks))}).content.decode()

    assert where not in bar(seller)
    html = bar(one, two, seller)
    assert f'{where} data-applies="1"' in html
    assert "Arrange for shipping and create a shipping label 1 of 3" in html
