"""What a page of labels says, and whose parcel that makes it: its codes and whole words, held
against the shop's orders, packages and tracking numbers. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from shipboard import carriers
from shipboard.channels.models import Shop
from shipboard.fulfilment.filing import Whose
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order, Parcel, ParcelContent

#: A word with hyphens is one too.
WORD = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
SHORTEST, LONGEST, DIGITS = 6, 64, 4
#: Numbers are printed in groups; so many of them are read as one.
GROUPS = 8
#: Names of a page; more of them is no label.
MOST_NAMES = 3000
#: Looked up in one go.
CHUNK = 5000
LINEAR = "Code128"


def names_in(text: str, codes: Iterable[tuple[str, str]]) -> list[str]:
    """Everything on a page that may be a number of an order or a parcel, without repeats."""
    found: dict[str, None] = {}
    for _, code in codes:
        for name in (code.strip(), carriers.clean(code), *WORD.findall(code)):
            found[name] = None
    for line in text.splitlines():
        for name in _words(line):
            found[name] = None
    return [name for name in found if _may_name(name)][:MOST_NAMES]


def _words(line: str) -> Iterable[str]:
    words = WORD.findall(line)
    yield from words
    for start, word in enumerate(words):
        joined = word
        for further in words[start + 1 : start + GROUPS]:
            joined += further
            if len(joined) > carriers.LONGEST:
                break
            yield joined


def _may_name(name: str) -> bool:
    return SHORTEST <= len(name) <= LONGEST and sum(map(str.isdigit, name)) >= DIGITS


@dataclass(frozen=True, slots=True)
class Known:
    """What names of a shop stand for, by the name in capitals."""

    shop: Shop
    orders: Mapping[str, int] = field(default_factory=dict)
    parcels: Mapping[str, frozenset[int]] = field(default_factory=dict)
    labels: Mapping[str, frozenset[int]] = field(default_factory=dict)
    #: Orders of parcels and of labels, parcels of orders; and how each is called.
    inside: Mapping[int, frozenset[int]] = field(default_factory=dict)
    labelled: Mapping[int, frozenset[int]] = field(default_factory=dict)
    packed: Mapping[int, frozenset[int]] = field(default_factory=dict)
    order_ids: Mapping[int, str] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)


def known(shop: Shop, names: Iterable[str]) -> Known:
    """What the shop has of these names; a few queries for each 5,000 of them."""
    wanted = list(dict.fromkeys(names))
    upper = sorted({name.upper() for name in wanted})
    orders: dict[str, int] = {}
    parcels: dict[str, set[int]] = defaultdict(set)
    labels: dict[str, set[int]] = defaultdict(set)
    order_ids: dict[int, str] = {}
    numbers: dict[int, str] = {}
    for some in _chunks(wanted):
        found = Order.objects.filter(shop=shop, order_id__in=some)
        for pk, order_id in found.values_list("pk", "order_id"):
            orders[order_id.upper()], order_ids[pk] = pk, order_id
    for some in _chunks(upper):
        for pk, package_id, number in _named(Parcel.objects.filter(shop=shop), some):
            numbers[pk] = number or package_id
            for name in {package_id.upper(), number.upper()} & {*some}:
                parcels[name].add(pk)
        live = Label.objects.filter(shop=shop).exclude(state=Label.State.VOIDED)
        for pk, package_id, number in _named(live, some):
            for name in {package_id.upper(), number.upper()} & {*some}:
                labels[name].add(pk)
    inside, packed = _contents(numbers, order_ids)
    of_parcels = {pk for pks in inside.values() for pk in pks}
    labelled = _labelled({pk for pks in labels.values() for pk in pks})
    missing = (of_parcels | {pk for pks in labelled.values() for pk in pks}) - set(order_ids)
    order_ids |= dict(Order.objects.filter(pk__in=missing).values_list("pk", "order_id"))
    return Known(
        shop,
        orders,
        {name: frozenset(pks) for name, pks in parcels.items()},
        {name: frozenset(pks) for name, pks in labels.items()},
        inside,
        labelled,
        packed,
        order_ids,
        numbers,
    )


def _named(of: QuerySet[Any], names: Sequence[str]) -> Iterable[tuple[int, str, str]]:
    found = of.alias(number=Upper("tracking_number"))
    found = found.filter(Q(package_id__in=names) | Q(number__in=names))
    rows: Iterable[tuple[int, str, str]]
    rows = found.values_list("pk", "package_id", "tracking_number")
    return rows


def _contents(
    parcels: Iterable[int], orders: Iterable[int]
) -> tuple[dict[int, frozenset[int]], dict[int, frozenset[int]]]:
    """Orders in these parcels and in those of these orders; and parcels of these orders."""
    inside: dict[int, set[int]] = defaultdict(set)
    packed: dict[int, set[int]] = defaultdict(set)
    current = ParcelContent.objects.filter(is_current=True).values_list("parcel_id", "order_id")
    for pk, order in current.filter(order__in=list(orders)):
        packed[order].add(pk)
    together = {*parcels, *(pk for pks in packed.values() for pk in pks)}
    for pk, order in current.filter(parcel__in=together):
        inside[pk].add(order)
    return (
        {pk: frozenset(pks) for pk, pks in inside.items()},
        {pk: frozenset(pks) for pk, pks in packed.items()},
    )


def _labelled(labels: Iterable[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = LabelOrder.objects.filter(label__in=list(labels))
    for label, order in rows.values_list("label_id", "order_id"):
        found[label].add(order)
    return {pk: frozenset(pks) for pk, pks in found.items()}


def _chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))


def whose(names: Iterable[str], known: Known) -> Whose | str:
    """The parcel that a page with these names is of; or why that cannot be said."""
    upper = {name.upper() for name in names}
    parcels = frozenset[int]().union(*(known.parcels.get(name, ()) for name in upper))
    labels = frozenset[int]().union(*(known.labels.get(name, ()) for name in upper))
    orders = frozenset(known.orders[name] for name in upper if name in known.orders)
    if len(parcels) > 1:
        return f"It names {len(parcels)} parcels: {_listed(known.numbers[pk] for pk in parcels)}."
    if parcels:
        return _of_parcel(next(iter(parcels)), orders, known)
    if labels:
        return _of_labels(labels, orders, known)
    if not orders:
        return (
            f"Nothing on it is an order, a package or a tracking number of {known.shop.name}. "
            "Import the newest orders and match again, or say which order it is."
        )
    return _of_orders(orders, known)


def _of_parcel(parcel: int, orders: frozenset[int], known: Known) -> Whose | str:
    inside = known.inside.get(parcel, frozenset())
    number = known.numbers.get(parcel, "")
    if not inside:
        return f"It names parcel {number}, which no order travels in any more."
    if others := orders - inside:
        there = _listed(known.order_ids[pk] for pk in others)
        return f"It names parcel {number}, and also order {there}, which is not in it."
    return Whose(inside, parcel)


def _of_labels(labels: frozenset[int], orders: frozenset[int], known: Known) -> Whose | str:
    held = {known.labelled.get(pk, frozenset()) for pk in labels}
    if len(held) > 1:
        return "It names several labels that are here."
    (inside,) = held
    return Whose(inside) if inside and orders <= inside else "It names a label of another order."


def _of_orders(orders: frozenset[int], known: Known) -> Whose | str:
    packed = {pk: known.packed.get(pk, frozenset()) for pk in orders}
    parcels = frozenset[int]().union(*packed.values())
    if len(orders) == 1 and not parcels:
        return Whose(orders)
    told = _listed(known.order_ids[pk] for pk in orders)
    if len(parcels) == 1 and all(packed.values()):
        (parcel,) = parcels
        return Whose(known.inside.get(parcel, orders), parcel)
    if len(orders) > 1:
        return f"It names {len(orders)} orders: {told}."
    return f"Order {told} travels in {len(parcels)} parcels, and the page does not say in which."


def _listed(names: Iterable[str]) -> str:
    told = sorted(names)
    return ", ".join(told[:4]) + (f" and {len(told) - 4} more" if len(told) > 4 else "")


def own_number(codes: Iterable[tuple[str, str]], known: Known) -> str:
    """The tracking number that a page bears which facts know only the order of: its one linear
    code that names nothing else. Blank: there is none, or more than one."""
    found = {
        number
        for kind, code in codes
        if kind == LINEAR and _may_name(number := carriers.clean(code))
        if len(number) <= carriers.LONGEST and number.upper() not in known.orders
    }
    return found.pop() if len(found) == 1 else ""
