"""What a rule would have done in the last 30 days, and turning it on after that was seen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels.contract import CaseKind
from shipboard.desk.answer_rules import (
    EVERY,
    NEVER,
    can_answer,
    is_for_every,
    rule_of,
    said_of,
)
from shipboard.desk.door import access_for, needs
from shipboard.fulfilment.rule_reasons import words_of
from shipboard.fulfilment.rule_trial import MOST, SPAN, Tried, try_rule
from shipboard.orders.models import Case

SHOWN = 200


@require_safe
@needs(Right.RULES)
def try_answer_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /settings/rules/<pk>/try/."""
    rule, now = rule_of(access_for(request), pk), clock.now()
    trial = try_rule(rule, now)
    waiting = Case.objects.filter(
        order__shop=rule.shop_id, kind=CaseKind.CANCELLATION, is_open=True
    )
    context = {
        "rule": rule,
        "shop": rule.shop,
        "says": said_of(rule, words_of([rule.shop], now)),
        "never": NEVER,
        "warning": EVERY if is_for_every(rule) else "",
        "trial": trial,
        "rows": [(each, _outcome(each)) for each in trial.tried[:SHOWN]],
        "days": SPAN.days,
        "most": MOST,
        "waiting": waiting.count(),
        "can_answer": can_answer(rule.shop),
    }
    return render(request, "answer_rule_trial.html", context)


def _outcome(tried: Tried) -> str:
    if tried.is_waiting:
        return "Would still wait"
    if tried.at is None:
        return "Would be left to people"
    return "Would be approved later" if tried.is_late else "Would be approved"
