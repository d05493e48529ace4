"""Printing: nothing goes to paper twice without a reason, nothing stale at all; what did not come
out can be printed anew; and what is on paper are the right labels in the right order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.models import AuditEntry
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import storing
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.print_ends import CameOut, NotInFile, SettledBefore, settle
from shipboard.fulfilment.print_pages import pdf_of
from shipboard.fulfilment.printing import Choice, Content, NothingToPrint, plan, send_to_print
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, PrintFile, PrintItem
from shipboard.orders.models import Event, Hold, Line, Order
from shipboard.printing import Paper, Sorting
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.label_stock import BUYER, cancel_units, label, number, pages_of

pytestmark = pytest.mark.django_db
AN = replace(MAI, by="an")
REASON = "The printer jammed"
GIVEN = Choice(sorting=Sorting.GIVEN)


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop()


def send(*labels: Label, choice: Choice = GIVEN, **given: Any) -> PrintFile:
    (file,) = send_all(*labels, choice=choice, **given)
    return file


def send_all(*labels: Label, choice: Choice = GIVEN, **given: Any) -> list[PrintFile]:
    values = {"access": MAI, "key": uuid4(), "now": make.NOW} | given
    return send_to_print(labels, choice, **values)


def again(*labels: Label) -> Choice:
    return replace(GIVEN, reason=REASON, again=frozenset(each.pk for each in labels))


def states(*labels: Label) -> list[str]:
    found = dict(Label.objects.values_list("pk", "label_print"))
    return [found[each.pk] for each in labels]


def order_of(of: Label) -> Order:
    return Order.objects.get(labels__label=of)


def hold(of: Label, now: datetime = make.NOW) -> None:
    Hold.objects.create(order=order_of(of), reason="look", by="an", placed_at=now)


def test_what_was_sent_is_kept_with_who_and_when(shop: Shop) -> None:
    one, two = label(shop, 1), label(shop, 2)
    file = send(one, two)
    assert (file.by, file.sent_at, file.labels, file.files) == ("mai", make.NOW, 2, 1)
    assert list(file.items.order_by("position").values_list("label", "position")) == [
        (one.pk, 1),
        (two.pk, 2),
    ]
    one.refresh_from_db()
    assert (one.label_print, one.slip_print, one.prints) == ("sent", "no", 1)
    assert (one.printed_at, one.printed_by) == (make.NOW, "mai")
    assert Event.objects.filter(kind="labels_printed", by="mai").count() == 2
    assert AuditEntry.objects.filter(kind="labels_printed", by="mai").count() == 1


def test_the_same_form_again_is_the_same_print(shop: Shop) -> None:
    one, key = label(shop, 1), uuid4()
    assert send(one, key=key) == send(one, key=key)
    with pytest.raises(NothingToPrint, match="used for another print"):
        send(label(shop, 2), key=key)
    assert PrintItem.objects.count() == 1
    with pytest.raises(NothingToPrint, match="Nothing was printed"):
        send(one, key=uuid4())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same_form", [True, False])
def test_two_at_once_print_a_label_once(is_same_form: bool) -> None:
    of, key, gate = label(make.shop(), 1), uuid4(), Barrier(2)

    def one(access: Access) -> int:
        try:
            gate.wait()
            mine = key if is_same_form else uuid4()
            return len(send_to_print([of], GIVEN, access, mine, make.NOW))
        except NothingToPrint:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(one, (MAI, MAI if is_same_form else AN)))
    assert sorted(told) == ([1, 1] if is_same_form else [0, 1])
    assert PrintItem.objects.count() == 1


def test_printing_again_needs_a_reason_that_is_kept(shop: Shop) -> None:
    old, new = label(shop, 1), label(shop, 2)
    send(old)
    assert [label.pk for label in plan([old, new], GIVEN, make.NOW).printed] == [old.pk]
    file = send(old, new)
    assert [item.label_id for item in file.items.all()] == [new.pk]
    assert "not chosen to go again" in file.left_out[0][1]
    more = send(old, choice=again(old), access=AN)
    item = more.items.get()
    assert (item.reason, more.by) == ("The printer jammed", "an")
    old.refresh_from_db()
    assert (old.prints, old.printed_by) == (2, "an")
    assert Event.objects.filter(kind="label_reprinted", order=order_of(old)).count() == 1


def test_a_reason_is_kept_for_those_alone_that_need_one(shop: Shop) -> None:
    old, new = label(shop, 1), label(shop, 2)
    send(old)
    file = send(old, new, choice=again(old, new))
    assert dict(file.items.values_list("label", "reason")) == {old.pk: REASON, new.pk: ""}


def test_a_reason_alone_prints_nothing_again(shop: Shop) -> None:
    jammed, fine, new = label(shop, 1), label(shop, 2), label(shop, 3)
    settle(send(jammed, fine), CameOut.ALL, access=MAI, now=make.NOW)
    file = send(jammed, fine, new, choice=replace(again(jammed), reason=REASON))
    assert [item.label_id for item in file.items.order_by("position")] == [jammed.pk, new.pk]
    with pytest.raises(NothingToPrint, match="not chosen"):
        send(fine, choice=replace(GIVEN, reason=REASON))
    with pytest.raises(NothingToPrint, match="Say why"):
        send(fine, choice=replace(again(fine), reason=" "))
    assert PrintItem.objects.filter(label=fine).count() == 1


def test_slips_have_a_state_of_their_own(shop: Shop) -> None:
    one = label(shop, 1)
    send(one)
    file = send(one, choice=Choice(content=Content.SLIPS))
    one.refresh_from_db()
    assert (one.label_print, one.slip_print, one.prints) == ("sent", "sent", 1)
    settle(file, CameOut.ALL, access=MAI, now=make.NOW)
    one.refresh_from_db()
    assert (one.label_print, one.slip_print) == ("sent", "confirmed")


def test_a_pick_list_prints_no_label(shop: Shop) -> None:
    one = label(shop, 1)
    file = send(one, choice=Choice(content=Content.PICK_LIST))
    assert states(one) == ["no"]
    assert file.settled_at is not None
    send(one)
    send(one, choice=Choice(content=Content.PICK_LIST))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": Label.State.VOIDED}, "voided"),
        ({"state": Label.State.CREATING}, "still being created"),
        ({"state": Label.State.REJECTED}, "rejected"),
    ],
)
def test_what_is_no_label_is_left_out(shop: Shop, change: dict[str, str], why: str) -> None:
    good, bad = label(shop, 1), label(shop, 2)
    Label.objects.filter(pk=bad.pk).update(**change)
    file = send(good, bad)
    assert [item.label_id for item in file.items.all()] == [good.pk]
    assert why in file.left_out[0][1]
    with pytest.raises(NothingToPrint, match=why):
        send(bad)


def test_stale_labels_are_left_out_with_what_to_do(shop: Shop) -> None:
    good, canceled, held = label(shop, 1), label(shop, 2), label(shop, 3)
    Order.objects.filter(labels__label=canceled).update(stage=Stage.CANCELED)
    hold(held)
    file = send(good, canceled, held)
    assert [item.label_id for item in file.items.all()] == [good.pk]
    assert [why for _, why in file.left_out] == [
        "The order was canceled after its label was made. Pull the parcel.",
        "The order is held here. Keep the parcel back until the hold is released.",
    ]


def test_canceled_units_that_are_out_let_a_label_be_printed(shop: Shop) -> None:
    one = label(shop, 1, skus={"MUG-01": 3})
    cancel_units(one, "MUG-01", had=3, canceled=1)
    with pytest.raises(NothingToPrint, match="Take 1 x MUG-01 out of the parcel"):
        send(one)
    file = send(one, choice=replace(GIVEN, content=Content.SLIPS, cleared={one.pk: 1}))
    one.refresh_from_db()
    said = (one.cleared_at, one.cleared_by, one.cleared_units)
    assert said == (make.NOW, "mai", {"MUG-01": 1})
    assert Event.objects.filter(kind="label_cleared", by="mai").count() == 1
    slip = pages_of(pdf_of(file, make.NOW, with_addresses=True))[1][0]
    assert "Units: 2" in pages_of(pdf_of(file, make.NOW, with_addresses=True))[0][0]
    assert "MUG-01" in slip
    cancel_units(one, "MUG-01", had=3, canceled=2, hours=2)  # stale anew, for the second one
    with pytest.raises(NothingToPrint, match="Take 1 x MUG-01 out of the parcel"):
        send(one)
    send(one, choice=replace(GIVEN, cleared={one.pk: 1}))
    one.refresh_from_db()
    assert one.cleared_units == {"MUG-01": 2}


@pytest.mark.parametrize("block", ["hold", "canceled", "packed anew"])
def test_no_word_on_canceled_units_lets_what_is_blocked_go(shop: Shop, block: str) -> None:
    one = label(shop, 1, skus={"MUG-01": 3})
    cancel_units(one, "MUG-01", had=3, canceled=1)
    if block == "hold":
        hold(one)
    elif block == "canceled":
        Order.objects.update(stage=Stage.CANCELED)
    else:  # the parcel lacks more than what was canceled
        Line.objects.update(extra={"canceled_units": "0"})
    for units in (1, 2):
        with pytest.raises(NothingToPrint):
            send(one, choice=replace(GIVEN, cleared={one.pk: units}))
    one.refresh_from_db()
    assert one.cleared_at is None


def test_what_the_carrier_has_is_not_printed_again(shop: Shop) -> None:
    one = label(shop, 1)
    send(one)
    Order.objects.filter(labels__label=one).update(collected_at=make.NOW, stage=Stage.IN_TRANSIT)
    with pytest.raises(NothingToPrint, match="scanned"):
        send(one, choice=again(one))


def test_a_scan_of_one_parcel_stops_no_first_print_of_another(shop: Shop) -> None:
    one = label(shop, 1)
    Order.objects.filter(labels__label=one).update(collected_at=make.NOW, is_split=True)
    send(one)
    with pytest.raises(NothingToPrint, match="scanned"):
        send(one, choice=again(one))


def test_files_have_at_most_a_hundred(shop: Shop) -> None:
    labels = [label(shop, at, is_created=False) for at in range(1, 103)]
    Label.objects.update(state=Label.State.CREATED)
    files = send_all(*labels, choice=Choice(content=Content.SLIPS, sorting=Sorting.GIVEN))
    assert [(each.number, each.files, each.labels) for each in files] == [(1, 2, 100), (2, 2, 2)]
    assert [item.label_id for item in files[1].items.order_by("position")] == [
        each.pk for each in labels[100:]
    ]


def test_other_shops_and_people_who_only_look_print_nothing(shop: Shop) -> None:
    one = label(shop, 1)
    with pytest.raises(NothingToPrint):
        send(one, access=Access(by="an", shop_ids=frozenset({make.shop("Other").pk})))
    with pytest.raises(NotAllowed):
        send(one, access=Access(by="an", rights=frozenset({Right.IMPORT})))
    assert states(one) == ["no"]


@pytest.mark.parametrize(
    ("is_reversed", "last", "good"),
    [
        (False, "2", [1, 2]),
        (True, "2", [2, 3]),
        (False, number(1), [1]),
        (False, "1153000002", [1, 2]),
    ],
)
def test_up_to_the_last_good_one(shop: Shop, is_reversed: bool, last: str, good: list[int]) -> None:
    labels = [label(shop, at) for at in (1, 2, 3)]
    file = send(*labels, choice=replace(GIVEN, is_reversed=is_reversed))
    assert settle(file, CameOut.UP_TO, access=AN, now=make.NOW, last=last) == len(good)
    assert states(*labels) == ["confirmed" if at in good else "no" for at in (1, 2, 3)]
    lost = [each for at, each in enumerate(labels, 1) if at not in good]
    if lost:
        send(*lost)  # without a reason
    file.refresh_from_db()
    assert (file.settled_by, file.settled_at) == ("an", make.NOW)


@pytest.mark.parametrize("last", ["", "0", "4", "999", "GX000000000009", "nonsense"])
def test_what_is_not_in_the_file_confirms_nothing(shop: Shop, last: str) -> None:
    labels = [label(shop, at) for at in (1, 2, 3)]
    file = send(*labels)
    with pytest.raises(NotInFile):
        settle(file, CameOut.UP_TO, access=MAI, now=make.NOW, last=last)
    assert states(*labels) == ["sent"] * 3


def test_a_print_is_settled_once(shop: Shop) -> None:
    one = label(shop, 1)
    file = send(one)
    settle(file, CameOut.NONE, access=MAI, now=make.NOW)
    one.refresh_from_db()
    assert (one.label_print, one.prints, one.printed_at, one.printed_by) == ("no", 0, None, "")
    with pytest.raises(SettledBefore, match="mai"):
        settle(file, CameOut.ALL, access=AN, now=make.NOW)


def test_a_lost_reprint_leaves_the_first_one_on_paper(shop: Shop) -> None:
    one = label(shop, 1)
    settle(send(one), CameOut.ALL, access=MAI, now=make.NOW)
    settle(send(one, choice=again(one)), CameOut.NONE, access=MAI, now=make.NOW)
    assert states(one) == ["confirmed"]
    with pytest.raises(NothingToPrint, match="not chosen"):
        send(one)


# --- what is on paper ------------------------------------------------------------------------


def test_the_paper_has_the_right_labels_in_the_right_order(shop: Shop) -> None:
    two = label(shop, 1, skus={"MUG-01": 1, "PAN-02": 1})
    one = label(shop, 2)
    many = label(shop, 3, skus={"BOX-10": 3})
    choice = Choice(content=Content.LABELS_AND_SLIPS, size=Paper.FOUR_BY_SIX, with_pick_list=True)
    file = send(two, one, many, choice=choice)
    cover, picks, *stack = pages_of(pdf_of(file, make.NOW, with_addresses=True))
    assert number(2) in cover[0]
    assert cover[1] == set()
    assert "Labels: 3" in cover[0]
    assert "NOT FINAL" not in picks[0]
    assert picks[0].index("MUG-01") < picks[0].index("BOX-10") < picks[0].index("PAN-02")
    labels, slips = stack[::2], stack[1::2]
    for place, at in enumerate((2, 3, 1)):
        assert number(at) in labels[place][1]
        assert f"5760{at:06d}" in slips[place][0]
        assert f"{place + 1} of 3" in slips[place][0]
    assert "77 Lantern Street" in slips[0][0]


def test_reversed_is_the_same_from_the_end(shop: Shop) -> None:
    labels = [label(shop, at) for at in (1, 2, 3)]
    pages = pages_of(
        pdf_of(
            send(*labels, choice=replace(GIVEN, is_reversed=True)), make.NOW, with_addresses=True
        )
    )
    assert [number(at) in codes for at, (_, codes) in zip((3, 2, 1), pages[:3], strict=True)] == [
        True
    ] * 3
    assert "Labels: 3" in pages[3][0]


@pytest.mark.parametrize(
    ("recipient", "is_asked"),
    [(BUYER, False), (BUYER | {"name": "R***"}, True), (BUYER | {"address": "7* L***"}, True)],
)
def test_no_address_is_printed_from_masked_data(
    shop: Shop, recipient: dict[str, str], is_asked: bool
) -> None:
    one = label(shop, 1, recipient=recipient)
    file = send(one, choice=Choice(content=Content.SLIPS))
    text = " ".join(text for text, _ in pages_of(pdf_of(file, make.NOW, with_addresses=is_asked)))
    assert "5760000001" in text
    for piece in ("Lantern", "Rowan", "Portland", "R***", "L***"):
        assert piece not in text


def test_what_has_gone_stale_since_is_not_in_a_file_made_anew(shop: Shop) -> None:
    good, held = label(shop, 1), label(shop, 2)
    file = send(good, held)
    hold(held)
    pages = pages_of(pdf_of(file, make.NOW, with_addresses=True))
    assert len(pages) == 2
    assert "held here" in pages[0][0]
    assert all(number(2) not in codes for _, codes in pages)


def test_files_that_are_gone_are_told(shop: Shop) -> None:
    one = label(shop, 1)
    file = send(one, choice=Choice(content=Content.LABELS))
    slips = send(one, choice=Choice(content=Content.SLIPS))
    storing.purge(make.NOW + timedelta(days=31))
    with pytest.raises(storing.NoDocument):
        pdf_of(file, make.NOW, with_addresses=True)
    assert len(pages_of(pdf_of(slips, make.NOW, with_addresses=True))) == 2
    settle(file, CameOut.NONE, access=MAI, now=make.NOW)
    with pytest.raises(NothingToPrint, match="not kept"):
        send(one)


def test_a_pick_list_is_final_once_its_run_has_come_out(shop: Shop) -> None:
    done, coming = label(shop, 1), label(shop, 2, is_created=False)
    run = Run.objects.create(
        key=uuid4(), verb=Verb.CREATE_LABEL.value, by="mai", rows=2, begun_at=make.NOW
    )
    for place, each in enumerate((done, coming), 1):
        attempt = Attempt.objects.create(
            kind=Attempt.Kind.LABEL,
            state=Attempt.State.DONE,
            shop=shop,
            order=order_of(each),
            label=each,
            by="mai",
            asked_at=make.NOW,
            due_at=make.NOW,
        )
        RunRow.objects.create(
            run=run,
            position=place,
            order=attempt.order,
            number=attempt.order.order_id,
            shop_name=shop.name,
            outcome=RunRow.Outcome.DONE,
            attempt=attempt,
        )
    picks = Choice(content=Content.PICK_LIST)
    text = pages_of(pdf_of(send(done, choice=picks), make.NOW, with_addresses=True))[1][0]
    assert "NOT FINAL: 1 label is still being created" in text
    Label.objects.filter(pk=coming.pk).update(state=Label.State.REJECTED)
    text = pages_of(pdf_of(send(done, choice=picks), make.NOW, with_addresses=True))[1][0]
    assert "NOT FINAL" not in text


def test_many_labels_take_no_more_queries_than_few(shop: Shop) -> None:
    labels = [label(shop, at) for at in range(1, 13)]
    counted = []
    for some in (labels[:2], labels[2:]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            send(*some)
        counted.append(len(queries))
    assert counted[0] == counted[1]
