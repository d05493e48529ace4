"""Connecting a TikTok Shop, up to the page on which the seller authorises: what is needed, the app,
and what can be tested of it before.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels import connecting
from shipboard.channels.connecting import BadApp, CannotConnect
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.channels.tiktok import checks, hooking, oauth
from shipboard.channels.tiktok.scopes import COSTS
from shipboard.desk import connect_state, demo
from shipboard.desk.connect_forms import MARKETS, AppForm, PastedForm
from shipboard.desk.door import access_for, needs, signed_in

CHANNEL = Shop.Channel.TIKTOK


@needs(Right.OWN)
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """GET /shops/tiktok/connect/: what is needed, and the apps and accesses there are."""
    lines = Connection.objects.exclude(state=Connection.State.OFF)
    idle = Grant.objects.filter(app__channel=CHANNEL, ended_at=None)
    context = {
        "redirect_url": redirect_url(request),
        "hooks": hooks_told(),
        "scopes": COSTS,
        "apps": App.objects.filter(channel=CHANNEL).order_by("name", "pk"),
        "used": set(Connection.objects.values_list("grant__app", flat=True)),
        "demo_leaves": demo.what_leaves(request),
        "idle": idle.exclude(connections__in=lines).select_related("app").order_by("pk"),
    }
    return render(request, "connect.html", context)


@never_cache
@needs(Right.OWN)
def app(request: HttpRequest) -> HttpResponse:
    """GET asks for the app; POST stores it if the marketplace knows it, and goes on to the test."""
    form = AppForm(request.POST or None, initial={"market": request.GET.get("market", "row")})
    if request.method == "POST" and form.is_valid():
        try:
            kept = connecting.keep_app(form.given(), clock.now())
        except BadApp as problem:
            form.add_error(problem.field, str(problem))
        else:
            audit.note(access_for(request).by, "app_kept", kept.name)
            market = form.cleaned_data["market"]
            return redirect(f"{reverse('connect_test', args=[kept.pk])}?market={market}")
    return render(request, "connect_app.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs(Right.OWN)
def remove_app(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(App, pk=pk, channel=CHANNEL)
    try:
        connecting.remove_app(found)
    except CannotConnect as problem:
        messages.error(request, str(problem))
    else:
        audit.note(access_for(request).by, "app_removed", found.name)
        messages.success(request, f"{found} and its secret are gone.")
    return redirect("connect")


@never_cache
@needs(Right.OWN)
@require_safe
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """GET tests the app and leads to the page to authorise on. `market`: US or row; `shop`: the
    slug of a shop whose access is to be renewed."""
    found = get_object_or_404(App, pk=pk, channel=CHANNEL)
    shop = Shop.objects.filter(slug=request.GET.get("shop", ""), channel=CHANNEL).first()
    market = request.GET.get("market") or market_of(found, shop)
    state = connect_state.made(
        found.pk,
        signed_in(request).pk,
        request.session.session_key or "",
        shop.pk if shop else 0,
    )
    context = {
        "app": found,
        "shop": shop,
        "market": market if market in MARKETS else "row",
        "markets": MARKETS,
        "checks": checks.before(found, desk_for_hooks(request, found)),
        "authorize_url": oauth.authorize_url(found, state, region=market),
        "redirect_url": redirect_url(request),
        "form": PastedForm(),
    }
    return render(request, "connect_test.html", context)


def redirect_url(request: HttpRequest) -> str:
    """What to enter as the app's redirect URL in the Partner Center."""
    here = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return here + reverse("connect_callback")


def desk_for_hooks(request: HttpRequest, app: App) -> str:
    """The address that webhooks of the app's shops are asked for at; blank where there is none."""
    here = request.build_absolute_uri("/").rstrip("/")
    return hooking.desk_of(app, settings.PUBLIC_URL, here)


def hooks_told() -> tuple[str, str]:
    """The address to enter for webhooks, or why there is none."""
    try:
        return hooking.address(App(), settings.PUBLIC_URL), ""
    except ValueError as problem:
        return "", str(problem)


def market_of(app: App, shop: Shop | None) -> str:
    """By the shop's region, or by what the app was used for before."""
    if shop is not None:
        return "US" if shop.region == "US" else "row"
    return "US" if Grant.objects.filter(app=app, region="US").exists() else "row"
