"""Parcels of different orders side by side: one number, one group or one package for several of
them, which is right for orders of one recipient and a slip for others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from shipboard.fulfilment.numbers import ORDERS_A_NUMBER
from shipboard.orders.models import Order
from shipboard.uploads.parcels import Parcel

Refuse = Callable[[Sequence[Parcel], str], None]


def check_together(parcels: Sequence[Parcel], refuse: Refuse) -> None:
    """Says `refuse` of parcels that must not go together, and adds warnings to others. A row of a
    pair that contradicts itself is never guessed to be the right one: both stay behind."""
    for group, members in _by(parcels, lambda parcel: parcel.group):
        if reason := _why_not_group(group, members):
            refuse(members, reason)
    for _, members in _by(parcels, lambda parcel: parcel.package):
        if len({each.number for each in members}) > 1:
            refuse(members, f"{_orders(members)} are in one package and have different numbers.")
    for _, members in _by(parcels, lambda parcel: parcel.number.upper()):
        if reason := _why_not_number(members):
            refuse(members, reason)
        else:
            _warn(members)


def _by(
    parcels: Iterable[Parcel], key: Callable[[Parcel], Hashable]
) -> Iterator[tuple[object, list[Parcel]]]:
    """Parcels of several orders with one key; none and blank is no key."""
    found = defaultdict[Hashable, list[Parcel]](list)
    for parcel in parcels:
        if value := key(parcel):
            found[value].append(parcel)
    for value, members in found.items():
        if len({each.picture.order.pk for each in members}) > 1:
            yield value, members


def _why_not_group(group: object, members: Sequence[Parcel]) -> str:
    if len({each.number for each in members}) > 1:
        return (
            f"Group {str(group)[:40]} has several tracking numbers; orders of one group travel in "
            "one parcel, under one number."
        )
    if _are_strangers(members):
        return (
            f"Group {str(group)[:40]} joins orders of different recipients; one parcel goes to one "
            "of them."
        )
    return ""


def _why_not_number(members: Sequence[Parcel]) -> str:
    if len(members) > ORDERS_A_NUMBER:
        return (
            f"{len(members):,} orders of the file have this number; the marketplace takes at most "
            f"{ORDERS_A_NUMBER} under one."
        )
    if _are_strangers(members):
        return f"{_orders(members)} of different buyers have this number: one of them is wrong."
    return ""


def _warn(members: Sequence[Parcel]) -> None:
    if len({each.group for each in members}) == 1 and members[0].group:
        return  # meant
    if len({each.package for each in members}) == 1 and members[0].package:
        return
    for each in members:
        other = next(one for one in members if one.picture.order.pk != each.picture.order.pk)
        each.warnings.append(
            f"Row {other.rows[0].number} has this number too, order {other.picture.order.order_id}."
        )


def _orders(members: Sequence[Parcel]) -> str:
    ids = list(dict.fromkeys(each.picture.order.order_id for each in members))
    more = f" and {len(ids) - 2:,} more" if len(ids) > 2 else ""
    return f"Orders {ids[0]} and {ids[1]}{more}" if not more else f"Orders {ids[0]}, {ids[1]}{more}"


def _are_strangers(members: Sequence[Parcel]) -> bool:
    first, *rest = [each.picture.order for each in members]
    return any(is_another(first, order) for order in rest)


def is_another(one: Order, other: Order) -> bool:
    """Whether two orders go to different people, as far as it is known: by user names, else by
    names and addresses that are not masked."""
    if one.buyer_username and other.buyer_username:
        return one.buyer_username != other.buyer_username
    known, others = _address(one), _address(other)
    return bool(known and others and known != others)


def _address(order: Order) -> tuple[str, ...]:
    parts = [str(order.recipient.get(key) or "") for key in ("name", "postal_code", "address")]
    if not all(parts) or any("*" in part for part in parts):
        return ()
    return tuple(" ".join(part.split()).casefold() for part in parts)
