"""The inbox of webhooks, for the desk's owners: what came, of which shop, what became of it, and
sending one back to work. Also what nobody vouches for, and what names no shop of this desk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.desk.audit import ZONE
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.ingest import inbox
from shipboard.ingest.models import Hook
from shipboard.orders.queries import visible_shops

SHOWN = 50
ORDERS_SHOWN = 5
BODY_SHOWN = 4000
#: The same states as in the index of the odd ones.
CALM = (Hook.State.NEW, Hook.State.DONE, Hook.State.SET_ASIDE)
#: What may be asked for, what it is called, and which rows it is.
SHOWS: Mapping[str, tuple[str, Q]] = {
    "": ("Everything", Q()),
    "odd": ("To be looked at", ~Q(state__in=CALM)),
    "waiting": ("Waiting", Q(state=Hook.State.NEW)),
}


@dataclass(frozen=True)
class Row:
    """A webhook as it is listed."""

    hook: Hook
    orders: Sequence[str]
    more_orders: int
    #: What was sent, made readable; blank where it was not kept.
    body: str
    may_again: bool

    @property
    def is_odd(self) -> bool:
        return self.hook.state not in CALM


@needs(Right.OWN)
@require_safe
def hook_inbox(request: HttpRequest) -> HttpResponse:
    """GET /hooks/[?shop=slug&show=odd|waiting&before=key], newest first."""
    slug, show = request.GET.get("shop", ""), request.GET.get("show", "")
    shops = list(visible_shops(access_for(request)))
    shop = next((each for each in shops if each.slug == slug), None)
    before = request.GET.get("before", "")
    if show not in SHOWS or (slug and shop is None) or not _is_key(before):
        return said(request, 400, "No such webhooks", "Choose a shop and a state of the lists.")
    found = _found(shop, show)
    if before:
        found = found.filter(pk__lt=int(before))
    hooks = list(found.select_related("shop")[: SHOWN + 1])
    asked = {"shop": slug, "show": show}
    older = urlencode(asked | {"before": str(hooks[SHOWN - 1].pk)}) if hooks[SHOWN:] else ""
    context = {
        "rows": list(_rows(hooks[:SHOWN])),
        "shops": [each for each in shops if each.remote_id],
        "shows": {key: label for key, (label, _) in SHOWS.items()},
        **asked,
        "asked": urlencode(asked),
        "older": older,
        "is_first": not before,
        "kept_days": inbox.KEPT.days,
        "zone": shop.zone if shop else ZONE,
    }
    return render(request, "hook_inbox.html", context)


@require_POST
@needs(Right.OWN)
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a webhook back to work."""
    hook = get_object_or_404(Hook, pk=pk)
    try:
        inbox.read_again(hook)
    except inbox.NotAgain as problem:
        messages.error(request, str(problem))
    else:
        audit.note(access_for(request).by, "hook_read_again", str(hook.pk))
        messages.success(request, "It is worked on again; look once more in a moment.")
    asked = {key: request.POST.get(key, "") for key in ("shop", "show")}
    return redirect(f"{reverse('hook_inbox')}?{urlencode(asked)}")


def _is_key(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) < 19)


def _found(shop: Shop | None, show: str) -> QuerySet[Hook]:
    found = Hook.objects.filter(SHOWS[show][1]).order_by("-pk")
    return found.filter(shop=shop) if shop else found


def _rows(hooks: Sequence[Hook]) -> Iterator[Row]:
    for hook in hooks:
        yield Row(
            hook=hook,
            orders=hook.order_ids[:ORDERS_SHOWN],
            more_orders=len(hook.order_ids[ORDERS_SHOWN:]),
            body=_shown(bytes(hook.body)),
            may_again=hook.state in inbox.AGAIN,
        )


def _shown(body: bytes) -> str:
    try:
        text = json.dumps(json.loads(body), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = body.decode(errors="replace")
    return text if len(text) <= BODY_SHOWN else f"{text[:BODY_SHOWN]}…"
