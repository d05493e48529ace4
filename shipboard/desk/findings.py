"""What syncing came upon and a person sees to: settling it, and looking at the payload that could
not be read, which holds a buyer's data.
"""

from __future__ import annotations

import json
from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, needs
from shipboard.ingest import findings
from shipboard.ingest.models import Finding
from shipboard.ingest.payloads import unfolded
from shipboard.orders.queries import visible_shops


@require_POST
@needs(Right.RULES)
def settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Somebody saw to it."""
    found, access = _finding(request, slug, pk), access_for(request)
    if findings.settle(found, by=access.by, now=clock.now()):
        audit.note(access.by, "finding_settled", found.order_id, shop=found.shop.slug)
        messages.success(request, "Settled. Should it be found again, it is listed again.")
    else:
        messages.info(request, "It was settled already.")
    return redirect("shop_health", slug)


@never_cache
@require_safe
@needs(Right.SEE_BUYERS)
def payload(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The payload as the channel sent it; who looked is in the audit."""
    found = _finding(request, slug, pk)
    if not found.payload:
        raise Http404("There is no payload with this.")
    audit.note(access_for(request).by, "payload_shown", found.order_id, shop=slug)
    text = unfolded(bytes(found.payload))
    with suppress(ValueError):  # shown as it is: that it is no JSON may be the very trouble
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return render(request, "payload.html", {"found": found, "shop": found.shop, "text": text})


def _finding(request: HttpRequest, slug: str, pk: int) -> Finding:
    shops = visible_shops(access_for(request)).filter(slug=slug)
    found = Finding.objects.filter(pk=pk, shop__in=shops).select_related("shop").first()
    if found is None:
        raise Http404("There is no such finding in your shops.")
    return found
