"""One answer to a case from the asking to its end, whatever happens to its call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from shipboard.accounts.access import Access, NotAllowed
from shipboard.channels.case_contract import Answer, CaseStep, Decision
from shipboard.channels.contract import CaseKind, FailureKind, Shipping, Stage
from shipboard.fulfilment import answering, outbox, pausing
from shipboard.fulfilment.allowed import GRANTED, Verb, allowed, why_not
from shipboard.fulfilment.answer_wishes import OTHER, seen_of, stored
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.case_rules import CLOSED, why_not_answer
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.refusals import BadAnswer, CannotAnswer, CannotShip, DecisionNeeded, Taken
from shipboard.fulfilment.runs import begin_each, retry_failed
from shipboard.fulfilment.settling import GRACE
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.models import Case, Event, Order
from shipboard.orders.overlays import Stale
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.deciding_desk import APPROVE, OFFER, REJECT, Desk
from tests.fulfilment.shipping_channel import lost
from tests.fulfilment.shipping_desk import WINDOW
from tests.ingest.fake_channel import failure

State = Attempt.State


@pytest.fixture
def desk(deciding_desk: Desk) -> Desk:
    return deciding_desk


def test_an_answer_waits_leaves_and_is_taken(desk: Desk) -> None:
    desk.asked()
    attempt = desk.answer()
    assert (attempt.state, attempt.due_at) == (State.WAITING, make.NOW + timedelta(seconds=WINDOW))
    desk.work(seconds=WINDOW - 1)
    assert desk.channel.decided == []
    desk.work(seconds=1)
    assert desk.channel.decided == [("C1", Decision.APPROVE_CANCEL)]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1)
    assert desk.order().stage == Stage.CANCELED
    assert not desk.case().is_open
    kinds = set(Event.objects.filter(order=attempt.order).values_list("kind", flat=True))
    assert {"answer_asked", "case_answered"} <= kinds


def test_an_answer_leaves_at_once_when_its_deadline_is_near(desk: Desk) -> None:
    desk.asked()
    Case.objects.update(respond_by=make.NOW + timedelta(minutes=11))
    assert desk.answer().due_at == make.NOW


def test_it_can_be_taken_back_until_it_leaves(desk: Desk) -> None:
    desk.asked()
    outbox.revoke(desk.answer(), access=desk_access(), now=desk.clock.now)
    desk.work()
    assert desk.channel.decided == []
    desk.answer(REJECT)
    desk.work()
    assert desk.channel.decided == [("C1", Decision.REJECT_CANCEL)]
    with pytest.raises(outbox.TooLate, match="takes no decision back"):
        outbox.revoke(desk.attempt(), access=desk_access(), now=desk.clock.now)


def desk_access() -> Access:
    return Access(by="mai")


def test_the_order_of_a_rejected_request_goes_on(desk: Desk) -> None:
    desk.asked()
    with pytest.raises(DecisionNeeded):
        desk.ask()
    desk.answer(REJECT)
    desk.work()
    assert why_not(Verb.ADD_SHIPMENT, desk.order(), desk.clock.now) == ""


def test_a_form_sent_twice_is_one_answer(desk: Desk) -> None:
    desk.asked()
    key = uuid4()
    assert desk.answer(key=key).pk == desk.answer(key=key).pk
    with pytest.raises(CannotShip, match="used for something else"):
        desk.answer(REJECT, key=key)
    desk.work()
    assert len(desk.channel.decided) == 1


def test_the_second_person_is_told_who_has_answered(desk: Desk) -> None:
    desk.asked()
    desk.answer()
    with pytest.raises(CannotAnswer, match=r"has answered it already \(Approve .* outbox"):
        desk.answer(REJECT)
    desk.work()
    with pytest.raises(CannotAnswer, match="does not wait"):
        desk.answer(REJECT)


def test_the_database_keeps_a_second_answer_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.asked()
    desk.answer()
    monkeypatch.setattr("shipboard.fulfilment.answering.why_not_answer", lambda *given: "")
    with pytest.raises(Taken):
        desk.answer(REJECT)
    assert Attempt.objects.count() == 1


def test_what_was_decided_on_an_older_page_is_refused(desk: Desk) -> None:
    desk.asked()
    version = desk.order().version
    Order.objects.update(version=version + 1)
    with pytest.raises(Stale):
        desk.answer(seen=version)


@pytest.mark.parametrize("answer", [APPROVE, REJECT], ids=lambda answer: answer.decision.value)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_settled_by_reading_the_case(
    desk: Desk, when: str, answer: Answer
) -> None:
    """Whether it was carried out or not, it is decided once, and under one key."""
    desk.asked()
    attempt = desk.answer(answer)

    def lose(at: str, number: int) -> None:
        if at == when and number == 1:
            raise lost()

    desk.channel.hears = lose
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    desk.work(seconds=GRACE.total_seconds())
    desk.work(seconds=1)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 2 if when == "before" else 1)
    assert desk.channel.decided == [("C1", answer.decision)]
    assert len({call[3] for call in desk.channel.calls if call[0] == "answer"}) == 1


def test_a_replacement_that_became_a_refund_is_the_answer(desk: Desk) -> None:
    """The marketplace tells of it as another kind from then on; the call's answer was lost."""
    waits = {"step": CaseStep.REPLACEMENT, "status": "REPLACEMENT_REQUEST_PENDING"}
    paid = {"step": CaseStep.NOTHING, "status": "RETURN_OR_REFUND_REQUEST_SUCCESS"}
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", kind=CaseKind.REPLACEMENT, **waits)
    desk.read()
    attempt = desk.answer(Answer(decision=Decision.REFUND_INSTEAD), "R1")

    def take(at: str, number: int) -> None:
        desk.channel.close_case("R1")
        desk.channel._say("R1", kind=CaseKind.REFUND, **paid)
        raise lost()

    desk.channel.hears = take
    desk.work()
    desk.work(seconds=GRACE.total_seconds())
    assert set(Case.objects.values_list("kind", "status")) == {
        (CaseKind.REPLACEMENT, waits["status"]),
        (CaseKind.REFUND, paid["status"]),
    }
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1)


def test_a_call_that_is_late_may_still_be_taken(desk: Desk) -> None:
    """The case has grown meanwhile, so that the call would not be made again; it is on its way."""
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", amount=Decimal(10))
    desk.read()
    attempt = desk.answer(Answer(decision=Decision.APPROVE_REFUND), "R1")

    def lose(at: str, number: int) -> None:
        raise lost()

    desk.channel.hears = lose
    desk.work()
    desk.channel._say("R1", amount=Decimal(11))
    desk.work(seconds=20)
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    # It arrives by now.
    desk.channel.answer_case("R1", Decision.APPROVE_REFUND)
    desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert attempt.state == State.DONE


def test_a_call_that_never_arrived_is_not_made_for_another_case(desk: Desk) -> None:
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", amount=Decimal(10))
    desk.read()
    attempt = desk.answer(Answer(decision=Decision.APPROVE_REFUND), "R1")

    def lose(at: str, number: int) -> None:
        raise lost()

    desk.channel.hears = lose
    desk.work()
    desk.channel._say("R1", amount=Decimal(11))
    desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.decided) == (State.REFUSED, [])


def test_a_request_that_was_withdrawn_before_the_call_is_not_approved(desk: Desk) -> None:
    desk.asked()
    attempt = desk.answer()
    desk.channel.withdraw("C1")
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.REFUSED
    assert "withdrew it, or it was decided otherwise" in attempt.reason
    assert desk.channel.decided == []
    assert desk.order().stage == Stage.AWAITING_SHIPMENT


def test_what_silence_has_approved_before_the_call_needs_none(desk: Desk) -> None:
    desk.asked()
    attempt = desk.answer()
    desk.channel.answer_case("C1", Decision.APPROVE_CANCEL)
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.DONE
    assert not [call for call in desk.channel.calls if call[0] == "answer"]


def test_a_case_that_was_closed_in_the_last_moment_is_refused_in_words(desk: Desk) -> None:
    desk.asked()
    attempt = desk.answer()

    def close(at: str, number: int) -> None:
        if at == "before":
            desk.channel.withdraw("C1")

    desk.channel.hears = close
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.code) == (State.REFUSED, "25001044")


def test_a_lock_at_the_marketplace_is_waited_out(desk: Desk) -> None:
    desk.asked()
    attempt = desk.answer()

    def locked(at: str, number: int) -> None:
        if at == "before" and number == 1:
            raise failure(FailureKind.TRANSIENT, code="25001028")

    desk.channel.hears = locked
    desk.work()
    desk.work(seconds=5)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 2)


def test_an_order_whose_cancellation_is_being_approved_is_not_shipped_despite(desk: Desk) -> None:
    desk.asked()
    desk.answer()
    with pytest.raises(CannotShip, match="has answered it already"):
        desk.ask(despite_request=True)


def test_an_order_that_is_being_shipped_despite_the_request_is_not_canceled(desk: Desk) -> None:
    make.Shop.objects.update(region="US")
    desk.asked()
    desk.ask(despite_request=True)
    with pytest.raises(CannotAnswer, match="ships the order just now"):
        desk.answer()


def test_an_order_whose_parcel_another_order_ships_is_not_canceled(desk: Desk) -> None:
    desk.asked()
    desk.channel.place_order("2")
    desk.read()
    other = desk.order("2")
    shipment = Attempt.objects.create(
        kind=Attempt.Kind.SHIP,
        state=State.UNKNOWN,
        shop=desk.shop,
        order=other,
        by="lee",
        asked_at=desk.clock.now,
        due_at=desk.clock.now + make.HOUR,
    )
    claim = ClaimedUnit(order=desk.order(), unit="1-0", line=0, attempt=shipment)
    claim.save()
    with pytest.raises(CannotAnswer, match="lee ships it already"):
        desk.answer()
    claim.delete()
    attempt = desk.answer()
    claim.pk = None
    claim.save()
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.decided) == (State.REFUSED, [])


def test_a_refund_is_answered_and_an_offer_made(desk: Desk) -> None:
    desk.channel.place_order("2", stage=Stage.DELIVERED)
    desk.channel.ask_for_refund("2")
    desk.read()
    Case.objects.filter(case_id="R1").update(amount=Decimal("10"))
    Order.objects.filter(order_id="2").update(currency="USD")
    desk.answer(OFFER, "R1")
    # What the marketplace knows of the amount counts at the last look too.
    desk.work()
    assert desk.channel.decided == [("R1", Decision.OFFER_PART)]


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer(decision=Decision.APPROVE_REFUND), "decision"),
        (replace(REJECT, reason=""), "reason"),
        (replace(REJECT, reason="x" * 201), "reason"),
        (replace(REJECT, reason="\ud800"), "reason"),
        (replace(REJECT, comment="x" * 501), "comment"),
        (replace(REJECT, comment="\x00"), "comment"),
        (replace(REJECT, pictures=("p",) * 7), "pictures"),
    ],
)
def test_what_does_not_answer_a_request_to_cancel(desk: Desk, answer: Answer, field: str) -> None:
    desk.asked()
    with pytest.raises(BadAnswer) as refused:
        desk.answer(answer)
    assert refused.value.field == field
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("amount", ["0", "-1", "10", "11", "NaN", "Infinity"])
def test_an_offer_is_a_part_of_the_money(desk: Desk, amount: str) -> None:
    desk.channel.ask_for_refund("1")
    desk.read()
    Case.objects.update(amount=Decimal("10"))
    Order.objects.update(currency="USD")
    with pytest.raises(BadAnswer) as refused:
        desk.answer(replace(OFFER, amount=Decimal(amount)), "R1")
    assert refused.value.field == "amount"


def test_where_shipping_rejects_there_is_no_other_rejection(desk: Desk) -> None:
    make.Shop.objects.update(region="US")
    desk.asked()
    with pytest.raises(BadAnswer, match="rejected by shipping"):
        desk.answer(REJECT)


def test_nothing_is_decided_for_one_who_may_not_work(desk: Desk) -> None:
    desk.asked()
    with pytest.raises(NotAllowed):
        desk.answer(access=Access(by="eve", rights=frozenset()))


def why(desk: Desk, case_id: str = "C1") -> str:
    return why_not_answer(desk.case(case_id), desk.order(), desk.clock.now)


def test_why_a_case_cannot_be_answered(desk: Desk) -> None:
    desk.asked()
    assert why(desk) == ""
    Case.objects.update(dispute="in_progress")
    assert "marketplace itself decides" in why(desk)
    Case.objects.update(dispute="", step="other")
    assert "done in Seller Center" in why(desk)
    Case.objects.update(step="cancel", case_id="")
    assert "names the request within a minute" in why(desk, "")
    Case.objects.update(case_id="C1")
    Order.objects.update(stage=Stage.CANCELED)
    assert "nothing left" in why(desk)
    Order.objects.update(stage=Stage.DELIVERED, closes_at=make.NOW)
    assert why(desk) == CLOSED
    Order.objects.update(closes_at=None)
    make.Shop.objects.update(channel="file")
    assert "fed by files" in why(desk)
    Case.objects.update(is_open=False)
    assert "does not wait" in why(desk)


@pytest.mark.parametrize("shipping", Shipping)
def test_the_verb_is_there_while_a_case_waits(desk: Desk, shipping: Shipping) -> None:
    """And SQL says what Python says."""
    desk.asked()
    Order.objects.update(shipping=shipping)

    def agreed(verb: Verb = Verb.ANSWER_CANCELLATION) -> bool:
        order = desk.order()
        offered = {each.verb: each.is_possible for each in allowed(order, desk.clock.now)}
        found = Order.objects.filter(applies(verb, desk.clock.now)).exists()
        assert found == (why_not(verb, order, desk.clock.now) == "")
        assert found == offered.get(verb, False)
        return found

    assert agreed()
    for change in ({"dispute": "in_progress"}, {"dispute": "", "case_id": ""}, {"step": "other"}):
        Case.objects.update(**{"case_id": "C1"} | change)
        assert not agreed()
    Case.objects.update(case_id="C1", step="cancel")
    assert not agreed(Verb.CANCEL)
    attempt = desk.answer()
    assert not agreed()
    assert not agreed(Verb.ADD_SHIPMENT)
    Attempt.objects.filter(pk=attempt.pk).update(state=State.DONE, ended_at=desk.clock.now)
    Order.objects.update(as_of=desk.clock.now + make.HOUR)
    # What is told of the case may still be from before it was answered.
    assert not agreed()
    Case.objects.update(changed_at=desk.clock.now + timedelta(seconds=1))
    assert agreed()
    Case.objects.update(changed_at=None)
    desk.clock.pass_(minutes=10)
    assert agreed()


def test_a_case_that_is_told_of_as_before_is_not_decided_again(desk: Desk) -> None:
    """A list that lags behind still shows the request."""
    desk.asked()
    before = desk.channel.cases["C1"]
    desk.answer()
    desk.work()
    desk.channel.cases["C1"] = before
    desk.channel.remote["1"].is_asked = True
    desk.channel.change("1", Stage.AWAITING_SHIPMENT)
    Case.objects.update(is_open=True, step="cancel")
    Order.objects.update(stage=Stage.AWAITING_SHIPMENT)
    with pytest.raises(CannotAnswer, match="has taken it"):
        desk.answer(REJECT)


def test_an_order_that_lags_behind_its_approved_cancellation_is_not_shipped(desk: Desk) -> None:
    """By whomever it was approved, and though the order was read since."""
    desk.asked()
    Case.objects.update(is_open=False, step="", is_granted=True, changed_at=desk.clock.now)
    Order.objects.update(as_of=desk.clock.now + make.HOUR)
    order, now = desk.order(), desk.clock.now
    assert why_not(Verb.ADD_SHIPMENT, order, now) == GRANTED
    assert not Order.objects.filter(applies(Verb.ADD_SHIPMENT, now)).exists()
    later = now + timedelta(minutes=10)
    assert why_not(Verb.ADD_SHIPMENT, order, later) == ""
    assert Order.objects.filter(applies(Verb.ADD_SHIPMENT, later)).exists()


@pytest.mark.parametrize(
    "becomes",
    [{"amount": Decimal(11)}, {"unit_ids": ("1-0",)}, {"kind": CaseKind.CANCELLATION}],
    ids=["more money", "other units", "nothing"],
)
def test_a_case_that_has_grown_since_is_decided_again(desk: Desk, becomes: dict[str, Any]) -> None:
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", amount=Decimal(10))
    desk.read()
    attempt = desk.answer(Answer(decision=Decision.APPROVE_REFUND), "R1")
    if "kind" not in becomes:
        desk.clock.pass_(seconds=1)
        desk.channel._say("R1", **becomes)
        desk.read()
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == (State.DONE if "kind" in becomes else State.REFUSED), attempt.reason
    assert bool(desk.channel.decided) == ("kind" in becomes)


def test_a_run_leaves_a_case_that_has_grown_since_it_was_chosen(desk: Desk) -> None:
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", amount=Decimal(10))
    desk.read()
    case = desk.case("R1")
    wish = stored(Answer(decision=Decision.APPROVE_REFUND)) | seen_of(case, case.order)
    rows = [(case.order_id, wish | {"case": case.pk})]
    run = begin_each(
        rows, Verb.ANSWER_RETURN, key=uuid4(), access=MAI, now=desk.clock.now, chosen="some"
    )
    Case.objects.update(amount=Decimal(11))
    desk.carry_on(run)
    assert run.each.get().reason == OTHER
    assert not Attempt.objects.exists()


def test_an_offer_over_what_is_asked_for_by_now_does_not_leave(desk: Desk) -> None:
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", amount=Decimal(10))
    desk.read()
    Order.objects.update(currency="USD")
    attempt = desk.answer(OFFER, "R1")
    desk.clock.pass_(seconds=1)
    desk.channel._say("R1", amount=Decimal(2))
    desk.read()
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.decided) == (State.REFUSED, [])


@pytest.mark.parametrize("total", [None, Decimal(4)])
def test_an_offer_needs_an_amount_to_be_a_part_of(desk: Desk, total: Decimal | None) -> None:
    desk.channel.ask_for_refund("1")
    desk.read()
    Order.objects.update(currency="USD", total=total)
    with pytest.raises(BadAnswer):
        desk.answer(OFFER, "R1")


def test_an_order_that_left_since_is_not_canceled(desk: Desk) -> None:
    desk.asked()
    attempt = desk.answer()
    desk.channel.change("1", Stage.IN_TRANSIT)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.decided) == (State.REFUSED, [])
    assert "is In transit now" in attempt.reason


def begun(desk: Desk) -> Run:
    """A run that approves the request of order 1."""
    case = desk.asked()
    rows = [(case.order_id, stored(APPROVE) | seen_of(case, case.order) | {"case": case.pk})]
    return begin_each(
        rows,
        Verb.ANSWER_CANCELLATION,
        key=uuid4(),
        access=MAI,
        now=desk.clock.now,
        chosen="some",
    )


def leave(desk: Desk) -> None:
    """Order 1 is on its way, and the desk has heard of it."""
    desk.clock.pass_(seconds=1)
    desk.channel.change("1", Stage.IN_TRANSIT)
    desk.read()


def gone_on(desk: Desk, run: Run) -> str:
    """Why the run answered nothing, once it has gone on."""
    desk.carry_on(run)
    desk.work()
    row = run.each.get()
    assert (row.outcome, desk.channel.decided) == (RunRow.Outcome.FAILED, [])
    return row.reason


def test_a_run_that_is_tried_again_decides_as_it_was_decided(desk: Desk) -> None:
    """What the last look has stopped is stopped again."""
    run = begun(desk)
    desk.carry_on(run)
    desk.channel.change("1", Stage.IN_TRANSIT)
    desk.work()
    retry_failed(run, access=MAI)
    assert "is In transit now" in gone_on(desk, run)


def test_a_run_cancels_nothing_that_was_shipped_despite_the_request(desk: Desk) -> None:
    make.Shop.objects.update(region="US")
    run = begun(desk)
    shipment = desk.ask(despite_request=True)
    assert "ships the order just now" in gone_on(desk, run)
    Attempt.objects.filter(pk=shipment.pk).update(state=State.DONE, ended_at=desk.clock.now)
    leave(desk)
    retry_failed(run, access=MAI)
    assert "is In transit now" in gone_on(desk, run)


def test_a_run_that_was_paused_decides_as_it_was_decided(desk: Desk) -> None:
    run = begun(desk)
    pausing.pause(run, access=MAI)
    leave(desk)
    pausing.go_on(run, access=MAI, wall=desk.clock.now)
    assert "is In transit now" in gone_on(desk, run)


def test_the_last_look_knows_the_stage_in_which_a_run_was_begun(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(desk)
    with monkeypatch.context() as blind:
        blind.setattr(answering, "why_not_since", lambda *given: "")
        leave(desk)
        desk.carry_on(run)
    assert "is In transit now" in gone_on(desk, run)


def test_one_form_with_another_amount_is_another_answer(desk: Desk) -> None:
    desk.channel.ask_for_refund("1")
    desk.channel._say("R1", amount=Decimal(10))
    desk.read()
    Order.objects.update(currency="USD")
    key = uuid4()
    desk.answer(OFFER, "R1", key=key)
    with pytest.raises(CannotShip, match="used for something else"):
        desk.answer(replace(OFFER, amount=Decimal(6)), "R1", key=key)
