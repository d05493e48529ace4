"""Rules that answer: added, changed, turned on and off, removed. One that is changed is off until
somebody has seen what it does now; one that is turned off takes back what has not left.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.fulfilment import outbox
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from shipboard.orders.attempts import Attempt
from shipboard.orders.overlays import Refused

OFF = "The rule was turned off, changed or removed before it had room for it."
Outcome = AnswerRuleEntry.Outcome


class RuleChanged(Refused):
    """The rule is not any more as the person saw it; nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWish:
    """What a rule asks for; see AnswerRule."""

    name: str
    reasons: tuple[str, ...] = ()
    most_total: Decimal | None = None
    most_minutes: int | None = None
    hourly_most: int = 20


def wish_of(rule: AnswerRule) -> RuleWish:
    return RuleWish(
        name=rule.name,
        reasons=tuple(rule.reasons),
        most_total=rule.most_total,
        most_minutes=rule.most_minutes,
        hourly_most=rule.hourly_most,
    )


def add_rule(shop: Shop, wish: RuleWish, *, access: Access, now: datetime) -> AnswerRule:
    """A new rule, off, after the shop's others. Raises NotAllowed."""
    access.need(Right.RULES)
    return AnswerRule.objects.create(
        shop=shop, changed_by=access.by, changed_at=now, **_columns(wish)
    )


def change_rule(rule: AnswerRule, wish: RuleWish, *, access: Access, now: datetime) -> AnswerRule:
    """The rule as wished, off. Raises RuleChanged and NotAllowed."""
    return _write(rule, access, now, None, is_on=False, **_columns(wish))


def turn_on(rule: AnswerRule, *, seen: datetime, access: Access, now: datetime) -> AnswerRule:
    """From `now` on it answers requests that come; `seen` is the changed_at of what the person saw.
    Raises RuleChanged and NotAllowed."""
    return _write(rule, access, now, seen, is_on=True)


def turn_off(rule: AnswerRule, *, access: Access, now: datetime) -> AnswerRule:
    """It answers nothing more, and what it approved and has not left stays here. Raises RuleChanged
    and NotAllowed."""
    return _write(rule, access, now, None, is_on=False)


def remove_rule(rule: AnswerRule, *, access: Access, now: datetime) -> None:
    """Its log stays. Raises RuleChanged and NotAllowed."""
    turn_off(rule, access=access, now=now)
    AnswerRule.objects.filter(pk=rule.pk).delete()


def _write(
    rule: AnswerRule, access: Access, now: datetime, seen: datetime | None, **columns: object
) -> AnswerRule:
    access.need(Right.RULES)
    with transaction.atomic():
        # Waits for a worker that looks at a request with it.
        found = AnswerRule.objects.select_for_update(of=("self",)).filter(pk=rule.pk).first()
        if found is None or (seen and (found.changed_at != seen or found.is_on)):
            raise RuleChanged("The rule was changed, turned on or removed meanwhile; look again.")
        for name, value in (columns | {"changed_by": access.by, "changed_at": now}).items():
            setattr(found, name, value)
        found.save()
        capped = AnswerRuleEntry.objects.filter(rule=rule.pk, outcome=Outcome.CAPPED)
        capped.update(outcome=Outcome.LEFT, reason=OFF, at=now)
    outbox.revoke_all(waiting_of(found), access=access, now=now)
    return found


def waiting_of(rule: AnswerRule) -> QuerySet[Attempt]:
    """What the rule approved and what still waits in the outbox."""
    approved = AnswerRuleEntry.objects.filter(rule=rule.pk).exclude(attempt=None)
    return Attempt.objects.filter(pk__in=approved.values("attempt"), state=Attempt.State.WAITING)


def _columns(wish: RuleWish) -> dict[str, object]:
    return asdict(wish) | {"reasons": [*wish.reasons]}
