"""A shop's line to its marketplace, for the desk's owners: how it stands, authorising again,
pausing, resuming, disconnecting, webhooks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels import connecting
from shipboard.channels.condition import condition_of
from shipboard.channels.connecting import CannotConnect
from shipboard.channels.models import Connection, Shop
from shipboard.channels.tiktok import checks
from shipboard.desk.connect import desk_for_hooks
from shipboard.desk.door import access_for, needs
from shipboard.ingest import schedule
from shipboard.orders.queries import visible_shops


@needs(Right.OWN)
@require_safe
def connection(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /shops/<slug>/connection/."""
    line = _line(request, slug)
    desk = desk_for_hooks(request, line.grant.app)
    context = {
        "shop": line.shop,
        "line": line,
        "grant": line.grant,
        "condition": condition_of(line),
        "scopes": checks.granted(line.grant),
        "others": _others(line),
        "reach": checks.domain(line.grant.app, desk),
    }
    return render(request, "connection.html", context)


@require_POST
@needs(Right.OWN)
def pause(request: HttpRequest, slug: str) -> HttpResponse:
    said = "{} is paused. Nothing is read or sent until somebody resumes it."
    return _do(request, slug, connecting.pause, "shop_paused", said)


@require_POST
@needs(Right.OWN)
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    said = "{} goes on; what changed is read now."
    done = _do(request, slug, connecting.resume, "shop_resumed", said)
    line = _line(request, slug)
    if line.state == Connection.State.ON:
        schedule.sync_now(line.shop)
    return done


@needs(Right.OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: HttpRequest, slug: str) -> HttpResponse:
    """GET asks whether it is meant; POST does it."""
    if request.method != "POST":
        line = _line(request, slug)
        if line.state == Connection.State.OFF:
            return redirect("connection", slug=slug)
        return render(request, "disconnect.html", {"shop": line.shop, "others": _others(line)})
    said = "{} is disconnected. Its orders stay."
    return _do(request, slug, connecting.disconnect, "shop_disconnected", said)


@require_POST
@needs(Right.OWN)
def hooks(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the marketplace for webhooks once more."""
    line = _line(request, slug)
    if line.state == Connection.State.OFF:
        messages.error(request, f"{line.shop} is disconnected; connect it again first.")
    else:
        connecting.set_up_hooks(line, desk_for_hooks(request, line.grant.app))
        if line.hooks_address:
            messages.success(request, "TikTok Shop sends webhooks here.")
    return redirect("connection", slug=slug)


def _do(
    request: HttpRequest,
    slug: str,
    verb: Callable[[Connection, str, datetime], None],
    kind: str,
    said: str,
) -> HttpResponse:
    line, by = _line(request, slug), access_for(request).by
    try:
        verb(line, by, clock.now())
    except CannotConnect as problem:
        messages.error(request, str(problem))
    else:
        audit.note(by, kind, line.shop.name)
        messages.success(request, said.format(line.shop.name))
    return redirect("connection", slug=slug)


def _others(line: Connection) -> QuerySet[Connection]:
    """The other shops that live by the same access."""
    return line.grant.connections.exclude(pk=line.pk).exclude(state=Connection.State.OFF)


def _line(request: HttpRequest, slug: str) -> Connection:
    shop: Shop = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    found = Connection.objects.select_related("shop", "grant__app")
    return get_object_or_404(found, shop=shop)
