"""What to say of the tracking numbers of a grid before they are sent: each by itself, as the dialog
of one order says it, and beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any

from shipboard import carriers
from shipboard.accounts.access import Access
from shipboard.channels.providers import Offered
from shipboard.desk.ship_grid import Grid, GridRow, package
from shipboard.fulfilment.numbers import ORDERS_A_NUMBER, Checked, Given, checked_many, fitting_of
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.shipping import ShipWish
from shipboard.orders.models import Order
from shipboard.orders.queries import visible_shops
from shipboard.uploads.together import is_another

WORDS = {"good": "Good", "warned": "Warning", "refused": "Refused", "open": "Carrier?"}
LEVELS = {"good": "good", "warned": "note", "refused": "bad", "open": "open"}


@dataclass(frozen=True)
class Typed:
    """What stands in a row: a number, and a carrier's id (blank: none of its own)."""

    pk: int
    number: str
    carrier: str = ""


@dataclass(frozen=True)
class Said:
    """`kind`: good, warned, refused, open (something is missing), or blank: no number yet.
    `carrier`: the id of the one it goes with; `fitting`: ids of those whose number it may be.
    `wish`: what is asked for, where nothing stands against it."""

    kind: str
    sentence: str = ""
    carrier: str = ""
    fitting: tuple[str, ...] = ()
    wish: ShipWish | None = None

    @property
    def word(self) -> str:
        return WORDS.get(self.kind, "")

    @property
    def level(self) -> str:
        return LEVELS.get(self.kind, "")


def said_of(
    grid: Grid, typed: Sequence[Typed], for_all: str, access: Access, now: datetime
) -> dict[int, Said]:
    """The verdict for each order in the grid; `for_all` is the name of a carrier for the rows
    without one of their own. A constant number of queries."""
    by_pk = {each.order.pk: each for each in grid.rows}
    found: dict[int, Said] = {}
    given: list[Given] = []
    for one in typed:
        row = by_pk.get(one.pk)
        if row is None or not one.number.strip():
            continue
        if row.why_not:
            found[one.pk] = Said("refused", row.why_not)
            continue
        given.append(_given(row, one, for_all))
    ids = _order_ids(given, access)
    for each, checked in zip(given, checked_many(given, now), strict=True):
        known = grid.carriers[by_pk[each.order.pk].offered]
        found[each.order.pk] = _said(each, checked, known, ids)
    return found | _beside_others(given, found)


def _given(row: GridRow, one: Typed, for_all: str) -> Given:
    """A carrier of the row's own first, then the one for all, then what the number says."""
    number = carriers.clean(one.number)
    name = "" if one.carrier else for_all
    return Given(row.order, number, name, one.carrier)


def _order_ids(given: Iterable[Given], access: Access) -> set[str]:
    """Those of the numbers that are ids of orders, which readers and eyes mix up."""
    numbers = {each.tracking_number for each in given}
    orders = Order.objects.filter(order_id__in=numbers, shop__in=visible_shops(access))
    return set(orders.values_list("order_id", flat=True))


def _said(
    given: Given, checked: Checked | BadShipment, known: list[Offered], order_ids: set[str]
) -> Said:
    number = given.tracking_number
    if number in order_ids:
        return Said("refused", f"{number} is the ID of an order, not a tracking number.")
    likely = fitting_of(number, known, given.order.shop.region)
    fitting = tuple(each.remote_id for each in likely)
    if isinstance(checked, BadShipment):
        kind = "open" if checked.field == "carrier" else "refused"
        return Said(kind, str(checked), given.carrier_id, fitting)
    wish = ShipWish(
        tracking_number=checked.tracking_number,
        carrier=checked.carrier,
        carrier_id=checked.carrier_id,
    )
    kind = "warned" if checked.warning else "good"
    good = f"Fits {checked.carrier}." if checked.carrier_id in fitting else "It can be taken."
    sentence = checked.warning or good
    return Said(kind, sentence, checked.carrier_id, fitting, wish)


def _beside_others(given: Sequence[Given], found: Mapping[int, Said]) -> dict[int, Said]:
    """The verdicts that change because several rows have one number, or one package."""
    changed: dict[int, Said] = {}
    for members in _groups(given, lambda each: (each.order.shop_id, each.tracking_number.upper())):
        orders = [each.order for each in members]
        if sentence := _why_not_one_number(orders):
            changed |= {order.pk: Said("refused", sentence) for order in orders}
        elif len({package(order) or -order.pk for order in orders}) > 1:
            changed |= {order.pk: _shared(order, orders, found[order.pk]) for order in orders}
    for members in _groups(given, lambda each: package(each.order)):
        if len({each.tracking_number.upper() for each in members}) > 1:
            ids = " and ".join(each.order.order_id for each in members[:3])
            sentence = f"Orders {ids} are in one package: give both the same number."
            changed |= {each.order.pk: Said("refused", sentence) for each in members}
    return changed


def _groups(given: Sequence[Given], key: Callable[[Given], Hashable]) -> Iterable[list[Given]]:
    """Several rows with one key; None is no key."""
    found: dict[Hashable, list[Given]] = {}
    for each in given:
        if (value := key(each)) is not None:
            found.setdefault(value, []).append(each)
    return [members for members in found.values() if len(members) > 1]


def _why_not_one_number(orders: Sequence[Order]) -> str:
    if len(orders) > ORDERS_A_NUMBER:
        return (
            f"{len(orders)} rows have this number; the marketplace takes at most "
            f"{ORDERS_A_NUMBER} orders under one."
        )
    for one, other in combinations(orders, 2):
        # The marketplace itself has put those in one package.
        is_one_package = package(one) is not None and package(one) == package(other)
        if not is_one_package and is_another(one, other):
            return (
                f"Orders {one.order_id} and {other.order_id} of different buyers have this number: "
                "one of them is wrong."
            )
    return ""


def _shared(order: Order, orders: Sequence[Order], said: Said) -> Said:
    if said.kind not in ("good", "warned"):
        return said
    other = next(each for each in orders if each.pk != order.pk)
    sentence = f"Order {other.order_id} has this number too."
    warnings = said.sentence if said.kind == "warned" else ""
    return replace(said, kind="warned", sentence=f"{warnings} {sentence}".strip())


def wishes_of(grid: Grid, said: Mapping[int, Said]) -> list[tuple[int, dict[str, Any]]]:
    """What can be sent, in the grid's order: key of the order and its wish. One of those in one
    package is enough; the others travel along."""
    wishes = []
    packages: set[int] = set()
    for row in grid.rows:
        found = said.get(row.order.pk)
        parcel = package(row.order)
        if found is None or found.wish is None or parcel in packages:
            continue
        wishes.append((row.order.pk, found.wish.stored()))
        if parcel is not None:
            packages.add(parcel)
    return wishes
