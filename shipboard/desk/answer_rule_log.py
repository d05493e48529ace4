"""The log of rules that answer, for those who see to a shop's rules: every request that a rule
looked at, newest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from shipboard.fulfilment.rule_log import LogFilter, entries
from shipboard.orders.attempts import Attempt
from shipboard.orders.queries import visible_shops

SHOWN = 50
#: What became of an approval, by the state of its attempt.
FATES: Mapping[str, str] = {
    Attempt.State.WAITING: "Waits in the outbox",
    Attempt.State.CALLING: "Being sent",
    Attempt.State.UNKNOWN: "Being asked for",
    Attempt.State.DONE: "Taken by the marketplace",
    Attempt.State.REFUSED: "Not taken",
    Attempt.State.REVOKED: "Taken back",
}


@require_safe
@needs(Right.RULES)
def answer_rule_log(request: HttpRequest) -> HttpResponse:
    """GET /settings/rules/log/[?shop=slug&rule=pk&outcome=...&before=entry]."""
    asked = {name: request.GET.get(name, "") for name in ("shop", "rule", "outcome", "before")}
    shops = {shop.slug: shop for shop in visible_shops(access_for(request))}
    rules = AnswerRule.objects.filter(shop__in=shops.values()).select_related("shop")
    named = {str(rule.pk): rule for rule in rules.order_by("shop__name", "pk")}
    outcomes = dict(AnswerRuleEntry.Outcome.choices)
    offered = {"shop": {*shops}, "rule": {*named}, "outcome": {*outcomes}}
    if any(asked[name] not in {"", *known} for name, known in offered.items()):
        return said(
            request, 400, "No such entries", "Choose a shop, rule and outcome of the lists."
        )
    wanted = LogFilter(
        shop_pk=shops[asked["shop"]].pk if asked["shop"] else None,
        rule_pk=named[asked["rule"]].pk if asked["rule"] else None,
        outcome=asked["outcome"],
    )
    pks = [shop.pk for shop in shops.values()]
    try:
        before = int(asked["before"]) if asked["before"] else None
        rows = entries(pks, wanted, before=before, limit=SHOWN)
    except (ValueError, OverflowError, AnswerRuleEntry.DoesNotExist):
        return said(request, 400, "No such page", "Begin again with the newest entries.")
    kept = {name: asked[name] for name in offered if asked[name]}
    older = kept | {"before": rows[SHOWN - 1].pk} if rows[SHOWN:] else {}
    context = {
        "entries": [(row, _fate(row)) for row in rows[:SHOWN]],
        "asked": asked,
        "shops": shops,
        "rules": named,
        "outcomes": outcomes,
        "older": urlencode(older),
        "newest": urlencode(kept) if before else None,
        "is_filtered": bool(kept),
    }
    return render(request, "answer_rule_log.html", context)


def _fate(entry: AnswerRuleEntry) -> str:
    return FATES.get(entry.attempt.state, "") if entry.attempt else ""
