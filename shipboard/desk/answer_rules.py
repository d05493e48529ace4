"""Rules that answer buyers' requests to cancel: the list, and one rule to be added, changed, turned
on and off, and removed. What a rule would do is on a page of its own (answer_rule_trial.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.channels.text import clean
from shipboard.desk.door import access_for, needs
from shipboard.fulfilment import rule_edits
from shipboard.fulfilment.models import AnswerRule
from shipboard.fulfilment.rule_edits import RuleChanged, RuleWish, wish_of
from shipboard.fulfilment.rule_reasons import reasons_of, words_of
from shipboard.orders.queries import visible_shops
from shipboard.orders.value_words import money, span_words

MOST_MINUTES, MOST_AN_HOUR = 43_200, 500
NEVER = (
    "It never answers once a label or print was made or asked for, a shipment was asked for, the "
    "order is held here, or the marketplace decides over it."
)
#: Letters that show nothing.
FILLERS = "\u115f\u1160\u3164\uffa0"
EVERY = "Nothing narrows this rule: it approves every request of a buyer to cancel."
BY_FILE = (
    "This shop is fed by files: requests are answered in Seller Center, so no rule can do it here."
)


class RuleForm(forms.Form):
    name = forms.CharField(
        max_length=60, label="Name", help_text="What it approves is marked with this name."
    )
    reasons = forms.MultipleChoiceField(required=False)
    most_total = forms.DecimalField(
        required=False, min_value=0, max_digits=16, decimal_places=2, label="Order total at most"
    )
    most_minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        label="Asked at most so many minutes after payment",
        help_text="Blank: however long after.",
    )
    hourly_most = forms.IntegerField(
        min_value=1,
        max_value=MOST_AN_HOUR,
        initial=20,
        label="At most so many approvals in 60 minutes",
        help_text="What comes beyond waits until there is room, and is then looked at again.",
    )

    every = forms.BooleanField(required=False)

    def clean_name(self) -> str:
        name = " ".join(clean(self.cleaned_data["name"]).split())
        if not any(each.isalnum() and each not in FILLERS for each in name):
            raise forms.ValidationError("Give it a name with letters or digits that can be read.")
        return name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and is_for_every(self.wish()) and not given["every"]:
            self.add_error("every", f"{EVERY} Say here that you want that, or narrow it above.")
        return given

    def wish(self) -> RuleWish:
        given = {name: value for name, value in self.cleaned_data.items() if name != "every"}
        return RuleWish(**given | {"reasons": tuple(given["reasons"])})


@require_safe
@needs(Right.RULES)
def answer_rules(request: HttpRequest) -> HttpResponse:
    """GET /settings/rules/: the rules of the shops that one sees, in the order in which they are
    asked."""
    shops = {shop.pk: shop for shop in visible_shops(access_for(request))}
    rules = AnswerRule.objects.filter(shop__in=shops).annotate(used_at=Max("log__at"))
    listed = list(rules.select_related("shop").order_by("shop__name", "shop", "pk"))
    words = words_of({rule.shop for rule in listed}, clock.now())
    context = {
        "rules": [(rule, said_of(rule, words)) for rule in listed],
        "shops": [shop for shop in shops.values() if can_answer(shop)],
        "by_file": [shop for shop in shops.values() if not can_answer(shop)],
        "never": NEVER,
    }
    return render(request, "answer_rules.html", context)


@needs(Right.RULES)
def new_answer_rule(request: HttpRequest) -> HttpResponse:
    """GET /settings/rules/new/?shop=<slug>: the form of a new rule; POST adds it, off."""
    access, now = access_for(request), clock.now()
    given = request.POST if request.method == "POST" else request.GET
    shop = {each.slug: each for each in visible_shops(access)}.get(given.get("shop", ""))
    if shop is None:
        raise Http404
    form = _form(request, shop, RuleWish(name=""), now)
    if request.method == "POST" and can_answer(shop) and form.is_valid() and _is_free(form, shop):
        rule = rule_edits.add_rule(shop, form.wish(), access=access, now=now)
        audit.note(access.by, "rule_kept", rule.name, shop=shop.name)
        messages.success(request, f"{rule.name} is kept, and off. See here what it would do.")
        return redirect("try_answer_rule", pk=rule.pk)
    return _page(request, shop, form, None)


@needs(Right.RULES)
def answer_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /settings/rules/<pk>/: the form of a rule; POST changes it, turns it on (do=on, with
    `seen` of the page on which it was tried) or off, or removes it."""
    access, now = access_for(request), clock.now()
    rule = rule_of(access, pk)
    do = request.POST.get("do", "")
    if do in ("on", "off", "remove"):
        return _steered(request, rule, do, access, now)
    form = _form(request, rule.shop, wish_of(rule), now)
    if request.method == "POST" and form.is_valid() and _is_free(form, rule.shop, rule):
        try:
            rule_edits.change_rule(rule, form.wish(), access=access, now=now)
        except RuleChanged as gone:
            messages.error(request, str(gone))
            return redirect("answer_rules")
        audit.note(access.by, "rule_kept", form.wish().name, shop=rule.shop.name)
        messages.success(request, "The rule is kept, and off. See here what it would do.")
        return redirect("try_answer_rule", pk=rule.pk)
    return _page(request, rule.shop, form, rule)


def _steered(
    request: HttpRequest, rule: AnswerRule, do: str, access: Access, now: datetime
) -> HttpResponse:
    seen = _instant(request.POST.get("seen", ""))
    try:
        if do == "remove":
            rule_edits.remove_rule(rule, access=access, now=now)
        elif do == "off":
            rule_edits.turn_off(rule, access=access, now=now)
        elif seen:
            rule_edits.turn_on(rule, seen=seen, access=access, now=now)
        else:
            raise RuleChanged("See first what the rule would do, and turn it on there.")
    except RuleChanged as problem:
        messages.error(request, str(problem))
        return redirect("answer_rules")
    kinds = {"on": "rule_on", "off": "rule_off", "remove": "rule_removed"}
    audit.note(access.by, kinds[do], rule.name, shop=rule.shop.name)
    said = {
        "on": "is on: it looks at the requests that come from now on.",
        "off": "is off. What it had approved and had not left yet was taken back.",
        "remove": "is gone; its log stays.",
    }
    messages.success(request, f"{rule.name} {said[do]}")
    return redirect("answer_rules")


def _instant(given: str) -> datetime | None:
    try:
        return parse_datetime(given)
    except ValueError:
        return None


def rule_of(access: Access, pk: int) -> AnswerRule:
    """Raises Http404 for a rule of a shop that the actor does not see."""
    found = AnswerRule.objects.select_related("shop").filter(pk=pk).first()
    if found is None or not access.allows(found.shop_id):
        raise Http404
    return found


def can_answer(shop: Shop) -> bool:
    return bool(capabilities(shop, Shipping.SELLER).cancel_requests)


def is_for_every(rule: AnswerRule | RuleWish) -> bool:
    """Whether nothing narrows what it approves."""
    return not rule.reasons and rule.most_total is None and rule.most_minutes is None


def said_of(rule: AnswerRule, words: Mapping[str, str]) -> str:
    """What the rule does, in a sentence; `words` of its reasons (rule_reasons.words_of)."""
    when = []
    if rule.reasons:
        when.append(
            "the reason is " + " or ".join(f"“{words.get(each, each)}”" for each in rule.reasons)
        )
    if rule.most_total is not None:
        most = money(rule.most_total, rule.shop.currency)
        when.append(f"the order's total is at most {most}")
    if rule.most_minutes is not None:
        when.append(f"the buyer asked within {span_words(rule.most_minutes)} of payment")
    said = ", and ".join(filter(None, (", ".join(when[:-1]), *when[-1:])))
    what = (
        f"Approves a buyer's request to cancel when {said}"
        if said
        else ("Approves every request of a buyer to cancel")
    )
    return f"{what}. At most {rule.hourly_most:,} approvals in any 60 minutes."


def _form(request: HttpRequest, shop: Shop, wish: RuleWish, now: datetime) -> RuleForm:
    initial = asdict(wish)
    if wish.most_total is not None:
        initial["most_total"] = f"{wish.most_total:.2f}"
    form = RuleForm(request.POST if request.method == "POST" else None, initial=initial)
    offered = {each.name: each.text for each in reasons_of(shop, now)}
    offered |= {name: name for name in wish.reasons if name not in offered}
    form.fields["reasons"].choices = list(offered.items())  # type: ignore[attr-defined]
    form.fields["most_total"].help_text = (
        f"In {shop.currency}. Blank: whatever the total."
        if shop.currency
        else "This shop has no currency, so no rule of it approves anything."
    )
    return form


def _is_free(form: RuleForm, shop: Shop, but: AnswerRule | None = None) -> bool:
    """Whether no other rule of the shop has the name, which the log and the orders show."""
    same = AnswerRule.objects.filter(shop=shop, name__iexact=form.wish().name)
    if not (same.exclude(pk=but.pk) if but else same).exists():
        return True
    form.add_error("name", "Another rule of this shop has this name; choose one of its own.")
    return False


def _page(
    request: HttpRequest, shop: Shop, form: RuleForm, rule: AnswerRule | None
) -> HttpResponse:
    given = request.POST.getlist("reasons") if form.is_bound else form.initial["reasons"]
    context = {
        "shop": shop,
        "form": form,
        "rule": rule,
        "chosen": set(given),
        "reasons": form.fields["reasons"].choices,  # type: ignore[attr-defined]
        "never": NEVER,
        "why_not": "" if can_answer(shop) else BY_FILE,
        "every_errors": form.errors.get("every", ()),
        "says_every": form.is_bound and "every" in form.data,
    }
    return render(request, "answer_rule.html", context, status=422 if form.errors else 200)
