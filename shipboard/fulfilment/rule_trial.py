"""What a rule would have done: the requests to cancel of the last days, each judged as things stood
when it came, with the hour's limit applied. Reads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from shipboard.channels.contract import CaseKind
from shipboard.fulfilment.answer_rules import BUYER, Ground, Known, Verdict, judge_then
from shipboard.fulfilment.models import AnswerRule
from shipboard.fulfilment.rule_traces import known_of
from shipboard.fulfilment.ruling import HOUR, OVER
from shipboard.orders.models import Case

SPAN = timedelta(days=30)
#: So many requests are judged; of a shop with more, the newest.
MOST = 5000


@dataclass(frozen=True, slots=True)
class Tried:
    """A request (with its order) and what would have come of it. `at`: when it would have been
    approved; None: not at all."""

    case: Case
    verdict: Verdict
    at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """It matches, and would still wait for room."""
        return self.at is None and self.verdict.rule is not None

    @property
    def is_late(self) -> bool:
        """It would have waited for an hour's approvals to pass."""
        return self.at is not None and self.at != self.case.requested_at


@dataclass(frozen=True, slots=True)
class Trial:
    """`tried`: newest first. `total`: of the orders that would have been approved, in the shop's
    currency. `busiest`: most matching requests within 60 minutes, which began at `busiest_at`.
    `is_all`: there were not more than could be judged."""

    tried: tuple[Tried, ...]
    since: datetime
    is_all: bool
    total: Decimal
    busiest: int
    busiest_at: datetime | None

    @property
    def approved(self) -> int:
        return sum(each.at is not None for each in self.tried)

    @property
    def late(self) -> int:
        return sum(each.is_late for each in self.tried)

    @property
    def left(self) -> list[tuple[Ground, int]]:
        """Why the others were left to people, most often first."""
        grounds = Counter(each.verdict.ground for each in self.tried if each.verdict.ground)
        return grounds.most_common()


def try_rule(rule: AnswerRule, now: datetime) -> Trial:
    """The rule, on or off, over the SPAN before `now`. Eight queries."""
    since = now - SPAN
    cases = Case.objects.filter(
        order__shop=rule.shop_id,
        kind=CaseKind.CANCELLATION,
        by=BUYER,
        requested_at__gte=since,
        requested_at__lte=now,
    ).exclude(case_id="")
    newest = cases.select_related("order__shop").order_by("-requested_at", "-pk")
    found = list(newest[: MOST + 1])
    judged = sorted(found[:MOST], key=_place)
    known = known_of([case.order for case in judged])
    tried = _in_turn(rule, judged, known, now)
    times = [_asked_at(each.case) for each in tried if each.verdict.rule]
    busiest, began = _busiest(times)
    approved = [each.case.order.total or Decimal(0) for each in tried if each.at]
    return Trial(
        tuple(reversed(tried)), since, len(found) <= MOST, sum(approved, Decimal(0)), busiest, began
    )


def _asked_at(case: Case) -> datetime:
    if case.requested_at is None:
        raise ValueError("a request without its instant was asked for")
    return case.requested_at


def _place(case: Case) -> tuple[datetime, int]:
    return _asked_at(case), case.pk


def _in_turn(
    rule: AnswerRule, cases: Iterable[Case], known: dict[int, Known], now: datetime
) -> list[Tried]:
    """Oldest first, as the rule itself takes them: who finds no room waits for the oldest approval
    of the last 60 minutes to be that old."""
    tried: list[Tried] = []
    approvals: list[datetime] = []
    for case in cases:
        of_order, at = known[case.order_id], _asked_at(case)
        verdict = judge_then(rule, case, of_order, at)
        if verdict.rule:
            at = max([at, *approvals[-1:], *_room_at(rule, approvals)])
            verdict = _later(rule, case, of_order, verdict, at)
        is_approved = verdict.rule is not None and at <= now
        if is_approved:
            approvals.append(at)
        tried.append(Tried(case, verdict, at if is_approved else None))
    return tried


def _room_at(rule: AnswerRule, approvals: Sequence[datetime]) -> list[datetime]:
    """When the next may be approved at the earliest; none: at once."""
    full = len(approvals) >= rule.hourly_most
    return [approvals[-rule.hourly_most] + HOUR] if full else []


def _later(rule: AnswerRule, case: Case, known: Known, verdict: Verdict, at: datetime) -> Verdict:
    """The verdict of a request that had to wait until `at`."""
    if at == case.requested_at:
        return verdict
    if not case.is_open and case.changed_at and case.changed_at <= at:
        return replace(verdict, sentence=OVER, rule=None, ground=Ground.CAP)
    return judge_then(rule, case, known, at)


def _busiest(times: Sequence[datetime]) -> tuple[int, datetime | None]:
    """Most of these (oldest first) within 60 minutes, and when the first of them came."""
    most, began, first = 0, None, 0
    for last, at in enumerate(times):
        while at - times[first] >= HOUR:
            first += 1
        if last - first + 1 > most:
            most, began = last - first + 1, times[first]
    return most, began
