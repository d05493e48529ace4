"""The log of the calls made for a shop, to be read by those who see to it and sent to support: it
holds neither secrets nor personal data (channels/calls.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels import calls
from shipboard.channels.contract import FailureKind
from shipboard.channels.models import CallRecord, Shop
from shipboard.channels.registry import call_words
from shipboard.desk import wording
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.orders.queries import visible_shops
from shipboard.orders.values import is_storable

SHOWN = 100
LONGEST_KEY = 18
FAILURES: Mapping[str, str] = {
    FailureKind.AUTH: "not let in",
    FailureKind.SCOPE: "the app may not",
    FailureKind.THROTTLED: "too many calls",
    FailureKind.TRANSIENT: "passing trouble",
    FailureKind.NOT_READY: "not ready yet",
    FailureKind.ALREADY_DONE: "done already",
    FailureKind.NEEDS_FIX: "something to mend",
    FailureKind.BLOCKED_BY_CASE: "a cancellation or return is in the way",
    FailureKind.FINAL: "refused",
}
#: Windows that are asked for, in unix seconds: {name}_ge and {name}_lt.
WINDOWS = {"update_time": "changed", "create_time": "placed"}
IDS = {
    "ids": "order",
    "order_ids": "order",
    "order_id": "order",
    "package_id": "package",
    "package_ids": "package",
    "cancel_ids": "cancellation",
    "return_ids": "return",
}


@dataclass(frozen=True)
class Shown:
    """A call in plain words; `asked`: for which window, in the shop's time, or for which ids."""

    call: CallRecord
    what: str
    asked: str
    failure: str


@never_cache
@require_safe
@needs(Right.RULES)
def call_log(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /shops/<slug>/calls/[?operation=...&failed=yes&before=<call>], newest first."""
    shop = _shop(request, slug)
    operation, is_failed = request.GET.get("operation", ""), request.GET.get("failed") == "yes"
    before = request.GET.get("before", "")
    rows = CallRecord.objects.filter(shop=shop)
    known = set(rows.values_list("operation", flat=True).distinct())
    words = call_words(shop.channel)
    if not is_storable(operation):
        return said(request, 400, "No such calls", "Choose an operation of the list.")
    if operation:
        rows = rows.filter(operation=operation)
    if is_failed:
        rows = rows.exclude(failure="")
    if before:
        last = _call(shop, before)
        if last is None:
            return said(request, 400, "No such page", "Begin again with the newest calls.")
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    listed = list(rows.order_by("-at", "-pk")[: SHOWN + 1])
    asked = {"operation": operation, "failed": "yes" if is_failed else ""}
    kept = {name: value for name, value in asked.items() if value}
    older = {**kept, "before": listed[SHOWN - 1].pk} if listed[SHOWN:] else {}
    context = {
        "shop": shop,
        "calls": [_shown(call, shop, words) for call in listed[:SHOWN]],
        "operations": sorted(
            (words.get(name, name), name) for name in known | ({operation} - {""})
        ),
        "operation": operation,
        "is_failed": is_failed,
        "older": urlencode(older),
        "newest": urlencode(kept) if before else None,
        "days": calls.KEPT.days,
        "at": clock.now(),
    }
    return render(request, "call_log.html", context)


def _shown(call: CallRecord, shop: Shop, words: Mapping[str, str]) -> Shown:
    return Shown(
        call=call,
        what=words.get(call.operation, call.operation),
        asked=", ".join(_asked(call.query, shop.zone, call.at)),
        failure=FAILURES.get(call.failure, call.failure),
    )


def _asked(query: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    for name, verb in WINDOWS.items():
        ends = [_instant(query.get(f"{name}_{end}"), zone, now) for end in ("ge", "lt")]
        said = [f"{word} {at}" for word, at in zip(("from", "to"), ends, strict=True) if at]
        if said:
            yield f"{verb} {' '.join(said)}"
    for name, what in IDS.items():
        found = [each for each in str(query.get(name) or "").split(",") if each]
        if found:
            yield f"{what} {found[0]}" + (f" and {len(found) - 1} more" if found[1:] else "")


def _instant(seconds: object, zone: ZoneInfo, now: datetime) -> str:
    """Unix seconds in the shop's zone; blank for what is no such number."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 2**32:
        return ""
    at = datetime.fromtimestamp(seconds, UTC)
    local = wording.local_instant(at, zone, now)
    return f"{local}:{at:%S} {wording.zone_name(at, zone)}"


def _call(shop: Shop, key: str) -> CallRecord | None:
    if not (key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY):
        return None
    return CallRecord.objects.filter(shop=shop, pk=int(key)).first()


@require_safe
@needs(Right.RULES)
def call_file(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /shops/<slug>/calls.txt: all that is kept, as text for support."""
    shop = _shop(request, slug)
    text = calls.as_text(shop, clock.now() - calls.KEPT)
    audit.note(access_for(request).by, "calls_taken", shop.name)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = content_disposition_header(True, f"calls-{shop.slug}.txt")
    response["Content-Disposition"] = name or "attachment"
    response["Cache-Control"] = "no-store"
    return response


def _shop(request: HttpRequest, slug: str) -> Shop:
    shop: Shop = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    return shop
