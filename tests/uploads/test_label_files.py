"""PDFs of labels: each page finds its parcel or says why not, and becomes its label as it is."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.accounts.access import Access, NotAllowed
from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import storing
from shipboard.fulfilment.filing import NotFiled
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.removal import remove_shop
from shipboard.orders.labels import Label, LabelDocument, LabelOrder, PrintFile, PrintItem
from shipboard.orders.models import Order
from shipboard.orders.staleness import Stale, with_staleness
from shipboard.uploads import label_files, label_reading, page_process
from shipboard.uploads.label_files import NotTaken, match_again, put_away, say_whose, take
from shipboard.uploads.models import LabelFile, LabelFilePart, LabelPage
from tests import make
from tests.soak import FACTOR
from tests.uploads import label_pdf as pdf
from tests.uploads.conftest import MAI

pytestmark = pytest.mark.django_db
Page, State = LabelPage.State, LabelFile.State


@pytest.fixture
def shop() -> Shop:
    return make.shop()


def place(shop: Shop, at: int, *, packed: bool = True, **given: Any) -> Order:
    """A platform order, in its package under its number unless it is not `packed` yet."""
    held = make.parcel(package_id=pdf.package(at), tracking_number=pdf.tracking(at))
    values = {"shipping": Shipping.PLATFORM, "parcels": (held,) if packed else ()} | given
    apply(shop, [make.order(pdf.order_id(at), **values)], Source(by="tests", now=make.NOW))
    return Order.objects.get(shop=shop, order_id=pdf.order_id(at))


def send(shop: Shop, content: bytes, name: str = "labels.pdf", access: Access = MAI) -> LabelFile:
    of, _ = take(
        shop,
        io.BytesIO(content),
        file_name=name,
        size=len(content),
        key=uuid4(),
        access=access,
        now=make.NOW,
    )
    return of


def read(shop: Shop, content: bytes, name: str = "labels.pdf") -> LabelFile:
    of = send(shop, content, name)
    label_reading.carry_on(of.pk, lambda: make.NOW)
    of.refresh_from_db()
    return of


def states(of: LabelFile) -> list[str]:
    return list(
        LabelPage.objects.filter(file=of).order_by("number").values_list("state", flat=True)
    )


def reason(of: LabelFile, number: int = 1) -> str:
    return LabelPage.objects.get(file=of, number=number).reason


def content(label: Label) -> bytes:
    return storing.content_of(label).content


def the_label(order: Order) -> Label:
    return Label.objects.get(inside__order=order)


def test_each_page_becomes_its_parcels_label(shop: Shop) -> None:
    orders = [place(shop, at) for at in (1, 2, 3)]
    of = read(shop, pdf.pages(map(pdf.parcel, (3, 1, 2))))
    assert (of.state, of.pages, states(of)) == (State.DONE, 3, [Page.MATCHED] * 3)
    for at, order in enumerate(orders, 1):
        label = the_label(order)
        assert (label.state, label.source) == (Label.State.CREATED, Label.Source.FILE)
        assert (label.package_id, label.tracking_number) == (pdf.package(at), pdf.tracking(at))
        (text,) = pdf.texts(content(label))
        assert pdf.tracking(at) in text
        inside = LabelOrder.objects.get(label=label)
        assert (inside.units, inside.contents) == (1, {"0": 1})
    assert not LabelFilePart.objects.exists()
    kept = b"".join(bytes(each.sealed) for each in LabelDocument.objects.all())
    assert b"%PDF" not in kept


def test_pages_stay_as_they_are(shop: Shop) -> None:
    order = place(shop, 1)
    given = pdf.turned(pdf.pages([pdf.parcel(1)]), 90)
    read(shop, given)
    with (
        pypdfium2.PdfDocument(given) as before,
        pypdfium2.PdfDocument(content(the_label(order))) as after,
    ):
        assert after[0].get_rotation() == 90
        assert after[0].get_size() == before[0].get_size()
        assert after[0].render().to_pil().tobytes() == before[0].render().to_pil().tobytes()


@pytest.mark.parametrize("by", [0, 90, 180, 270])
@pytest.mark.parametrize("scan", [False, True])
def test_turned_and_scanned_pages_are_read(shop: Shop, by: int, scan: bool) -> None:
    place(shop, 1)
    given = pdf.turned(pdf.pages([pdf.parcel(1)]), by)
    of = read(shop, pdf.scanned(given) if scan else given)
    assert states(of) == [Page.MATCHED]


def test_label_and_packing_list_of_a_parcel_are_one_document(shop: Shop) -> None:
    orders = [place(shop, at) for at in (1, 2)]
    of = read(shop, pdf.pages(map(pdf.parcel, (1, 2)), pdf.BOTH))
    assert states(of) == [Page.MATCHED] * 4
    for at, order in enumerate(orders, 1):
        label, slip = pdf.texts(content(the_label(order)))
        assert pdf.tracking(at) in label
        assert "Packing slip" in slip
        assert the_label(order).document.pages == 2


def test_all_labels_first_and_then_all_packing_lists(shop: Shop) -> None:
    orders = [place(shop, at) for at in (1, 2)]
    both = map(pdf.parcel, (1, 2))
    given = pdf.joined([pdf.pages(both), pdf.pages(map(pdf.parcel, (1, 2)), pdf.SLIP)])
    assert states(read(shop, given)) == [Page.MATCHED] * 4
    assert all("Packing slip" in pdf.texts(content(the_label(order)))[1] for order in orders)


def test_an_order_that_is_not_packed_by_the_facts_takes_the_number_on_its_label(
    shop: Shop,
) -> None:
    order = place(shop, 1, packed=False)
    read(shop, pdf.pages([pdf.parcel(1)], pdf.BOTH))
    label = the_label(order)
    assert (label.package_id, label.tracking_number) == ("", pdf.tracking(1))
    assert label.document.pages == 2


def test_what_names_nothing_is_listed_and_not_guessed(shop: Shop) -> None:
    place(shop, 1)
    of = read(shop, pdf.joined([pdf.pages([pdf.parcel(1)]), pdf.written("Thank you!")]))
    assert states(of) == [Page.MATCHED, Page.UNMATCHED]
    assert "Nothing on it is an order" in reason(of, 2)
    page = LabelPage.objects.get(file=of, number=2)
    assert page_process.picture(label_files.opened(page.sealed)).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{pdf.tracking(1)} {pdf.tracking(2)}", "names 2 parcels"),
        (f"{pdf.order_id(1)}\n{pdf.order_id(2)}", "names 2 orders"),
        (f"{pdf.tracking(1)}\n{pdf.order_id(2)}", "which is not in it"),
        (f"{pdf.order_id(3)}", "does not say in which"),
        (f"X{pdf.tracking(1)}", "Nothing on it"),
        (f"{pdf.order_id(1)}7", "Nothing on it"),
    ],
)
def test_what_is_not_sure_is_not_taken(shop: Shop, text: str, why: str) -> None:
    place(shop, 1)
    place(shop, 2)
    lines = (make.line(quantity=2),)
    two = tuple(
        make.parcel(package_id=pdf.package(at), tracking_number=pdf.tracking(at)) for at in (3, 33)
    )
    place(shop, 3, lines=lines, parcels=two)
    of = read(shop, pdf.written(text))
    assert states(of) == [Page.UNMATCHED]
    assert why in reason(of)
    assert not Label.objects.exists()


def test_two_labels_of_one_order_that_is_not_packed_yet_are_not_put_together(shop: Shop) -> None:
    place(shop, 1, packed=False)
    other = pdf.parcel(1, package_id=pdf.package(2), tracking_number=pdf.tracking(2))
    of = read(shop, pdf.pages([pdf.parcel(1), other]))
    assert states(of) == [Page.UNMATCHED] * 2
    assert "bear different barcodes" in reason(of)


def test_numbers_printed_in_groups_are_read_whole(shop: Shop) -> None:
    order = place(shop, 1, parcels=(make.parcel(tracking_number="9400111899223100000001"),))
    assert states(read(shop, pdf.written("USPS 9400 1118 9922 3100 0000 01"))) == [Page.MATCHED]
    assert the_label(order).tracking_number == "9400111899223100000001"


def test_a_combined_parcel_is_one_label_of_all_its_orders(shop: Shop) -> None:
    held = make.parcel(package_id=pdf.package(1), tracking_number=pdf.tracking(1))
    orders = [place(shop, at, parcels=(held,)) for at in (1, 2)]
    both = (pdf.order_id(1), pdf.order_id(2))
    read(shop, pdf.pages([pdf.parcel(1, orders=both)], pdf.BOTH))
    assert {each.order_id for each in LabelOrder.objects.all()} == {each.pk for each in orders}
    assert Label.objects.count() == 1


def test_orders_of_other_shops_are_not_found(shop: Shop) -> None:
    place(make.shop("Other"), 1)
    assert states(read(shop, pdf.pages([pdf.parcel(1)]))) == [Page.UNMATCHED]


def test_the_same_file_twice_is_one(shop: Shop) -> None:
    place(shop, 1)
    given = pdf.pages([pdf.parcel(1)])
    first = read(shop, given)
    assert send(shop, given, "again.pdf") == first
    assert LabelFile.objects.count() == 1


def test_the_same_page_again_changes_nothing(shop: Shop) -> None:
    order, _ = place(shop, 1), place(shop, 2)
    page, blank = pdf.pages([pdf.parcel(1)]), pdf.written("Thank you!")
    read(shop, pdf.joined([page, blank]))
    before = content(the_label(order))
    of = read(shop, pdf.joined([blank, page, pdf.pages([pdf.parcel(2)]), page]), "b.pdf")
    assert states(of) == [Page.AWAY, Page.MATCHED, Page.MATCHED, Page.MATCHED]
    assert "The same as page 2 of labels.pdf" in reason(of, 1)
    assert content(the_label(order)) == before
    assert Label.objects.count() == 2


def test_another_page_of_a_parcel_with_a_label_waits_for_a_person(shop: Shop) -> None:
    order = place(shop, 1)
    read(shop, pdf.pages([pdf.parcel(1)]))
    of = read(shop, pdf.pages([pdf.parcel(1)], pdf.SLIP), "slips.pdf")
    assert states(of) == [Page.UNMATCHED]
    assert "is here already, from page 1 of labels.pdf" in reason(of)
    page = LabelPage.objects.get(file=of)
    say_whose(page, pdf.order_id(1), access=MAI, now=make.NOW)
    assert len(pdf.texts(content(the_label(order)))) == 2
    assert the_label(order).document.pages == 2
    with pytest.raises(NotTaken, match="matched by mai already"):
        put_away(page, access=MAI)


def test_no_page_is_added_to_what_was_printed(shop: Shop) -> None:
    place(shop, 1)
    read(shop, pdf.pages([pdf.parcel(1)]))
    Label.objects.update(label_print=Label.Print.SENT)
    of = read(shop, pdf.pages([pdf.parcel(1)], pdf.SLIP), "slips.pdf")
    with pytest.raises(NotFiled, match="printed already"):
        say_whose(LabelPage.objects.get(file=of), pdf.order_id(1), access=MAI, now=make.NOW)
    assert states(of) == [Page.UNMATCHED]


def test_a_person_says_which_order_a_page_is(shop: Shop) -> None:
    order = place(shop, 1)
    of = read(shop, pdf.scanned(pdf.written("a label that nobody can read"), 72))
    page = LabelPage.objects.get(file=of)
    for wrong, why in (
        ("", "Type or scan"),
        ("\x00", "Type or scan"),
        ("987654321", "has nothing under 987654321"),
    ):
        with pytest.raises(NotTaken, match=why):
            say_whose(page, wrong, access=MAI, now=make.NOW)
    label = say_whose(page, f" {pdf.order_id(1)} ", access=MAI, now=make.NOW)
    assert the_label(order) == label
    assert label.by == "mai"
    page.refresh_from_db()
    assert (page.state, page.by, page.sealed) == (Page.MATCHED, "mai", None)


def test_put_away_and_brought_back(shop: Shop) -> None:
    of = read(shop, pdf.written("Thank you!"))
    page = LabelPage.objects.get(file=of)
    put_away(page, access=MAI)
    assert states(of) == [Page.AWAY]
    label_files.bring_back(page, access=MAI)
    assert states(of) == [Page.UNMATCHED]
    with pytest.raises(NotTaken):
        label_files.bring_back(page, access=MAI)


def test_newer_orders_are_matched_again(shop: Shop) -> None:
    of = read(shop, pdf.pages(map(pdf.parcel, (1, 2)), pdf.BOTH))
    assert states(of) == [Page.UNMATCHED] * 4
    order = place(shop, 2)
    assert match_again(of, access=MAI) == 4
    label_reading.carry_on(of.pk, lambda: make.NOW)
    assert states(of) == [Page.UNMATCHED] * 2 + [Page.MATCHED] * 2
    assert len(pdf.texts(content(the_label(order)))) == 2


def test_a_connected_shops_label_whose_file_is_gone_takes_the_page(shop: Shop) -> None:
    order = place(shop, 1)
    label = Label.objects.create(
        shop=shop,
        state=Label.State.CREATED,
        package_id=pdf.package(1),
        by="mai",
        asked_at=make.NOW,
        arranged_at=make.NOW,
    )
    LabelOrder.objects.create(label=label, order=order, units=1)
    assert states(read(shop, pdf.pages([pdf.parcel(1)]))) == [Page.MATCHED]
    assert the_label(order) == label
    assert pdf.tracking(1) in pdf.texts(content(label))[0]


def test_a_label_that_is_being_bought_here_is_left_alone(shop: Shop) -> None:
    order = place(shop, 1)
    label = Label.objects.create(
        shop=shop,
        state=Label.State.UNKNOWN,
        package_id=pdf.package(1),
        by="mai",
        asked_at=make.NOW,
    )
    LabelOrder.objects.create(label=label, order=order, units=1)
    of = read(shop, pdf.pages([pdf.parcel(1)]))
    assert states(of) == [Page.UNMATCHED]
    assert "being created here" in reason(of)


def test_an_order_canceled_by_a_later_import_makes_its_label_stale(shop: Shop) -> None:
    order = place(shop, 1)
    read(shop, pdf.pages([pdf.parcel(1)]))
    later = make.NOW + make.HOUR
    place(shop, 1, stage=Stage.CANCELED, as_of=later)
    (label,) = with_staleness(Label.objects.all(), later)
    assert label.stale == Stale.CANCELED
    assert the_label(order) == label


def test_a_killed_job_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(1, 31):
        place(shop, at)
    of = send(shop, pdf.pages(map(pdf.parcel, range(1, 31))))
    real = page_process.read

    def killed(path: Path, first: int = 1) -> Iterator[Any]:
        for each in real(path, first):
            if isinstance(each, page_process.Read) and each.number == 25:
                raise KeyboardInterrupt
            yield each

    monkeypatch.setattr(page_process, "read", killed)
    with pytest.raises(KeyboardInterrupt):
        label_reading.carry_on(of.pk, lambda: make.NOW)
    assert states(of) == [Page.READ] * 20
    firsts = []

    def again(path: Path, first: int = 1) -> Iterator[Any]:
        firsts.append(first)
        yield from real(path, first)

    monkeypatch.setattr(page_process, "read", again)
    cut, calls = page_process.cut, []

    def killed_later(path: Path, groups: Any) -> Iterator[Any]:
        calls.append(len(groups))
        for at, each in enumerate(cut(path, groups)):
            if len(calls) == 1 and at == 10:
                raise KeyboardInterrupt
            yield each

    monkeypatch.setattr(page_process, "cut", killed_later)
    with pytest.raises(KeyboardInterrupt):
        label_reading.carry_on(of.pk, lambda: make.NOW)
    label_reading.carry_on(of.pk, lambda: make.NOW)
    assert states(of) == [Page.MATCHED] * 30
    assert firsts == [21]
    assert calls[:2] == [30, 20]
    assert Label.objects.count() == 30


def test_what_breaks_leaves_every_page_to_a_person(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(label_reading, "_grouped", broken)
    of = read(shop, pdf.pages([pdf.parcel(1)]))
    assert (of.state, states(of)) == (State.DONE, [Page.UNMATCHED])
    assert "broke here" in reason(of)


#: Three hundred pages, both of each parcel, in `make soak`; and the seconds they may take, with
#: room for a machine that stalls.
PARCELS, SECONDS = (150, 60) if FACTOR > 1 else (30, 30)


def test_many_pages_are_read_in_time(shop: Shop) -> None:
    """Eight seconds on two idle cores: 27 ms a page, most of it drawing and looking for codes."""
    source = Source(by="tests", now=make.NOW)
    facts = [
        make.order(
            pdf.order_id(at),
            shipping=Shipping.PLATFORM,
            parcels=(make.parcel(package_id=pdf.package(at), tracking_number=pdf.tracking(at)),),
        )
        for at in range(PARCELS)
    ]
    apply(shop, facts, source)
    given = pdf.pages(map(pdf.parcel, range(PARCELS)), pdf.BOTH)
    begun = time.monotonic()
    of = read(shop, given)
    assert time.monotonic() - begun < SECONDS
    assert states(of) == [Page.MATCHED] * 2 * PARCELS
    assert Label.objects.filter(document__pages=2).count() == PARCELS


def test_files_go_after_the_shops_days_and_counts_stay(shop: Shop) -> None:
    of = read(shop, pdf.written("Thank you!"))
    assert LabelFilePart.objects.exists()
    label_files.purge(make.NOW + shop.label_days * 24 * make.HOUR)
    of.refresh_from_db()
    assert of.purged_at is not None
    assert not LabelFilePart.objects.exists()
    page = LabelPage.objects.get(file=of)
    assert (page.sealed, page.found, page.state) == (None, None, Page.UNMATCHED)
    with pytest.raises(NotTaken):
        say_whose(page, pdf.order_id(1), access=MAI, now=make.NOW)
    assert match_again(of, access=MAI) == 0


def test_labels_of_files_go_after_the_shops_days_too(shop: Shop) -> None:
    place(shop, 1)
    read(shop, pdf.pages([pdf.parcel(1)]))
    gone_at = make.NOW + shop.label_days * 24 * make.HOUR
    assert storing.purge(gone_at - make.HOUR) == 0
    assert storing.purge(gone_at) == 1
    assert (Label.objects.count(), LabelDocument.objects.count()) == (1, 0)
    # The page is wanted again, so it is no repeat of one that is kept.
    of = read(shop, pdf.joined([pdf.pages([pdf.parcel(1)]), pdf.written("")]))
    assert states(of) == [Page.MATCHED, Page.UNMATCHED]
    assert LabelDocument.objects.count() == 1


def test_a_shop_goes_with_its_labels_and_their_files(shop: Shop) -> None:
    order = place(shop, 1)
    read(shop, pdf.joined([pdf.pages([pdf.parcel(1)]), pdf.written("Thank you!")]))
    other = make.shop("Other")
    place(other, 1)
    read(other, pdf.pages([pdf.parcel(1)]))
    label = the_label(order)
    both = PrintFile.objects.create(
        key=uuid4(),
        content="labels",
        sorting="sku",
        size="A6",
        by="mai",
        sent_at=make.NOW,
        labels=2,
    )
    mine = PrintFile.objects.create(
        key=uuid4(),
        content="labels",
        sorting="sku",
        size="A6",
        by="mai",
        sent_at=make.NOW,
        labels=1,
    )
    theirs = Label.objects.exclude(pk=label.pk).get()
    for file, position, each in ((both, 1, label), (both, 2, theirs), (mine, 1, label)):
        PrintItem.objects.create(file=file, label=each, position=position)
    remove_shop(shop)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert list(Label.objects.all()) == [theirs]
    assert LabelPage.objects.count() == LabelFile.objects.count() == 1
    assert list(PrintFile.objects.all()) == [both]
    assert PrintItem.objects.get().label == theirs
    assert not LabelFilePart.objects.exists()


def test_who_only_looks_sends_nothing(shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        send(shop, pdf.written("x"), access=Access(by="leo", rights=frozenset()))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    order=st.lists(
        st.sampled_from(["1", "2", "2s", "3", "both", "blank", "other"]), min_size=1, max_size=7
    )
)
def test_every_page_is_in_exactly_one_place(shop: Shop, order: list[str]) -> None:
    for model in (LabelFile, Label):
        model.objects.all().delete()
    for at in (1, 2):
        place(shop, at)
    place(shop, 3, packed=False)
    kinds = {
        "1": pdf.pages([pdf.parcel(1)]),
        "2": pdf.pages([pdf.parcel(2)]),
        "2s": pdf.pages([pdf.parcel(2)], pdf.SLIP),
        "3": pdf.pages([pdf.parcel(3)]),
        "both": pdf.written(f"{pdf.order_id(1)} {pdf.order_id(2)}"),
        "blank": pdf.written(""),
        "other": pdf.pages([pdf.parcel(9)]),
    }
    of = read(shop, pdf.joined(kinds[each] for each in order))
    found = list(LabelPage.objects.filter(file=of).order_by("number"))
    assert [each.number for each in found] == list(range(1, len(order) + 1))
    for page, kind in zip(found, order, strict=True):
        assert (page.label_id is not None) == (page.state == Page.MATCHED)
        assert (page.state == Page.MATCHED) == (kind in {"1", "2", "2s", "3"})
        assert page.state != Page.READ
        assert page.state == Page.MATCHED or page.reason
    first = {kind: at for at, kind in reversed(list(enumerate(order)))}
    assert [each.is_repeat for each in found] == [first[k] != at for at, k in enumerate(order)]
    kept = sum(len(pdf.texts(content(each))) for each in Label.objects.all())
    assert kept == len({"1", "2", "2s", "3"} & {*order})
