"""Shops: what there is, adding one, and the rules of each."""

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
from shipboard.channels.models import Connection, Shop, Warehouse
from shipboard.channels.regions import REGIONS
from shipboard.channels.registry import has_line
from shipboard.channels.shops import (
    LABEL_SIZES,
    MOST_IN_FLIGHT,
    MOST_LABEL_DAYS,
    MOST_UNDO_SECONDS,
    BadShop,
    Labelling,
    Rules,
    Sending,
    add_shop,
    change_labelling,
    change_rules,
    change_sending,
    labelling_of,
    rules_of,
    sending_of,
)
from shipboard.desk import demo
from shipboard.desk.ages import ages, facts_of, facts_of_orders, with_facts
from shipboard.desk.door import access_for, needs
from shipboard.desk.warehouses import places
from shipboard.ingest.removal import remove_shop
from shipboard.ingest.restate import restate
from shipboard.orders.queries import visible_shops
from shipboard.orders.sla import PRESETS

FLAT = "flat"
#: Presets exist for few regions; a rule is only asked where the marketplace gives no deadline.
NO_PRESET = (
    "Used for orders whose deadlines the marketplace does not say; with None they have none. There "
    "are presets for {regions}; elsewhere, as in the United Kingdom, take flat hours or None."
)
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
        help_text=NO_PRESET.format(
            regions=", ".join(
                sorted(REGIONS[each].name for preset in PRESETS.values() for each in preset.regions)
            )
        ),
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


class SendingForm(forms.Form):
    """How a shop's shipments leave; the bounds are checked, and said, by change_sending."""

    undo_seconds = forms.IntegerField(
        label="Undo window (seconds)",
        help_text=f"0 to {MOST_UNDO_SECONDS}: for so long a shipment waits in the outbox and can "
        "be undone; none when a deadline is near.",
    )
    in_flight = forms.IntegerField(
        label="Calls at once",
        help_text=f"1 to {MOST_IN_FLIGHT}: so many shipments are told to the marketplace at once.",
    )


class LabellingForm(forms.Form):
    """A shop's labels; the bounds are checked, and said, by change_labelling."""

    prints_at_once = forms.BooleanField(
        required=False,
        label="Create and print together",
        help_text="Else labels are created, and printed later; each form has a switch.",
    )
    label_size = forms.ChoiceField(label="Size of labels", choices=[(s, s) for s in LABEL_SIZES])
    label_days = forms.IntegerField(
        label="Label files are kept (days)",
        help_text=f"1 to {MOST_LABEL_DAYS}: they hold names and addresses, and go after that.",
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
    form, demo_leaves = ShopForm(request.POST or None), demo.what_leaves(request)
    if request.method == "POST" and form.is_valid():
        try:
            named = {key: form.cleaned_data[key] for key in ("name", "region", "timezone")}
            made = add_shop(**named, rules=form.rules(), presets=set(PRESETS))
        except BadShop as problem:
            form.add_error(None, str(problem))
        else:
            audit.note(access.by, "shop_added", made.name)
            messages.success(request, f"{made.name} is here. Next: import its order export.")
            if demo_leaves:
                messages.info(request, demo.what_left(request))
            return redirect(f"/uploads/?shop={made.slug}")
    listed = list(with_facts(visible_shops(access)))
    facts = facts_of(listed)
    of_orders = facts_of_orders(shop for shop in listed if shop.pk not in facts)
    lines = Connection.objects.filter(shop__in=listed).select_related("grant__app")
    context = {
        "form": form,
        "demo_leaves": demo_leaves,
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
    form = RulesForm(request.POST or None, initial=_as_asked(rules_of(found)))
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
    return _page(request, found, form, SendingForm(initial=asdict(sending_of(found))))


@require_POST
@needs(Right.RULES)
def set_sending(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /shops/<slug>/shipping/ with undo_seconds and in_flight."""
    found = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    form = SendingForm(request.POST)
    if form.is_valid():
        try:
            change_sending(found, Sending(**form.cleaned_data))
        except BadShop as problem:
            form.add_error(None, str(problem))
        else:
            told = asdict(sending_of(found))
            audit.note(access_for(request).by, "sending_set", found.name, **told)
            messages.success(request, f"{found.name} ships so from now on.")
            return redirect("shop", slug=found.slug)
    return _page(request, found, RulesForm(initial=_as_asked(rules_of(found))), form)


@require_POST
@needs(Right.RULES)
def set_labelling(request: HttpRequest, slug: str) -> HttpResponse:
    """POST /shops/<slug>/labels/ with prints_at_once, label_size and label_days."""
    found = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    form = LabellingForm(request.POST)
    if form.is_valid():
        try:
            change_labelling(found, Labelling(**form.cleaned_data))
        except BadShop as problem:
            form.add_error(None, str(problem))
        else:
            told = asdict(labelling_of(found))
            audit.note(access_for(request).by, "labelling_set", found.name, **told)
            messages.success(request, f"The labels of {found.name} are made so from now on.")
            return redirect("shop", slug=found.slug)
    rules = RulesForm(initial=_as_asked(rules_of(found)))
    return _page(request, found, rules, SendingForm(initial=asdict(sending_of(found))), form)


def _as_asked(rules: Rules) -> dict[str, object]:
    """As the form has them."""
    has_hours = rules.dispatch_hours or rules.auto_cancel_hours
    return asdict(rules) | {"sla": FLAT if has_hours else rules.sla}


def _page(
    request: HttpRequest,
    found: Shop,
    form: RulesForm,
    sending: SendingForm,
    labelling: LabellingForm | None = None,
) -> HttpResponse:
    labelling = labelling or LabellingForm(initial=asdict(labelling_of(found)))
    context = {
        "labelling": labelling,
        "form": form,
        "sending": sending,
        "has_line": has_line(found),
        "shop": found,
        "presets": PRESETS,
        "places": places(found),
        "logistics_choices": Warehouse.Logistics.choices,
    }
    is_wrong = form.errors or sending.errors or labelling.errors
    return render(request, "shop.html", context, status=422 if is_wrong else 200)
