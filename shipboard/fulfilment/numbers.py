"""Whether a tracking number and its carrier can be taken, before anybody is called: the format, the
carriers that the shop may name, and what else goes under that number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache

from django.db.models.functions import Upper

from shipboard import carriers
from shipboard.channels.providers import Offered, offered
from shipboard.fulfilment.refusals import BadShipment
from shipboard.orders.attempts import LIVE, Attempt
from shipboard.orders.models import Order, ParcelContent

#: One number serves at most so many orders of one recipient (the marketplace's own cap).
ORDERS_A_NUMBER = 20
#: Carriers that a refusal names.
NAMED = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """A number that can be taken; `warning` is a sentence, or blank."""

    tracking_number: str
    carrier: str
    carrier_id: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given for an order: `carrier` is a name as people write it, or `carrier_id` the
    channel's own; one of them, or none where the number itself says whose it is."""

    order: Order
    tracking_number: str
    carrier: str = ""
    carrier_id: str = ""


def checked(
    order: Order, tracking_number: str, carrier: str, carrier_id: str, now: datetime
) -> Checked:
    """The number as it is sent. Raises BadShipment, which names the field."""
    (found,) = checked_many([Given(order, tracking_number, carrier, carrier_id)], now)
    if isinstance(found, BadShipment):
        raise found
    return found


def checked_many(given: Sequence[Given], now: datetime) -> list[Checked | BadShipment]:
    """Each as `checked` would have it or refuse it, in this order, with few queries for all. That
    several of those given have one number is not looked at. Orders come with their shops."""
    numbers = [carriers.clean(each.tracking_number) for each in given]
    elsewhere = _elsewhere(given, numbers)
    known: dict[tuple[int, str], list[Offered]] = {}
    found: list[Checked | BadShipment] = []
    for each, number in zip(given, numbers, strict=True):
        option = each.order.extra.get("delivery_option_id", "")
        key = (each.order.shop_id, option)
        if key not in known:
            known[key] = offered(each.order.shop, option)
        try:
            found.append(_checked(each, number, known[key], elsewhere))
        except BadShipment as refusal:
            found.append(refusal)
    return found


def _checked(
    given: Given, number: str, known: list[Offered], elsewhere: Mapping[_Under, list[_Other]]
) -> Checked:
    if not number:
        raise BadShipment("tracking_number", "Write the tracking number; it is empty.")
    region = given.order.shop.region
    # What no carrier has is wrong, whichever is meant.
    _check(carriers.verdict(number, "", region))
    choice = _chosen(number, given.carrier.strip(), given.carrier_id, known, region)
    verdict = carriers.verdict(number, choice.name, region)
    _check(verdict)
    warnings = [verdict.sentence] if verdict.kind == "warned" else []
    under = elsewhere.get((given.order.shop_id, number.upper()), [])
    warnings += _used_elsewhere(given.order, under)
    return Checked(number, choice.name, choice.remote_id, " ".join(warnings))


def _check(verdict: carriers.Verdict) -> None:
    if verdict.kind == "refused":
        raise BadShipment("tracking_number", verdict.sentence)


def _chosen(number: str, name: str, remote_id: str, known: list[Offered], region: str) -> Offered:
    if remote_id:
        for each in known:
            if each.remote_id == remote_id:
                return each
        raise BadShipment("carrier", "That carrier is not offered for this order. Choose again.")
    if name:
        return offered_named(name, known)
    fitting = fitting_of(number, known, region)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise BadShipment("carrier", "Choose the carrier; the number does not say which it is.")
    names = " or ".join(each.name for each in fitting[:4])
    raise BadShipment("carrier", f"Choose the carrier; it could be {names}.")


def fitting_of(number: str, known: Sequence[Offered], region: str) -> list[Offered]:
    """Those of the carriers whose formats the number has. A carrier of which no format is known may
    be it as well, but the number does not say so."""
    keys = {fit.carrier_key for fit in carriers.fits(number, region)}
    named = [(each, carriers.carrier_named(each.name)) for each in known]
    return [each for each, carrier in named if carrier and carrier.key in keys]


def offered_named(name: str, known: Sequence[Offered]) -> Offered:
    """The carrier of that name, as people write it. Raises BadShipment."""
    folded = name.casefold()
    for each in known:
        if each.name.casefold() == folded:
            return each
    meant = carriers.carrier_named(name)
    for each in known:
        if meant and carriers.carrier_named(each.name) == meant:
            return each
    names = _nearest(folded[:60], tuple(each.name for each in known)) or "none is known yet"
    raise BadShipment("carrier", f"{name[:60]!r} is no carrier of this order; they are: {names}.")


@lru_cache(maxsize=500)
def _nearest(name: str, names: tuple[str, ...]) -> str:
    """Those spelled most like `name` first, and how many there are more. Kept: a file says the same
    wrong name on every row."""
    like = sorted(names, key=lambda each: -SequenceMatcher(None, each.casefold(), name).ratio())
    more = f" and {len(like) - NAMED} more" if len(like) > NAMED else ""
    return ", ".join(like[:NAMED]) + more


#: Shop and number, in capitals; and an order that goes under it: its key, id and buyer.
_Under = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Other:
    pk: int
    order_id: str
    buyer_username: str


def _elsewhere(given: Sequence[Given], numbers: Sequence[str]) -> dict[_Under, list[_Other]]:
    """The orders that go under each of the numbers already, by shop and number."""
    shops = {each.order.shop_id for each in given}
    wanted = sorted({number for number in numbers if number})
    of_order = ("order_id", "order__order_id", "order__buyer_username")
    capitals = {number.upper() for number in wanted}
    attempts = (
        Attempt.objects.annotate(number=Upper("tracking_number"))
        .filter(number__in=capitals, shop__in=shops, state__in=(*LIVE, Attempt.State.DONE))
        .values_list("shop_id", "number", *of_order)
    )
    parcels = (
        ParcelContent.objects.annotate(number=Upper("parcel__tracking_number"))
        .filter(
            number__in=capitals,
            parcel__shop__in=shops,
            is_current=True,
        )
        .values_list("parcel__shop_id", "number", *of_order)
    )
    found: dict[_Under, dict[int, _Other]] = {}
    for shop, number, pk, order_id, buyer in (*attempts.distinct(), *parcels.distinct()):
        found.setdefault((shop, number.upper()), {})[pk] = _Other(pk, order_id, buyer)
    return {key: sorted(each.values(), key=lambda one: one.pk) for key, each in found.items()}


def _used_elsewhere(order: Order, under: Sequence[_Other]) -> list[str]:
    """What to warn of. Raises BadShipment when the marketplace would refuse it."""
    others = [each for each in under if each.pk != order.pk]
    if not others:
        return []
    if len(others) >= ORDERS_A_NUMBER:
        raise BadShipment(
            "tracking_number",
            f"{len(others):,} other orders go under this number; the marketplace takes at most "
            f"{ORDERS_A_NUMBER}.",
        )
    for each in others:
        if not is_same_buyer(order.buyer_username, each.buyer_username):
            raise BadShipment(
                "tracking_number",
                f"Order {each.order_id} of another buyer goes under this number already.",
            )
    return [f"Order {others[0].order_id} of the same buyer goes under this number too."]


def is_same_buyer(one: str, other: str) -> bool:
    """By user names. Names and addresses are often masked; a blank user name proves nothing against
    it."""
    return not one or one == other
