"""The reasons that a rule of a shop can name: those that its buyers gave lately, in the channel's
words, and those that are known of the channel.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import Max

from shipboard.channels.case_contract import Reason
from shipboard.channels.contract import CaseKind
from shipboard.channels.models import Shop
from shipboard.fulfilment.answer_rules import BUYER
from shipboard.orders.models import Case

LATELY = timedelta(days=90)
#: Buyers' reasons after payment, by the marketplace's keys. What buyers of a shop really gave comes
#: first, since its menus differ by market and change.
KNOWN: Mapping[str, str] = {
    "buyer_cancel_reason_better_price": "Better price available",
    "buyer_cancel_reason_change_payment": "Need to change the payment method",
    "buyer_cancel_reason_forgot_coupon": "Forgot to use a coupon",
    "buyer_cancel_reason_no_longer_needed": "No longer needed",
    "buyer_cancel_reason_not_shipped_on_time": "Not shipped on time",
    "buyer_cancel_reason_wrong_address": "Wrong delivery address",
}


def reasons_of(shop: Shop, now: datetime) -> tuple[Reason, ...]:
    """By their words. One query."""
    words = words_of([shop], now)
    return tuple(sorted((Reason(*each) for each in words.items()), key=lambda each: each.text))


def words_of(shops: Collection[Shop], now: datetime) -> dict[str, str]:
    """The reasons that buyers of these shops gave in the last 90 days, with the words that came
    with them, and those that are known. One query."""
    seen = Case.objects.filter(
        order__shop__in=shops,
        kind=CaseKind.CANCELLATION,
        by=BUYER,
        requested_at__gte=now - LATELY,
    ).exclude(reason_name="")
    given = seen.values_list("reason_name").annotate(words=Max("reason")).order_by()
    return {**KNOWN, **{name: text or name for name, text in given}}
