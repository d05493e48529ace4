"""Cases against the sandbox marketplace: what may be decided, each decision, what is said in a
return, cancellations by the seller, and everything that may be refused or lost on the way.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal

import pytest

from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller, authorised, courses
from shipboard.channels import registry
from shipboard.channels.case_contract import (
    Answer,
    CaseTarget,
    Decision,
    DecisionFact,
    Picture,
)
from shipboard.channels.contract import (
    CaseFact,
    Channel,
    ChannelFailure,
    FailureKind,
    Fix,
    Outcome,
    Stream,
)
from shipboard.channels.models import App, Shop
from shipboard.channels.tiktok import canceling
from tests.channels.tiktok.test_shipping_and_sandbox import SHOP, market, opened
from tests.sandbox.lives import asked, claim, delivered, do, noted, order, ready, ship

pytestmark = pytest.mark.django_db
__all__ = ["market", "opened"]

Open = Callable[[str], Channel]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480) + bytes(40)


def caller(market: Market) -> Caller:
    return authorised(market, SHOP)


def request(market: Market, **given: object) -> tuple[Doc, CaseTarget]:
    """A buyer asks to cancel what is ready to be shipped."""
    made = ready(market, SHOP, **given)  # type: ignore[arg-type]
    case = asked(market, SHOP, made)
    return made, CaseTarget(order_id=made["id"], case_id=case["cancel_id"], is_cancellation=True)


def claimed(market: Market, verb: str) -> CaseTarget:
    """A buyer asks for something after delivery."""
    case = claim(market, SHOP, verb, delivered(market, caller(market), SHOP))
    return CaseTarget(order_id=case["order_id"], case_id=case["return_id"], is_cancellation=False)


def came_back(channel: Channel, market: Market) -> CaseTarget:
    """What the seller let come back is there."""
    case = claimed(market, "ask_return")
    channel.answer(case, Answer(decision=Decision.APPROVE_RETURN), key="first")
    for verb in ("ship_back", "return_arrives"):
        do(market, verb, SHOP, return_id=case.case_id)
    return case


def now(channel: Channel, case: CaseTarget) -> CaseFact:
    stream = Stream.CANCELLATIONS if case.is_cancellation else Stream.RETURNS
    told = {fact.case_id: fact for _, fact in channel.cases_of([case.order_id], stream).cases}
    return told[case.case_id]


def may(channel: Channel, case: CaseTarget) -> dict[Decision, DecisionFact]:
    return {fact.decision: fact for fact in channel.decisions(case) if not fact.why_not}


def refused(channel: Channel, case: CaseTarget, answer: Answer, key: str = "k") -> ChannelFailure:
    with pytest.raises(ChannelFailure) as raised:
        channel.answer(case, answer, key=key)
    return raised.value


@pytest.mark.parametrize("name", ["SELLER_RESPOND_CANCEL", "SELLER_RESPOND_BUYER_CANCEL"])
def test_a_request_is_approved_once(market: Market, opened: Open, name: str) -> None:
    market.facts.set("cancel_action_name", name)
    channel = opened("TH")
    made, case = request(market)
    fact = now(channel, case)
    assert (fact.step, fact.by, fact.is_open) == ("cancel", "buyer", True)
    assert set(fact.unit_ids) == {line["id"] for line in made["line_items"]}
    assert fact.reason_name.startswith("buyer_cancel_reason")
    assert fact.reason
    assert may(channel, case).keys() == {Decision.APPROVE_CANCEL, Decision.REJECT_CANCEL}
    for _ in range(2):
        channel.answer(case, Answer(decision=Decision.APPROVE_CANCEL), key="one")
    assert noted(market, "cancel_approved") == 1
    assert now(channel, case).status == "CANCELLATION_REQUEST_SUCCESS"
    late = refused(channel, case, Answer(decision=Decision.APPROVE_CANCEL), key="two")
    assert (late.kind, late.outcome) == (FailureKind.FINAL, Outcome.NONE)
    assert "decided already" in late.sentence
    [course] = courses(market)
    [one] = course.decided
    assert (one.key, one.operation, one.repeats) == ("one", "approve_cancellation", 1)


def test_a_request_is_rejected_with_a_reason_that_is_offered(market: Market, opened: Open) -> None:
    channel = opened("TH")
    _, case = request(market)
    reasons = may(channel, case)[Decision.REJECT_CANCEL].reasons
    assert "The product has been packed" in {each.text for each in reasons}
    misfit = refused(channel, case, Answer(decision=Decision.REJECT_CANCEL, reason="nonsense_x"))
    assert (misfit.kind, misfit.fix) == (FailureKind.NEEDS_FIX, Fix.REASON)
    said = Answer(decision=Decision.REJECT_CANCEL, reason=reasons[0].name, comment="It is packed.")
    channel.answer(case, said, key="k")
    fact = now(channel, case)
    assert (fact.is_open, fact.status) == (False, "CANCELLATION_REQUEST_CANCELLED")


def test_in_the_united_states_shipping_is_what_rejects(market: Market, opened: Open) -> None:
    channel = opened("US")
    _, case = request(market)
    facts = {fact.decision: fact for fact in channel.decisions(case)}
    assert facts[Decision.REJECT_CANCEL].why_not == "Ship the order to reject."
    assert not facts[Decision.APPROVE_CANCEL].why_not
    reason = "seller_reject_apply_product_has_been_packed"
    failed = refused(channel, case, Answer(decision=Decision.REJECT_CANCEL, reason=reason))
    assert failed.kind is FailureKind.FINAL
    assert "shipping the order rejects it" in failed.next_step


@pytest.mark.parametrize(
    ("verb", "decision", "status"),
    [
        ("ask_refund", Decision.APPROVE_REFUND, "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        ("ask_refund", Decision.REJECT_REFUND, "REFUND_OR_RETURN_REQUEST_REJECT"),
        ("ask_refund", Decision.OFFER_PART, "AWAITING_BUYER_RESPONSE"),
        ("ask_return", Decision.APPROVE_RETURN, "AWAITING_BUYER_SHIP"),
        ("ask_return", Decision.REJECT_RETURN, "REFUND_OR_RETURN_REQUEST_REJECT"),
        ("ask_return", Decision.REFUND_WITHOUT_RETURN, "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        ("ask_return", Decision.OFFER_PART, "AWAITING_BUYER_RESPONSE"),
        ("ask_replacement", Decision.APPROVE_REPLACEMENT, "REPLACEMENT_REQUEST_COMPLETE"),
        ("ask_replacement", Decision.REJECT_REPLACEMENT, "REPLACEMENT_REQUEST_REJECT"),
        ("ask_replacement", Decision.REFUND_INSTEAD, "REPLACEMENT_REQUEST_REFUND_SUCCESS"),
        ("came_back", Decision.APPROVE_PACKAGE, "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        ("came_back", Decision.REJECT_PACKAGE, "REJECT_RECEIVE_PACKAGE"),
        ("came_back", Decision.OFFER_PART_AFTER, "AWAITING_BUYER_RESPONSE"),
    ],
)
def test_each_decision_on_a_return(
    market: Market, opened: Open, verb: str, decision: Decision, status: str
) -> None:
    channel = opened("TH")
    case = came_back(channel, market) if verb == "came_back" else claimed(market, verb)
    before = now(channel, case)
    assert before.is_open
    fact = may(channel, case)[decision]
    part = (before.amount or Decimal(0)) / 2 if decision.is_offer else None
    reason = fact.reasons[0].name if fact.reasons else ""
    said = Answer(
        decision=decision,
        reason=reason,
        comment="We looked." if reason else "",
        amount=part,
        currency="THB" if part else "",
    )
    for _ in range(2):
        channel.answer(case, said, key=f"key {decision}")
    after = now(channel, case)
    assert (after.status, after.is_open) == (status, False)
    assert channel.has_come_of(decision, after.status)
    if part:
        assert after.amount == part
    [course] = [one for one in courses(market) if one.decided]
    assert (course.decided[-1].key, course.decided[-1].repeats) == (f"key {decision}", 1)


def test_where_the_newer_question_is_unknown_the_reasons_tell(market: Market, opened: Open) -> None:
    opened("TH")
    App.objects.update(versions={"decision_eligibility": "202509"})
    channel = registry.open_channel(Shop.objects.get())
    case = claimed(market, "ask_return")
    found = may(channel, case)
    assert {each.name for each in found[Decision.REJECT_RETURN].reasons} == {
        "seller_reject_return_as_described",
        "seller_reject_return_not_returnable",
    }
    assert not found[Decision.APPROVE_RETURN].reasons
    channel.answer(case, Answer(decision=Decision.REFUND_WITHOUT_RETURN), key="k")
    assert now(channel, case).status == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    record = market.record.exchanges()[-2]
    assert '"buyer_keep_item":true' in record.body


def test_an_offer_must_be_a_part(market: Market, opened: Open) -> None:
    channel = opened("TH")
    case = claimed(market, "ask_refund")
    whole = now(channel, case).amount
    failed = refused(
        channel, case, Answer(decision=Decision.OFFER_PART, amount=whole, currency="THB")
    )
    assert failed.kind is FailureKind.FINAL
    assert "amount" in failed.next_step
    assert now(channel, case).is_open


def test_what_the_platform_decides_waits_for_it(market: Market, opened: Open) -> None:
    channel = opened("TH")
    case = claimed(market, "ask_refund")
    reason = may(channel, case)[Decision.REJECT_REFUND].reasons[0].name
    channel.answer(case, Answer(decision=Decision.REJECT_REFUND, reason=reason), key="k")
    do(market, "dispute", SHOP, return_id=case.case_id)
    assert now(channel, case).dispute == "in_progress"
    assert not may(channel, case)
    failed = refused(channel, case, Answer(decision=Decision.APPROVE_REFUND), key="other")
    assert failed.kind is FailureKind.FINAL
    assert "platform decides" in failed.sentence


def test_a_lost_answer_is_sent_again_with_its_key(market: Market, opened: Open) -> None:
    channel = opened("TH")
    case = claimed(market, "ask_refund")
    market.faults.one_shot("approve_return", "timeout_after_effect")
    said = Answer(decision=Decision.APPROVE_REFUND)
    lost = refused(channel, case, said)
    assert (lost.kind, lost.outcome) == (FailureKind.TRANSIENT, Outcome.UNKNOWN)
    assert channel.has_come_of(said.decision, now(channel, case).status)
    channel.answer(case, said, key="k")
    assert noted(market, "return_approve_refund") == 1


def test_what_is_said_and_shown_in_a_return(market: Market, opened: Open) -> None:
    channel = opened("TH")
    case = claimed(market, "ask_refund")
    [first] = channel.case_records(case)
    assert (first.by, first.words) == ("buyer", "Order request.")
    assert first.note
    assert first.reason
    uri = channel.upload_picture(
        Picture(content=PNG, media_type="image/png", width=640, height=480)
    )
    reason = may(channel, case)[Decision.REJECT_REFUND].reasons[0].name
    unknown = Answer(decision=Decision.REJECT_REFUND, reason=reason, pictures=("nobody's",))
    assert refused(channel, case, unknown).kind is FailureKind.FINAL
    said = Answer(
        decision=Decision.REJECT_REFUND, reason=reason, comment="See here.", pictures=(uri,)
    )
    channel.answer(case, said, key="k")
    _, ours = channel.case_records(case)
    assert (ours.by, ours.note, len(ours.pictures)) == ("seller", "See here.", 1)
    assert ours.pictures[0].startswith("https://")
    assert channel.case_records(CaseTarget(order_id="1", case_id="2", is_cancellation=True)) == ()


def test_a_picture_that_is_not_taken(opened: Open) -> None:
    channel = opened("TH")
    with pytest.raises(ChannelFailure, match="does not take this picture") as raised:
        channel.upload_picture(
            Picture(content=b"GIF89a", media_type="image/png", width=9, height=9)
        )
    assert (raised.value.kind, raised.value.outcome) == (FailureKind.FINAL, Outcome.NONE)


@pytest.mark.parametrize(
    ("region", "reason", "parts"),
    [
        ("US", "seller_cancel_reason_out_of_stock", 1),
        ("GB", "seller_cancel_reason_out_of_stock_uk", 1),
        ("TH", "seller_cancel_reason_out_of_stock", 0),
    ],
)
@pytest.mark.parametrize("knows_reasons", [True, False])
def test_what_a_seller_may_cancel(
    market: Market,
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
    region: str,
    reason: str,
    parts: int,
    knows_reasons: bool,
) -> None:
    if not knows_reasons:
        monkeypatch.setattr(canceling, "WITH_REASONS", "202509")
    channel = opened(region)
    made = ready(market, SHOP, "lines")
    found = channel.cancel_options(made["id"])
    assert set(found.unit_ids) == {line["id"] for line in made["line_items"]}
    assert {each.name: each.text for each in found.reasons}[reason] == "Out of stock"
    assert [each.name for each in found.part_reasons] == [reason] * parts
    assert not found.why_not
    no_address = region == "TH"
    assert any("address" in each.name for each in found.reasons) is not no_address


@pytest.mark.parametrize("version", ["202309", "202602"])
def test_a_unit_is_canceled_and_then_the_rest(market: Market, opened: Open, version: str) -> None:
    opened("US")
    App.objects.update(versions={"cancel_order": version})
    channel = registry.open_channel(Shop.objects.get())
    made = ready(market, SHOP, "lines")
    options = channel.cancel_options(made["id"])
    unit, *rest = options.unit_ids
    reason = options.part_reasons[0].name
    case_id = channel.cancel(made["id"], reason=reason, unit_ids=[unit])
    (_, case), *_ = channel.cases_of([made["id"]]).cases
    assert (case.case_id, case.by, case.unit_ids) == (case_id, "seller", (unit,))
    assert not case.is_open
    left = channel.cancel_options(made["id"])
    assert set(left.unit_ids) == set(rest)
    assert left.why_not == "The item is cancelled."
    channel.cancel(made["id"], reason=reason)
    assert order(market, SHOP, made["id"])["status"] == "CANCELLED"
    none = channel.cancel_options(made["id"])
    assert (none.unit_ids, none.reasons) == ((), ())
    with pytest.raises(ChannelFailure) as again:
        channel.cancel(made["id"], reason=reason)
    assert (again.value.kind, again.value.outcome) == (FailureKind.ALREADY_DONE, Outcome.DONE)


def test_why_a_cancellation_is_refused(market: Market, opened: Open) -> None:
    channel = opened("TH")
    made = ready(market, SHOP)
    with pytest.raises(ChannelFailure) as misfit:
        channel.cancel(made["id"], reason="buyer_cancel_reason_better_price")
    assert (misfit.value.kind, misfit.value.fix) == (FailureKind.NEEDS_FIX, Fix.REASON)
    market.facts.set("seller_cancel_closes_request", False)
    reason = channel.cancel_options(made["id"]).reasons[0].name
    asked(market, SHOP, made)
    with pytest.raises(ChannelFailure) as request_open:
        channel.cancel(made["id"], reason=reason)
    assert request_open.value.outcome is Outcome.NONE
    do(market, "buyer_withdraws", SHOP, order_id=made["id"])
    ship(market, caller(market), SHOP, made)
    assert not channel.cancel_options(made["id"]).unit_ids
    with pytest.raises(ChannelFailure, match="does not let it be canceled") as shipped:
        channel.cancel(made["id"], reason=reason)
    assert (shipped.value.kind, shipped.value.outcome) == (FailureKind.FINAL, Outcome.NONE)


def test_a_case_that_is_locked_is_tried_again(market: Market, opened: Open) -> None:
    channel = opened("TH")
    _, case = request(market)
    market.faults.one_shot("approve_cancellation", "reject:25001028")
    failed = refused(channel, case, Answer(decision=Decision.APPROVE_CANCEL))
    assert (failed.kind, failed.outcome) == (FailureKind.TRANSIENT, Outcome.NONE)
    channel.answer(case, Answer(decision=Decision.APPROVE_CANCEL), key="k")
