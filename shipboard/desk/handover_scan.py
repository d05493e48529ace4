"""The scan station: one scan of a label says whether its parcel may go, large and clear, and what
to do with it if not.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, needs
from shipboard.fulfilment.clearing import taken_out_words
from shipboard.fulfilment.print_ends import labels_of_order, labels_with_code
from shipboard.fulfilment.printing import (
    IN_MAKING,
    WITH_LABELS,
    is_collected,
    printables,
    stale_words,
)
from shipboard.orders.labels import Label, PrintItem
from shipboard.orders.models import Order


@dataclass(frozen=True)
class Told:
    """What the station says of one scan; `item` of a print whose outcome nobody has told yet,
    `choices` where an order has several labels, `reminder` of what must not be in the parcel."""

    code: str
    word: str
    sentence: str
    is_good: bool = False
    label: Label | None = None
    item: PrintItem | None = None
    choices: tuple[Label, ...] = ()
    reminder: str = ""


@never_cache
@require_safe
@needs(Right.WORK)
def scan_labels(request: HttpRequest) -> HttpResponse:
    """GET /labels/scan/[?code=...]: to htmx the answer alone."""
    code = request.GET.get("code", "").replace("\0", "").strip()[:200]
    told = told_of(code, access_for(request)) if code else None
    page = "print_scan_answer.html" if request.headers.get("HX-Request") else "print_scan.html"
    return render(request, page, {"scan": told})


def told_of(code: str, access: Access) -> Told:
    """What to do with the parcel whose label has this tracking number or package id, or which is
    the only one of the order of this number."""
    found = list(labels_with_code(code, access).order_by("pk")[:20])
    live = [each for each in found if each.state != Label.State.VOIDED] or found[-1:]
    of_order = [] if live else list(labels_of_order(code, access).order_by("pk")[:20])
    live = live or of_order
    if not live:
        return Told(code, "STOP", _unknown(code, access))
    if len(live) > 1 and of_order:
        return Told(
            code,
            "WHICH?",
            "The order has several labels. Scan the label itself, or choose it here.",
            choices=tuple(printables([each.pk for each in live], clock.now())),
        )
    if len(live) > 1:
        return Told(code, "STOP", "Several labels have this code. Look at their orders first.")
    (label,) = printables([live[0].pk], clock.now())
    if problem := why_stop(label):
        return Told(code, "STOP", problem, label=label)
    return Told(
        code,
        "OK",
        "It may be handed over.",
        is_good=True,
        label=label,
        item=_awaiting(label),
        reminder=_reminder(label),
    )


def _unknown(code: str, access: Access) -> str:
    orders = Order.objects.filter(order_id=code)
    if access.shop_ids is not None:
        orders = orders.filter(shop__in=access.shop_ids)
    if orders.exists():
        return f"No label was made here for order {code}. Look at the order before its parcel goes."
    return "No label of your shops has this code. It is another shop's, or was not made here."


def _awaiting(label: Label) -> PrintItem | None:
    items = PrintItem.objects.filter(
        label=label,
        outcome=PrintItem.Outcome.SENT,
        file__settled_at=None,
        file__content__in=WITH_LABELS,
    )
    return items.select_related("file").order_by("-pk").first()


def _reminder(label: Label) -> str:
    if label.cleared_at is None:
        return ""
    out = taken_out_words(label.cleared_units)
    return f"{out} must not be in it: {label.cleared_by} said that it is taken out."


def why_stop(label: Label) -> str:
    """Why one of `printables` must not be handed over now; blank when it may."""
    if label.state == Label.State.VOIDED:
        return "This label is voided. Pull the parcel and destroy the label."
    if label.stale:  # type: ignore[attr-defined]
        return stale_words(label)
    if is_collected(label, is_again=False):
        return "It was handed over already: the carrier has scanned it."
    if label.state == Label.State.REJECTED:
        return "This label was rejected; create it again."
    if label.state in IN_MAKING:
        return "This label is still being created here; it cannot be on a parcel."
    return ""
