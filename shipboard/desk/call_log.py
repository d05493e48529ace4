"""The log of the calls made for a shop, to be read by those who see to it and sent to support: it
holds neither secrets nor personal data (channels/calls.py).
"""

from __future__ import annotations

from urllib.parse import urlencode

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
from shipboard.channels.models import CallRecord, Shop
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.orders.filters import is_storable
from shipboard.orders.queries import visible_shops

SHOWN = 100
LONGEST_KEY = 18


@never_cache
@require_safe
@needs(Right.RULES)
def call_log(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /shops/<slug>/calls/[?operation=...&failed=yes&before=<call>], newest first."""
    shop = _shop(request, slug)
    operation, is_failed = request.GET.get("operation", ""), request.GET.get("failed") == "yes"
    before = request.GET.get("before", "")
    rows = CallRecord.objects.filter(shop=shop)
    known = sorted(rows.values_list("operation", flat=True).distinct())
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
        "calls": listed[:SHOWN],
        "operations": sorted({*known, *([operation] if operation else [])}),
        "operation": operation,
        "is_failed": is_failed,
        "older": urlencode(older),
        "newest": urlencode(kept) if before else None,
        "days": calls.KEPT.days,
        "at": clock.now(),
    }
    return render(request, "call_log.html", context)


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
