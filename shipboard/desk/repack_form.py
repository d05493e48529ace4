"""The form of packing: which units go in which package, what could travel along, and what does;
read back as it was typed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5

from shipboard.channels import registry
from shipboard.channels.contract import ChannelFailure, Rejection
from shipboard.channels.registry import NotConnected
from shipboard.fulfilment.packed import companions_inside, lines_of, waiting_units
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.repack_rules import BY_SKU, can_of, companions, sku_of, why_not_split
from shipboard.orders.labels import Label
from shipboard.orders.models import Line, Order
from shipboard.orders.parts import with_parts

#: Packages that are offered at first, and at most.
SHOWN, MOST = 2, 20
#: Labels of such a rejection are mended by a split.
SPLITS = (Rejection.CONTENT_RULE, Rejection.TOO_MANY_ITEMS)


@dataclass(frozen=True)
class Part:
    """What may go by itself: units of one line or, where they travel together, of one SKU. `units`
    are ids. `values`: how many are in each package, as the form has it."""

    key: str
    line: Line
    units: tuple[str, ...]
    is_whole: bool
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"part-{self.key}"

    def field(self, package: int) -> str:
        return f"{self.name}-{package}"


@dataclass(frozen=True)
class Together:
    """Another order by what is in it."""

    order: Order
    contents: str


def parts_of(order: Order, given: Mapping[str, str], packages: int) -> list[Part]:
    """What can be spread over so many packages, as typed or as it is packed now. `order` comes with
    its parts."""
    found = []
    for key, line, units in _apart(order):
        is_whole = can_of(order).split == BY_SKU or len(units) == 1
        name = f"part-{key}"
        if is_whole:
            chosen = given.get(name, "1")
            values = tuple(
                str(len(units)) if chosen == str(at) else "0" for at in range(1, packages + 1)
            )
        else:
            first = str(len(units))
            values = tuple(
                given.get(f"{name}-{at}", first if at == 1 and not _has(given, name) else "0")
                for at in range(1, packages + 1)
            )
        found.append(Part(key, line, units, is_whole, values))
    return found


def _has(given: Mapping[str, str], name: str) -> bool:
    return any(field.startswith(f"{name}-") for field in given)


def _apart(order: Order) -> Iterator[tuple[str, Line, tuple[str, ...]]]:
    lines = {line.position: line for line in lines_of(order)}
    by_sku = can_of(order).split == BY_SKU
    groups: dict[str, list[str]] = {}
    first: dict[str, Line] = {}
    for unit in waiting_units(order):
        line = lines[unit.line]
        key = sku_of(line) if by_sku else str(unit.line)
        first.setdefault(key, line)
        groups.setdefault(key, []).append(unit.unit_id)
    for key, units in groups.items():
        yield str(first[key].position), first[key], tuple(units)


def most_packages(order: Order) -> int:
    """As many as there are parts that may go by themselves."""
    by_sku = can_of(order).split == BY_SKU
    return min(MOST, sum(1 if by_sku else len(units) for _, _, units in _apart(order)))


def packages_in(given: Mapping[str, str], most: int) -> int:
    """How many packages the form offers."""
    asked = given.get("packages", "")
    wanted = int(asked) if asked.isdecimal() and len(asked) < 4 else SHOWN
    return max(SHOWN, min(wanted, most))


def groups_of(parts: list[Part]) -> list[list[str]]:
    """Unit ids by package, none where it is empty. Raises BadShipment."""
    groups: list[list[str]] = [[] for _ in parts[0].values] if parts else []
    for part in parts:
        counts = [_count(value) for value in part.values]
        if sum(counts) != len(part.units):
            name = part.line.item.product_name or part.line.item.seller_sku
            raise BadShipment(
                "groups",
                f"{len(part.units):,} × {name} wait, and {sum(counts):,} were put in packages.",
            )
        rest = list(part.units)
        for at, count in enumerate(counts):
            groups[at] += rest[:count]
            rest = rest[count:]
    return [group for group in groups if group]


def mark_of(groups: list[list[str]]) -> str:
    """Names a split, so that what is confirmed is what was shown."""
    return md5(json.dumps(groups).encode(), usedforsecurity=False).hexdigest()


def _count(value: str) -> int:
    text = value.strip() or "0"
    if not text.isdecimal() or len(text) > 4:
        raise BadShipment("groups", f"{value[:20]!r} is no number of units.")
    return int(text)


def preview_of(parts: list[Part]) -> list[str]:
    """What each package would hold, in words. The values are numbers already (groups_of)."""
    held: list[list[str]] = [[] for _ in parts[0].values]
    for part in parts:
        for at, value in enumerate(part.values):
            if count := _count(value):
                name = part.line.item.product_name or part.line.item.seller_sku
                held[at].append(f"{count} × {name}")
    return [", ".join(each) for each in held if each]


def advice_of(order: Order) -> list[str]:
    """Why the order has to be split, by the marketplace's word, and by a label that it rejected.
    One call where the order can be split; nothing where it is not answered."""
    rejected = Label.objects.filter(
        inside__order=order.pk, state=Label.State.REJECTED, rejection__in=SPLITS
    )
    found = [each.reason for each in rejected.order_by("-pk")[:1] if each.reason]
    if why_not_split(order):
        return found
    try:
        told = registry.open_channel(order.shop).split_advice([order.order_id])
    except (ChannelFailure, NotConnected):
        return found
    return found + [reason for each in told if each.must_split for reason in each.reasons]


def combinable_with(order: Order, now: datetime) -> tuple[list[Together], str]:
    """Orders that may travel with this one, and the marketplace's name of their group: what it
    lists itself, of those that suit by what is known here; all of these while it does not answer.
    One call, and only where there is something to combine."""
    found = companions(order, now)
    if not found:
        return [], ""
    group_id = ""
    try:
        groups = registry.open_channel(order.shop).combinable()
    except (ChannelFailure, NotConnected):
        pass
    else:
        mine = next((each for each in groups if order.order_id in each.order_ids), None)
        listed = set(mine.order_ids) if mine else set()
        group_id = mine.remote_id if mine else ""
        found = [each for each in found if each.order_id in listed]
    return _told(order, [each.order_id for each in found], now), group_id


def travels_with(order: Order, now: datetime) -> list[Together]:
    """The orders that share a package with this one, itself included; none where it is alone."""
    shared = [ids for ids in companions_inside([order]).values() if len(ids) > 1]
    ids = frozenset[str]().union(*shared)
    return _told(order, ids, now) if ids else []


def _told(order: Order, ids: Collection[str], now: datetime) -> list[Together]:
    """Orders of the same shop."""
    found = Order.objects.filter(shop=order.shop_id, order_id__in=ids)
    orders = with_parts(found.order_by("created_at", "pk"), now)
    return [Together(each, contents_in_words(each)) for each in orders]


def contents_in_words(order: Order) -> str:
    """What is in an order (with its parts)."""
    said = [
        f"{line.kept} × {line.item.product_name or line.item.seller_sku}"
        for line in order.lines.all()
        if line.kept
    ]
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return ", ".join(said[:3]) + more
