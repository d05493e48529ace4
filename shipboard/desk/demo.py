"""The demo on screen: whether it is in view, and the way out of it to a shop of one's own."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from shipboard.accounts.demo import is_of_the_demo
from shipboard.accounts.models import User
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for, needs, signed_in
from shipboard.ingest.demo_removal import AddressTaken, take_demo_away, take_over
from shipboard.orders.models import Order
from shipboard.orders.queries import visible_shops

GONE = "The demo is gone. Add your shop, then import its order export."


class OwnerForm(forms.Form):
    """The first account that is not the demo's."""

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    password = forms.CharField(
        strip=False,
        label="A password",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text="At least ten characters, and none of the passwords that everybody uses.",
    )

    def clean(self) -> None:
        given = self.cleaned_data
        if "password" not in given:
            return
        try:
            validate_password(given["password"], User(email=given.get("email", "")))
        except ValidationError as problem:
            self.add_error("password", problem)


@needs(Right.OWN)
@never_cache
def own_shop(request: HttpRequest) -> HttpResponse:
    """GET says what happens; POST takes the demo away and, for one of the demo's people, makes an
    account of their own and signs it in. A second POST finds it done."""
    person = signed_in(request)
    is_demo = is_of_the_demo(person)
    form = OwnerForm(request.POST or None) if is_demo else None
    shops = Shop.objects.filter(is_demo=True).order_by("name")
    if request.method == "POST" and form is None:
        if take_demo_away(by=person.email):
            messages.success(request, GONE)
        return redirect("shops")
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            owner = take_over(**form.cleaned_data)
        except AddressTaken as problem:
            form.add_error("email", str(problem))
        else:
            answer: HttpResponse = perform_login(request, owner, redirect_url="/shops/")
            messages.success(request, GONE)
            return answer
    if form is None and not shops:
        return redirect("shops")
    context = {"form": form, "shops": shops, "orders": Order.objects.filter(shop__in=shops).count()}
    return render(request, "own_shop.html", context, status=422 if form and form.errors else 200)


def what_leaves(request: HttpRequest) -> str:
    """For before a shop of one's own comes: what becomes of the demo in view; blank without it."""
    names = _names(request) if is_in_view(request) else ""
    return names and (
        f"The demo shops ({names}) leave Manage Orders as soon as a shop of your own is here, "
        "because made-up orders never stand among real ones; they stay under Shops."
    )


def what_left(request: HttpRequest) -> str:
    """For after it came: what became of the demo, and the way back; blank without it."""
    names = _names(request)
    return names and (
        f"The demo shops ({names}) are out of view now, because made-up orders never stand among "
        "real ones; to see one again, choose it in the list of shops on Manage Orders."
    )


def _names(request: HttpRequest) -> str:
    demo = visible_shops(access_for(request)).filter(is_demo=True)
    return ", ".join(demo.values_list("name", flat=True))


def is_in_view(request: HttpRequest) -> bool:
    """Whether a page without orders of its own would show the demo's, by shop= or for want of
    others."""
    if not request.user.is_authenticated:
        return False
    demo = dict(visible_shops(access_for(request)).values_list("slug", "is_demo"))
    named = request.GET.getlist("shop")
    return any(demo.get(slug) for slug in named) or (bool(demo) and all(demo.values()))
