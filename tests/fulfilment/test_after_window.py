"""Once the after-sales window is over nothing reaches the marketplace any more, on no path: not
what is asked for now, nor what was asked for before; and each says so. What is ours remains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shipboard.channels.case_contract import Answer, CaseStep, Decision
from shipboard.channels.contract import CaseFact, CaseKind, Shipping, Stage
from shipboard.channels.file.tracking import ShipmentRow
from shipboard.channels.models import Shop
from shipboard.fulfilment import fetching, recorded, runner, sending
from shipboard.fulfilment.allowed import OURS, Verb, allowed, why_not
from shipboard.fulfilment.answer_wishes import stored as stored_answer
from shipboard.fulfilment.answering import ask_to_answer
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.fulfilment.canceling import ask_to_cancel
from shipboard.fulfilment.case_rules import why_not_answer
from shipboard.fulfilment.correcting import ask_to_correct
from shipboard.fulfilment.finding import find_labels, why_not_find
from shipboard.fulfilment.label_parcels import parcels_of
from shipboard.fulfilment.label_wishes import LabelWish
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.marking import mark_shipped
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.printing import Choice, NothingToPrint, send_to_print
from shipboard.fulfilment.repack_wishes import Repacking, Way
from shipboard.fulfilment.repacking import ask_to_combine, ask_to_split, ask_to_uncombine
from shipboard.fulfilment.runs import begin_each
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.fulfilment.work import EACH_ITS_OWN, WORK
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold
from shipboard.orders.labels import Label, LabelDocument, PrintFile
from shipboard.orders.models import Case, Colour, Order
from shipboard.orders.notes import add_note
from shipboard.orders.overlays import Refused
from shipboard.orders.parts import with_parts
from shipboard.orders.stages import AFTER_WINDOW
from shipboard.uploads.judging import judge
from tests import make
from tests.fulfilment import rule_desk
from tests.fulfilment.conftest import MAI
from tests.fulfilment.deciding_desk import APPROVE, Desk
from tests.fulfilment.shipping_channel import NUMBER

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SAID = "The after-sales window is over"
State = Attempt.State
KINDS = (CaseKind.CANCELLATION, CaseKind.RETURN, CaseKind.REFUND, CaseKind.REPLACEMENT)
REACHING = tuple(verb for verb in Verb if verb not in OURS)
BY = {"access": MAI, "now": make.NOW, "wall": make.NOW}


def closed(shop: Shop | None = None, order_id: str = "1", **given: Any) -> Order:
    """An order whose window ended this very second, with a parcel and everything that can wait for
    an answer."""
    shop = shop or make.shop(channel="tiktok")
    cases = tuple(
        CaseFact(kind=kind, case_id=kind.value, is_open=True, respond_by=make.NOW + DAY)
        for kind in KINDS
    )
    values = {
        "stage": Stage.DELIVERED,
        "delivered_at": make.NOW - shop.after_sales_days * DAY,
        "arranged_at": make.NOW - make.HOUR,
        "lines": (make.line(quantity=2, unit_ids=("u1", "u2")),),
        "parcels": (make.parcel(tracking_number=NUMBER),),
        "cases": cases,
    }
    apply(shop, [make.order(order_id, **values | given)], Source(by="tests", now=make.NOW))
    return read(order_id)


def read(order_id: str = "1", now: datetime = make.NOW) -> Order:
    (order,) = with_parts(Order.objects.filter(order_id=order_id), now)
    return order


SHOPS: Mapping[str, Mapping[str, Any]] = {
    "file": {},
    "US": {"channel": "tiktok", "region": "US"},
    "TH": {"channel": "tiktok", "region": "TH"},
}


@pytest.mark.parametrize("shipping", list(Shipping))
@pytest.mark.parametrize("shop", SHOPS)
@pytest.mark.parametrize("how", ["by the clock", "by the channel", "held", "fulfilled"])
def test_no_verb_that_reaches_the_marketplace_is_possible(
    shop: str, shipping: Shipping, how: str
) -> None:
    stage = Stage.CLOSED if how == "by the channel" else Stage.DELIVERED
    is_fulfilled = how == "fulfilled"
    order = closed(
        make.shop(**SHOPS[shop]), stage=stage, shipping=shipping, is_platform_fulfilled=is_fulfilled
    )
    if how == "held":
        place_hold(order, reason="Forgotten", by="mai", now=make.NOW - make.HOUR)
        order = read()
    for verb in REACHING:
        assert why_not(verb, order, make.NOW).startswith(SAID), verb
        assert not Order.objects.filter(applies(verb, make.NOW)).exists(), verb
    for case in order.cases.all():
        assert why_not_answer(case, order, make.NOW).startswith(SAID)
    offered = {each.verb: each for each in allowed(order, make.NOW)}
    assert {verb for verb in offered if offered[verb].is_possible} == {
        Verb.NOTE,
        Verb.FLAG,
        *([Verb.RELEASE] if how == "held" else []),
    }


def test_a_second_earlier_the_marketplace_still_takes_an_answer() -> None:
    order = closed(stage=Stage.DELIVERED)
    before = make.NOW - timedelta(seconds=1)
    assert why_not(Verb.ANSWER_RETURN, order, before) == ""
    assert why_not(Verb.ANSWER_RETURN, order, make.NOW).startswith(SAID)


def test_the_window_is_each_shops_own() -> None:
    gone = make.NOW - 5 * DAY
    short = make.shop("Short", channel="tiktok", remote_id="1", after_sales_days=3)
    long = make.shop("Long", channel="tiktok", remote_id="2", after_sales_days=30)
    for shop, order_id in ((short, "3"), (long, "30")):
        closed(shop, order_id, delivered_at=gone)
    assert why_not(Verb.ANSWER_RETURN, read("3"), make.NOW).startswith(SAID)
    assert why_not(Verb.ANSWER_RETURN, read("30"), make.NOW) == ""


# What somebody asks for now.

Ask = Callable[[Order], object]
WISH = ShipWish(tracking_number=NUMBER, carrier="USPS")
#: What each asks, whatever the page showed; by the way of shipping of the order.
ASKED: Mapping[str, tuple[Shipping, Ask]] = {
    "ship": (Shipping.SELLER, lambda order: ask_to_ship(order, WISH, **BY)),
    "ship despite a request": (
        Shipping.SELLER,
        lambda order: ask_to_ship(
            order, ShipWish(tracking_number=NUMBER, carrier="USPS", despite_request=True), **BY
        ),
    ),
    "label": (Shipping.PLATFORM, lambda order: ask_to_label(order, LabelWish(), **BY)),
    "mark": (Shipping.PLATFORM, lambda order: mark_shipped(order, **BY)),
    "split": (Shipping.PLATFORM, lambda order: ask_to_split(order, [["u1"], ["u2"]], **BY)),
    "combine": (Shipping.PLATFORM, lambda order: ask_to_combine(order, [], **BY)),
    "take apart": (Shipping.PLATFORM, lambda order: ask_to_uncombine(order, **BY)),
    "cancel": (
        Shipping.SELLER,
        lambda order: ask_to_cancel(order, CancelWish(reason="out_of_stock"), **BY),
    ),
    "answer": (
        Shipping.SELLER,
        lambda order: ask_to_answer(order.cases.all()[0], APPROVE, **BY),
    ),
    "correct": (
        Shipping.SELLER,
        lambda order: ask_to_correct(
            order,
            order.contents.all()[0].parcel,
            tracking_number="9400111899223100000018",
            carrier="USPS",
            **BY,
        ),
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_asking_for_it_all_the_same_is_refused_with_the_reason(what: str) -> None:
    shipping, ask = ASKED[what]
    order = closed(shipping=shipping)
    with pytest.raises(Refused, match=SAID):
        ask(order)
    assert not Attempt.objects.exists()


def test_a_file_of_shipments_refuses_its_row() -> None:
    order = closed(make.shop(), shipping=Shipping.SELLER)
    row = ShipmentRow(2, order.order_id, "1Z999AA10123456784", carrier="UPS")
    (judged,) = judge(order.shop, [row], make.NOW).rows
    assert judged.verdict.value == "refused"
    assert SAID in judged.reason


def test_a_batch_of_labels_leaves_it_out() -> None:
    order = closed(shipping=Shipping.PLATFORM)
    ((parcel,),) = parcels_of([order], make.NOW).values()
    assert parcel.why_not == AFTER_WINDOW


def test_a_rule_does_not_answer_for_anybody() -> None:
    shop = rule_desk.ruled_shop()
    rule_desk.rule(shop)
    case = rule_desk.asked(shop, stage=Stage.DELIVERED)
    Order.objects.update(closes_at=make.NOW)
    rule_desk.work(shop)
    assert case.is_open
    assert not Attempt.objects.exists()


# What was asked for before.

RUN_WISHES: Mapping[Verb, Mapping[str, Any]] = {
    Verb.ADD_SHIPMENT: WISH.stored(),
    Verb.CREATE_LABEL: LabelWish().stored(),
    Verb.CANCEL: CancelWish(reason="out_of_stock").stored(),
    Verb.ANSWER_CANCELLATION: stored_answer(APPROVE),
    Verb.ANSWER_RETURN: stored_answer(Answer(decision=Decision.APPROVE_RETURN)),
    Verb.MARK_SHIPPED: {},
}


def test_every_verb_that_runs_do_is_tried_here() -> None:
    assert set(RUN_WISHES) == {verb for verb in WORK if verb not in OURS}
    assert set(EACH_ITS_OWN) <= set(RUN_WISHES)


@pytest.mark.parametrize("verb", RUN_WISHES)
def test_a_run_that_was_begun_before_says_so_of_the_row(verb: Verb) -> None:
    is_labelled = verb in (Verb.CREATE_LABEL, Verb.MARK_SHIPPED)
    order = closed(shipping=Shipping.PLATFORM if is_labelled else Shipping.SELLER)
    kind = CaseKind.RETURN if verb == Verb.ANSWER_RETURN else CaseKind.CANCELLATION
    wish = RUN_WISHES[verb] | {"case": Case.objects.get(kind=kind).pk}
    if not verb.name.startswith("ANSWER"):
        wish = RUN_WISHES[verb]
    values = {"key": uuid4(), "access": MAI, "chosen": "it", "now": make.NOW - DAY}
    run = begin_each([(order.pk, wish)], verb, **values)
    runner.carry_on(run.pk, lambda: make.NOW)
    row = RunRow.objects.get(run=run)
    assert (row.outcome, row.reason.startswith(SAID)) == (RunRow.Outcome.FAILED, True), row.reason
    assert Run.objects.get().state == Run.State.DONE
    assert not Attempt.objects.exists()


#: What waits in the outbox, by its kind; MARK alone never leaves.
IN_OUTBOX: Mapping[str, Mapping[str, Any]] = {
    Attempt.Kind.SHIP: {"tracking_number": NUMBER},
    Attempt.Kind.CORRECT: {"tracking_number": NUMBER},
    Attempt.Kind.LABEL: {"asks": LabelWish().stored()},
    Attempt.Kind.REPACK: {"asks": Repacking(way=Way.SPLIT, groups=(("1-0",), ("1-1",))).stored()},
    Attempt.Kind.ANSWER: {
        "asks": stored_answer(APPROVE) | {"step": CaseStep.CANCEL.value, "key": "k"}
    },
    Attempt.Kind.CANCEL: {"asks": CancelWish(reason="out_of_stock").stored()},
}
#: Calls of the channel that only read.
READING = {"orders", "cases_of"}


def test_every_kind_that_leaves_is_tried_here() -> None:
    assert set(IN_OUTBOX) == set(Attempt.Kind) - {Attempt.Kind.MARK}


@pytest.mark.parametrize("kind", IN_OUTBOX)
@pytest.mark.parametrize("state", [State.WAITING, State.UNKNOWN])
def test_what_waits_in_the_outbox_is_stopped_at_the_last_look(
    deciding_desk: Desk, kind: Attempt.Kind, state: State
) -> None:
    """Also what nobody answered: it is asked for, and never sent again."""
    desk = deciding_desk
    case = desk.asked()
    order = desk.order()
    now = desk.clock.now
    parcel = None
    if kind == Attempt.Kind.CORRECT:
        tell = make.parcel(tracking_number="9400111899223100000018")
        desk.channel.change("1", parcels=(tell,))
        desk.read()
        parcel = desk.order().contents.all()[0].parcel
    attempt = Attempt.objects.create(
        kind=kind,
        state=state,
        shop=desk.shop,
        order=order,
        parcel=parcel,
        case=case if kind == Attempt.Kind.ANSWER else None,
        by="mai",
        asked_at=now,
        due_at=now,
        claimed_at=now if state == State.UNKNOWN else None,
        tries=int(state == State.UNKNOWN),
        **IN_OUTBOX[kind],
    )
    desk.channel.change("1", Stage.DELIVERED, delivered_at=now - 20 * DAY)
    desk.channel.calls.clear()
    desk.clock.pass_(hours=1)
    sending.carry_on(desk.shop.pk, desk.clock, desk.clock)
    attempt.refresh_from_db()
    assert {name for name, *_ in desk.channel.calls} <= READING
    assert (desk.channel.shipped, desk.channel.decided, desk.channel.canceled) == ([], [], [])
    assert attempt.state == State.REFUSED
    assert SAID in attempt.reason


def test_what_is_recorded_for_a_file_stays_out_of_it() -> None:
    shop = make.shop()
    order = closed(
        shop,
        stage=Stage.AWAITING_SHIPMENT,
        delivered_at=None,
        cases=(),
        parcels=(),
        shipping=Shipping.SELLER,
    )
    ask_to_ship(order, WISH, **BY)
    # The next export shows it delivered long ago, under a number that nobody knows.
    Order.objects.update(stage=Stage.DELIVERED, closes_at=make.NOW)
    (kept,) = recorded.shipments(list(recorded.waiting(shop)), make.NOW)
    assert kept.why_not == AFTER_WINDOW
    assert recorded.hand_over(shop, access=MAI, now=make.NOW) is None


# Labels.


def labelled(**given: Any) -> Label:
    order = closed(shipping=Shipping.PLATFORM)
    return make.label(order, package_id="11", **given)


def test_no_file_of_a_label_is_asked_for_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    label = labelled(stored_at=None, state=Label.State.DELAYED, fetch_at=make.NOW)
    before = make.NOW - timedelta(seconds=1)
    assert fetching.fetch_again([label], make.NOW, make.NOW) == 0
    asked: list[str] = []
    monkeypatch.setattr(fetching.registry, "open_channel", lambda shop: asked)
    fetching.fetch(label.shop, lambda: make.NOW, lambda: make.NOW)
    label.refresh_from_db()
    assert (label.fetch_at, label.reason) == (None, AFTER_WINDOW)
    assert fetching.fetch_again([label], before, make.NOW) == 1


def test_no_label_is_looked_for_there() -> None:
    order = closed(shipping=Shipping.PLATFORM, parcels=(make.parcel(package_id="9"),))
    assert why_not_find(order)
    with pytest.raises(Refused):
        find_labels(order, **BY)
    assert not Label.objects.exists()


def test_its_label_is_not_printed_again_and_its_file_remains() -> None:
    label = labelled()
    LabelDocument.objects.create(
        label=label, sealed=b"", media_type="application/pdf", stored_at=make.NOW
    )
    choice = Choice(content=PrintFile.Content.LABELS)
    with pytest.raises(NothingToPrint, match="scanned the parcel already"):
        send_to_print([label], choice, MAI, uuid4(), make.NOW)
    assert LabelDocument.objects.filter(label=label).exists()


def test_notes_and_flags_remain() -> None:
    order = closed()
    add_note(order, text="The buyer wrote again", by="mai", now=make.NOW)
    assert set_flag(read(), Colour.RED, by="mai", now=make.NOW)
    assert read().notes.all()[0].text == "The buyer wrote again"
    assert why_not(Verb.HOLD, read(), make.NOW) == f"{AFTER_WINDOW} A hold would stop nothing."
