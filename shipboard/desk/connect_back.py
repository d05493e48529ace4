"""Back from TikTok Shop: the answer is taken, once, and the seller's shops are offered."""

from __future__ import annotations

import zoneinfo
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels import connecting
from shipboard.channels.connecting import CannotConnect
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.channels.tiktok import checks, oauth
from shipboard.channels.tiktok.oauth import RemoteShop
from shipboard.desk import connect_state, demo
from shipboard.desk.connect import desk_for_hooks
from shipboard.desk.connect_forms import PastedForm
from shipboard.desk.connect_offers import Offers
from shipboard.desk.connect_state import BadState, State
from shipboard.desk.door import access_for, needs, signed_in
from shipboard.ingest import schedule
from shipboard.orders.sla import PRESETS

CHANNEL = Shop.Channel.TIKTOK
DENIED = "You, or somebody at TikTok Shop, did not let the app in."
NO_CODE = "TikTok Shop's answer holds no code."


class NoAccess(Exception):
    """No access came of the answer; the message says why. `app`: whose test page is the way on."""

    def __init__(self, sentence: str, app: int = 0) -> None:
        super().__init__(sentence)
        self.app = app


@never_cache
@needs(Right.OWN)
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """GET /shops/tiktok/callback/, where TikTok Shop sends the browser."""
    return _take(request, {name: str(value) for name, value in request.GET.items()})


@require_POST
@needs(Right.OWN)
def pasted(request: HttpRequest) -> HttpResponse:
    """The address that the browser was sent to, brought here by hand."""
    form = PastedForm(request.POST)
    text = form.cleaned_data["address"] if form.is_valid() else ""
    return _take(request, answer_of(text))


def answer_of(address: str) -> dict[str, str]:
    """The query of an address that a browser was sent to; the first of repeated values."""
    try:
        query = parse_qs(urlsplit(address.strip()).query)
    except ValueError:
        return {}
    return {name: values[0] for name, values in query.items()}


def _take(request: HttpRequest, answer: dict[str, str]) -> HttpResponse:
    try:
        state, grant = _granted(request, answer)
    except (BadState, NoAccess) as problem:
        context = {"problem": str(problem), "app": getattr(problem, "app", 0)}
        return render(request, "connect_refused.html", context, status=400)
    audit.note(access_for(request).by, "access_given", str(grant))
    renewed = _renew(request, grant)
    if renewed:
        names = ", ".join(line.shop.name for line in renewed)
        messages.success(request, f"The access of {names} is renewed.")
    where = reverse("connect_shops", args=[grant.pk])
    return redirect(f"{where}?shop={state.shop}" if state.shop else where)


def _granted(request: HttpRequest, answer: dict[str, str]) -> tuple[State, Grant]:
    """Raises BadState and NoAccess."""
    session = request.session.session_key or ""
    state = connect_state.read(answer.get("state", ""), signed_in(request).pk, session)
    app = App.objects.filter(pk=state.app).first()
    if app is None:
        raise NoAccess("The app is not here any more. Enter its key and secret again.")
    code = answer.get("code", "")
    if answer.get("error") or code == "null":
        raise NoAccess(DENIED, app.pk)
    if not code:
        raise NoAccess(NO_CODE, app.pk)
    if answer.get("app_key", app.key) != app.key:
        raise NoAccess("The answer is for another app than the one that was begun with.", app.pk)
    connect_state.use(state)
    try:
        return state, oauth.exchange(app, code)
    except ChannelFailure as failure:
        if failure.kind is FailureKind.TRANSIENT and failure.outcome is Outcome.NONE:
            connect_state.give_back(state)  # reloading the page tries again
        raise NoAccess(f"{failure.sentence} {failure.next_step}", app.pk) from failure


def _renew(request: HttpRequest, grant: Grant) -> list[Connection]:
    """The grant's own shops go on at once, with their webhooks, which end with an access that was
    withdrawn. If they cannot be listed, the next page says why."""
    try:
        lines = connecting.renew(grant, oauth.shops(grant))
    except ChannelFailure:
        return []
    for line in lines:
        connecting.set_up_hooks(line, desk_for_hooks(request, line.grant.app))
        if line.state == Connection.State.ON:
            schedule.sync_now(line.shop)
    return lines


@never_cache
@needs(Right.OWN)
def shops(request: HttpRequest, pk: int) -> HttpResponse:
    """GET offers the shops that the access is for; POST connects those that were chosen."""
    found = Grant.objects.select_related("app").filter(app__channel=CHANNEL)
    grant = get_object_or_404(found, pk=pk)
    tested = checks.after(grant, desk_for_hooks(request, grant.app))
    try:
        remotes = oauth.shops(grant)
    except ChannelFailure as failure:
        context = {"grant": grant, "checks": tested, "failure": failure}
        return render(request, "connect_unlisted.html", context, status=424)
    was_leaving = demo.what_leaves(request)
    offers = Offers(grant, remotes, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        done = offers.connect(access_for(request).by)
        if done is not None:
            if was_leaving:
                messages.info(request, demo.what_left(request))
            return _done(request, done)
        status = 422
    context = {
        "grant": grant,
        "checks": tested,
        "offers": offers,
        "demo_leaves": was_leaving,
        "absent": _absent(request, remotes),
        "presets": PRESETS,
        "zones": sorted(zoneinfo.available_timezones()),
    }
    return render(request, "connect_shops.html", context, status=status)


@require_POST
@needs(Right.OWN)
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an access that no shop came to use."""
    grant = get_object_or_404(Grant, pk=pk, app__channel=CHANNEL)
    try:
        connecting.forget(grant)
    except CannotConnect as problem:
        messages.error(request, str(problem))
    else:
        audit.note(access_for(request).by, "access_forgotten", str(grant))
        messages.success(request, f"The access given by {grant} is deleted here.")
    return redirect("connect")


def _done(request: HttpRequest, lines: list[Connection]) -> HttpResponse:
    """After the lines are stored: their webhooks, their first reading, and the audit."""
    for line in lines:
        connecting.set_up_hooks(line, desk_for_hooks(request, line.grant.app))
        audit.note(access_for(request).by, "shop_connected", line.shop.name)
        if line.state == Connection.State.ON:
            schedule.sync_now(line.shop)
    names = ", ".join(line.shop.name for line in lines)
    messages.success(request, f"{names}: connected. The orders are being read now.")
    if len(lines) == 1:
        return redirect("connection", slug=lines[0].shop.slug)
    return redirect("shops")


def _absent(request: HttpRequest, remotes: tuple[RemoteShop, ...]) -> Shop | None:
    """The shop whose access was to be renewed, when this access is not for it."""
    asked = request.GET.get("shop", "")
    shop = Shop.objects.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 18 else None
    if shop is None or shop.remote_id in {remote.remote_id for remote in remotes}:
        return None
    return shop
