"""Whether a rule approves a request: against a plain reference over made-up rules, requests and
orders, and never once anything of the order was made.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment.answer_rules import (
    EARLY,
    Ground,
    Known,
    Trace,
    WhyNot,
    first_match,
    judge,
    judge_then,
)
from shipboard.fulfilment.models import AnswerRule
from shipboard.orders.models import Case, Order
from tests import make

NOW = make.NOW
MINUTE = timedelta(minutes=1)
PAID = NOW - 30 * MINUTE
MADE = WhyNot(Ground.MADE, "A shipping label of it was made or asked for.")
KEYS = ("no_longer_needed", "better_price", "wrong_address")


def shop() -> Shop:
    return Shop(pk=1, name="Northwind", channel="tiktok", region="US", currency="USD")


def rule(**given: Any) -> AnswerRule:
    values = {"name": "Small ones", "is_on": True, "changed_at": NOW - timedelta(days=1)}
    return AnswerRule(**{"shop": shop(), "changed_by": "mai"} | values | given)


def order(**given: Any) -> Order:
    values: dict[str, Any] = {"pk": 1, "paid_at": PAID, "total": Decimal("12.50")}
    made = make.row(shop(), **values | given)
    # What orders.parts.to_decide puts there.
    made.__dict__["_prefetched_objects_cache"] = {"attempts": [], "cases": [], "holds": []}
    return made


def case(of: Order | None = None, **given: Any) -> Case:
    values: dict[str, Any] = {
        "order": of or order(),
        "kind": "cancellation",
        "case_id": "C1",
        "is_open": True,
        "step": "cancel",
        "by": "buyer",
        "dispute": "",
        "reason": "No longer needed",
        "reason_name": KEYS[0],
        "requested_at": NOW - 20 * MINUTE,
    }
    return Case(**values | given)


def is_match(rule: AnswerRule, case: Case, known: Known, now: datetime = NOW) -> bool:
    return judge(rule, case, known, now).rule is not None


def test_a_match_says_why() -> None:
    limits = rule(reasons=[KEYS[0]], most_total=Decimal(50), most_minutes=15)
    assert judge(limits, case(), Known(order()), NOW).sentence == (
        "Matches Small ones: reason “No longer needed”; total $12.50, at most $50.00; "
        "asked 10 min after payment, at most 15 min."
    )


UNLIKE: tuple[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str], ...] = (
    ({"reasons": [KEYS[1]]}, {}, {}, "reason is “No longer needed”, not one"),
    ({"most_total": Decimal(12)}, {}, {}, "total of $12.50 is over $12.00"),
    ({"most_total": Decimal(12)}, {}, {"total": None}, "total is not known"),
    ({"most_minutes": 9}, {}, {}, "asked 10 min after payment, the rule takes 9 min"),
    ({"most_minutes": 9}, {}, {"paid_at": None}, "not known how long"),
    ({"changed_at": NOW}, {}, {}, "before the rule was turned on"),
    ({}, {"requested_at": None}, {}, "before the rule was turned on"),
    ({}, {"is_open": False}, {}, "does not wait"),
    ({}, {"step": "refund"}, {}, "does not wait for an answer to a request to cancel"),
    ({}, {"case_id": ""}, {}, "only that the buyer asks"),
    ({}, {"by": "seller"}, {}, "not a buyer's"),
    ({}, {"by": ""}, {}, "not a buyer's"),
    ({}, {"dispute": "closed"}, {}, "decides, or has decided"),
    ({}, {}, {"currency": "EUR"}, "in EUR, the shop in USD"),
    ({}, {}, {"currency": ""}, "in no currency"),
    ({}, {}, {"is_platform_fulfilled": True}, "own warehouse"),
    ({}, {}, {"arranged_at": NOW}, "its shipment was arranged"),
    ({}, {}, {"collected_at": NOW}, "carrier had collected"),
    ({}, {}, {"stage": Stage.PARTIALLY_SHIPPED}, "is Partially shipped"),
    ({}, {}, {"stage": Stage.UNKNOWN}, "is Unrecognised state"),
)


@pytest.mark.parametrize(("of_rule", "of_case", "of_order", "why"), UNLIKE)
def test_what_does_not_match_says_why_not(
    of_rule: dict[str, Any], of_case: dict[str, Any], of_order: dict[str, Any], why: str
) -> None:
    asked_of = order(**of_order)
    verdict = judge(rule(**of_rule), case(asked_of, **of_case), Known(asked_of), NOW)
    assert verdict.rule is None
    assert verdict.ground
    assert why in verdict.sentence


def test_a_rule_without_conditions_takes_every_request() -> None:
    assert is_match(rule(), case(reason_name=""), Known(order(paid_at=None, total=None)))


def test_the_limits_themselves_are_within() -> None:
    limits = rule(most_total=Decimal("12.50"), most_minutes=10, changed_at=NOW - 20 * MINUTE)
    assert is_match(limits, case(), Known(order()))


def test_the_first_rule_that_matches_counts() -> None:
    never, first, second = rule(name="Never", reasons=["x"]), rule(name="First"), rule(name="2nd")
    assert first_match([never, first, second], case(), Known(order()), NOW).rule is first
    none = first_match(
        [never, rule(name="Dear", most_total=Decimal(1))], case(), Known(order()), NOW
    )
    assert none.rule is None
    assert none.sentence.startswith("Never: Its reason")
    assert "Dear: Its total" in none.sentence


def test_a_dispute_over_another_case_of_the_order_counts() -> None:
    verdict = judge(rule(), case(), Known(order(), disputed=True), NOW)
    assert verdict.ground is Ground.DISPUTE


# --- against a plain reference ----------------------------------------------------------------

minutes = st.integers(-50, 50)
instants = minutes.map(lambda count: NOW + count * MINUTE)
maybe = st.none() | instants
rules = st.builds(
    rule,
    reasons=st.lists(st.sampled_from(KEYS), max_size=2, unique=True),
    most_total=st.none() | st.decimals(0, 40, places=2),
    most_minutes=st.none() | st.integers(1, 60),
    changed_at=instants,
)
orders = st.builds(
    order,
    total=st.none() | st.decimals(0, 40, places=2),
    currency=st.sampled_from(["USD", "USD", "USD", "EUR", ""]),
    paid_at=maybe,
    arranged_at=st.none() | maybe,
    stage=st.sampled_from([*EARLY, *EARLY, *Stage]),
)
given_cases = st.fixed_dictionaries(
    {
        "is_open": st.sampled_from([True, True, True, False]),
        "by": st.sampled_from(["buyer", "buyer", "buyer", "seller", "system", ""]),
        "reason_name": st.sampled_from([*KEYS, ""]),
        "requested_at": maybe,
        "dispute": st.sampled_from(["", "", "", "in_progress"]),
    }
)
traces = st.lists(st.builds(Trace, at=instants, why=st.just(MADE), until=maybe), max_size=2).map(
    tuple
)


def expected(rule: AnswerRule, case: Case, known: Known, now: datetime) -> bool:
    """The issue's words, one after the other."""
    of, asked, paid = known.order, case.requested_at, known.order.paid_at
    return all(
        (
            case.is_open,
            of.stage in ("on_hold", "awaiting_shipment"),
            case.by == "buyer",
            not case.dispute,
            asked and asked >= rule.changed_at,
            of.currency == "USD",
            not rule.reasons or case.reason_name in rule.reasons,
            rule.most_total is None or (of.total is not None and of.total <= rule.most_total),
            rule.most_minutes is None
            or (asked and paid and (asked - paid).total_seconds() <= 60 * rule.most_minutes),
            of.arranged_at is None or of.arranged_at > now,
            not [e for e in known.traces if e.at <= now and not (e.until and e.until <= now)],
        )
    )


@settings(max_examples=300)
@given(rules, orders, given_cases, traces)
def test_matching_is_the_reference(
    rule: AnswerRule, of: Order, given: dict[str, Any], traces: tuple[Trace, ...]
) -> None:
    asked, known = case(of, **given), Known(of, traces)
    assert is_match(rule, asked, known) is bool(expected(rule, asked, known, NOW))


@given(rules, orders, given_cases, traces)
def test_nothing_is_approved_after_a_label_or_print(
    rule: AnswerRule, of: Order, given: dict[str, Any], traces: tuple[Trace, ...]
) -> None:
    known = Known(of, (*traces, Trace(NOW, MADE)))
    asked = case(of, **given)
    assert not is_match(rule, asked, known)
    assert judge_then(rule, asked, known, NOW).rule is None


@given(rules, orders, given_cases, traces)
def test_the_past_is_judged_as_the_present_was(
    rule: AnswerRule, of: Order, given: dict[str, Any], traces: tuple[Trace, ...]
) -> None:
    """Of what waited then in an early stage, asked after the rule was turned on."""
    given |= {"is_open": True, "requested_at": NOW}
    rule.changed_at = NOW
    of.stage = Stage.AWAITING_SHIPMENT
    known = Known(of, traces)
    then = is_match(rule, case(of, **given), known)
    later = replace(known, traces=(*traces, Trace(NOW + MINUTE, MADE)))
    of.stage, of.canceled_at = Stage.CANCELED, NOW + 5 * MINUTE
    asked = case(of, **given | {"is_open": False, "step": ""})
    assert (judge_then(rule, asked, later, NOW).rule is not None) is then


def test_what_was_canceled_at_once_had_not_waited() -> None:
    gone = order(canceled_at=NOW - 20 * MINUTE + timedelta(seconds=5))
    verdict = judge_then(rule(), case(gone, is_open=False), Known(gone), NOW - 20 * MINUTE)
    assert verdict.ground is Ground.NOT_ASKED
