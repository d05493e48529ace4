"""Why an order is where it is: what an explanation consists of, and whose account of the order said
so. The explanations themselves are in why_cards.py, why_badges.py, why_clocks.py and why_verbs.py;
they are worked out when somebody opens one, never for a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shipboard.channels.registry import has_line
from shipboard.ingest.models import OrderImport
from shipboard.orders.models import Order


@dataclass(frozen=True)
class Moment:
    """An instant (UTC) that the rule goes by; of a deadline the time left is said, of others how
    long ago it was."""

    label: str
    at: datetime
    is_deadline: bool = False


@dataclass(frozen=True)
class Source:
    """Who said so, and of which instant that word is (UTC); None: a rule, which has none."""

    who: str
    as_of: datetime | None = None


@dataclass(frozen=True)
class Why:
    """`rule` says what counts, `because` what of this order meets it. `key` names it within its
    order. `is_so`: False of a card that the order is not on."""

    key: str
    title: str
    rule: str
    because: str = ""
    moments: tuple[Moment, ...] = ()
    sources: tuple[Source, ...] = ()
    next_step: str = ""
    is_so: bool = True


@dataclass(frozen=True)
class Accounts:
    """Whose account of an order is of which instant. `channel`: its name, blank where the shop
    lives on files; `files`: names of imported ones."""

    channel: str = ""
    files: Mapping[datetime, str] = field(default_factory=dict)

    def said(self, order: Order, path: str = "") -> Source:
        """Who said last what the order has at `path` (ingest/merge.py); blank: its stage."""
        at = _instant_of(order, path)
        if name := self.files.get(at):
            return Source(f"the imported file {name}", at)
        return Source(self.channel or "an imported order export", at)

    def deadline(self, order: Order, column: str) -> tuple[Source, ...]:
        """Who set one of the order's deadlines: the channel itself, or the shop's rules from what
        the channel said of the order."""
        if column in order.channel_deadlines:
            return (self.said(order, f"deadlines.{column}"),)
        shop = order.shop
        rule = f"the rules of {shop.name}: SLA preset {shop.sla}"
        if not shop.sla:
            rule = f"the rules of {shop.name}: flat hours from the order's creation"
        return Source(rule), self.said(order, "created_at")


def accounts_of(order: Order) -> Accounts:
    """One query."""
    paths = order.field_ages.keys()
    instants = {_instant_of(order, path) for path in ("", *paths)}
    files = OrderImport.objects.filter(shop=order.shop_id, as_of__in=instants).order_by("pk")
    named = {at: name for at, name in files.values_list("as_of", "file_name") if at}
    return Accounts(
        order.shop.get_channel_display() if has_line(order.shop) else "",
        named,
    )


def _instant_of(order: Order, path: str) -> datetime:
    entry = order.field_ages.get(path) if path else None
    return datetime.fromisoformat(entry[0]) if entry else order.as_of


def moments(
    *given: tuple[str, datetime | None], deadlines: Iterable[str] = ()
) -> tuple[Moment, ...]:
    """Those that are known, by their labels; `deadlines`: labels of the ones that run out."""
    last = set(deadlines)
    return tuple(Moment(label, at, label in last) for label, at in given if at)
