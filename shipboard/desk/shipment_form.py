"""The form of one shipment or of one correction: the carriers that fit the number, what can be in
the parcel, and what was typed, read back as a wish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote
from uuid import UUID, uuid4

from django.core.cache import cache
from django.http import QueryDict

from shipboard import carriers
from shipboard.channels import providers
from shipboard.channels.contract import ChannelFailure, Shipping
from shipboard.channels.providers import Offered
from shipboard.channels.registry import NotConnected, capabilities
from shipboard.channels.text import clean
from shipboard.fulfilment.numbers import checked, fitting_of
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.shipping import ShipWish
from shipboard.fulfilment.units import claimed_keys, open_units
from shipboard.orders.models import Line, Order
from shipboard.orders.overlays import BadWords

LINE = "line-"
#: Seconds between two questions for carriers that are not known: a page waits for the answer.
AGAIN = 60


@dataclass(frozen=True)
class Carriers:
    """Carriers to choose from, those that the number fits first. `guessed`: what the number alone
    says, so that another number may say something else."""

    fitting: list[Offered] = field(default_factory=list)
    others: list[Offered] = field(default_factory=list)
    chosen: str = ""
    guessed: str = ""


@dataclass(frozen=True)
class Look:
    """A number as it is typed. `kind`: good, warned, refused, open (something is missing), or blank
    while there is none."""

    carriers: Carriers
    kind: str = ""
    sentence: str = ""


def given_of(posted: QueryDict) -> dict[str, str]:
    """The last value of each field, without what cannot be kept."""
    return {name: clean(str(value)) for name, value in posted.items()}


def known_carriers(order: Order) -> list[Offered]:
    """The carriers of the order as they are known here; nobody is called."""
    return providers.offered(order.shop, order.extra.get("delivery_option_id", ""))


def read_unknown_carriers(order: Order, now: datetime) -> None:
    """Ask the marketplace for the carriers of the order where none was ever read (a sync reads them
    otherwise). Once a minute for each shop and delivery option, whatever it answers."""
    option = order.extra.get("delivery_option_id", "")
    can = capabilities(order.shop, Shipping(order.shipping))
    if not option or not can.ships or known_carriers(order):
        return
    if not cache.add(f"carriers-{order.shop_id}-{quote(option, safe='')[:150]}", True, AGAIN):
        return
    try:
        providers.carriers_of(order.shop, option, now)
    except (ChannelFailure, NotConnected):
        return


def look(order: Order, given: Mapping[str, str], now: datetime) -> Look:
    """What to say of the number and the carrier in `given` before they are sent."""
    number = carriers.clean(given.get("tracking_number", ""))
    choice = narrowed(order, number, given)
    if not number:
        return Look(choice)
    try:
        found = checked(order, number, "", choice.chosen, now)
    except BadShipment as problem:
        return Look(choice, "open" if problem.field == "carrier" else "refused", str(problem))
    mine = Offered(found.carrier_id, found.carrier)
    fits = mine in fitting_of(number, [mine], order.shop.region)
    said = f"Fits {found.carrier}." if fits else "It can be taken; its format says nothing."
    if number != given.get("tracking_number", "").strip():
        said += f" Taken as {number}."
    return Look(choice, "warned" if found.warning else "good", found.warning or said)


def narrowed(order: Order, number: str, given: Mapping[str, str]) -> Carriers:
    """The carriers by whether `number` fits them. One alone that it surely fits is chosen, unless
    a person has chosen already."""
    known = known_carriers(order)
    by_name = {each.name: each for each in known}
    found = carriers.narrow(number, list(by_name), order.shop.region)
    chosen, guessed = given.get("carrier", ""), ""
    if chosen in ("", given.get("guessed", "")) and number:
        sure = fitting_of(number, known, order.shop.region)
        guessed = chosen = sure[0].remote_id if len(sure) == 1 else ""
    if chosen not in {each.remote_id for each in known}:
        chosen = ""
    return Carriers(
        [by_name[name] for name in found.fitting if number],
        [by_name[name] for name in (found.others if number else by_name)],
        chosen,
        guessed,
    )


@dataclass(frozen=True)
class Choice:
    """`most` units of a line that may go; `value` as the form has it."""

    line: Line
    most: int
    value: str

    @property
    def name(self) -> str:
        return f"{LINE}{self.line.position}"


@dataclass(frozen=True)
class Package:
    package_id: str
    contents: str


def contents_of(order: Order, given: Mapping[str, str]) -> list[Choice]:
    """Units to choose from, line by line; none where the order goes as a whole or has one unit."""
    can = capabilities(order.shop, Shipping(order.shipping))
    if can.ships and not can.part_shipments:
        return []
    lines = list(Line.objects.filter(order=order).select_related("item").order_by("position"))
    taken = claimed_keys(order)
    units = open_units(order, lines, order.contents.all())
    free = Counter(unit.line for unit in units if unit.key not in taken)
    if free.total() < 2:
        return []
    return [
        Choice(line, free[line.position], given.get(f"{LINE}{line.position}") or "")
        if f"{LINE}{line.position}" in given
        else Choice(line, free[line.position], str(free[line.position]))
        for line in lines
        if free[line.position]
    ]


def packages_of(order: Order) -> list[Package]:
    """The packages that wait, where the order is split into several of the channel's own."""
    if not capabilities(order.shop, Shipping(order.shipping)).whole_packages:
        return []
    names = {
        line.position: line.item.product_name or line.item.seller_sku for line in order.lines.all()
    }
    waiting: dict[str, list[str]] = {}
    for each in order.contents.all():
        if each.parcel.package_id and not each.parcel.tracking_number:
            what = names.get(each.line, "")
            held = waiting.setdefault(each.parcel.package_id, [])
            if what:
                held.append(f"{each.quantity} × {what}")
    found = [Package(package_id, ", ".join(held)) for package_id, held in waiting.items()]
    return found if len(found) > 1 else []


def wish_from(order: Order, given: Mapping[str, str]) -> ShipWish:
    """What was posted. Raises BadShipment."""
    return ShipWish(
        tracking_number=given.get("tracking_number", ""),
        carrier_id=given.get("carrier", ""),
        service=given.get("service", "").strip()[:100],
        contents=chosen_contents(order, given),
        package_id=given.get("package_id", ""),
        despite_request=given.get("despite") == "yes",
    )


def chosen_contents(order: Order, given: Mapping[str, str]) -> Mapping[int, int] | None:
    """None where all that waits is meant."""
    asked = {name: value.strip() for name, value in given.items() if name.startswith(LINE)}
    counts = {}
    for name, value in asked.items():
        position = name.removeprefix(LINE)
        is_number = position.isdecimal() and (value or "0").isdecimal()
        if not is_number or len(position + value) > 9:
            raise BadShipment("contents", f"{value[:20]!r} is no number of units.")
        counts[int(position)] = int(value or 0)
    choices = contents_of(order, {})
    known = {choice.line.position: choice.most for choice in choices}
    return None if not counts or counts == known else counts


def key_of(given: Mapping[str, str]) -> UUID:
    """The form's own id. Raises BadWords."""
    try:
        return UUID(given.get("key", ""))
    except ValueError:
        raise BadWords("The form was not complete. Reload the page and send it again.") from None


def kept_key(given: Mapping[str, str]) -> UUID:
    """The same when the form comes back, a new one for a new form."""
    try:
        return key_of(given)
    except BadWords:
        return uuid4()
