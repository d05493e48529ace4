"""The Filter panel: what can be chosen, and the pills that say what was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shipboard.channels.models import Shop
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused
from shipboard.orders.cards import CARD_TEXTS
from shipboard.orders.facets import facets
from shipboard.orders.filters import BadFilter, Logistics, OrderFilter, parse
from shipboard.orders.label_states import WORDS
from shipboard.orders.models import Colour
from shipboard.orders.queries import companions, shops_in_view
from shipboard.orders.stages import STAGE_LABELS

CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "shipping": ("Shipping type", {"seller": "Seller shipping", "platform": "Platform shipping"}),
    "logistics": ("Logistics", dict(Logistics.choices)),
    "logistics_tag": (
        "Logistics tag",
        {"timestamp": "Timestamp issue", "address": "Tracking address issue"},
    ),
    "contents": ("Order contents", {"single_sku": "Single SKU", "multi_sku": "Multiple SKUs"}),
    "packages": ("Packages", {"split": "Split", "combined": "Combined"}),
    "label": ("Shipping label", {state.value: words for state, words in WORDS.items()}),
    "printed": ("Label printed", {"yes": "Printed", "no": "Not printed"}),
    "order_type": (
        "Order type",
        {
            "normal": "Normal",
            "pre_order": "Pre-order",
            "made_to_order": "Made to order",
            "back_order": "Back order",
            "sample": "Sample",
        },
    ),
    "has": ("With", {"buyer_message": "Buyer message", "seller_note": "Any seller note"}),
    "held": (
        "Held here",
        {"yes": "Held here", "no": "Not held here", "due": "Held here, reminder due"},
    ),
    "flag": (
        "Flag",
        {**{colour.value: colour.capitalize() for colour in Colour}, "any": "Any", "none": "None"},
    ),
    "case": (
        "Case",
        {
            "cancellation": "Cancellation",
            "return": "Return",
            "refund": "Refund",
            "replacement": "Replacement",
        },
    ),
    "canceled_by": (
        "Canceled by",
        {"buyer": "Buyer", "seller": "Seller", "system": "System", "operator": "Operator"},
    ),
}
#: Choices of which only one can hold.
RADIOS = frozenset({"contents", "packages", "held", "printed"})
DAYS = {"created": "Created", "paid": "Paid", "ship_by": "Ship by"}
FACET_LABELS = {
    "carrier": "Carrier",
    "warehouse": "Warehouse",
    "delivery_option": "Delivery option",
    "currency": "Currency",
}


@dataclass(frozen=True)
class Group:
    """A set of boxes; `kind` is checkbox or radio."""

    name: str
    title: str
    kind: str
    options: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Pill:
    text: str
    href: str


def filter_panel(request: HttpRequest) -> HttpResponse:
    """GET /orders/filter/?<query>: the panel alone for htmx, a page of its own otherwise."""
    access = access_for(request)
    try:
        filter_ = parse((name, value) for name, values in request.GET.lists() for value in values)
        in_view = shops_in_view(filter_, access)
    except BadFilter as problem:
        return refused(request, problem)
    shops = companions(in_view, access)
    context = {
        "filter": filter_,
        "groups": list(_groups(filter_, shops)),
        "days": [(name, label, *_bounds(filter_, name)) for name, label in DAYS.items()],
        "kept": {
            "tab": filter_.tab.value,
            "q": ",".join(filter_.q),
            "sort": str(filter_.sort or ""),
            "urgency": str(filter_.urgency or ""),
        },
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "filter_panel.html", context)


def _bounds(filter_: OrderFilter, name: str) -> tuple[date | None, date | None]:
    return getattr(filter_, f"{name}_from"), getattr(filter_, f"{name}_to")


def _groups(filter_: OrderFilter, shops: list[Shop]) -> Iterable[Group]:
    yield _group(
        "stage", "Order status", {s.value: text for s, text in STAGE_LABELS.items()}, filter_
    )
    if len(shops) > 1:
        yield _group("shop", "Shop", {shop.slug: shop.name for shop in shops}, filter_)
    for name, (title, options) in CHOICES.items():
        yield _group(name, title, options, filter_)
    for name, values in facets(shops).items():
        chosen = {value: value for value in getattr(filter_, name)}
        if len(values) > 1 or chosen:
            yield _group(name, FACET_LABELS[name], {v: v for v in values} | chosen, filter_)


def _group(name: str, title: str, options: dict[str, str], filter_: OrderFilter) -> Group:
    chosen = _chosen(filter_, name)
    kind = "radio" if name in RADIOS else "checkbox"
    boxes = [(value, label, value in chosen) for value, label in options.items()]
    return Group(name, title, kind, boxes)


def _chosen(filter_: OrderFilter, name: str) -> tuple[str, ...]:
    value: Any = getattr(filter_, name)
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


def pills(filter_: OrderFilter, shops: list[Shop]) -> list[Pill]:
    """One pill per thing that narrows the list; following it removes that thing."""
    found = []
    if filter_.urgency:
        found.append(_pill(filter_, CARD_TEXTS[filter_.urgency].label, urgency=None))
    if filter_.q:
        text = (
            f"Search: {filter_.q[0]}" if len(filter_.q) == 1 else f"Search: {len(filter_.q)} values"
        )
        found.append(_pill(filter_, text, q=()))
    for stage in filter_.stage:
        rest = tuple(each for each in filter_.stage if each != stage)
        found.append(_pill(filter_, STAGE_LABELS[stage], stage=rest))
    names = {shop.slug: shop.name for shop in shops}
    for slug in filter_.shop:
        rest_shops = tuple(each for each in filter_.shop if each != slug)
        found.append(_pill(filter_, f"Shop: {names.get(slug, slug)}", shop=rest_shops))
    for name, (title, options) in CHOICES.items():
        for value in _chosen(filter_, name):
            found.append(_without(filter_, name, value, f"{title}: {options[value]}"))
    for name, title in FACET_LABELS.items():
        for value in _chosen(filter_, name):
            found.append(_without(filter_, name, value, f"{title}: {value}"))
    for name, label in DAYS.items():
        first, last = _bounds(filter_, name)
        if first or last:
            text = f"{label}: {first or '…'} to {last or '…'} (shop's days)"
            found.append(_pill(filter_, text, **{f"{name}_from": None, f"{name}_to": None}))
    return found


def _without(filter_: OrderFilter, name: str, value: str, text: str) -> Pill:
    held = getattr(filter_, name)
    rest = tuple(each for each in held if each != value) if isinstance(held, tuple) else None
    return _pill(filter_, text, **{name: rest})


def _pill(filter_: OrderFilter, text: str, **without: Any) -> Pill:
    return Pill(text, f"/orders/?{replace(filter_, **without, after='').query()}")
