"""Rules at work: each request once, never more an hour than allowed, nothing that was not asked
after the rule was turned on; whatever is killed, run twice or done meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.roles import RIGHTS, Role
from shipboard.channels.case_contract import Decision
from shipboard.channels.models import Shop
from shipboard.fulfilment import outbox, rule_edits, ruling
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from shipboard.fulfilment.rule_edits import RuleChanged, turn_off, turn_on
from shipboard.fulfilment.rule_log import LogFilter, entries
from shipboard.fulfilment.rule_reasons import reasons_of
from shipboard.ingest.removal import remove_shop
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.labels import Label
from shipboard.orders.models import Case, Event, Order, Parcel, ParcelContent
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.deciding_desk import Desk
from tests.fulfilment.rule_desk import NOW, asked, order_of, outcomes, rule, ruled_shop, work
from tests.ingest.test_apply_together import together

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
#: Queries of the last look at the approvals of a batch, whatever is in it.
APPROVALS_LOOKED_AT = 13


@pytest.fixture
def shop(db: None) -> Shop:
    return ruled_shop()


def entry() -> AnswerRuleEntry:
    return AnswerRuleEntry.objects.get()


def test_a_request_that_matches_is_approved_once_by_the_rule(shop: Shop) -> None:
    rule(shop)
    case = asked(shop)
    for _ in range(3):
        work(shop)
    attempt = Attempt.objects.get()
    assert (attempt.kind, attempt.state, attempt.case_id) == ("answer", "waiting", case.pk)
    assert (attempt.by, attempt.person_id) == ("Rule: Small ones", None)
    assert (attempt.asks or {})["decision"] == Decision.APPROVE_CANCEL
    assert (entry().outcome, entry().attempt, entry().at) == ("approved", attempt, NOW)
    assert entry().reason.startswith("Matches Small ones: reason “No longer needed”")
    assert Event.objects.get(kind="answer_asked").by == "Rule: Small ones"


def test_what_does_not_match_is_left_to_people_for_good(shop: Shop) -> None:
    first = rule(shop, reasons=["better_price"])
    rule(shop, name="Others", most_total=1)
    asked(shop)
    work(shop)
    AnswerRule.objects.filter(pk=first.pk).update(reasons=[])
    work(shop)
    assert not Attempt.objects.exists()
    assert (entry().outcome, entry().rule) == ("left", None)
    assert entry().reason.startswith("Small ones: Its reason")
    assert "Others: Its total" in entry().reason


def test_only_what_was_asked_after_it_was_turned_on(shop: Shop) -> None:
    rule(shop, changed_at=NOW)
    asked(shop, "1", requested_at=NOW - MINUTE)
    asked(shop, "2", requested_at=NOW)
    work(shop)
    assert outcomes() == {"C2": "approved"}


def test_a_rule_that_is_off_does_nothing(shop: Shop) -> None:
    rule(shop, is_on=False)
    asked(shop)
    work(shop)
    assert outcomes() == {}
    assert AnswerRule(shop=shop).is_on is False


def test_rules_of_other_shops_do_nothing(shop: Shop) -> None:
    rule(ruled_other())
    asked(shop)
    work(shop)
    assert outcomes() == {}


def ruled_other() -> Shop:
    return make.shop("Other")


# --- what was done with the order -------------------------------------------------------------


def of_label(**given: Any) -> Callable[[Order], object]:
    return lambda order: make.label(order, **given)


BARE = {"arranged_at": None, "stored_at": None}
REJECTED = {"state": Label.State.REJECTED, "rejected_at": NOW} | BARE
VOIDED = {"state": Label.State.VOIDED, "voided_at": NOW} | BARE
NEVER: dict[str, Callable[[Order], object]] = {
    "created": of_label(),
    "creating": of_label(state=Label.State.CREATING, **BARE),
    "unknown": of_label(state=Label.State.UNKNOWN, **BARE),
    "delayed": of_label(state=Label.State.DELAYED),
    "voided once made": of_label(state=Label.State.VOIDED, voided_at=NOW),
    "rejected once bought": of_label(state=Label.State.REJECTED, rejected_at=NOW),
    "printed, then voided": of_label(**VOIDED, label_print="sent", printed_at=NOW),
    "slip printed": of_label(**VOIDED, slip_print="sent"),
}


@pytest.mark.parametrize("how", NEVER)
def test_never_after_a_label_or_print(shop: Shop, how: str) -> None:
    rule(shop)
    NEVER[how](order_of(asked(shop)))
    work(shop)
    assert not Attempt.objects.exists()
    assert "label" in entry().reason


@pytest.mark.parametrize("label", [REJECTED, VOIDED])
def test_a_label_that_was_never_made_is_none(shop: Shop, label: dict[str, Any]) -> None:
    rule(shop)
    make.label(order_of(asked(shop)), **label)
    work(shop)
    assert outcomes() == {"C1": "approved"}


def attempt(order: Order, kind: str, state: str) -> Attempt:
    return Attempt.objects.create(
        kind=kind,
        state=state,
        shop=order.shop,
        order=order,
        by="tam",
        asked_at=NOW - MINUTE,
        due_at=NOW,
        ended_at=NOW if state in ("done", "refused", "revoked") else None,
    )


@pytest.mark.parametrize("state", ["waiting", "calling", "unknown", "recorded", "done"])
@pytest.mark.parametrize("kind", ["ship", "label", "mark", "cancel"])
def test_not_while_anything_is_under_way(shop: Shop, kind: str, state: str) -> None:
    rule(shop)
    attempt(order_of(asked(shop)), kind, state)
    work(shop)
    assert outcomes() == {"C1": "left"}


@pytest.mark.parametrize("state", ["refused", "revoked"])
def test_what_came_to_nothing_is_nothing(shop: Shop, state: str) -> None:
    rule(shop)
    attempt(order_of(asked(shop)), "ship", state)
    work(shop)
    assert outcomes() == {"C1": "approved"}


def test_not_while_its_units_go_with_another_order(shop: Shop) -> None:
    rule(shop)
    order = order_of(asked(shop))
    other = make.row(shop, "2")
    other.save()
    going = attempt(other, "label", "waiting")
    ClaimedUnit.objects.create(order=order, unit="u", line=0, attempt=going)
    work(shop)
    assert "shipping label was asked for by tam" in entry().reason


def test_not_once_a_parcel_has_a_number(shop: Shop) -> None:
    rule(shop)
    order = order_of(asked(shop))
    parcel = Parcel.objects.create(shop=shop, key="P", tracking_number="94", as_of=NOW, rank=4)
    ParcelContent.objects.create(order=order, parcel=parcel, line=0, quantity=1)
    work(shop)
    assert "tracking number" in entry().reason


def test_not_while_it_is_held_here(shop: Shop) -> None:
    rule(shop)
    orders = [order_of(asked(shop, name)) for name in ("1", "2", "3")]
    for order in orders[:2]:
        place_hold(order, reason="Ask first", by="tam", now=NOW - MINUTE)
    release_hold(orders[1], by="tam", now=NOW)
    place_hold(orders[2], reason="Till then", by="tam", now=NOW - MINUTE, until=NOW)
    work(shop)
    assert outcomes() == {"C1": "left", "C2": "approved", "C3": "approved"}
    assert "tam held it here" in AnswerRuleEntry.objects.get(case_id="C1").reason


def test_not_in_a_dispute_over_another_case(shop: Shop) -> None:
    rule(shop)
    case = asked(shop)
    Case.objects.create(
        order=case.order, kind="refund", case_id="R1", is_open=False, dispute="closed"
    )
    work(shop)
    assert outcomes() == {"C1": "left"}


def test_what_a_person_answers_already_is_left(shop: Shop) -> None:
    rule(shop)
    case = asked(shop)
    answer = attempt(order_of(case), "answer", "waiting")
    Attempt.objects.filter(pk=answer.pk).update(case=case, asks={"decision": "reject_cancel"})
    work(shop)
    assert "tam has answered it already" in entry().reason
    assert Attempt.objects.count() == 1


# --- the hour ---------------------------------------------------------------------------------


def test_what_comes_beyond_the_hours_most_waits_for_room(shop: Shop) -> None:
    rule(shop, hourly_most=2)
    for name in "1234":
        asked(shop, name)
    work(shop)
    work(shop, NOW + 59 * MINUTE)
    assert outcomes() == {"C1": "approved", "C2": "approved", "C3": "capped", "C4": "capped"}
    assert "2 in an hour" in AnswerRuleEntry.objects.get(case_id="C3").reason
    work(shop, NOW + 60 * MINUTE)
    assert set(outcomes().values()) == {"approved"}
    assert Attempt.objects.count() == 4


def test_what_waited_is_looked_at_again(shop: Shop) -> None:
    """One was shipped meanwhile, one answered by somebody; the newest has room then."""
    rule(shop, hourly_most=1)
    cases = [asked(shop, name, requested_at=NOW + int(name) * MINUTE) for name in "1234"]
    for minute in range(1, 5):
        work(shop, NOW + minute * MINUTE)
    make.label(order_of(cases[1]), asked_at=NOW + 30 * MINUTE)
    Case.objects.filter(pk=cases[2].pk).update(is_open=False, step="")
    work(shop, NOW + 61 * MINUTE)
    assert outcomes() == {"C1": "approved", "C2": "left", "C3": "left", "C4": "approved"}
    assert "before the rule had room" in AnswerRuleEntry.objects.get(case_id="C3").reason


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_pass_the_hours_most(shop: Shop) -> None:
    rule(shop, hourly_most=5)
    for number in range(12):
        asked(shop, str(number))
    turn: Callable[[], object] = lambda: ruling.carry_on(shop.pk, lambda: NOW, lambda: NOW)  # noqa: E731
    assert together(turn, turn, turn) == [None, None, None]
    assert sorted(outcomes().values()) == ["approved"] * 5 + ["capped"] * 7
    assert Attempt.objects.count() == 5


# --- kills, edits -----------------------------------------------------------------------------


class Killed(BaseException):
    """As a signal ends a worker."""


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_the_answer_and_its_entry_leaves_neither(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(shop)
    asked(shop)
    with monkeypatch.context() as killing:
        killing.setattr(AnswerRuleEntry, "save", kill)
        with pytest.raises(Killed):
            work(shop)
    assert (Attempt.objects.count(), outcomes()) == (0, {})
    work(shop)
    assert (Attempt.objects.count(), outcomes()) == (1, {"C1": "approved"})


def kill(entry: AnswerRuleEntry) -> None:
    raise Killed


def test_a_rule_that_is_turned_off_takes_back_what_has_not_left(shop: Shop) -> None:
    made = rule(shop, hourly_most=1)
    asked(shop, "1")
    asked(shop, "2")
    work(shop)
    turn_off(made, access=MAI, now=NOW)
    assert Attempt.objects.get().state == Attempt.State.REVOKED
    assert outcomes() == {"C1": "approved", "C2": "left"}
    work(shop, NOW + 2 * make.HOUR)
    assert Attempt.objects.count() == 1


def test_turned_on_again_it_looks_at_what_comes_then(shop: Shop) -> None:
    made = rule(shop, is_on=False)
    asked(shop, "1", requested_at=NOW - MINUTE)
    with pytest.raises(RuleChanged):
        turn_on(made, seen=NOW, access=MAI, now=NOW)
    on = turn_on(made, seen=made.changed_at, access=MAI, now=NOW)
    assert (on.is_on, on.changed_at, on.changed_by) == (True, NOW, "mai")
    with pytest.raises(RuleChanged):
        turn_on(made, seen=on.changed_at, access=MAI, now=NOW)
    asked(shop, "2", requested_at=NOW + MINUTE)
    work(shop, NOW + MINUTE)
    assert outcomes() == {"C2": "approved"}


def test_a_changed_rule_is_off(shop: Shop) -> None:
    made = rule(shop)
    wish = rule_edits.RuleWish(name="Any", most_minutes=5)
    changed = rule_edits.change_rule(made, wish, access=MAI, now=NOW)
    assert (changed.name, changed.most_minutes, changed.is_on) == ("Any", 5, False)
    assert rule_edits.wish_of(changed) == wish


def test_a_removed_rule_leaves_its_log(shop: Shop) -> None:
    made = rule(shop)
    asked(shop)
    work(shop)
    rule_edits.remove_rule(made, access=MAI, now=NOW)
    assert (entry().rule, entry().outcome) == (None, "approved")
    assert "Small ones" in entry().reason
    with pytest.raises(RuleChanged):
        turn_off(made, access=MAI, now=NOW)


def test_a_shop_goes_with_its_rules_and_their_log(shop: Shop) -> None:
    rule(shop)
    asked(shop)
    work(shop)
    remove_shop(shop)
    assert not AnswerRule.objects.exists()
    assert not AnswerRuleEntry.objects.exists()


@pytest.mark.parametrize("role", [Role.PACKER, Role.VIEWER])
def test_only_those_who_see_to_rules_change_them(shop: Shop, role: Role) -> None:
    made = rule(shop, is_on=False)
    access = Access(by="tam", rights=RIGHTS[role])
    with pytest.raises(NotAllowed):
        turn_on(made, seen=made.changed_at, access=access, now=NOW)
    with pytest.raises(NotAllowed):
        rule_edits.add_rule(shop, rule_edits.RuleWish(name="x"), access=access, now=NOW)
    assert not AnswerRule.objects.get().is_on


# --- the last look ----------------------------------------------------------------------------


@pytest.fixture
def ruled(deciding_desk: Desk) -> Desk:
    """The buyer of order 1 asks, and the rule has approved it."""
    rule(deciding_desk.shop)
    deciding_desk.channel.ask_to_cancel("1")
    deciding_desk.channel._say("C1", requested_at=deciding_desk.clock.now)
    deciding_desk.read()
    work(deciding_desk.shop, deciding_desk.clock.now)
    assert outcomes() == {"C1": "approved"}
    return deciding_desk


@pytest.mark.django_db(transaction=True)
def test_the_marketplace_is_told_once(ruled: Desk) -> None:
    for _ in range(3):
        ruled.work()
        work(ruled.shop, ruled.clock.now)
    assert ruled.channel.decided == [("C1", Decision.APPROVE_CANCEL)]
    assert ruled.attempt().state == Attempt.State.DONE


def test_it_does_not_leave_once_somebody_holds_the_order(ruled: Desk) -> None:
    place_hold(ruled.order(), reason="I call the buyer", by="tam", now=ruled.clock.now)
    ruled.work()
    assert ruled.channel.decided == []
    assert ruled.attempt().state == Attempt.State.REFUSED
    assert "does not match any more: tam held it here" in ruled.attempt().reason


def test_it_does_not_leave_once_a_label_was_made(ruled: Desk) -> None:
    make.label(ruled.order(), asked_at=ruled.clock.now)
    ruled.work()
    assert ruled.channel.decided == []


def test_it_does_not_leave_once_the_rule_is_off(ruled: Desk) -> None:
    AnswerRule.objects.update(is_on=False)
    ruled.work()
    assert ruled.channel.decided == []
    assert "turned off" in ruled.attempt().reason


@pytest.mark.parametrize("many", [1, 3])
def test_a_batch_is_looked_at_in_a_fixed_number_of_queries(
    shop: Shop, many: int, django_assert_num_queries: Any
) -> None:
    rule(shop)
    for number in range(many):
        asked(shop, str(number))
    work(shop)
    place_hold(Order.objects.get(order_id="0"), reason="I call", by="tam", now=NOW)
    batch = list(Attempt.objects.order_by("pk"))
    assert len(batch) == many
    with django_assert_num_queries(APPROVALS_LOOKED_AT):
        against = ruling.why_not_still(batch, NOW)
    assert list(against) == [batch[0].pk]
    assert "does not match any more" in against[batch[0].pk]


def test_what_no_rule_asked_for_costs_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ruling.why_not_still([Attempt(kind="ship"), Attempt(kind="cancel")], NOW) == {}


def test_what_a_person_takes_back_stays_with_people(ruled: Desk) -> None:
    outbox.revoke(ruled.attempt(), access=MAI, now=ruled.clock.now)
    work(ruled.shop, ruled.clock.now)
    assert Attempt.objects.count() == 1
    assert ruled.answer().by == "mai"


# --- the queue, the log, reasons --------------------------------------------------------------


def queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = %s", [ruling.JOB])
        return int(cursor.fetchone()[0])  # type: ignore[index]


def test_a_job_is_queued_only_when_there_is_something_to_look_at(shop: Shop) -> None:
    asked(shop, "1")
    ruling.queue(shop.pk, NOW, NOW)
    rule(shop, changed_at=NOW + MINUTE)
    ruling.queue(shop.pk, NOW, NOW)
    assert queued() == 0
    asked(shop, "2", requested_at=NOW + MINUTE)
    ruling.queue(shop.pk, NOW, NOW)
    ruling.queue(shop.pk, NOW, NOW)
    assert queued() == 1


def test_a_turn_asks_the_database_a_fixed_number_of_times_a_request(
    shop: Shop, django_assert_num_queries: Any
) -> None:
    rule(shop, reasons=["better_price"])
    for name in "123":
        asked(shop, name)
    first, *_ = Case.objects.order_by("pk")
    with django_assert_num_queries(18):
        ruling.look_at(first, now=NOW, wall=NOW)


def test_the_log_is_read_newest_first_by_shop_rule_and_outcome(shop: Shop) -> None:
    one = rule(shop, hourly_most=1)
    for number in (1, 2, 3):
        asked(shop, str(number), requested_at=NOW + number * MINUTE)
        work(shop, NOW + number * MINUTE)

    def ids(before: int | None = None, **wanted: Any) -> list[str]:
        found = entries([shop.pk], LogFilter(**wanted), before=before, limit=2)
        return [each.case_id for each in found]

    assert ids() == ["C3", "C2", "C1"]
    assert ids(outcome="capped") == ["C3", "C2"]
    assert ids(rule_pk=one.pk, outcome="approved") == ["C1"]
    assert ids(shop_pk=shop.pk + 1) == []
    newest = AnswerRuleEntry.objects.get(case_id="C3")
    assert ids(before=newest.pk) == ["C2", "C1"]
    assert entries([], LogFilter(), before=None, limit=2) == []


def test_reasons_are_those_of_the_shop_lately_and_the_usual_ones(shop: Shop) -> None:
    asked(shop, "1", reason_name="odd_one", reason="Bought the wrong size")
    asked(shop, "2", reason_name="old_one", requested_at=NOW - timedelta(days=91))
    asked(shop, "3", reason_name="buyer_cancel_reason_better_price", reason="Cheaper elsewhere")
    found = {each.name: each.text for each in reasons_of(shop, NOW)}
    assert found["odd_one"] == "Bought the wrong size"
    assert found["buyer_cancel_reason_better_price"] == "Cheaper elsewhere"
    assert "old_one" not in found
    assert "buyer_cancel_reason_no_longer_needed" in found
