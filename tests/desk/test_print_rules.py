"""What no form may get past in printing: a label that no longer fits its parcel, one on paper twice
without a reason, and one that the carrier has.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.labels import Label, LabelOrder, PrintFile, PrintItem
from shipboard.orders.models import Hold, Order, Parcel
from tests import make
from tests.desk.test_prints import fields, hold, send, text
from tests.fulfilment.label_stock import cancel_units, label, number, pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop()


def part_canceled(shop: Shop, at: int) -> Label:
    made = label(shop, at, skus={"MUG-01": 3})
    cancel_units(made, "MUG-01", had=3, canceled=1)
    return made


def readdress(of: Label) -> None:
    LabelOrder.objects.filter(label=of).update(address="f" * 32)


def renumber(of: Label) -> None:
    Parcel.objects.filter(package_id=of.package_id).update(tracking_number="GX999999999999")


def collect(of: Label) -> None:
    orders = Order.objects.filter(labels__label=of)
    orders.update(collected_at=make.NOW, stage=Stage.IN_TRANSIT)


def opened(desk: Client, file: PrintFile, **given: Any) -> str:
    """All text and codes of the PDF."""
    path = f"/labels/prints/{file.pk}/file.pdf"
    said = desk.post(path, given) if given else desk.get(path)
    assert said.status_code == 200, said.content.decode()
    pages = pages_of(said.content)
    return " ".join([*(words for words, _ in pages), *(code for _, each in pages for code in each)])


# --- canceled units that are out ---


@pytest.mark.parametrize(
    ("later", "words"),
    [(readdress, "address changed"), (renumber, "another tracking number")],
)
def test_units_that_are_out_let_no_other_reason_through(
    desk: Client, shop: Shop, later: Any, words: str
) -> None:
    bad, good = part_canceled(shop, 1), part_canceled(shop, 2)
    later(bad)
    assert words in text(desk, f"/labels/print/?labels={bad.pk},{good.pk}")
    cleared = [f"{bad.pk}-1", f"{good.pk}-1"]
    file = send(desk, bad, good, cleared=cleared, counted="labels,2,0")
    assert [item.label_id for item in file.items.all()] == [good.pk]
    assert words in text(desk, f"/labels/prints/{file.pk}/")
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    bad.refresh_from_db()
    assert (bad.label_print, bad.prints, bad.cleared_at) == ("no", 0, None)


def test_the_label_s_own_page_asks_for_no_units_of_a_parcel_to_be_pulled(
    desk: Client, shop: Shop
) -> None:
    one = part_canceled(shop, 1)
    assert "/cleared/" in text(desk, f"/labels/{one.pk}/")
    readdress(one)
    page = text(desk, f"/labels/{one.pk}/")
    assert "/cleared/" not in page
    assert "address changed" in page
    desk.post(f"/labels/{one.pk}/cleared/", {"units": "1", "sure": "yes"})
    one.refresh_from_db()
    assert one.cleared_at is None


# --- what the PDF leaves out ---


def test_what_the_first_pdf_leaves_out_never_came_out(desk: Client, shop: Shop) -> None:
    good, held = label(shop, 1), label(shop, 2)
    file = send(desk, good, held)
    hold(held)
    assert number(2) not in opened(desk, file)
    page = text(desk, f"/labels/prints/{file.pk}/")
    assert "It is good" in page
    assert "All 2 are good" not in page
    Hold.objects.all().delete()
    assert number(2) not in opened(desk, file)  # nor later, for it is printed anew
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    good.refresh_from_db()
    held.refresh_from_db()
    assert (good.label_print, good.prints) == ("confirmed", 1)
    assert (held.label_print, held.prints, held.print_confirmed_at) == ("no", 0, None)
    again = send(desk, held)  # without a reason
    assert number(2) in opened(desk, again)


def test_what_was_in_the_first_pdf_may_be_on_paper(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    file = send(desk, one)
    assert number(1) in opened(desk, file)
    hold(one)
    assert number(1) not in opened(desk, file)
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    one.refresh_from_db()
    assert one.label_print == "confirmed"


def test_a_file_of_which_all_is_left_out_cannot_be_confirmed(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    file = send(desk, one)
    hold(one)
    opened(desk, file)
    assert "all-good" not in text(desk, f"/labels/prints/{file.pk}/")
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    assert PrintItem.objects.get().outcome == "lost"


# --- once more ---


def test_the_platforms_file_has_no_door_of_its_own(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    assert desk.get(f"/labels/{one.pk}/document/").status_code == 404


@pytest.mark.parametrize("content", ["labels", "labels_slips", "slips"])
def test_what_the_carrier_has_is_not_opened_again(desk: Client, shop: Shop, content: str) -> None:
    gone, here = label(shop, 1), label(shop, 2)
    file = send(desk, gone, here, content=content)
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    collect(gone)
    told = opened(desk, file, reason="It tore")
    assert "1153000001" not in told.replace("order 5760000001", "")
    assert "The carrier has scanned the parcel already." in told
    assert "1153000002" in told
    collect(here)
    said = desk.post(f"/labels/prints/{file.pk}/file.pdf", {"reason": "It tore"})
    assert said.status_code == 409
    assert "The carrier has scanned" in said.content.decode()


def test_what_the_carrier_has_does_not_come_with_a_reprint_under_way(
    desk: Client, shop: Shop
) -> None:
    """Of an order in several parcels a scan may be of another one, which stops reprints alone."""
    one = label(shop, 1)
    first = send(desk, one)
    again = send(desk, one, again=one.pk, reason="It tore")
    Order.objects.update(collected_at=make.NOW, is_split=True)
    assert number(1) in opened(desk, first)
    assert number(1) not in opened(desk, again)


def test_a_pick_list_is_opened_whatever_the_carrier_has(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    file = send(desk, one, content="pick_list")
    collect(one)
    assert "MUG-01" in opened(desk, file)


def test_what_did_not_come_out_is_no_part_of_the_file_any_more(desk: Client, shop: Shop) -> None:
    one, two = label(shop, 1), label(shop, 2)
    file = send(desk, one, two)
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "up_to", "last": "1"})
    told = opened(desk, file, reason="It tore")
    assert number(1) in told
    assert number(2) not in told
    lost = send(desk, two)
    desk.post(f"/labels/prints/{lost.pk}/", {"came_out": "none"})
    assert "Reason to open it" not in text(desk, f"/labels/prints/{lost.pk}/")
    said = desk.post(f"/labels/prints/{lost.pk}/file.pdf", {"reason": "It tore"})
    assert said.status_code == 409


NO_WORDS = ["\u200b", "\u2800", "\u3164", "\uffa0\u115f", ".", " - ", "\u0301", "\u200b.\u200b"]


@pytest.mark.parametrize("reason", NO_WORDS)
def test_a_reason_without_a_letter_or_digit_is_none(desk: Client, shop: Shop, reason: str) -> None:
    one = label(shop, 1)
    file = send(desk, one)
    again = desk.post("/labels/print/", fields(one, again=one.pk, reason=reason))
    assert again.status_code == 409
    assert "a few words" in again.content.decode()
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    path = f"/labels/prints/{file.pk}/file.pdf"
    assert desk.post(path, {"reason": reason}).status_code == 400
    assert PrintItem.objects.count() == 1


@pytest.mark.parametrize("reason", ["ฉีกขาด", "撕裂", "It tore", "2x"])
def test_a_reason_is_said_in_any_script(desk: Client, shop: Shop, reason: str) -> None:
    one = label(shop, 1)
    send(desk, one)
    assert send(desk, one, again=one.pk, reason=reason).items.get().reason == reason
