"""How a person looks at Manage Orders, kept with the person: rows or cards, and which columns."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from shipboard.accounts.models import User
from shipboard.desk.columns import COLUMNS, ORDER, USUAL, chosen
from shipboard.desk.errors import refused
from shipboard.orders.filters import BadFilter, OrderFilter, View, pairs, parse


def view_for(filter_: OrderFilter, person: User) -> View:
    """The view a link asks for, else the one the person used last."""
    if filter_.view:
        return filter_.view
    return View(person.order_view) if person.order_view in set(View) else View.LIST


def here(filter_: OrderFilter) -> str:
    """The query string of the very page shown, but for `view`: where a change of looks returns."""
    return urlencode([(name, value) for name, value in pairs(filter_) if name != "view"])


@require_POST
def remember_view(request: HttpRequest) -> HttpResponse:
    """POST /orders/view/: keep the view, and go back to the page it was chosen on."""
    person = cast(User, request.user)
    try:
        filter_ = parse(request.POST.get("query", ""))
        asked = parse([("view", request.POST.get("view", ""))]).view
    except BadFilter as problem:
        return refused(request, problem)
    person.order_view = asked or View.LIST
    person.save(update_fields=["order_view"])
    return redirect(f"/orders/?{here(filter_)}")


def choose_columns(request: HttpRequest) -> HttpResponse:
    """/orders/columns/: GET ?<query> offers every column, POST keeps the choice (`usual`: none of
    one's own) and goes back to `query`."""
    person = cast(User, request.user)
    asked = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    try:
        filter_ = parse(asked)
    except BadFilter as problem:
        return refused(request, problem)
    if request.method == "POST":
        ticked = [key for key in COLUMNS if key == ORDER or key in request.POST.getlist("columns")]
        is_usual = "usual" in request.POST or tuple(ticked) == USUAL
        person.columns = [] if is_usual else ticked
        person.save(update_fields=["columns"])
        return redirect(f"/orders/?{here(filter_)}")
    context = {
        "columns": COLUMNS.values(),
        "chosen": chosen(person.columns),
        "fixed": ORDER,
        "here": here(filter_),
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "column_choice.html", context)
