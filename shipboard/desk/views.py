"""Saved views on screen: the rail's list with its counts, saving one, and the page of them all."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.models import User
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused
from shipboard.desk.filter_panel import pills
from shipboard.desk.outbox import bar_of
from shipboard.orders import saved_views, view_counts
from shipboard.orders.case_lists import to_answer_count
from shipboard.orders.filters import BadFilter, OrderFilter, parse
from shipboard.orders.models import SavedView
from shipboard.orders.queries import visible_shops
from shipboard.orders.saved_views import ViewRefused
from shipboard.orders.stages import TAB_LABELS


@require_GET
@never_cache
def rail(request: HttpRequest) -> HttpResponse:
    """GET /orders/views/: the rail's links, counted when they are looked at and not before."""
    access, now = access_for(request), clock.now()
    visible = list(visible_shops(access))
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    context = {
        "shown": view_counts.count(saved_views.views_of(access.person_id), access, now),
        "to_answer": to_answer_count(visible, now),
        "bar": bar_of(visible, clock.wall()),
        "is_over_list": here == reverse("order_list"),
    }
    return render(request, "views_rail.html", context)


def views(request: HttpRequest) -> HttpResponse:
    """/views/: GET lists the views one may open, POST saves one."""
    if request.method == "POST":
        return _save(request)
    access = access_for(request)
    shops = list(visible_shops(access))
    shown = view_counts.read(saved_views.views_of(access.person_id), shops)
    listed = [(each, in_words(each.filter_, shops) if each.filter_ else "") for each in shown]
    return render(request, "views.html", {"listed": listed})


@require_GET
def new_view(request: HttpRequest) -> HttpResponse:
    """GET /views/new/?<query>: the form that saves what is shown."""
    return _form(request, request.GET.urlencode())


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    try:
        saved_views.rename_view(view, request.POST.get("name", ""))
    except ViewRefused as problem:
        messages.error(request, str(problem))
    return redirect("views")


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """`shared=yes` lets everyone on the desk open it, anything else keeps it to its owner."""
    saved_views.share_view(_own(request, pk), is_shared=request.POST.get("shared") == "yes")
    return redirect("views")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever saved it removes it; an owner of the desk may remove what others share."""
    access = access_for(request)
    view = _open(access, pk)
    if view.owner_id != access.person_id:
        if not access.may(Right.OWN):
            raise NotAllowed(f"Only {view.owner}, who saved this view, can remove it.")
        audit.note(access.by, "shared_view_removed", f"a view of {view.owner.email}")
    view.delete()
    messages.success(request, f"The view {view.name} is gone; no order was touched.")
    return redirect("views")


def _save(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    query, name = request.POST.get("query", ""), request.POST.get("name", "")
    is_shared = request.POST.get("shared") == "yes"
    try:
        filter_ = parse(query)
        made = saved_views.save_view(person, name, filter_, is_shared=is_shared, now=clock.now())
    except BadFilter as problem:
        return refused(request, problem)
    except ViewRefused as refusal:
        return _form(request, query, str(refusal), name, is_shared=is_shared)
    messages.success(request, f"Saved as {made.name}; it is in the rail.")
    return redirect(f"/orders/?{made.query}")


def _form(
    request: HttpRequest, query: str, problem: str = "", name: str = "", *, is_shared: bool = False
) -> HttpResponse:
    try:
        filter_ = parse(query)
    except BadFilter as unknown:
        return refused(request, unknown)
    context = {
        "query": saved_views.kept_query(filter_),
        "words": in_words(filter_, list(visible_shops(access_for(request)))),
        "problem": problem,
        "name": name,
        "is_shared": is_shared,
        "most": saved_views.LONGEST_NAME,
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "view_form.html", context, status=422 if problem else 200)


def in_words(filter_: OrderFilter, shops: list[Shop]) -> str:
    """`Pending shipping; Carrier: USPS`: what a view shows, without opening it."""
    return "; ".join([TAB_LABELS[filter_.tab], *(pill.text for pill in pills(filter_, shops))])


def _open(access: Access, pk: int) -> SavedView:
    """A view that the reader may open; others' private ones do not exist for them."""
    return get_object_or_404(saved_views.views_of(access.person_id), pk=pk)


def _own(request: HttpRequest, pk: int) -> SavedView:
    access = access_for(request)
    view = _open(access, pk)
    if view.owner_id != access.person_id:
        raise NotAllowed(f"Only {view.owner}, who saved this view, can change it.")
    return view
