"""Shops: what there is, and adding one."""

from __future__ import annotations

import zoneinfo
from dataclasses import asdict

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.condition import condition_of
from shipboard.channels.models import Connection, Warehouse
from shipboard.channels.regions import REGIONS
from shipboard.channels.shops import BadShop, Rules, add_shop, change_rules, rules_of
from shipboard.desk.ages import ages, facts_of, facts_of_orders, with_facts
from shipboard.desk.door import access_for, needs
from shipboard.desk.warehouses import places
from shipboard.ingest.removal import remove_shop
from shipboard.ingest.restate import restate
from shipboard.orders.queries import visible_shops
from shipboard.orders.sla import PRESETS

FLAT = "flat"
NO_RULE = ""


class RulesForm(forms.Form):
    """A shop's clock rules."""

    sla = forms.ChoiceField(
        label="Ship-by rule",
        required=False,
        initial=FLAT,
        choices=[
            (FLAT, "Flat hours after the order is placed"),
            *((name, preset.title) for name, preset in PRESETS.items()),
            (NO_RULE, "None: only what the marketplace says"),
        ],
    )
    dispatch_hours = forms.IntegerField(required=False, label="Ship within (hours)", initial=48)
    auto_cancel_hours = forms.IntegerField(required=False, label="Auto-cancel after (hours)")
    after_sales_days = forms.IntegerField(
        label="After-sales window (days)",
        initial=14,
        help_text="For so long after delivery an order can still be acted on.",
    )

    def rules(self) -> Rules:
        given = self.cleaned_data
        is_flat = given["sla"] == FLAT
        return Rules(
            sla="" if is_flat else given["sla"],
            dispatch_hours=given["dispatch_hours"] if is_flat else None,
            auto_cancel_hours=given["auto_cancel_hours"] if is_flat else None,
            after_sales_days=given["after_sales_days"],
        )


class ShopForm(RulesForm):
    field_order = ("name", "region", "timezone")
    name = forms.CharField(max_length=120)
    region = forms.ChoiceField(
        choices=[(code, region.name) for code, region in REGIONS.items()], initial="US"
    )
    timezone = forms.CharField(
        label="Time zone",
        help_text="The zone of the times in the shop's export files, such as Asia/Bangkok or UTC.",
        widget=forms.TextInput({"list": "zones", "autocomplete": "off"}),
    )


def shops(request: HttpRequest) -> HttpResponse:
    """GET lists the shops; POST, by an owner, adds one."""
    access = access_for(request)
    if request.method == "POST":
        access.need(Right.OWN)
    form = ShopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            named = {key: form.cleaned_data[key] for key in ("name", "region", "timezone")}
            made = add_shop(**named, rules=form.rules(), presets=set(PRESETS))
        except BadShop as problem:
            form.add_error(None, str(problem))
        else:
            audit.note(access.by, "shop_added", made.name)
            messages.success(request, f"{made.name} is here. Next: import its order export.")
            return redirect(f"/uploads/?shop={made.slug}")
    listed = list(with_facts(visible_shops(access)))
    facts = facts_of(listed)
    of_orders = facts_of_orders(shop for shop in listed if shop.pk not in facts)
    lines = Connection.objects.filter(shop__in=listed).select_related("grant__app")
    context = {
        "form": form,
        "shops": listed,
        "ages": {age.slug: age for age in ages(listed, clock.now(), facts | of_orders)},
        "without_import": of_orders,
        "lines": {line.shop_id: condition_of(line) for line in lines},
        "presets": PRESETS,
        "zones": sorted(zoneinfo.available_timezones()),
    }
    return render(request, "shops.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Right.OWN)
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a shop away when its short name was typed; there is no undo."""
    found = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    if request.POST.get("slug", "").strip() != found.slug:
        messages.error(request, f"Nothing was removed: type {found.slug} to confirm.")
        return redirect("shop", slug=found.slug)
    remove_shop(found)
    audit.note(access_for(request).by, "shop_removed", found.name)
    messages.success(request, f"{found.name} and its orders are gone.")
    return redirect("shops")


@needs(Right.RULES)
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows a shop's rules; POST changes them, and its orders' deadlines follow."""
    found = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    rules = rules_of(found)
    has_hours = rules.dispatch_hours or rules.auto_cancel_hours
    initial = asdict(rules) | {"sla": FLAT if has_hours else rules.sla}
    form = RulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_rules(found, form.rules(), set(PRESETS))
        except BadShop as problem:
            form.add_error(None, str(problem))
        else:
            restate(found)
            audit.note(access_for(request).by, "rules_changed", found.name)
            messages.success(request, f"The orders of {found.name} follow the new rules.")
            return redirect("shops")
    context = {
        "form": form,
        "shop": found,
        "presets": PRESETS,
        "places": places(found),
        "logistics_choices": Warehouse.Logistics.choices,
    }
    return render(request, "shop.html", context, status=422 if form.errors else 200)
