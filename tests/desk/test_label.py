"""One label through the page: what each market is asked for, prices and slots, what stands in its
field, who was first, the decision over a buyer's request; boxes and a shop's labels.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from shipboard.accounts.models import AuditEntry
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    ChannelFailure,
    FailureKind,
    HandoverFact,
    ParcelContent,
    ServiceFact,
    Shipping,
    ShipTarget,
    Size,
    SlotFact,
    Stage,
)
from shipboard.channels.models import DeliveryOption, Shop
from shipboard.desk import label_form
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, PrintFile, PrintItem
from shipboard.orders.measures import Box, Measure
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db
ID = "576000000000000001"
PATH, LABEL = f"/orders/{ID}/", f"/orders/{ID}/label/"
PANEL = {"HX-Request": "true", "HX-Target": "panel-body", "HX-Current-URL": "http://x/orders/"}
OFFERS = {"HX-Request": "true", "HX-Target": "label-offers"}
PARCEL = {
    "weight": "12.5",
    "weight_unit": "oz",
    "length": "10",
    "width": "8",
    "height": "4",
    "side_unit": "in",
}
SERVICES = (
    ServiceFact(
        remote_id="s1",
        name="USPS Ground Advantage",
        carrier="USPS",
        price=Decimal("5.40"),
        currency="USD",
        days=(2, 5),
        is_default=True,
    ),
    ServiceFact(remote_id="s2", name="UPS Air", price=Decimal("19.00"), currency="USD"),
)


class Platform:
    """What it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[ShipTarget, Size]] = []
        self.failure: ChannelFailure | None = None
        self.hands_over = HandoverFact()

    def services(self, target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        self.asked.append((target, size))
        if self.failure:
            raise self.failure
        return SERVICES

    def handover(self, package_id: str) -> HandoverFact:
        assert package_id == "11"
        return self.hands_over


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform()
    monkeypatch.setattr(label_form, "open_channel", lambda shop: made)
    return made


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop(channel="tiktok")


Told = Callable[..., Order]


@pytest.fixture
def told(shop: Shop) -> Told:
    def tell(**given: Any) -> Order:
        values: dict[str, Any] = {
            "shipping": Shipping.PLATFORM,
            "extra": {"delivery_option_id": "d1"},
            "lines": (make.line(quantity=2, unit_ids=("u1", "u2")),),
        }
        apply(shop, [make.order(**values | given)], Source(by="tests", now=make.NOW))
        return Order.objects.get(order_id=ID)

    return tell


def form(order: Order, **given: str) -> dict[str, str]:
    order.refresh_from_db()
    return {"key": str(uuid4()), "seen": str(order.version)} | PARCEL | given


def service_value(desk: Client, name: str = "USPS", **given: str) -> str:
    page = desk.get(LABEL, PARCEL | given, headers=OFFERS).content.decode()
    found = re.search(rf'name="service" value="([^"]+)"[^>]*> <span><strong>{name}', page)
    assert found, page
    return html.unescape(found[1])


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_row_card_and_page_lead_to_the_form(desk: Client, told: Told) -> None:
    told()
    for view in ("list", "card"):
        page = desk.get(f"/orders/?tab=all&view={view}").content.decode()
        assert f'href="{LABEL}?shop=northwind"' in page, view
    assert 'id="do-create_label"' in desk.get(PATH).content.decode()
    page = desk.get(LABEL).content.decode()
    assert "<!doctype html>" in page
    assert 'name="weight"' in page
    assert "<!doctype html>" not in desk.get(LABEL, headers=PANEL).content.decode()


def test_the_usual_units_of_the_market_are_asked_for(desk: Client, told: Told, shop: Shop) -> None:
    told()
    assert "<option selected>oz</option>" in desk.get(LABEL).content.decode()
    Shop.objects.filter(pk=shop.pk).update(region="JP")
    page = desk.get(LABEL).content.decode()
    assert 'name="weight_unit" value="g"' in page
    assert ">oz<" not in page


def test_prices_come_live_once_weight_and_size_are_there(
    desk: Client, told: Told, platform: Platform
) -> None:
    told()
    page = desk.get(LABEL, PARCEL | {"height": ""}, headers=OFFERS).content.decode()
    assert "Give the height of the packed parcel." in text(page)
    assert platform.asked == []
    page = text(desk.get(LABEL, PARCEL, headers=OFFERS).content.decode())
    assert "USPS Ground Advantage" in page
    assert "2 to 5 days" in page
    assert "lowest" in page
    ((target, size),) = platform.asked
    assert target.unit_ids == ("u1", "u2")
    assert size == Size(
        weight_grams=355,
        length_cm=Decimal("25.40"),
        width_cm=Decimal("20.32"),
        height_cm=Decimal("10.16"),
    )


def test_a_platform_that_does_not_answer_is_said_in_a_sentence(
    desk: Client, told: Told, platform: Platform
) -> None:
    told()
    platform.failure = ChannelFailure(
        FailureKind.TRANSIENT,
        operation="shipping_services",
        sentence="TikTok Shop did not answer.",
        next_step="Try again in a moment.",
    )
    page = text(desk.get(LABEL, PARCEL, headers=OFFERS).content.decode())
    assert "TikTok Shop did not answer. Try again in a moment." in page


def test_without_scripts_a_label_is_asked_for(desk: Client, told: Told, platform: Platform) -> None:
    order = told()
    looked = desk.post(LABEL, form(order, do="look")).content.decode()
    assert "UPS Air" in looked
    chosen = service_value(desk)
    page = desk.post(LABEL, form(order, service=chosen, prints="later"), follow=True)
    label = Label.objects.get()
    assert (label.state, label.service, label.weight_grams) == (
        "creating",
        "USPS Ground Advantage",
        355,
    )
    assert (label.price, label.currency) == (Decimal("5.40"), "USD")
    assert "Shipping label asked for" in text(page.content.decode())
    assert (Attempt.objects.get().asks or {})["service_id"] == "s1"
    assert Measure.objects.get().grams == 355
    row = text(desk.get("/orders/?tab=all").content.decode())
    assert "Creating" in row
    assert "Create label" not in row


def test_the_same_form_twice_is_one_label(desk: Client, told: Told, platform: Platform) -> None:
    order = told()
    sent = form(order, service=service_value(desk))
    for _ in range(2):
        assert desk.post(LABEL, sent).status_code == 302
    assert Label.objects.count() == Attempt.objects.count() == 1


def test_print_at_once_leads_to_the_label_and_then_to_the_printer(
    desk: Client, told: Told, platform: Platform, shop: Shop
) -> None:
    Shop.objects.filter(pk=shop.pk).update(prints_at_once=True)
    order = told()
    assert re.search(r'name="prints" value="now" checked', desk.get(LABEL).content.decode())
    sent = form(order, service=service_value(desk), prints="now")
    answer = desk.post(LABEL, sent, headers=PANEL)
    label = Label.objects.get()
    assert answer["HX-Redirect"] == f"/labels/{label.pk}/?print=yes"
    polled = {"HX-Request": "true", "HX-Target": "label-body"}
    assert "HX-Redirect" not in desk.get(answer["HX-Redirect"], headers=polled)
    Label.objects.update(state="created", stored_at=make.NOW)
    done = desk.get(answer["HX-Redirect"], headers=polled)
    assert done["HX-Redirect"] == f"/labels/print/?labels={label.pk}"


def test_in_the_dialog_the_list_is_told(desk: Client, told: Told, platform: Platform) -> None:
    order = told()
    sent = form(order, service=service_value(desk), prints="later")
    answer = desk.post(LABEL, sent, headers=PANEL)
    assert answer["HX-Retarget"] == "#ship-notice"
    assert json.loads(answer["HX-Trigger"])["order-changed"] == {"pk": order.pk}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"weight": ""}, "Give the weight of the packed parcel."),
        ({"weight": "heavy"}, "is no number"),
        ({"weight": "1,000"}, "may mean two things"),
        ({"weight_unit": "kg"}, "Choose one of the units"),
        ({"weight": "0"}, "it is more than 0"),
        ({"height": "-1"}, "is no number"),
        ({"height": "0"}, "Give the height of the parcel"),
        ({"box": "99"}, "That box is gone"),
        ({"service": ""}, "Choose a service."),
        ({"service": "made-up"}, "These prices are old."),
        ({"weight": "13"}, "have changed since these prices"),
    ],
)
def test_what_cannot_be_taken_is_said_in_its_field_and_kept(
    desk: Client, told: Told, platform: Platform, given: dict[str, str], sentence: str
) -> None:
    order = told()
    sent = form(order, service=service_value(desk)) | given
    answer = desk.post(LABEL, sent, headers=PANEL)
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert sentence in text(page)
    assert f'value="{sent["weight"]}"' in page
    assert not Label.objects.exists()


def test_limits_are_checked_before_money_is_spent(
    desk: Client, told: Told, platform: Platform, shop: Shop
) -> None:
    order = told()
    chosen = service_value(desk)
    DeliveryOption.objects.create(
        shop=shop, remote_id="d1", name="Standard", most_grams=300, as_of=make.NOW
    )
    answer = desk.post(LABEL, form(order, service=chosen))
    assert answer.status_code == 422
    assert "Standard takes up to 300 g (10.6 oz)" in text(answer.content.decode())
    assert len(platform.asked) == 1
    assert not Label.objects.exists()


def test_a_box_gives_the_sides(desk: Client, told: Told, platform: Platform) -> None:
    told()
    box = Box.objects.create(
        name="Small", length_cm=20, width_cm=15, height_cm=10, by="mai", at=make.NOW
    )
    bare = {"weight": "200", "weight_unit": "g", "box": str(box.pk)}
    desk.get(LABEL, bare, headers=OFFERS)
    ((_, size),) = platform.asked
    assert (size.weight_grams, size.sides) == (200, (Decimal(20), Decimal(15), Decimal(10)))


def test_what_it_last_weighed_is_filled_in(desk: Client, told: Told) -> None:
    order = told()
    Measure.objects.create(
        shop=order.shop, sku="1729000000000000001", quantity=2, grams=567, as_of=make.NOW
    )
    assert 'name="weight" inputmode="decimal" autocomplete="off" required value="20"' in (
        desk.get(LABEL).content.decode()
    )


PLACES = {"TH": "Asia/Bangkok", "MX": "America/Mexico_City"}


def in_package(shop: Shop, told: Told, region: str) -> Order:
    Shop.objects.filter(pk=shop.pk).update(region=region, timezone=PLACES[region])
    shop.refresh_from_db()
    inside = make.parcel(package_id="11", tracking_number="", contents=(ParcelContent(0, 2),))
    return told(parcels=(inside,))


def a_slot(platform: Platform) -> str:
    starts = make.NOW + timedelta(hours=20)
    ends = starts + timedelta(hours=4)
    platform.hands_over = HandoverFact(
        can_pickup=True, can_drop_off=True, slots=(SlotFact(starts_at=starts, ends_at=ends),)
    )
    return f"{starts.isoformat()}/{ends.isoformat()}"


def test_where_a_package_waits_only_the_hand_over_is_asked_for(
    desk: Client, told: Told, platform: Platform, shop: Shop
) -> None:
    order, slot = in_package(shop, told, "MX"), a_slot(platform)
    page = desk.get(LABEL, headers=OFFERS).content.decode()
    assert 'name="weight"' not in desk.get(LABEL).content.decode()
    assert "02:00" in text(page)  # 08:00 UTC in Mexico City
    desk.post(LABEL, form(order, handover="pickup", slot=slot))
    label = Label.objects.get()
    starts = make.NOW + timedelta(hours=20)
    assert (label.handover, label.slot_starts_at, label.package_id) == ("pickup", starts, "11")


@pytest.mark.parametrize("handover", ["", "drop_off"])
def test_a_pick_up_time_without_pick_up_is_refused(
    desk: Client, told: Told, platform: Platform, shop: Shop, handover: str
) -> None:
    order, slot = in_package(shop, told, "MX"), a_slot(platform)
    answer = desk.post(LABEL, form(order, handover=handover, slot=slot))
    assert answer.status_code == 422
    assert "A pick-up time needs pick-up" in text(answer.content.decode())
    assert not Label.objects.exists()


def test_what_the_warehouse_decides_is_not_asked_for(
    desk: Client, told: Told, platform: Platform, shop: Shop
) -> None:
    order, slot = in_package(shop, told, "TH"), a_slot(platform)
    for page in (desk.get(LABEL), desk.get(LABEL, headers=OFFERS)):
        assert 'name="handover"' not in page.content.decode()
        assert "collection method is set for each warehouse" in text(page.content.decode())
    answer = desk.post(LABEL, form(order, handover="pickup", slot=slot))
    assert answer.status_code == 422
    assert "a choice here counts for nothing" in text(answer.content.decode())
    assert desk.post(LABEL, form(order)).status_code == 302
    assert Label.objects.get().handover == ""


def test_a_stale_page_shows_the_order_as_it_is_now(
    desk: Client, told: Told, platform: Platform
) -> None:
    order = told()
    sent = form(order, service=service_value(desk))
    Order.objects.update(version=order.version + 1)
    assert desk.post(LABEL, sent).status_code == 409
    assert not Label.objects.exists()


def test_a_buyer_s_request_is_decided_on_with_open_eyes(
    desk: Client, told: Told, platform: Platform
) -> None:
    asks = CaseFact(kind=CaseKind.CANCELLATION, case_id="1", is_open=True, reason="Changed")
    order = told(cases=(asks,))
    assert "Decision needed" in text(desk.get(LABEL).content.decode())
    sent = form(order, service=service_value(desk), despite="yes")
    assert desk.post(LABEL, sent).status_code == 422
    assert desk.post(LABEL, sent | {"sure": "yes"}).status_code == 302
    assert Attempt.objects.get().despite_request
    assert AuditEntry.objects.filter(kind="shipped_despite").exists()


def test_a_rejected_label_says_why_without_hovering_and_what_to_do(
    desk: Client, told: Told
) -> None:
    order = told()
    make.label(
        order,
        state="rejected",
        arranged_at=None,
        stored_at=None,
        rejected_at=make.NOW,
        rejection="buyer_address",
        reason="The postal code is not valid.",
        words="POSTAL_CODE_INVALID",
    )
    page = desk.get("/orders/?tab=all").content.decode()
    said = html.unescape(text(page))
    for each in (
        "Rejected Shipping Label",
        "Buyer address issue",
        "The postal code is not valid.",
        "POSTAL_CODE_INVALID",
        "Ask the buyer to edit the address",
        f"cannot deliver order {ID}",
        "Re-create label",
    ):
        assert each in said, each
    assert page.count('popovertarget="rejected-row-') == 1  # the badge itself
    assert "The postal code is not valid." in html.unescape(desk.get(PATH).content.decode())


def test_a_label_s_page_tells_its_stages(desk: Client, told: Told) -> None:
    order = told()
    label = make.label(
        order,
        asked_at=make.NOW,
        arranged_at=make.NOW + timedelta(milliseconds=420),
        stored_at=make.NOW + timedelta(seconds=3.62),
        tracking_number="9400111899223100000001",
        price=Decimal("5.40"),
        currency="USD",
    )
    page = text(desk.get(f"/labels/{label.pk}/").content.decode())
    assert "420 ms" in page
    assert "3.2 s" in page
    assert "9400111899223100000001" in page
    order_page = text(desk.get(PATH).content.decode())
    assert re.search("Marked as shipped .* by label purchase", order_page)


def test_boxes_are_added_changed_and_removed(desk: Client) -> None:
    small = {"name": "Small", "length_cm": "20", "width_cm": "15", "height_cm": "10"}
    assert desk.post("/settings/boxes/", small).status_code == 302
    box = Box.objects.get()
    answer = desk.post("/settings/boxes/", small | {"name": "SMALL"})
    assert answer.status_code == 422
    assert "Another box has this name" in text(answer.content.decode())
    changed = small | {"box": str(box.pk), "grams": "80", "name": "Small mailer"}
    desk.post("/settings/boxes/", changed)
    box.refresh_from_db()
    assert (box.name, box.grams) == ("Small mailer", 80)
    desk.post("/settings/boxes/", {"box": str(box.pk), "do": "remove"})
    assert not Box.objects.exists()


def test_a_shop_s_labels_are_set(desk: Client, shop: Shop) -> None:
    good = {"prints_at_once": "on", "label_size": "A5", "label_days": "14"}
    assert desk.post("/shops/northwind/labels/", good).status_code == 302
    shop.refresh_from_db()
    assert (shop.prints_at_once, shop.label_size, shop.label_days) == (True, "A5", 14)
    answer = desk.post("/shops/northwind/labels/", good | {"label_days": "0"})
    assert answer.status_code == 422
    assert "Labels are kept between 1 and 365 days" in text(answer.content.decode())


def test_a_combined_parcel_names_all_its_orders(
    desk: Client, shop: Shop, platform: Platform
) -> None:
    Shop.objects.filter(pk=shop.pk).update(region="TH")
    shop.refresh_from_db()
    inside = make.parcel(package_id="11", tracking_number="", contents=(ParcelContent(0, 1),))
    facts = [
        make.order(
            order_id,
            shipping=Shipping.PLATFORM,
            lines=tuple(make.line(product_name=name, sku_id=name) for name in names),
            parcels=(inside,),
        )
        for order_id, names in (
            (ID, ("Red mug", "Tray")),
            ("5761", ("Oak bowl", "Cup", "Jug", "Pot")),
        )
    ]
    apply(shop, facts, Source(by="tests", now=make.NOW))
    form = html.unescape(text(desk.get(LABEL).content.decode()))
    assert "2 orders in one parcel" in form
    for each in (ID, "5761", "Red mug", "Tray", "Oak bowl", "Cup", "Jug", "Pot"):
        assert each in form, each
    for look in ("", "&view=card"):
        page = desk.get(f"/orders/?tab=all{look}").content.decode()
        assert page.count("Combined with 1<") == 2
        link = re.search(r'<a class="mark[^"]*" href="([^"#]+)" data-asks', page)
        assert link
        together = desk.get(html.unescape(link[1])).content.decode()
        assert len(re.findall(r'data-order="', together)) == 2
    make.label(*Order.objects.all(), package_id="11")
    assert "in one parcel with 1 other order: 5761" in text(desk.get(PATH).content.decode())


def voided(order: Order, **given: Any) -> Label:
    values: dict[str, Any] = {
        "state": "voided",
        "void_reason": "Do not use: torn",
        "voided_by": "mai",
        "voided_at": make.NOW,
    }
    return make.label(order, **values | given)


def test_a_voided_label_says_so_and_what_to_do(desk: Client, told: Told) -> None:
    order = told(stage=Stage.PENDING_COLLECTION)
    label = voided(order)
    for page in ("/orders/?tab=all", "/orders/?tab=all&view=card", PATH):
        shown = desk.get(page).content.decode()
        assert "Voided: do not use" in text(shown), page
        assert "still counts the order as shipped" in text(shown), page
        assert "Use again" in text(shown), page
    back = {"labels": str(label.pk), "undo": "yes", "page": f"{PATH}?shop={order.shop.slug}"}
    assert desk.post("/labels/void/", back)["Location"] == back["page"]
    label.refresh_from_db()
    assert label.state == "created"
    away = desk.post("/labels/void/", back | {"page": "https://elsewhere.example/"})
    assert away["Location"].startswith("/labels/")


def test_a_voided_label_with_another_in_its_place_is_history(desk: Client, told: Told) -> None:
    order = told(stage=Stage.PENDING_COLLECTION)
    voided(order)
    make.label(order)
    page = text(desk.get("/orders/?tab=all").content.decode())
    assert "Voided" not in page
    assert "still counts" not in text(desk.get(PATH).content.decode())


def test_what_a_rejected_label_cost_and_a_changed_address(desk: Client, told: Told) -> None:
    order = told()
    label = make.label(
        order,
        state="rejected",
        arranged_at=None,
        stored_at=None,
        rejected_at=make.NOW,
        rejection="buyer_address",
        reason="The buyer's address is too long for the carrier.",
        price=Decimal("5.40"),
        currency="USD",
    )
    page = text(desk.get(f"/labels/{label.pk}/").content.decode())
    assert "Nothing was charged" in page
    assert "$5.40" not in page
    assert "and shorten it" in page
    assert "has changed the address since" not in page
    label.inside.update(address="f" * 32)
    for address in (f"/labels/{label.pk}/", PATH, "/orders/?tab=all", "/labels/?tab=rejected"):
        shown = text(desk.get(address).content.decode())
        assert "The buyer has changed the address since: create it again." in shown, address
        assert "shorten it" not in shown


def test_the_carrier_is_the_parcel_s_where_the_label_does_not_say(desk: Client, told: Told) -> None:
    inside = make.parcel(package_id="11", carrier="Gull Express", contents=(ParcelContent(0, 2),))
    label = make.label(told(parcels=(inside,)), package_id="11", weight_grams=1985)
    for page in (f"/labels/{label.pk}/", "/labels/?tab=created", PATH):
        shown = text(desk.get(page).content.decode())
        assert "Gull Express" in shown, page
        assert "4 lb 6 oz" in shown, page


def test_what_was_sent_to_print_and_did_not_come_out(desk: Client, told: Told) -> None:
    label = make.label(told(), asked_at=make.NOW)
    for at in (1, 2):
        file = PrintFile.objects.create(
            key=uuid4(),
            content="labels",
            sorting="given",
            size="A6",
            labels=1,
            by="lee",
            sent_at=make.NOW + timedelta(hours=at),
        )
        PrintItem.objects.create(file=file, label=label, position=1, outcome="lost")
    page = text(desk.get(f"/labels/{label.pk}/").content.decode())
    assert "It was sent 2 times and did not come out" in page
    assert re.search(r"Sent to print (?!Not yet)", page)


def test_a_parcel_too_big_says_the_limit_and_asks_for_no_service(
    desk: Client, told: Told, shop: Shop, platform: Platform
) -> None:
    order = told()
    DeliveryOption.objects.create(
        shop=shop, remote_id="d1", name="Standard", most_grams=200, as_of=make.NOW
    )
    page = text(desk.post(LABEL, form(order)).content.decode())
    assert "Standard takes up to 200 g (7.1 oz)" in page
    assert "Choose a service." not in page


def test_row_and_card_print_a_label_that_is_here(desk: Client, told: Told) -> None:
    label = make.label(told(stage=Stage.PENDING_COLLECTION))
    address = f'href="/labels/print/?labels={label.pk}"'
    for look in ("", "&view=card"):
        assert address in desk.get(f"/orders/?tab=all{look}").content.decode()
    Label.objects.update(state="voided")
    assert address not in desk.get("/orders/?tab=all").content.decode()


def test_the_form_counts_what_is_not_canceled(desk: Client, told: Told) -> None:
    said = {"canceled_units": "1", "unit_statuses": "AWAITING_SHIPMENT 1, CANCELLED 1"}
    told(lines=(make.line(quantity=2, unit_ids=("u1", "u2"), extra=said),))
    page = text(desk.get(LABEL).content.decode())
    assert "1 × Enamel mug (1 of 2 canceled)" in page
    assert "2 × Enamel mug" not in page


def test_on_a_page_of_its_own_the_form_leads_away(desk: Client, told: Told) -> None:
    told()
    assert f'hx-post="{LABEL}' in desk.get(LABEL, headers=PANEL).content.decode()
    assert f'hx-post="{LABEL}' not in desk.get(LABEL).content.decode()
