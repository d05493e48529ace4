"""A shop with rules that answer, and buyers who ask to cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shipboard.channels.models import Shop
from shipboard.fulfilment import ruling
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from shipboard.orders.models import Case, Order
from tests import make
from tests.ingest.fake_channel import connected_shop

NOW = make.NOW
REASON = "no_longer_needed"


def ruled_shop() -> Shop:
    return connected_shop(dispatch_hours=None, auto_cancel_hours=None, undo_seconds=120)


def rule(shop: Shop, **given: Any) -> AnswerRule:
    """On since an hour."""
    values = {"name": "Small ones", "is_on": True, "changed_by": "mai"}
    at = {"changed_at": NOW - make.HOUR}
    return AnswerRule.objects.create(shop=shop, **values | at | given)


def asked(shop: Shop, name: str = "1", **given: Any) -> Case:
    """Order `name` of the shop, paid ten minutes before its buyer asks, which is now."""
    at: datetime = given.pop("requested_at", NOW)
    of_order = {key: given.pop(key) for key in ("stage", "total", "currency") if key in given}
    order = make.row(shop, name, paid_at=at - 10 * make.HOUR / 60, shipping="seller", **of_order)
    order.save()
    values = {"kind": "cancellation", "case_id": f"C{name}", "is_open": True, "step": "cancel"}
    said = {"by": "buyer", "reason": "No longer needed", "reason_name": REASON}
    return Case.objects.create(order=order, requested_at=at, **values | said | given)


def work(shop: Shop, now: datetime = NOW) -> None:
    """A minute's turn of the job."""
    ruling.queue_due(now, now)
    ruling.carry_on(shop.pk, lambda: now, lambda: now)


def outcomes() -> dict[str, str]:
    return dict(AnswerRuleEntry.objects.values_list("case_id", "outcome"))


def order_of(case: Case) -> Order:
    return Order.objects.get(pk=case.order_id)
