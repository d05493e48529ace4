"""The warehouses of a shop on its page: how what leaves each of them travels, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop, Warehouse
from shipboard.channels.regions import REGIONS
from shipboard.channels.warehouses import NoSuchLogistics, logistics_of, set_logistics
from shipboard.desk.door import access_for, needs
from shipboard.orders.models import Facet
from shipboard.orders.queries import visible_shops
from shipboard.orders.values import is_storable


@dataclass(frozen=True)
class Place:
    """A warehouse by the name on the shop's orders. `logistics` is blank while nobody knows."""

    name: str
    logistics: str
    why: str
    is_set_here: bool


def places(shop: Shop) -> list[Place]:
    """Every warehouse that the channel told of or that orders carry; those of which nobody knows
    first. Three queries."""
    rows = {row.name: row for row in Warehouse.objects.filter(shop=shop)}
    by_id = {row.remote_id for row in rows.values() if row.remote_id}
    seen = Facet.objects.filter(shop=shop, name="warehouse").values_list("value", flat=True)
    known = logistics_of([shop.pk])
    names = {*rows, *(name for name in seen if name not in by_id)}
    found = [_place(name, rows.get(name), known.get((shop.pk, name), ""), shop) for name in names]
    return sorted(found, key=lambda place: (bool(place.logistics), place.name))


def _place(name: str, row: Warehouse | None, logistics: str, shop: Shop) -> Place:
    return Place(name, logistics, _why(row, shop), bool(row and row.is_set_here))


def _why(row: Warehouse | None, shop: Shop) -> str:
    if row and row.is_set_here:
        return "Set here"
    if row and row.country:
        country = REGIONS[row.country].name if row.country in REGIONS else row.country
        return f"{shop.get_channel_display()} says that it is in {country}"
    return "Not set; is it in the shop's country?"


@require_POST
@needs(Right.RULES)
def set_place(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /shops/<slug>/warehouses/ with `name` and `logistics`, blank to let the country say."""
    shop: Shop = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    name, logistics = request.POST.get("name", ""), request.POST.get("logistics", "")
    try:
        if not is_storable(name) or name not in {place.name for place in places(shop)}:
            raise NoSuchLogistics("That is no warehouse of this shop; reload the page.")
        set_logistics(shop, name, logistics)
    except NoSuchLogistics as problem:
        messages.error(request, str(problem))
    else:
        audit.note(access_for(request).by, "logistics_set", shop.name, logistics=logistics)
        messages.success(request, f"Orders from {name} follow at once.")
    return redirect(f"/shops/{shop.slug}/#warehouses")
