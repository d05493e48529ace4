"""Handing over on screen: what is recorded for shops fed by files, the upload file to take, the
files that were taken, and what the imports since have confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.channels.registry import has_line
from shipboard.desk.attempts import Shown, shown
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.desk.shipment_uploads import day_of, download
from shipboard.exports.layouts import Format
from shipboard.fulfilment import recorded
from shipboard.fulfilment.recorded import Handed, Shipment
from shipboard.orders.filters import OrderFilter
from shipboard.orders.queries import in_view, visible_shops
from shipboard.uploads.template import Template, recorded_template

#: So many of a shop's shipments are listed; the rest are counted.
LISTED = 100
NO_SUCH = "The layouts are long and short, the formats xlsx and csv."
IN_PARTS = (
    "This file holds orders in parts, which the short layout has no place for. Take the long one."
)


@dataclass(frozen=True)
class Row:
    """A shipment that waits; `parts` in words, blank for an order whole."""

    told: Shown
    parts: str
    why_not: str


@dataclass(frozen=True)
class OfShop:
    shop: Shop
    count: int
    rows: list[Row]
    files: list[Handed]


@require_safe
@never_cache
@needs(Right.WORK)
def handoff(request: HttpRequest) -> HttpResponse:
    """GET /handoff/[?shop=slug&take=first shipment&layout=...&format=...]: with `take` the file
    that was just handed over is fetched by the page itself."""
    shops, now = _shops(access_for(request)), clock.now()
    context = {
        "of_shops": list(_of_shops(shops, now, clock.wall())),
        "take": _taken(request, shops),
        "at": now,
    }
    return render(request, "handoff.html", context)


def _shops(access: Access) -> list[Shop]:
    """Those fed by files; the demo's never beside real ones."""
    shops = in_view(OrderFilter(), list(visible_shops(access)))
    return [shop for shop in shops if not has_line(shop)]


def _of_shops(shops: Iterable[Shop], now: datetime, wall: datetime) -> Iterable[OfShop]:
    for shop in shops:
        waiting = recorded.waiting(shop)
        listed = recorded.shipments(list(waiting[:LISTED]), now)
        rows = [Row(shown(each.attempt, wall), _parts(each), each.why_not) for each in listed]
        yield OfShop(shop, waiting.count(), rows, recorded.history(shop, now))


def _parts(shipment: Shipment) -> str:
    return ", ".join(f"{count} × {sku}" for sku, count in shipment.contents)


def _taken(request: HttpRequest, shops: Iterable[Shop]) -> str:
    """The address of the file to fetch, if one was just handed over."""
    first, slug = request.GET.get("take", ""), request.GET.get("shop", "")
    is_known = first.isascii() and first.isdigit() and slug in {shop.slug for shop in shops}
    if not is_known or (how := _asked(request.GET.dict())) is None:
        return ""
    query = urlencode({"layout": how[0], "format": how[1]})
    return f"{reverse('handoff_file', args=[slug, int(first[:18])])}?{query}"


def _asked(given: dict[str, str]) -> tuple[Template, Format] | None:
    """The layout and the format; None: there are no such."""
    try:
        return (
            Template(given.get("layout", Template.LONG)),
            Format(given.get("format", Format.XLSX)),
        )
    except ValueError:
        return None


def _shop(request: HttpRequest, slug: str) -> Shop:
    found: Shop = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    if has_line(found):
        raise Http404("Shipments of this shop leave by themselves.")
    return found


@require_POST
@needs(Right.WORK)
def take_handoff(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /handoff/<slug>/take/ with layout and format: what waits goes with a file, which the
    page then fetches."""
    shop, access, how = _shop(request, slug), access_for(request), _asked(request.POST.dict())
    if how is None:
        return said(request, 400, "There is no such file", NO_SUCH)
    layout, kind = how
    with transaction.atomic():
        taken = recorded.hand_over(
            shop, access=access, now=clock.now(), whole_only=layout == Template.SHORT
        )
        if taken:
            audit.note(access.by, "handed_over", shop.name, shipments=taken.shipments)
    if taken is None:
        messages.info(request, f"Nothing of {shop.name} that may go waits for a file.")
        return redirect("handoff")
    many = f"{taken.shipments:,} shipment{'' if taken.shipments == 1 else 's'}"
    messages.success(request, f"{many} of {shop.name} handed over; the file comes now.")
    query = {"shop": shop.slug, "take": taken.first, "layout": layout, "format": kind}
    return redirect(f"{reverse('handoff')}?{urlencode(query)}")


@require_safe
@never_cache
@needs(Right.WORK)
def handoff_file(request: HttpRequest, slug: str, first: int) -> HttpResponse:
    """GET /handoff/<slug>/<first shipment>/?layout=long|short&format=xlsx|csv: a file that was
    taken, as often as it is wanted."""
    shop, how, now = _shop(request, slug), _asked(request.GET.dict()), clock.now()
    if how is None:
        return said(request, 400, "There is no such file", NO_SUCH)
    layout, kind = how
    shipments = recorded.handed(shop, first, now)
    if not shipments:
        raise Http404("There is no such file of this shop, or nothing of it may go any more.")
    if layout == Template.SHORT and any(each.contents for each in shipments):
        return said(request, 400, "Not in this layout", IN_PARTS)
    filled = recorded_template(shop, layout, kind, shipments)
    audit.note(access_for(request).by, "handoff_taken", shop.name, shipments=len(shipments))
    at = shipments[0].attempt.handed_over_at or now
    return download(filled.content, kind, f"handover {shop.slug} {day_of(shop, at)} {first}")
