"""The dry run says what the rule would have done: the same as what it does when the same life is
lived with it on, minute by minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment.answer_rules import Ground
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from shipboard.fulfilment.rule_trial import SPAN, try_rule
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case, Hold, Order
from tests import make
from tests.fulfilment.rule_desk import NOW, asked, rule, ruled_shop, work

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
#: A life is lived in steps of so long.
STEP = 5 * MINUTE


@pytest.fixture
def shop(db: None) -> Shop:
    return ruled_shop()


def test_it_counts_adds_up_and_says_why_not(shop: Shop) -> None:
    made = rule(shop, is_on=False, changed_at=NOW, reasons=["no_longer_needed"], hourly_most=2)
    for number, minutes in enumerate((200, 195, 190, 10), 1):
        asked(shop, str(number), requested_at=NOW - minutes * MINUTE, total=Decimal(number))
    asked(shop, "5", reason_name="wrong_address")
    make.label(Order.objects.get(order_id="4"), asked_at=NOW - 20 * MINUTE)
    asked(shop, "6", requested_at=NOW - SPAN - MINUTE)
    asked(shop, "7", by="seller")
    trial = try_rule(made, NOW)
    assert [each.case.case_id for each in trial.tried] == ["C5", "C4", "C3", "C2", "C1"]
    assert (trial.approved, trial.late, trial.total) == (3, 1, Decimal(6))
    assert trial.tried[2].at == NOW - 140 * MINUTE
    assert (trial.busiest, trial.busiest_at) == (3, NOW - 200 * MINUTE)
    assert trial.left == [(Ground.REASON, 1), (Ground.MADE, 1)]
    assert trial.is_all


def test_a_shop_without_requests_has_an_empty_trial(shop: Shop) -> None:
    trial = try_rule(rule(shop), NOW)
    assert (trial.tried, trial.approved, trial.busiest, trial.busiest_at) == ((), 0, 0, None)


def test_what_would_still_wait_is_not_approved(shop: Shop) -> None:
    made = rule(shop, hourly_most=1)
    asked(shop, "1", requested_at=NOW - 5 * MINUTE)
    asked(shop, "2")
    trial = try_rule(made, NOW)
    assert (trial.approved, trial.tried[0].is_waiting) == (1, True)


@pytest.mark.parametrize("orders", [1, 3, 50])
def test_queries_do_not_grow_with_the_requests(
    shop: Shop, orders: int, django_assert_num_queries: Any
) -> None:
    made = rule(shop)
    for number in range(orders):
        asked(shop, str(number))
    with django_assert_num_queries(8):
        try_rule(made, NOW)


# --- the same life, lived and judged -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_trial_equals_what_the_rule_did(shop: Shop, seed: int) -> None:
    random = Random(seed)
    begins, steps = NOW - 4 * make.HOUR, 48
    made = rule(
        shop,
        changed_at=begins,
        hourly_most=random.randint(1, 4),
        most_total=Decimal(40),
        reasons=random.choice([[], ["no_longer_needed"]]),
    )
    cases = [_asked(shop, str(number), random, begins, steps) for number in range(14)]
    lives = {case.pk: _life(random, case) for case in cases}
    Case.objects.update(is_open=False)
    for step in range(steps):
        at = begins + step * STEP
        Case.objects.filter(requested_at=at).update(is_open=True)
        for case in cases:
            for when, what in lives[case.pk]:
                if when == at:
                    _do(what, case, at)
        _settle(at)
        work(shop, at)
    done = {
        each.case_id: each.at
        for each in AnswerRuleEntry.objects.filter(outcome=AnswerRuleEntry.Outcome.APPROVED)
    }
    trial = try_rule(AnswerRule.objects.get(pk=made.pk), NOW)
    assert {each.case.case_id: each.at for each in trial.tried if each.at} == done
    assert done


def _asked(shop: Shop, name: str, random: Random, begins: datetime, steps: int) -> Case:
    at = begins + random.randrange(steps) * STEP
    reason = random.choice(["no_longer_needed", "no_longer_needed", "wrong_address"])
    total = Decimal(random.choice([10, 20, 50]))
    return asked(shop, name, requested_at=at, reason_name=reason, total=total)


def _life(random: Random, case: Case) -> list[tuple[datetime, str]]:
    """What people do with the order, in the two hours around its buyer's request."""
    assert case.requested_at
    doings = [random.choice(["", "", "label", "hold", "approve", "reject"]) for _ in range(2)]
    return [
        (case.requested_at + random.randint(-12 if what == "label" else 1, 18) * STEP, what)
        for what in doings
        if what
    ]


def _do(what: str, case: Case, at: datetime) -> None:
    order = Order.objects.get(pk=case.order_id)
    is_open = Case.objects.get(pk=case.pk).is_open
    if what == "label" and order.stage != Stage.CANCELED and not order.labels.exists():
        make.label(order, asked_at=at)
    elif what == "hold":
        values = {"reason": "Ask", "by": "tam", "placed_at": at}
        if not order.holds.exists():
            Hold.objects.create(order=order, until=at + 20 * MINUTE, **values)
    elif what in ("approve", "reject") and is_open:
        Case.objects.filter(pk=case.pk).update(is_open=False, step="", changed_at=at)
        if what == "approve":
            Order.objects.filter(pk=order.pk).update(stage=Stage.CANCELED, canceled_at=at)


def _settle(at: datetime) -> None:
    """What rules approved in the step before has been taken."""
    for attempt in Attempt.objects.filter(state=Attempt.State.WAITING):
        Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.DONE, ended_at=at)
        Case.objects.filter(pk=attempt.case_id).update(is_open=False, step="", changed_at=at)
        Order.objects.filter(pk=attempt.order_id).update(stage=Stage.CANCELED, canceled_at=at)
