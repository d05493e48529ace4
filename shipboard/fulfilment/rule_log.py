"""The log of rules that answer: every request that they looked at, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from shipboard.fulfilment.models import AnswerRuleEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Blank or None: whichever."""

    shop_pk: int | None = None
    rule_pk: int | None = None
    outcome: str = ""


def entries(
    shop_pks: Collection[int], wanted: LogFilter, *, before: int | None, limit: int
) -> list[AnswerRuleEntry]:
    """Newest first, of these shops, with rule, order, shop and attempt; `before` is the key of the
    entry after which to go on. One more than `limit` when there are more. Raises
    AnswerRuleEntry.DoesNotExist."""
    found = AnswerRuleEntry.objects.filter(order__shop__in=shop_pks)
    if wanted.shop_pk:
        found = found.filter(order__shop=wanted.shop_pk)
    if wanted.rule_pk:
        found = found.filter(rule=wanted.rule_pk)
    if wanted.outcome:
        found = found.filter(outcome=wanted.outcome)
    if before is not None:
        last = AnswerRuleEntry.objects.get(pk=before)
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    found = found.select_related("rule", "order__shop", "attempt").order_by("-at", "-pk")
    return list(found[: limit + 1])
